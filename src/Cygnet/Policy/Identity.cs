// An identity of a peer: address, name, distinguished name, key id. RFC 7296 3.5; text forms: ipsec-conf.md section 10.
namespace Cygnet.Policy;

/// <summary>Kinds of identities as configured. Not wire numbers: see <see cref="Identity.WireType"/>.</summary>
public enum IdentityKind { Any, Ipv4, Ipv6, Ipv4Subnet, Ipv6Subnet, Ipv4Range, Ipv6Range, Fqdn, Rfc822, DistinguishedName, GeneralName, KeyId, Other }

public sealed partial class Identity : IEquatable<Identity>
{
    Identity(IdentityKind kind, byte[] encoded) => (Kind, Encoded) = (kind, encoded);

    public static readonly Identity Any = new(IdentityKind.Any, []);

    public IdentityKind Kind { get; }

    /// <summary>Identification Data as on the wire: address bytes, name, DER of the DN.</summary>
    public byte[] Encoded { get; }

    public bool Equals(Identity? other) => other is not null && Kind == other.Kind && Encoded.AsSpan().SequenceEqual(other.Encoded);

    public override bool Equals(object? obj) => Equals(obj as Identity);

    public override int GetHashCode()
    {
        var h = new HashCode();
        h.Add(Kind);
        h.AddBytes(Encoded);
        return h.ToHashCode();
    }
}
