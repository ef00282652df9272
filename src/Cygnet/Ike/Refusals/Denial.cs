// Why an authentication does not count, before it is known whether another connection takes it.
using System.Collections.Immutable;

namespace Cygnet.Ike;

/// <param name="Reason">A sentence for the operator.</param>
/// <param name="Change">The setting that would change it, or null.</param>
sealed record Denial(string Reason, string? Change = null)
{
    /// <summary>What was looked for, and where.</summary>
    public ImmutableArray<string> Facts { get; init; } = [];

    public static implicit operator Denial?(string? reason) => reason is null ? null : new(reason);
}
