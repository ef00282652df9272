// Waiting for the world: polling with a deadline, never a fixed sleep.
using System.Diagnostics;

namespace Cygnet.Interop.Testbed;

/// <summary>Polls until something is so.</summary>
public static class Wait
{
    public static void Until(string what, Func<bool> isSo, double seconds = 20) => Until(() => what, isSo, seconds);

    /// <summary>The same, with a text that can say how far it had come.</summary>
    public static void Until(Func<string> what, Func<bool> isSo, double seconds = 20)
    {
        for (var clock = Stopwatch.StartNew(); !isSo(); Thread.Sleep(50))
            if (clock.Elapsed.TotalSeconds > seconds)
                throw new BedFailure($"waited {seconds:0} s in vain: {what()}");
    }
}
