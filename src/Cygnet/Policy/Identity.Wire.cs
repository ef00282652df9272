// The ID payloads' type and data. RFC 7296 3.5; the subnet and range types are IKEv1's, RFC 2407 4.6.2.1.
using System.Diagnostics.CodeAnalysis;

namespace Cygnet.Policy;

public sealed partial class Identity
{
    /// <summary>Longest identification data that is taken from a peer, bytes.</summary>
    public const int MaxLength = 4096;

    /// <summary>The ID type on the wire; 0 for <see cref="Any"/>, which cannot travel.</summary>
    public byte WireType => Kind switch
    {
        IdentityKind.Any => 0,
        IdentityKind.Ipv4 => 1,
        IdentityKind.Fqdn => 2,
        IdentityKind.Rfc822 => 3,
        IdentityKind.Ipv4Subnet => 4,
        IdentityKind.Ipv6 => 5,
        IdentityKind.Ipv6Subnet => 6,
        IdentityKind.Ipv4Range => 7,
        IdentityKind.Ipv6Range => 8,
        IdentityKind.DistinguishedName => 9,
        IdentityKind.GeneralName => 10,
        IdentityKind.KeyId => 11,
        _ => _otherType,
    };

    /// <summary>Whether this is one identity that IKEv2 can carry, and not a pattern: no any, subnet, range or wildcard.</summary>
    public bool TryGetWire(out byte type, out byte[] data)
    {
        (type, data) = (WireType, Encoded);
        return Kind is not (IdentityKind.Any or IdentityKind.Ipv4Subnet or IdentityKind.Ipv6Subnet or IdentityKind.Ipv4Range or IdentityKind.Ipv6Range)
            && !HasWildcards;
    }

    /// <summary>The body of an ID payload without its generic header: type, three reserved bytes, data. It goes into the signed octets, RFC 7296 2.15.</summary>
    public byte[] ToIdBody()
    {
        var body = new byte[4 + Encoded.Length];
        body[0] = WireType;
        Encoded.CopyTo(body, 4);
        return body;
    }

    /// <summary>Reads what a peer sent; false if the data does not fit the type.</summary>
    public static bool TryFromWire(byte idType, ReadOnlySpan<byte> data, [NotNullWhen(true)] out Identity? id)
    {
        id = null;
        if (data.Length > MaxLength) return false;
        var (kind, length) = idType switch
        {
            0 => (IdentityKind.Any, -2),
            1 => (IdentityKind.Ipv4, 4),
            2 => (IdentityKind.Fqdn, -1),
            3 => (IdentityKind.Rfc822, -1),
            4 => (IdentityKind.Ipv4Subnet, 8),
            5 => (IdentityKind.Ipv6, 16),
            6 => (IdentityKind.Ipv6Subnet, 32),
            7 => (IdentityKind.Ipv4Range, 8),
            8 => (IdentityKind.Ipv6Range, 32),
            9 => (IdentityKind.DistinguishedName, -1),
            10 => (IdentityKind.GeneralName, -1),
            11 => (IdentityKind.KeyId, -1),
            _ => (IdentityKind.Other, -1),
        };
        if (length != -1 && data.Length != length) return false;
        if (kind == IdentityKind.DistinguishedName) return TryFromDistinguishedName(data, out id);
        id = new(kind, data.ToArray(), kind == IdentityKind.Other ? idType : (byte)0);
        return true;
    }
}
