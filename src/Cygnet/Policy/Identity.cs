// An identity of a peer: address, name, distinguished name, key id. RFC 7296 3.5; text forms: ipsec.conf leftid.
namespace Cygnet.Policy;

/// <summary>Kinds of identities as configured. Not wire numbers: see <see cref="Identity.WireType"/>.</summary>
public enum IdentityKind { Any, Ipv4, Ipv6, Ipv4Subnet, Ipv6Subnet, Ipv4Range, Ipv6Range, Fqdn, Rfc822, DistinguishedName, GeneralName, KeyId, Other }

/// <summary>An identity, or a pattern of identities; immutable. Names and distinguished names compare as RFC 5280 7 wants it.</summary>
public sealed partial class Identity : IEquatable<Identity>
{
    // The number of a kind that is only Other here; 0 for all others.
    readonly byte _otherType;

    Identity(IdentityKind kind, byte[] encoded, byte otherType = 0) => (Kind, Encoded, _otherType) = (kind, encoded, otherType);

    public static readonly Identity Any = new(IdentityKind.Any, []);

    /// <summary>Nobody: ID_NULL, RFC 7619 2.2.</summary>
    public static readonly Identity Null = new(IdentityKind.Other, [], 13);

    public IdentityKind Kind { get; }

    /// <summary>Identification Data as on the wire: address bytes, name, DER of the DN.</summary>
    public byte[] Encoded { get; }

    /// <summary>The address as identity; an unspecified one is <see cref="Any"/>.</summary>
    public static Identity FromAddress(Address address) =>
        address.IsAny ? Any : new(address.IsIPv6 ? IdentityKind.Ipv6 : IdentityKind.Ipv4, address.ToBytes());

    /// <summary>A DN from the DER of its Name; throws <see cref="FormatException"/> if that is not one.</summary>
    public static Identity FromDistinguishedName(ReadOnlySpan<byte> der) =>
        TryFromDistinguishedName(der, out var id) ? id : throw new FormatException("not the DER of a distinguished name");

    /// <summary>A DNS name as identity.</summary>
    public static Identity FromFqdn(string name) => new(IdentityKind.Fqdn, System.Text.Encoding.UTF8.GetBytes(name));

    /// <summary>Opaque bytes, for example the key id of a raw public key.</summary>
    public static Identity FromKeyId(ReadOnlySpan<byte> bytes) => new(IdentityKind.KeyId, bytes.ToArray());

    internal static bool TryFromDistinguishedName(ReadOnlySpan<byte> der, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Identity? id)
    {
        id = DistinguishedName.IsValid(der) ? new(IdentityKind.DistinguishedName, der.ToArray()) : null;
        return id is not null;
    }

    /// <summary>The address, if the identity is one.</summary>
    public Address? Address => Kind is IdentityKind.Ipv4 or IdentityKind.Ipv6 ? Policy.Address.Read(Encoded) : null;

    public bool Equals(Identity? other)
    {
        if (other is null || Kind != other.Kind || _otherType != other._otherType) return false;
        if (Encoded.AsSpan().SequenceEqual(other.Encoded)) return true;
        return Kind switch
        {
            IdentityKind.Fqdn or IdentityKind.Rfc822 => System.Text.Ascii.EqualsIgnoreCase(Encoded, other.Encoded),
            IdentityKind.DistinguishedName => DistinguishedName.Equal(Encoded, other.Encoded),
            _ => false,
        };
    }

    public override bool Equals(object? obj) => Equals(obj as Identity);

    public override int GetHashCode()
    {
        var h = new HashCode();
        h.Add(Kind);
        switch (Kind)
        {
            case IdentityKind.Fqdn or IdentityKind.Rfc822: AddFolded(ref h, Encoded); break;
            case IdentityKind.DistinguishedName:
                // Type and value only: equal names may differ in the string type.
                foreach (var rdn in DistinguishedName.Read(Encoded) ?? []) AddFolded(ref h, rdn.Value);
                break;
            default: h.AddBytes(Encoded); break;
        }
        return h.ToHashCode();
    }

    static void AddFolded(ref HashCode h, ReadOnlySpan<byte> bytes)
    {
        const int most = 64;
        Span<byte> folded = stackalloc byte[most];
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(most, bytes.Length)..])
        {
            var part = folded[..Math.Min(most, bytes.Length)];
            for (var i = 0; i < part.Length; i++) part[i] = bytes[i] is >= (byte)'A' and <= (byte)'Z' and var letter ? (byte)(letter | 0x20) : bytes[i];
            h.AddBytes(part);
        }
    }
}
