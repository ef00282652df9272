// MD4, single DES and the compression function of SHA-1: old EAP methods are made of them, and .NET has none of the three. RFC 2759, FIPS 186-2.
// And SHA-1 itself, for the hashes of NAT detection. RFC 7296 2.23.
using System.Buffers.Binary;

namespace Cygnet.Crypto;

/// <summary>Not for anything new. MD4 and DES serve MSCHAPv2 (RFC 2759 8), SHA-1's compression the generator of EAP-SIM and EAP-AKA (RFC 4186 B).</summary>
static unsafe class LegacyDigest
{
    public const int Md4Bytes = 16, DesBlockBytes = 8, DesKeyBytes = 7;
    public const int Sha1Bytes = 20;
    const int Sha1BlockBytes = 64;

    public static byte[] Md4(ReadOnlySpan<byte> data)
    {
        var digest = new byte[Md4Bytes];
        fixed (byte* d = digest, from = data)
        {
            // An empty span has no address, and libcrypto does not look at it.
            if (LibCrypto.MD4(from, (nuint)data.Length, d) is null) throw new InvalidOperationException("MD4");
        }
        return digest;
    }

    /// <summary>DES in ECB of one block, the key being 56 bits in seven bytes (RFC 2759 8.6).</summary>
    public static void DesEncrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, Span<byte> output)
    {
        Span<byte> spread = stackalloc byte[DesBlockBytes];
        var bits = 0UL;
        foreach (var b in key[..DesKeyBytes]) bits = bits << 8 | b;
        // The lowest bit of each byte is parity, which nobody looks at.
        for (var i = 0; i < spread.Length; i++) spread[i] = (byte)(bits >> (49 - 7 * i) << 1);
        Span<byte> schedule = stackalloc byte[LibCrypto.DesScheduleBytes];
        fixed (byte* k = spread, s = schedule, i = block[..DesBlockBytes], o = output[..DesBlockBytes])
        {
            LibCrypto.DES_set_key_unchecked(k, s);
            LibCrypto.DES_ecb_encrypt(i, o, s, 1);
        }
        spread.Clear();
        schedule.Clear();
    }

    /// <summary>SHA-1 of a few bytes for what is no secret: .NET's takes many times as long to set up as to compute.</summary>
    public static void Sha1(ReadOnlySpan<byte> data, Span<byte> output)
    {
        Span<byte> context = stackalloc byte[LibCrypto.Sha1ContextBytes];
        fixed (byte* c = context, d = data, o = output[..Sha1Bytes])
            if (LibCrypto.SHA1_Init(c) <= 0 || LibCrypto.SHA1_Update(c, d, (nuint)data.Length) <= 0 || LibCrypto.SHA1_Final(o, c) <= 0) throw new InvalidOperationException("SHA-1");
    }

    /// <summary>G of FIPS 186-2 appendix 3.3: SHA-1's compression of one block from the usual start value, without padding.</summary>
    public static void Sha1Block(ReadOnlySpan<byte> block, Span<byte> output)
    {
        Span<byte> context = stackalloc byte[LibCrypto.Sha1ContextBytes];
        fixed (byte* c = context, b = block[..Sha1BlockBytes])
        {
            LibCrypto.SHA1_Init(c);
            LibCrypto.SHA1_Transform(c, b);
        }
        for (var i = 0; i < Sha1Bytes; i += 4) BinaryPrimitives.WriteUInt32BigEndian(output[i..], BitConverter.ToUInt32(context[i..]));
        context.Clear();
    }
}
