// MS-MPPE-Send-Key and MS-MPPE-Recv-Key, in which a server hands over the MSK. RFC 2548 2.4.2, 2.4.3; RFC 3079.
using System.Security.Cryptography;
using Cygnet.Wire;

namespace Cygnet.Radius;

public static class MppeKeys
{
    const int MskBytes = 64;

    /// <summary>
    /// The MSK, first what the server receives with, then what it sends with, filled up with zeros to 64 bytes as EAP-MSCHAPv2 does;
    /// null if the Access-Accept has none, or none that can be read.
    /// </summary>
    public static byte[]? Msk(RadiusPacket accept, ReadOnlySpan<byte> requestAuthenticator, ReadOnlySpan<byte> secret)
    {
        byte[]? receive = null, send = null;
        foreach (var a in accept.OfVendor(RadiusVendor.Microsoft))
            if ((byte)a.Type == RadiusVendor.MsMppeRecvKey) receive ??= Decrypt(a.Value.Span, requestAuthenticator, secret);
            else if ((byte)a.Type == RadiusVendor.MsMppeSendKey) send ??= Decrypt(a.Value.Span, requestAuthenticator, secret);
        if (receive is null || send is null || receive.Length + send.Length is 0 or > MskBytes) return null;
        var msk = new byte[MskBytes];
        receive.CopyTo(msk, 0);
        send.CopyTo(msk, receive.Length);
        CryptographicOperations.ZeroMemory(receive);
        CryptographicOperations.ZeroMemory(send);
        return msk;
    }

    /// <summary>Salt and cipher text to the key; null if it cannot be.</summary>
    internal static byte[]? Decrypt(ReadOnlySpan<byte> value, ReadOnlySpan<byte> requestAuthenticator, ReadOnlySpan<byte> secret)
    {
        var reader = new WireReader(value);
        var salt = reader.Bytes(2);
        var cipher = reader.Rest();
        if (reader.Failed || cipher.IsEmpty || cipher.Length % 16 != 0) return null;
        var plain = new byte[cipher.Length];
        var pad = MD5.HashData([.. secret, .. requestAuthenticator, .. salt]);
        for (var at = 0; at < cipher.Length; at += 16)
        {
            var block = cipher.Slice(at, 16);
            for (var i = 0; i < 16; i++) plain[at + i] = (byte)(block[i] ^ pad[i]);
            pad = MD5.HashData([.. secret, .. block]);
        }
        // the first byte counts those of the key
        var key = new WireReader(plain);
        var bytes = key.Bytes(key.U8()).ToArray();
        CryptographicOperations.ZeroMemory(plain);
        return key.Failed || bytes.Length == 0 ? null : bytes;
    }
}
