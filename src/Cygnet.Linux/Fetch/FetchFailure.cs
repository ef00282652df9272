// Why something was not fetched: a sentence for the operator.
namespace Cygnet.Linux.Fetch;

sealed class FetchFailure(string message) : Exception(message);
