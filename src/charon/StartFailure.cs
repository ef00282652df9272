// Why the daemon cannot start: a sentence for the operator.
namespace Cygnet.Charon;

sealed class StartFailure(string reason) : Exception(reason);
