// A daemon whose starter was killed: who it is, that it lives, and how a starter or `ipsec stop` ends it. proc(5).
using System.Globalization;
using Cygnet.Linux;

namespace Cygnet.Command.Starter;

/// <summary>
/// It is no child of ours: its end is learned by looking, and its exit status by nobody. With the time when it was started its number names no other
/// process, ever.
/// </summary>
sealed class LostCharon
{
    /// <summary>In the environment of a daemon that a starter has started. One without it is somebody's who runs it himself, systemd's for instance.</summary>
    public const string Mark = "CYGNET_STARTER";

    const int StartTimeField = 19; // field 22 of proc(5), counted behind the name, the last thing in which there may be blanks

    readonly string _startTime;

    LostCharon(int pid, string startTime) => (Pid, _startTime) = (pid, startTime);

    public int Pid { get; }

    public bool HasEnded => StartTime(Pid) != _startTime;

    /// <summary>The daemon of the PID file, if it lives, was started by a starter, and there is none.</summary>
    public static LostCharon? Find(Paths paths) => PidFile.ReadLive(paths.StarterPidFile) is { } starter && starter != Environment.ProcessId ? null : FindAny(paths);

    static LostCharon? FindAny(Paths paths)
    {
        if (PidFile.ReadLive(paths.CharonPidFile) is not { } pid || StartTime(pid) is not { } startTime) return null;
        try
        {
            // As it was when the program began; not shown to others than root.
            return File.ReadAllText($"/proc/{pid}/environ").Split('\0').Any(v => v.StartsWith($"{Mark}=", StringComparison.Ordinal)) ? new(pid, startTime) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Send(int signal)
    {
        if (!HasEnded) UnixSignal.Send(Pid, signal);
    }

    /// <summary>Null: there is no such process, or it has ended and waits for its parent.</summary>
    static string? StartTime(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[StartTimeField];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
