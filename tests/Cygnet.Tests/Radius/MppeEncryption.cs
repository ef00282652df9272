// The server's end of MS-MPPE-Send-Key and MS-MPPE-Recv-Key. RFC 2548 2.4.2.
using System.Security.Cryptography;

namespace Cygnet.Tests.Radius;

static class MppeEncryption
{
    public static byte[] Encrypt(byte[] key, byte[] salt, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret)
    {
        byte[] plain = [(byte)key.Length, .. key, .. new byte[(16 - (key.Length + 1) % 16) % 16]];
        var pad = MD5.HashData([.. secret, .. authenticator, .. salt]);
        List<byte> cipher = [];
        for (var at = 0; at < plain.Length; at += 16)
        {
            byte[] block = [.. plain.AsSpan(at, 16).ToArray().Zip(pad, (a, b) => (byte)(a ^ b))];
            cipher.AddRange(block);
            pad = MD5.HashData([.. secret, .. block]);
        }
        return [.. salt, .. cipher];
    }
}
