// One row of the table of ipsec.conf's keywords.
using System.Collections.Immutable;

namespace Cygnet.Config;

/// <summary>
/// How a value is read, and with that how the reference complains: "bad value" and "bad option value" both stand for words out of a
/// list, but only the first is followed by "bad argument value in …".
/// </summary>
public enum KeywordKind { Text, Word, Option, Policy, Time, Integer, Long, Percent, Binary, Tries, Padding, Mark, ProtoPort, Deprecated }

/// <summary>A keyword: where it may stand, how its value is read, and what of it this version has.</summary>
public sealed record Keyword(string Name, ConfSectionType Section, KeywordKind Kind)
{
    /// <summary>The name under which the value counts; a synonym has that of its principal.</summary>
    public string Principal { get; init; } = Name;

    /// <summary>The allowed words of <see cref="KeywordKind.Word"/>, Option and Policy.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>The value that changes nothing, for the advice; null if there is none to write.</summary>
    public string? Default { get; init; }

    /// <summary>Whether this version does what the value asks for.</summary>
    public Func<string, bool> IsBuilt { get; init; } = _ => true;

    /// <summary>Why it does not yet, for the operator; empty if there is nothing to say.</summary>
    public string Missing { get; init; } = "";

    /// <summary>A value that is not built drops only itself, with a warning: going without it makes nothing less secure than it says.</summary>
    public bool IsOptional { get; init; }

    /// <summary>A second line of the reference about a deprecated keyword.</summary>
    public string? Hint { get; init; }
}
