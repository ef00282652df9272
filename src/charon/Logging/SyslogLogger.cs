// A logger that writes to the system log, priority INFO.
using Cygnet.Linux;

namespace Cygnet.Charon.Logging;

sealed class SyslogLogger(LogLevels levels, SyslogFacility facility, string identifier) : Logger(levels)
{
    readonly Syslog _syslog = new(identifier, facility);

    /// <summary>The facility of a name in strongswan.conf, or null.</summary>
    public static SyslogFacility? Facility(string name)
    {
        string[] names = ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"];
        if (name is ['l', 'o', 'c', 'a', 'l', >= '0' and <= '7' and var digit]) return (SyslogFacility)(16 + (digit - '0'));
        return Array.IndexOf(names, name) is >= 0 and var number ? (SyslogFacility)number : null;
    }

    protected override void WriteLine(in LogEntry entry, string prefix, string text) => _syslog.Write(prefix + text);

    public override void Dispose() => _syslog.Dispose();
}
