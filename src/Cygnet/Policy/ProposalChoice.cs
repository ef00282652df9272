// Choosing a proposal: ours against the peer's. RFC 7296 2.7, 3.3.6.
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cygnet.Crypto;

namespace Cygnet.Policy;

/// <summary>The negotiation of proposals, for the responder's choice and for the initiator's check of it.</summary>
public static class ProposalChoice
{
    /// <summary>
    /// The first of our proposals (or, not <paramref name="preferOurs"/>, of the peer's) that matches one of the other side, reduced to one
    /// transform per type, with the number of the peer's proposal. Null if none does; then <paramref name="reason"/> is the nearest miss,
    /// a sentence for the operator.
    /// </summary>
    public static Proposal? Select(IReadOnlyList<Proposal> ours, IReadOnlyList<(byte Number, Proposal Proposal)> theirs, bool preferOurs, out byte number, out string reason) =>
        Select(ours, theirs, preferOurs, false, out number, out reason);

    /// <summary>After a choice that came to nothing: the pair that came nearest; null if there was none of one protocol.</summary>
    public static ProposalMiss? Nearest(IReadOnlyList<Proposal> ours, IReadOnlyList<(byte Number, Proposal Proposal)> theirs, bool ignoreKe = false)
    {
        ProposalMiss? nearest = null;
        foreach (var own in ours)
            foreach (var (number, peer) in theirs)
                if (own.Protocol == peer.Protocol && !TryMatch(own, peer, number, true, ignoreKe, out _, out var miss)
                    && (nearest is null || miss.Failed.Length < nearest.Failed.Length)) nearest = miss;
        return nearest;
    }

    /// <summary>As <see cref="Select"/>, for the CHILD_SA of IKE_AUTH, which has no key exchange of its own: those transforms are ignored. RFC 7296 1.2.</summary>
    public static Proposal? SelectWithoutKe(IReadOnlyList<Proposal> ours, IReadOnlyList<(byte Number, Proposal Proposal)> theirs, bool preferOurs, out byte number, out string reason) =>
        Select(ours, theirs, preferOurs, true, out number, out reason);

    static Proposal? Select(IReadOnlyList<Proposal> ours, IReadOnlyList<(byte Number, Proposal Proposal)> theirs, bool preferOurs, bool ignoreKe, out byte number, out string reason)
    {
        ProposalMiss? nearest = null;
        var outer = preferOurs ? ours.Count : theirs.Count;
        var inner = preferOurs ? theirs.Count : ours.Count;
        for (var i = 0; i < outer; i++)
            for (var j = 0; j < inner; j++)
            {
                var own = ours[preferOurs ? i : j];
                var peer = theirs[preferOurs ? j : i];
                if (own.Protocol != peer.Proposal.Protocol) continue;
                if (TryMatch(own, peer.Proposal, peer.Number, preferOurs, ignoreKe, out var chosen, out var miss))
                {
                    number = peer.Number;
                    reason = "";
                    return chosen;
                }
                if (nearest is null || miss.Failed.Length < nearest.Failed.Length) nearest = miss;
            }
        number = 0;
        reason = nearest?.Describe() ?? Nothing(ours, theirs);
        return null;
    }

    static string Nothing(IReadOnlyList<Proposal> ours, IReadOnlyList<(byte Number, Proposal Proposal)> theirs) =>
        theirs.Count == 0 ? "peer offers no proposal"
        : ours.Count == 0 ? "no proposal is configured"
        : $"peer offers {ProposalText.Word(theirs[0].Proposal.Protocol)} only; configured is {ProposalText.Word(ours[0].Protocol)}";

    static bool TryMatch(Proposal own, Proposal peer, byte number, bool preferOurs, bool ignoreKe, [NotNullWhen(true)] out Proposal? chosen, [NotNullWhen(false)] out ProposalMiss? miss)
    {
        chosen = null;
        miss = null;
        var picked = ImmutableArray.CreateBuilder<Transform>();
        var aead = false;
        foreach (var type in own.Transforms.Concat(peer.Transforms).Select(t => t.Type).Distinct().Order())
        {
            if (ignoreKe && type is TransformType.KeyExchange or (>= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7)) continue;
            // An AEAD has its own integrity, RFC 5282 section 8; what is offered besides it counts for nothing.
            if (type == TransformType.Integrity && aead) continue;
            var (first, second) = preferOurs ? (own, peer) : (peer, own);
            if (Pick(type, first, second, out var transform))
            {
                if (transform is not { } t) continue;
                picked.Add(t);
                if (type == TransformType.Encryption) aead = Transforms.IsAead(t);
            }
            else
            {
                miss = miss is null ? new(number, own, peer, [type]) : miss with { Failed = miss.Failed.Add(type) };
            }
        }
        if (miss is not null) return false;
        chosen = new(own.Protocol, picked.ToImmutable());
        return true;
    }

    // False: no agreement. True with null: both do without.
    static bool Pick(TransformType type, Proposal first, Proposal second, out Transform? transform)
    {
        transform = null;
        var any = false;
        foreach (var t in first.Transforms)
        {
            if (t.Type != type) continue;
            any = true;
            if (!second.Transforms.Contains(t)) continue;
            if (!IsNone(t)) transform = t;
            return true;
        }
        // Whoever leaves a type out does without it; that agrees with NONE of the other side, and with plain sequence numbers.
        if (!any) return second.Transforms.Any(t => t.Type == type && IsNone(t, leftOut: true));
        return !second.Of(type).Any() && first.Transforms.Any(t => t.Type == type && IsNone(t, leftOut: true));
    }

    static bool IsNone(Transform t, bool leftOut = false) =>
        t.Id == 0 && (t.Type is TransformType.Integrity or TransformType.KeyExchange or (>= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7)
            || (leftOut && t.Type == TransformType.ExtendedSequenceNumbers));
}
