// What a client has read, as the daemon is to log it: the list that comes with x-commit. docs/vici.md.
using System.Text;
using Cygnet.Control;

namespace Cygnet.Config;

/// <summary>Lines for the daemon's log, as many as a message carries.</summary>
public static class LogLines
{
    const int MostBytes = Vici.MaxSegment / 2;

    /// <summary>A message with the lines as the list <c>log</c>; of too many the first, and how many more there were.</summary>
    public static ViciSection For(IReadOnlyList<string> lines)
    {
        var bytes = 0;
        List<string> fitting = [.. lines.TakeWhile(line => (bytes += Encoding.UTF8.GetByteCount(line) + 3) <= MostBytes)];
        if (fitting.Count < lines.Count) fitting.Add($"  and {lines.Count - fitting.Count} more lines");
        return new ViciSection().AddList("log", fitting);
    }
}
