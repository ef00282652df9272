// The pseudo-random function of EAP-SIM and EAP-AKA: FIPS 186-2 with change notice 1, algorithm 1, without XSEED. RFC 4186 B.
using Cygnet.Crypto;

namespace Cygnet.Eap.Sim;

static class Fips186Prf
{
    const int StateBytes = 20, BlockBytes = 64;

    public static byte[] Bytes(ReadOnlySpan<byte> key, int length)
    {
        var output = new byte[(length + StateBytes - 1) / StateBytes * StateBytes];
        Span<byte> block = stackalloc byte[BlockBytes];
        block.Clear();
        key[..StateBytes].CopyTo(block);
        var xkey = block[..StateBytes];
        for (var at = 0; at < output.Length; at += StateBytes)
        {
            var w = output.AsSpan(at, StateBytes);
            LegacyDigest.Sha1Block(block, w);
            // XKEY = (1 + XKEY + w) mod 2^160
            var carry = 1;
            for (var i = StateBytes - 1; i >= 0; i--)
            {
                carry += xkey[i] + w[i];
                xkey[i] = (byte)carry;
                carry >>= 8;
            }
        }
        block.Clear();
        return output[..length];
    }
}
