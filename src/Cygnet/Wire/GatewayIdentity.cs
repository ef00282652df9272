// What REDIRECT and REDIRECTED_FROM carry: the identity of a gateway, and the initiator's nonce in IKE_SA_INIT. RFC 5685 7.2, 7.3.
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Wire;

/// <summary>The data of these notifies: type, length, identity, then the nonce.</summary>
public static class GatewayIdentity
{
    const byte Ipv4 = 1, Ipv6 = 2, Fqdn = 3;

    /// <summary>Whether a gateway can be named so: by an address or a host name.</summary>
    public static bool CanName(Identity gateway) => gateway.Kind switch
    {
        IdentityKind.Ipv4 or IdentityKind.Ipv6 => true,
        IdentityKind.Fqdn => IsHostName(gateway.Encoded),
        _ => false,
    };

    public static byte[] Write(Identity gateway, ReadOnlySpan<byte> nonce = default) =>
    [
        gateway.Kind switch { IdentityKind.Ipv4 => Ipv4, IdentityKind.Ipv6 => Ipv6, _ => Fqdn }, (byte)gateway.Encoded.Length, .. gateway.Encoded, .. nonce,
    ];

    /// <summary>Null if it names no gateway that we could go to.</summary>
    public static Identity? Read(ReadOnlySpan<byte> data, out byte[] nonce)
    {
        var r = new WireReader(data);
        var type = r.U8();
        var name = r.Bytes(r.U8());
        nonce = r.Rest().ToArray();
        if (r.Failed) return null;
        return (type, name.Length) switch
        {
            (Ipv4, 4) or (Ipv6, 16) when Address.Read(name) is { IsAny: false } address => Identity.FromAddress(address),
            (Fqdn, _) when IsHostName(name) => Identity.FromFqdn(Encoding.ASCII.GetString(name)),
            _ => null,
        };
    }

    // it goes to the resolver and into the log
    static bool IsHostName(ReadOnlySpan<byte> name) => name.Length is > 0 and <= 253
        && name.IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."u8) < 0;
}
