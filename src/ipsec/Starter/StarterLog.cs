// Where the starter's messages go: to the system log, and to standard error as long as that is somewhere.
using Cygnet.Linux;

namespace Cygnet.Command.Starter;

/// <summary>Lines up to the level that was asked for. Once detached, standard error is /dev/null.</summary>
sealed class StarterLog(TextWriter error, int level, bool toSyslog) : IDisposable
{
    readonly Syslog? _syslog = toSyslog ? new("ipsec_starter", SyslogFacility.AuthPriv) : null;

    public void Write(string text, int atLevel = 1)
    {
        if (atLevel > level) return;
        error.Write($"{text}\n");
        _syslog?.Write(text);
    }

    public void Dispose() => _syslog?.Dispose();
}
