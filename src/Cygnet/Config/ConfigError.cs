// A complaint about a configuration file: the reference's line first, ours on the next.
namespace Cygnet.Config;

/// <summary>
/// One complaint. <see cref="Reference"/> holds the lines in the words of the reference (empty if it says nothing);
/// <see cref="Detail"/> says what was expected, and stands at <see cref="At"/>.
/// </summary>
public sealed record ConfigError(string Reference, Position? At = null, string? Detail = null)
{
    /// <summary>The file as a whole cannot be used.</summary>
    public bool IsFatal { get; init; }

    /// <summary>The one credential that it is about was dropped; everything else holds.</summary>
    public bool IsEntryOnly { get; init; }

    /// <summary>Nothing was dropped because of it.</summary>
    public bool IsWarning { get; init; }

    /// <summary>Adds nothing to the others but what follows from them.</summary>
    public bool IsSummary { get; init; }

    /// <summary>All lines, in the order in which they are printed.</summary>
    public IEnumerable<string> Lines
    {
        get
        {
            foreach (var line in Reference.Split('\n', StringSplitOptions.RemoveEmptyEntries)) yield return Printable(line);
            if (Detail is not null) yield return Printable(At is { } at ? $"{at}: {Detail}" : Detail);
        }
    }

    /// <summary>A file may hold anything, and a terminal obeys control characters: but for the tabulator they are shown as question marks.</summary>
    public static string Printable(string text) => text.Any(c => char.IsControl(c) && c != '\t') ? string.Concat(text.Select(c => char.IsControl(c) && c != '\t' ? '?' : c)) : text;

    /// <summary>The sentence about a word: <c>'lfet': expected a keyword; did you mean 'left'?</c></summary>
    public static string Expected(string word, string expected, string? nearest = null) =>
        $"'{word}': expected {expected}{(nearest is null ? "" : $"; did you mean '{nearest}'?")}";

    public override string ToString() => string.Join('\n', Lines);
}
