// How many of a second's datagrams may cause log lines: what others send must not fill the disk.
namespace Cygnet.Ike;

/// <summary>Counts datagrams by the second.</summary>
struct LogAllowance
{
    Instant _second;
    int _taken;

    /// <summary>Whether this one may still be logged; <paramref name="isFirstRefused"/> once a second, so that the log can say what it leaves out.</summary>
    public bool Take(Instant now, int perSecond, out bool isFirstRefused)
    {
        if (now - _second >= TimeSpan.FromSeconds(1)) (_second, _taken) = (now, 0);
        isFirstRefused = _taken == perSecond;
        if (_taken <= perSecond) _taken++;
        return _taken <= perSecond;
    }
}
