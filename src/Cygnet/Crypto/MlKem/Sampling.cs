// Polynomials from seeds: uniform ones of the public matrix and narrow ones of secrets and noise. FIPS 203 4.1, 4.2.2.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cygnet.Crypto.MlKem;

static class Sampling
{
    // SHAKE128 yields 168 bytes a round. Four rounds hold 448 candidates of which 364 are expected to be below q: 256 are missed once in 10^37 times.
    const int FirstBytes = 4 * 168;

    /// <summary>Algorithm 7, SampleNTT of rho, j, i: an element of the public matrix. Rejects, and so takes time, by public data only.</summary>
    public static void Uniform(ReadOnlySpan<byte> rho, int j, int i, Span<int> f)
    {
        Span<byte> seed = stackalloc byte[34];
        rho.CopyTo(seed);
        (seed[32], seed[33]) = ((byte)j, (byte)i);
        Span<byte> stream = stackalloc byte[FirstBytes];
        Shake128.HashData(seed, stream);
        // A stream that is too short is drawn again from its start: not every libcrypto can go on squeezing.
        for (var length = FirstBytes; !TryFill(stream, f); stream = new byte[length])
        {
            length *= 2;
            Shake128.HashData(seed, stream = new byte[length]);
        }
    }

    /// <summary>Algorithm 8, SamplePolyCBD of PRF(seed, n).</summary>
    public static void Narrow(int eta, ReadOnlySpan<byte> seed, int n, Span<int> f)
    {
        Span<byte> input = stackalloc byte[33];
        seed.CopyTo(input);
        input[32] = (byte)n;
        Span<byte> bytes = stackalloc byte[64 * eta];
        Shake256.HashData(input, bytes);
        if (eta == 2) Narrow2(bytes, f);
        else Narrow3(bytes, f);
        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(bytes);
    }

    static bool TryFill(ReadOnlySpan<byte> stream, Span<int> f)
    {
        var n = 0;
        for (; stream.Length >= 3; stream = stream[3..])
        {
            var (low, high) = (stream[0] | (stream[1] & 15) << 8, stream[1] >> 4 | stream[2] << 4);
            if (low < Ntt.Q) f[n++] = low;
            if (n == Ntt.Coefficients) return true;
            if (high < Ntt.Q) f[n++] = high;
            if (n == Ntt.Coefficients) return true;
        }
        return false;
    }

    // Each coefficient is the sum of two bits less the sum of the next two; eight coefficients of a word at once.
    static void Narrow2(ReadOnlySpan<byte> bytes, Span<int> f)
    {
        for (var i = 0; i < Ntt.Coefficients; i += 8)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i / 2)..]);
            var sums = (word & 0x55555555) + (word >> 1 & 0x55555555);
            for (var j = 0; j < 8; j++) f[i + j] = (int)(sums >> 4 * j & 3) - (int)(sums >> 4 * j + 2 & 3);
        }
    }

    // Three bits each; four coefficients of 24 bits at once.
    static void Narrow3(ReadOnlySpan<byte> bytes, Span<int> f)
    {
        for (var i = 0; i < Ntt.Coefficients; i += 4)
        {
            var at = i / 4 * 3;
            var word = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;
            var sums = (word & 0x249249) + (word >> 1 & 0x249249) + (word >> 2 & 0x249249);
            for (var j = 0; j < 4; j++) f[i + j] = (sums >> 6 * j & 7) - (sums >> 6 * j + 3 & 7);
        }
    }
}
