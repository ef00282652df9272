// Log lines as VICI events. A text that the protocol cannot carry is cut.
using Cygnet.Ike;

namespace Cygnet.Control;

/// <summary>Builds the log and control-log events.</summary>
public static class LogEvents
{
    /// <summary>The log event carries levels up to this one.</summary>
    public const int HighestLevel = 1;

    const int LongestText = 16 * 1024;

    public static ViciSection Log(in LogLine line, int thread) => Build(line, thread);

    public static ViciSection ControlLog(in LogLine line) => Build(line, null);

    static ViciSection Build(in LogLine line, int? thread)
    {
        var s = new ViciSection().Add("group", line.Group.ToString().ToUpperInvariant()).Add("level", line.Level);
        if (thread is { } t) s.Add("thread", t);
        s.Add("ikesa-name", line.SaName);
        if (line.SaId != 0) s.Add("ikesa-uniqueid", line.SaId);
        return s.Add("msg", line.Text.Length > LongestText ? line.Text[..LongestText] : line.Text);
    }
}
