// Signing what is sent, and checking what came. RFC 2865 3, RFC 2866 3, RFC 3579 3.2, RFC 5176 2.3 and 3.6.
using System.Security.Cryptography;
using Cygnet.Wire;

namespace Cygnet.Radius;

/// <summary>
/// MD5 is what the protocol prescribes. Response Authenticators alone can be forged by whoever sits between us and the server (CVE-2024-3596),
/// hence Message-Authenticator: first in every request, and required in every reply to EAP.
/// </summary>
public static class RadiusAuthenticator
{
    const int Bytes = RadiusPacket.AuthenticatorBytes;

    /// <summary>An Access-Request with a Message-Authenticator; null if it would be too long.</summary>
    public static byte[]? AccessRequest(byte identifier, ReadOnlySpan<byte> authenticator, RadiusAttributes attributes, ReadOnlySpan<byte> secret) =>
        Encode(RadiusCode.AccessRequest, identifier, authenticator, attributes, secret, withMessageAuthenticator: true);

    /// <summary>Accounting-Request, Disconnect-Request, CoA-Request: the Request Authenticator is a hash. Null if it would be too long.</summary>
    public static byte[]? Request(RadiusCode code, byte identifier, RadiusAttributes attributes, ReadOnlySpan<byte> secret, bool withMessageAuthenticator = false) =>
        Hashed(Encode(code, identifier, new byte[Bytes], attributes, secret, withMessageAuthenticator), secret);

    /// <summary>A response to a request with that authenticator; null if it would be too long.</summary>
    public static byte[]? Response(RadiusCode code, byte identifier, ReadOnlySpan<byte> requestAuthenticator, RadiusAttributes attributes,
        ReadOnlySpan<byte> secret, bool withMessageAuthenticator) =>
        Hashed(Encode(code, identifier, requestAuthenticator, attributes, secret, withMessageAuthenticator), secret);

    /// <summary>Whether a response is to that request and comes from who knows the secret.</summary>
    public static bool IsResponseTo(RadiusPacket response, ReadOnlySpan<byte> requestAuthenticator, ReadOnlySpan<byte> secret) =>
        Matches(response, requestAuthenticator, secret);

    /// <summary>Whether a request of the kind whose authenticator is a hash comes from who knows the secret.</summary>
    public static bool IsRequest(RadiusPacket request, ReadOnlySpan<byte> secret) => Matches(request, new byte[Bytes], secret);

    /// <summary>Whether the packet's Message-Authenticator is right; null if it has none. <paramref name="requestAuthenticator"/>: of the request, or zeros.</summary>
    public static bool? HasGoodMessageAuthenticator(RadiusPacket packet, ReadOnlySpan<byte> requestAuthenticator, ReadOnlySpan<byte> secret)
    {
        if (packet.MessageAuthenticatorAt < 0) return null;
        var copy = packet.Bytes.ToArray();
        requestAuthenticator.CopyTo(copy.AsSpan(4));
        copy.AsSpan(packet.MessageAuthenticatorAt, Bytes).Clear();
        return CryptographicOperations.FixedTimeEquals(HMACMD5.HashData(secret, copy), packet.Bytes.AsSpan(packet.MessageAuthenticatorAt, Bytes));
    }

    /// <summary>Hides a password. RFC 2865 5.2.</summary>
    public static byte[] HidePassword(ReadOnlySpan<byte> password, ReadOnlySpan<byte> requestAuthenticator, ReadOnlySpan<byte> secret)
    {
        var hidden = new byte[Math.Max(1, (Math.Min(password.Length, 128) + 15) / 16) * 16];
        password[..Math.Min(password.Length, 128)].CopyTo(hidden);
        var last = requestAuthenticator;
        for (var at = 0; at < hidden.Length; at += 16)
        {
            var pad = MD5.HashData([.. secret, .. last]);
            for (var i = 0; i < 16; i++) hidden[at + i] ^= pad[i];
            last = hidden.AsSpan(at, 16);
        }
        return hidden;
    }

    static bool Matches(RadiusPacket packet, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret)
    {
        var copy = packet.Bytes.ToArray();
        authenticator.CopyTo(copy.AsSpan(4));
        return CryptographicOperations.FixedTimeEquals(MD5.HashData([.. copy, .. secret]), packet.Authenticator);
    }

    static byte[]? Encode(RadiusCode code, byte identifier, ReadOnlySpan<byte> authenticator, RadiusAttributes attributes, ReadOnlySpan<byte> secret, bool withMessageAuthenticator)
    {
        var length = RadiusPacket.HeaderBytes + attributes.Length + (withMessageAuthenticator ? 2 + Bytes : 0);
        if (length > RadiusPacket.MaxBytes) return null;
        var writer = new WireWriter(length);
        writer.U8((byte)code);
        writer.U8(identifier);
        writer.U16((ushort)length);
        writer.Bytes(authenticator);
        if (withMessageAuthenticator)
        {
            writer.U8((byte)RadiusType.MessageAuthenticator);
            writer.U8(2 + Bytes);
            writer.Zeros(Bytes);
        }
        foreach (var (type, value) in attributes.List)
        {
            writer.U8((byte)type);
            writer.U8((byte)(value.Length + 2));
            writer.Bytes(value);
        }
        var packet = writer.ToArray();
        if (withMessageAuthenticator) HMACMD5.HashData(secret, packet).CopyTo(packet, RadiusPacket.HeaderBytes + 2);
        return packet;
    }

    static byte[]? Hashed(byte[]? packet, ReadOnlySpan<byte> secret)
    {
        if (packet is not null) MD5.HashData([.. packet, .. secret]).CopyTo(packet, 4);
        return packet;
    }
}
