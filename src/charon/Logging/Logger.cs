// One logger: its levels, the form of its lines, and where they go. ike-style lines: "Nov 21 22:42:18 15[IKE] <psk|1> initiating ...".
using System.Globalization;
using System.Text;

namespace Cygnet.Charon.Logging;

/// <summary>Used by the writer's thread only, but for its levels.</summary>
abstract class Logger(LogLevels levels) : IDisposable
{
    volatile LogLevels _levels = levels;

    public LogLevels Levels
    {
        get => _levels;
        set => _levels = value;
    }

    /// <summary>Puts the SA's name and id behind the group.</summary>
    public bool ShowsName { get; init; }

    /// <summary>Puts the level behind the group's name.</summary>
    public bool ShowsLevel { get; init; }

    public bool Wants(in LogEntry entry) => entry.Line.Level <= _levels[entry.Line.Group];

    public void Write(in LogEntry entry)
    {
        var prefix = Prefix(entry);
        // Every line of a message gets the prefix.
        foreach (var line in entry.Line.Text.AsSpan().TrimEnd('\n').EnumerateLines()) WriteLine(entry, prefix, Printable(line));
    }

    protected abstract void WriteLine(in LogEntry entry, string prefix, string text);

    public virtual void Flush() { }

    /// <summary>Whether what is written arrives somewhere, as far as the logger knows.</summary>
    public virtual bool CanTell => true;

    /// <summary>Told, once, that this logger cannot write; and, that it can again. Called by the writer's thread.</summary>
    public Action<string>? Complain { get; set; }
    public Action<string>? Tell { get; set; }

    public virtual void Dispose() { }

    string Prefix(in LogEntry entry)
    {
        var line = entry.Line;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{entry.Thread:00}[{line.Group.ToString().ToUpperInvariant()}");
        if (ShowsLevel) text.Append(CultureInfo.InvariantCulture, $"{line.Level}");
        text.Append(']');
        if (ShowsName && line.SaId != 0)
            text.Append(CultureInfo.InvariantCulture, $" <{line.SaName}{(line.SaName is null ? "" : "|")}{line.SaId}>");
        return text.Append(' ').ToString();
    }

    /// <summary>A peer's text must not steer the terminal that shows the log.</summary>
    static string Printable(ReadOnlySpan<char> text)
    {
        var s = text.ToString();
        return text.ContainsAnyInRange('\0', '\x1f') || text.Contains('\x7f')
            ? string.Create(s.Length, s, (to, from) =>
            {
                for (var i = 0; i < to.Length; i++) to[i] = char.IsControl(from[i]) && from[i] != '\t' ? '?' : from[i];
            })
            : s;
    }
}
