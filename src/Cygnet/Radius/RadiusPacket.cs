// A received RADIUS packet. RFC 2865 3, 5.
using System.Diagnostics.CodeAnalysis;
using Cygnet.Wire;

namespace Cygnet.Radius;

/// <summary>Its form is sound; nothing is authenticated yet: that is <see cref="RadiusAuthenticator"/>.</summary>
public sealed class RadiusPacket
{
    public const int HeaderBytes = 20, AuthenticatorBytes = 16;

    /// <summary>The longest packet; a longer one is malformed. RFC 2865 3.</summary>
    public const int MaxBytes = 4096;

    RadiusPacket(byte[] bytes, IReadOnlyList<RadiusAttribute> attributes, int messageAuthenticatorAt) =>
        (Bytes, Attributes, MessageAuthenticatorAt) = (bytes, attributes, messageAuthenticatorAt);

    /// <summary>As received, without padding.</summary>
    internal byte[] Bytes { get; }

    /// <summary>Where the value of Message-Authenticator begins; -1 if there is none. There is never more than one.</summary>
    internal int MessageAuthenticatorAt { get; }

    public RadiusCode Code => (RadiusCode)Bytes[0];

    public byte Identifier => Bytes[1];

    public ReadOnlySpan<byte> Authenticator => Bytes.AsSpan(4, AuthenticatorBytes);

    /// <summary>In the order of the packet.</summary>
    public IReadOnlyList<RadiusAttribute> Attributes { get; }

    /// <summary>Octets behind the length are padding; a datagram shorter than its length is malformed. RFC 2865 3.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out RadiusPacket? packet, [NotNullWhen(false)] out string? reason)
    {
        packet = null;
        var header = new WireReader(datagram);
        header.Skip(2);
        int length = header.U16();
        if (header.Failed || length < HeaderBytes) return Refuse(out reason, $"its length {length} is below that of a header");
        if (length > MaxBytes) return Refuse(out reason, $"its length {length} is above {MaxBytes}");
        if (length > datagram.Length) return Refuse(out reason, $"its length is {length}, but only {datagram.Length} bytes came");
        var bytes = datagram[..length].ToArray();
        var reader = new WireReader(bytes);
        reader.Skip(HeaderBytes);
        List<RadiusAttribute> attributes = [];
        var authenticatorAt = -1;
        while (!reader.AtEnd)
        {
            var (type, size) = (reader.U8(), reader.U8());
            // the length counts these two bytes: below 2 the next attribute would be this one again
            if (size < 2) return Refuse(out reason, reader.Failed ? "its last attribute is cut off" : $"an attribute of type {type} has length {size}");
            var at = length - reader.Left;
            reader.Skip(size - 2);
            if (reader.Failed) return Refuse(out reason, $"an attribute of type {type} and length {size} goes past its end");
            if ((RadiusType)type == RadiusType.MessageAuthenticator)
            {
                if (authenticatorAt >= 0) return Refuse(out reason, "it has two Message-Authenticators");
                if (size - 2 != AuthenticatorBytes) return Refuse(out reason, $"its Message-Authenticator has length {size}");
                authenticatorAt = at;
            }
            attributes.Add(new(type, bytes.AsMemory(at, size - 2)));
        }
        reason = null;
        packet = new(bytes, attributes, authenticatorAt);
        return true;
    }

    static bool Refuse(out string reason, string why)
    {
        reason = why;
        return false;
    }

    public IEnumerable<RadiusAttribute> All(RadiusType type) => Attributes.Where(a => a.Type == type);

    public RadiusAttribute? First(RadiusType type)
    {
        foreach (var a in Attributes)
            if (a.Type == type) return a;
        return null;
    }

    public IEnumerable<RadiusAttribute> OfVendor(uint vendor) => All(RadiusType.VendorSpecific).SelectMany(a => a.OfVendor(vendor));

    /// <summary>The EAP packet, put together from all EAP-Message attributes; null without any. RFC 3579 3.1.</summary>
    public byte[]? EapMessage()
    {
        var pieces = All(RadiusType.EapMessage).ToArray();
        return pieces.Length == 0 ? null : [.. pieces.SelectMany(p => p.Value.ToArray())];
    }
}
