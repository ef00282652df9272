// Why a proposal string was not accepted. ipsec.conf(5).
namespace Cygnet.Policy;

/// <summary>The word at fault, the proposal it stands in, the reason in the reference's words (null: it has none), and what was expected.</summary>
public sealed record ProposalError(string Word, string Proposal, string? Reason, string Expected)
{
    /// <summary>The word is known, but this version has no implementation of it.</summary>
    public bool IsNotBuilt { get; init; }

    /// <summary>Each word is right, but they do not make a proposal: what was expected says the reason.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The lines of the log.</summary>
    public IReadOnlyList<string> Lines => IsNotBuilt
        ? [$"'{Word}' is not built yet in this version", $"skipped invalid proposal string: {Proposal}"]
        : [Reason!, $"skipped invalid proposal string: {Proposal}"];
}
