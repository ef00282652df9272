// A logger that writes to the system log, priority INFO.
using Cygnet.Linux;

namespace Cygnet.Charon.Logging;

sealed class SyslogLogger(LogLevels levels, SyslogFacility facility, string identifier, string socket = Syslog.Path) : Logger(levels)
{
    readonly Syslog _syslog = new(identifier, facility, socket);

    /// <summary>The facility of a name in strongswan.conf, or null.</summary>
    public static SyslogFacility? Facility(string name)
    {
        string[] names = ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"];
        if (name is ['l', 'o', 'c', 'a', 'l', >= '0' and <= '7' and var digit]) return (SyslogFacility)(16 + (digit - '0'));
        return Array.IndexOf(names, name) is >= 0 and var number ? (SyslogFacility)number : null;
    }

    /// <summary>The severity of level 0, those above it follow up to debug; negative: all lines are informational.</summary>
    public int MapLevel { get; init; } = -1;

    /// <summary>The severity, as of syslog(3), of a line of that level.</summary>
    internal static int Severity(int mapLevel, int level) => mapLevel < 0 ? Syslog.Informational : Math.Min(Syslog.Debug, mapLevel + Math.Max(0, level));

    protected override void WriteLine(in LogEntry entry, string prefix, string text) => _syslog.Write(prefix + text, Severity(MapLevel, entry.Line.Level));

    public override void Dispose() => _syslog.Dispose();
}
