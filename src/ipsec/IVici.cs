// What the commands need of the daemon's control protocol.
using Cygnet.Control;

namespace Cygnet.Command;

/// <summary>A connection to charon. Tests put canned answers in its place.</summary>
interface IVici
{
    /// <summary>
    /// Runs a command and waits for its response; null if the daemon does not know the command. Events of <paramref name="stream"/> that come
    /// meanwhile are handed to <paramref name="each"/>.
    /// </summary>
    ViciSection? Call(string command, ViciSection? request = null, string? stream = null, Action<ViciSection>? each = null);

    /// <summary>Runs many commands in order, with their responses as of <see cref="Call"/>; none of the requests may depend on a response.</summary>
    IEnumerable<ViciSection?> CallAll(IEnumerable<(string Command, ViciSection Request)> requests) => requests.Select(r => Call(r.Command, r.Request));
}

/// <summary>The daemon cannot be reached, or broke the protocol.</summary>
sealed class ViciFailure(string message) : Exception(message);
