// A log line as an effect of the core. Groups and levels: docs/logging; the texts stand in the Log.cs of each folder.
namespace Cygnet.Ike;

public enum LogGroup { Dmn, Mgr, Ike, Chd, Job, Cfg, Knl, Net, Asn, Enc, Tnc, Imc, Imv, Pts, Tls, App, Esp, Lib }

/// <summary>One line, or several separated by newlines. Levels: -1 silent, 0 audit, 1 control, 2 controlmore, 3 raw, 4 private.</summary>
public readonly record struct LogLine(LogGroup Group, int Level, string? SaName, int SaId, string Text);

/// <summary>Somebody who waits for a wish: <c>ipsec up</c> streams the SA's log lines and then the outcome. Called on the shard.</summary>
public interface IWatcher
{
    /// <summary>A line of any level that belongs to the SA the wish is about.</summary>
    void Log(in LogLine line);

    /// <summary>Whether it wants lines at all; what nobody wants is not made.</summary>
    bool WantsLog => true;

    /// <summary>The end of the wish. <paramref name="error"/> is VICI's errmsg, null on success. Called exactly once.</summary>
    void Done(string? error);
}
