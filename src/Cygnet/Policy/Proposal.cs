// A proposal: the transforms that one side allows, in order of preference. RFC 7296 3.3.
using System.Collections.Immutable;
using Cygnet.Crypto;

namespace Cygnet.Policy;

/// <summary>
/// A set of acceptable transforms for one security protocol. Within a type the order is the preference.
/// As the outcome of a negotiation it holds exactly one transform per type.
/// </summary>
public sealed record Proposal(SecurityProtocol Protocol, ImmutableArray<Transform> Transforms)
{
    /// <summary>The first transform of the type, or null.</summary>
    public Transform? First(TransformType type)
    {
        foreach (var t in Transforms)
            if (t.Type == type) return t;
        return null;
    }

    public IEnumerable<Transform> Of(TransformType type) => Transforms.Where(t => t.Type == type);

    /// <summary>Of a chosen proposal: the additional key exchanges to come, in their order. RFC 9370 2.2.1.</summary>
    public ImmutableArray<Transform> AdditionalKeyExchanges =>
        !HasAdditionalKeyExchanges ? [] : [.. Transforms.Where(t => t.Round > 0 && t.Id != Ke.None).OrderBy(t => t.Type)];

    public bool HasAdditionalKeyExchanges
    {
        get
        {
            foreach (var t in Transforms)
                if (t.Round > 0) return true;
            return false;
        }
    }

    /// <summary>
    /// The same without additional key exchanges, for a peer that knows none: only NONE agrees with leaving a type out. Null if one of them is
    /// required. RFC 9370 2.2.1.
    /// </summary>
    public Proposal? WithoutAdditionalKeyExchanges() =>
        Transforms.All(t => t.Round == 0 || Transforms.Contains(t with { Id = Ke.None })) ? this with { Transforms = Transforms.RemoveAll(t => t.Round > 0) } : null;

    public bool Equals(Proposal? other) => other is not null && Protocol == other.Protocol && Transforms.SequenceEqual(other.Transforms);

    public override int GetHashCode() => HashCode.Combine(Protocol, Transforms.Length);

    /// <summary>The printed form: <c>ESP:AES_GCM_16_128/NO_EXT_SEQ</c>.</summary>
    public override string ToString() => ProposalText.Format(this);
}
