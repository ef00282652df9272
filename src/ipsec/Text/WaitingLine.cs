// A line that tells somebody at a terminal what is being waited for; it is gone when the waiting is over. Scripts never see it.
using System.Diagnostics;
using System.Globalization;

namespace Cygnet.Command.Text;

/// <summary>Call <see cref="Show"/> while waiting, as often as you like: it says something only once it has taken a while.</summary>
sealed class WaitingLine(Surroundings world, string what) : IDisposable
{
    // Erase to the end of the line: ECMA-48 8.3.41.
    const string Erased = "\r\e[K";

    readonly Stopwatch _waited = Stopwatch.StartNew();
    long _shown;

    public void Show()
    {
        var seconds = (long)_waited.Elapsed.TotalSeconds;
        if (seconds == _shown || !world.IsTerminal()) return;
        _shown = seconds;
        world.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r  {what}, {seconds} s"));
    }

    public void Dispose()
    {
        if (_shown > 0) world.Error.Write(Erased);
    }
}
