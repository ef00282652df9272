// Polynomials as bytes, whole and compressed. FIPS 203 4.2.1.
namespace Cygnet.Crypto.MlKem;

/// <summary>Divisions by q are multiplications: how long a division takes tells of the secret that is divided.</summary>
static class Coding
{
    /// <summary>Algorithm 5, ByteEncode12; coefficients are 0 to q-1.</summary>
    public static void Encode(ReadOnlySpan<int> f, Span<byte> bytes)
    {
        f = f[..Ntt.Coefficients];
        bytes = bytes[..MlKemParameters.PolynomialBytes];
        for (int i = 0, at = 0; i < f.Length; i += 2, at += 3)
        {
            var (low, high) = (f[i], f[i + 1]);
            bytes[at] = (byte)low;
            bytes[at + 1] = (byte)(low >> 8 | high << 4);
            bytes[at + 2] = (byte)(high >> 4);
        }
    }

    /// <summary>Algorithm 6, ByteDecode12 without the reduction modulo q. False if a coefficient is q or more: the modulus check of FIPS 203 7.2.</summary>
    public static bool Decode(ReadOnlySpan<byte> bytes, Span<int> f)
    {
        f = f[..Ntt.Coefficients];
        bytes = bytes[..MlKemParameters.PolynomialBytes];
        var below = -1;
        for (int i = 0, at = 0; i < f.Length; i += 2, at += 3)
        {
            f[i] = bytes[at] | (bytes[at + 1] & 15) << 8;
            f[i + 1] = bytes[at + 1] >> 4 | bytes[at + 2] << 4;
            below &= f[i] - Ntt.Q & f[i + 1] - Ntt.Q;
        }
        return below < 0;
    }

    /// <summary>ByteEncode of Compress to so many bits; coefficients are 0 to q-1.</summary>
    public static void Compress(ReadOnlySpan<int> f, int bits, Span<byte> bytes)
    {
        var (pending, held, at) = (0u, 0, 0);
        var mask = (1u << bits) - 1;
        foreach (var x in f[..Ntt.Coefficients])
        {
            // round(2^bits x / q): 1290168 / 2^32 is 1/q, near enough for all x and bits that occur.
            pending |= ((uint)((((ulong)(uint)x << bits) + Ntt.Q / 2) * 1290168 >> 32) & mask) << held;
            for (held += bits; held >= 8; held -= 8, pending >>= 8) bytes[at++] = (byte)pending;
        }
    }

    /// <summary>Decompress of ByteDecode of so many bits.</summary>
    public static void Decompress(ReadOnlySpan<byte> bytes, int bits, Span<int> f)
    {
        f = f[..Ntt.Coefficients];
        var (pending, held, at) = (0u, 0, 0);
        var mask = (1u << bits) - 1;
        for (var i = 0; i < f.Length; i++)
        {
            for (; held < bits; held += 8) pending |= (uint)bytes[at++] << held;
            f[i] = (int)((pending & mask) * Ntt.Q + (1u << bits - 1) >> bits);
            pending >>= bits;
            held -= bits;
        }
    }
}
