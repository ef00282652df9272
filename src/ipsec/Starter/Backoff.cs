// How long the starter waits before it starts a daemon that died: five seconds as the reference, longer for one that dies again and again.
namespace Cygnet.Command.Starter;

/// <summary>Doubles with every daemon that did not live for a minute, up to a minute; one that did puts it back.</summary>
sealed class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromMinutes(1), Steady = TimeSpan.FromMinutes(1);

    TimeSpan _next = First;

    /// <param name="lived">How long the daemon ran; zero if it did not even start.</param>
    public TimeSpan After(TimeSpan lived)
    {
        var delay = lived >= Steady ? First : _next;
        _next = delay * 2 < Longest ? delay * 2 : Longest;
        return delay;
    }
}
