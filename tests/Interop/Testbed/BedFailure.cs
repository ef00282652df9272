// What a scene throws when the world is not as it says; the bed adds the logs of every host to it.
namespace Cygnet.Interop.Testbed;

/// <summary>A scene's expectation that did not come true.</summary>
public sealed class BedFailure(string message, Exception? inner = null) : Exception(message, inner);
