// The pair of proposals that came nearest to an agreement, and what would have made it one. RFC 7296 2.7.
using System.Collections.Immutable;
using Cygnet.Crypto;

namespace Cygnet.Policy;

/// <summary>One of our proposals and one of the peer's that failed on the fewest types; <paramref name="Number"/> is the peer's.</summary>
public sealed record ProposalMiss(byte Number, Proposal Own, Proposal Peer, ImmutableArray<TransformType> Failed)
{
    /// <summary>Both allow something of every type, but not without using a key exchange method twice. RFC 9370 2.2.1.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>In one sentence, for the log: the first type on which it failed.</summary>
    public string Describe() => IsRepeated ? $"peer offers {Words(Peer)}, '{Keyword}=' allows {Words(Own)}: a key exchange method would be used twice" : $"peer offers {List(Peer, Failed[0])} only; '{Keyword}=' allows {List(Own, Failed[0])}";

    /// <summary>Every type on which it failed: <c>their proposal 2 fails only on the key exchange: offered modp1024, we allow ecp256, x25519</c>.</summary>
    public string Explain()
    {
        if (IsRepeated) return $"their proposal {Number} would use a key exchange method twice: offered {Words(Peer)}, we allow {Words(Own)}";
        var parts = Failed.Select(type => $"{Kind(type)}: offered {Words(Peer, type)}, we allow {Words(Own, type)}");
        return $"their proposal {Number} fails {(Failed.Length == 1 ? "only " : "")}on the {string.Join("; and on the ", parts)}";
    }

    /// <summary>The setting of ours that would have agreed, as far as it can be written in keywords; null if this build cannot run it.</summary>
    public string? Change()
    {
        if (IsRepeated) return null;
        var transforms = ImmutableArray.CreateBuilder<Transform>();
        var aead = false;
        foreach (var type in Own.Transforms.Concat(Peer.Transforms).Select(t => t.Type).Distinct().Order())
        {
            if (type == TransformType.Integrity && aead) continue;
            Transform? wanted = null;
            foreach (var t in Peer.Of(type))
                if ((Failed.Contains(type) ? IsUsable(t) : Own.Transforms.Contains(t)) && !(t.IsKeyExchange && transforms.Any(o => o.IsKeyExchange && o.Id == t.Id)))
                {
                    wanted = t;
                    break;
                }
            if (wanted is { } found) transforms.Add(found);
            else if (Failed.Contains(type) && Peer.Of(type).Any()) return null;
            if (type == TransformType.Encryption && wanted is { } cipher) aead = Transforms.IsAead(cipher);
        }
        Transform[] written = [.. transforms.Where(t => t is not { Type: TransformType.ExtendedSequenceNumbers, Id: 0 } && !IsImplied(t, transforms))];
        var weak = transforms.Where(t => Failed.Contains(t.Type) && IsWeak(t)).Select(ProposalText.Keyword).ToArray();
        return $"'{Keyword}={ProposalText.Keywords(new(Own.Protocol, [.. written]))}' would accept it"
            + (weak.Length == 0 ? "" : $", but {string.Join(" and ", weak)} {(weak.Length == 1 ? "is" : "are")} weak");
    }

    /// <summary>The keyword of ipsec.conf that holds our proposals.</summary>
    string Keyword => Own.Protocol switch { SecurityProtocol.Ike => "ike", SecurityProtocol.Ah => "ah", _ => "esp" };

    bool IsUsable(Transform t) => Transforms.IsBuilt(t) && !(Own.Protocol == SecurityProtocol.Ike && Transforms.Find(t)!.IsEspOnly);

    bool IsWeak(Transform t) => Transforms.Find(t) is { } row
        && (Own.Protocol == SecurityProtocol.Ike ? row.InIke : row.InEsp) is Requirement.MustNot or Requirement.ShouldNot or Requirement.MustMinus;

    // A PRF that follows from the integrity algorithm need not be written.
    static bool IsImplied(Transform t, IEnumerable<Transform> all) => t.Type == TransformType.Prf
        && all.Any(o => o.Type == TransformType.Integrity && Transforms.Find(o)?.ImpliedPrf == t.Id);

    static string Words(Proposal p) => string.Join('-', p.Transforms.Where(t => t.IsKeyExchange).Select(ProposalText.Keyword));

    static string Words(Proposal p, TransformType type) => p.Of(type).Any() ? string.Join(", ", p.Of(type).Select(ProposalText.Keyword)) : "none";

    static string List(Proposal p, TransformType type) => p.Of(type).Any() ? string.Join(", ", p.Of(type).Select(ProposalText.Keyword)) : $"no {Kind(type)}";

    static string Kind(TransformType type) => type switch
    {
        TransformType.Encryption => "encryption",
        TransformType.Prf => "PRF",
        TransformType.Integrity => "integrity algorithm",
        TransformType.KeyExchange => "key exchange",
        TransformType.ExtendedSequenceNumbers => "choice of sequence numbers",
        >= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7 => "additional key exchange",
        _ => $"transform of type {(int)type}",
    };
}
