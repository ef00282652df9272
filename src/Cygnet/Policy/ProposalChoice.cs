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

    /// <summary>
    /// Initiator: the peer's answer as one of our choices, or null if we did not offer it: of each type exactly one transform, which is ours
    /// (RFC 7296 2.7), and no key exchange method twice (RFC 9370 2.2.1).
    /// </summary>
    public static Proposal? Accept(IReadOnlyList<Proposal> ours, Proposal answer, out string reason)
    {
        var chosen = Select(ours, [(1, answer)], preferOurs: true, out _, out reason);
        if (chosen is null) return null;
        var aead = chosen.First(TransformType.Encryption) is { } cipher && Transforms.IsAead(cipher);
        if (answer.Transforms.Select(t => t.Type).Distinct().Count() == answer.Transforms.Length
            && answer.Transforms.All(t => IsNone(t) || chosen.Transforms.Contains(t) || aead && t.Type == TransformType.Integrity)) return chosen;
        reason = "the peer chose more than one transform of a type";
        return null;
    }

    /// <summary>Whether anything can be chosen from the proposal at all, as no key exchange method can be chosen twice.</summary>
    public static bool IsPossible(Proposal proposal) => TryMatch(proposal, proposal, 1, true, false, out _, out _);

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
        ProposalMiss? missed = null;
        var picked = new List<Transform>();
        var exchanges = new List<List<Transform>>();
        var aead = false;
        var (first, second) = preferOurs ? (own, peer) : (peer, own);
        for (var next = NextType(own, peer, -1); next >= 0; next = NextType(own, peer, next))
        {
            var type = (TransformType)next;
            if (new Transform(type, 0).IsKeyExchange)
            {
                if (ignoreKe) continue;
                exchanges.Add(Common(type, first, second));
                if (exchanges[^1].Count == 0) Missed(type);
                continue;
            }
            // An AEAD has its own integrity, RFC 5282 section 8; what is offered besides it counts for nothing.
            if (type == TransformType.Integrity && aead) continue;
            if (Pick(type, first, second, out var transform))
            {
                if (transform is not { } t) continue;
                picked.Add(t);
                if (type == TransformType.Encryption) aead = Transforms.IsAead(t);
            }
            else Missed(type);
        }
        if (missed is null && !Assign(exchanges, 0, picked)) missed = new(number, own, peer, [.. own.Transforms.Where(t => t.IsKeyExchange).Select(t => t.Type).Distinct()]) { IsRepeated = true };
        miss = missed;
        if (miss is not null) return false;
        SortByType(picked);
        chosen = new(own.Protocol, [.. picked]);
        return true;

        void Missed(TransformType type) => missed = missed is null ? new(number, own, peer, [type]) : missed with { Failed = missed.Failed.Add(type) };
    }

    // One of each type, four or five of them: what sorts anything takes longer to begin than this takes.
    static void SortByType(List<Transform> transforms)
    {
        for (var i = 1; i < transforms.Count; i++)
            for (var j = i; j > 0 && transforms[j].Type < transforms[j - 1].Type; j--)
                (transforms[j], transforms[j - 1]) = (transforms[j - 1], transforms[j]);
    }

    // The lowest type above that one that either of them has, also one that we do not know; negative at the end.
    static int NextType(Proposal own, Proposal peer, int above)
    {
        var lowest = int.MaxValue;
        foreach (var t in own.Transforms)
            if ((int)t.Type > above) lowest = Math.Min(lowest, (int)t.Type);
        foreach (var t in peer.Transforms)
            if ((int)t.Type > above) lowest = Math.Min(lowest, (int)t.Type);
        return lowest == int.MaxValue ? -1 : lowest;
    }

    // What both sides allow for one key exchange, in the order of the first; whoever leaves the type out allows NONE alone.
    static List<Transform> Common(TransformType type, Proposal first, Proposal second)
    {
        List<Transform> common = [];
        var isNamed = false;
        foreach (var t in first.Transforms)
        {
            if (t.Type != type) continue;
            isNamed = true;
            if (Allows(second, t)) common.Add(t);
        }
        if (!isNamed && Allows(second, new(type, Ke.None))) common.Add(new(type, Ke.None));
        return common;
    }

    static bool Allows(Proposal proposal, Transform exchange)
    {
        var isNamed = false;
        foreach (var t in proposal.Transforms)
        {
            if (t == exchange) return true;
            isNamed |= t.Type == exchange.Type;
        }
        return !isNamed && exchange.Id == Ke.None;
    }

    // A method for each key exchange, none of them twice except NONE: the first such choice in the order of preference. RFC 9370 2.2.1.
    static bool Assign(List<List<Transform>> exchanges, int at, List<Transform> picked)
    {
        if (at == exchanges.Count) return true;
        foreach (var t in exchanges[at])
        {
            if (t.Id != Ke.None && picked.Exists(p => p.IsKeyExchange && p.Id == t.Id)) continue;
            var before = picked.Count;
            if (t.Id != Ke.None) picked.Add(t);
            if (Assign(exchanges, at + 1, picked)) return true;
            picked.RemoveRange(before, picked.Count - before);
        }
        return false;
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
        if (!any) return DoesWithout(second, type);
        foreach (var t in second.Transforms)
            if (t.Type == type) return false;
        return DoesWithout(first, type);
    }

    static bool DoesWithout(Proposal proposal, TransformType type)
    {
        foreach (var t in proposal.Transforms)
            if (t.Type == type && IsNone(t, leftOut: true)) return true;
        return false;
    }

    static bool IsNone(Transform t, bool leftOut = false) =>
        t.Id == 0 && (t.Type == TransformType.Integrity || t.IsKeyExchange || (leftOut && t.Type == TransformType.ExtendedSequenceNumbers));
}
