// ML-KEM: key generation, encapsulation, decapsulation, with the randomness given. FIPS 203 5 and 6.
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Cygnet.Crypto.MlKem;

/// <summary>
/// Our own code, for machines whose libcrypto has no ML-KEM (it came with OpenSSL 3.5). Takes the same time whatever its secrets are,
/// and leaves none of them on the stack. Lengths are the parameters'.
/// </summary>
static class Fips203
{
    /// <summary>
    /// Algorithm 16, ML-KEM.KeyGen_internal of the seeds d and z. The decapsulation key holds the secret vector, the encapsulation key, its hash, and z.
    /// </summary>
    public static void Generate(MlKemParameters p, ReadOnlySpan<byte> seed, Span<byte> decapsulationKey)
    {
        var vectorBytes = MlKemParameters.PolynomialBytes * p.K;
        var encapsulationKey = decapsulationKey.Slice(vectorBytes, p.EncapsulationKeyBytes);
        Span<byte> input = stackalloc byte[33], seeds = stackalloc byte[64];
        seed[..32].CopyTo(input);
        input[32] = (byte)p.K;
        SHA3_512.HashData(input, seeds);
        var rho = seeds[..32];
        var sigma = seeds[32..];

        Span<int> s = stackalloc int[p.K * Ntt.Coefficients], t = stackalloc int[Ntt.Coefficients], other = stackalloc int[Ntt.Coefficients];
        for (var i = 0; i < p.K; i++)
        {
            Sampling.Narrow(p.Eta1, sigma, i, At(s, i));
            Ntt.Forward(At(s, i));
        }
        for (var i = 0; i < p.K; i++)
        {
            t.Clear();
            for (var j = 0; j < p.K; j++)
            {
                Sampling.Uniform(rho, j, i, other);
                Ntt.MultiplyAdd(t, other, At(s, j));
            }
            Ntt.Reduce(t);
            Ntt.Normalize(t);
            Sampling.Narrow(p.Eta1, sigma, p.K + i, other);
            Ntt.Forward(other);
            Ntt.Add(t, other);
            Ntt.Canonicalize(t);
            Coding.Encode(t, encapsulationKey[(i * MlKemParameters.PolynomialBytes)..]);
        }
        for (var i = 0; i < p.K; i++)
        {
            Ntt.Canonicalize(At(s, i));
            Coding.Encode(At(s, i), decapsulationKey[(i * MlKemParameters.PolynomialBytes)..]);
        }
        rho.CopyTo(encapsulationKey[vectorBytes..]);
        var rest = decapsulationKey[(vectorBytes + encapsulationKey.Length)..];
        SHA3_256.HashData(encapsulationKey, rest[..32]);
        seed[32..].CopyTo(rest[32..]);

        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(seeds);
        Clear(s);
        Clear(other);
    }

    /// <summary>The encapsulation key inside a decapsulation key.</summary>
    public static ReadOnlySpan<byte> EncapsulationKey(MlKemParameters p, ReadOnlySpan<byte> decapsulationKey) =>
        decapsulationKey.Slice(MlKemParameters.PolynomialBytes * p.K, p.EncapsulationKeyBytes);

    /// <summary>The input check of FIPS 203 7.2: length, and every coefficient reduced.</summary>
    public static bool IsValid(MlKemParameters p, ReadOnlySpan<byte> encapsulationKey)
    {
        if (encapsulationKey.Length != p.EncapsulationKeyBytes) return false;
        Span<int> t = stackalloc int[Ntt.Coefficients];
        for (var i = 0; i < p.K; i++)
            if (!Coding.Decode(encapsulationKey[(i * MlKemParameters.PolynomialBytes)..], t)) return false;
        return true;
    }

    /// <summary>Algorithm 17, ML-KEM.Encaps_internal of the message m. The key is valid.</summary>
    public static void Encapsulate(MlKemParameters p, ReadOnlySpan<byte> encapsulationKey, ReadOnlySpan<byte> message, Span<byte> ciphertext, Span<byte> secret)
    {
        Span<byte> input = stackalloc byte[64], output = stackalloc byte[64];
        message.CopyTo(input);
        SHA3_256.HashData(encapsulationKey, input[32..]);
        SHA3_512.HashData(input, output);
        Encrypt(p, encapsulationKey, message, output[32..], ciphertext);
        output[..32].CopyTo(secret);
        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(output);
    }

    /// <summary>
    /// Algorithm 18, ML-KEM.Decaps_internal. A ciphertext that was not made by encapsulation gives a secret that depends on it and on z (implicit rejection).
    /// </summary>
    public static void Decapsulate(MlKemParameters p, ReadOnlySpan<byte> decapsulationKey, ReadOnlySpan<byte> ciphertext, Span<byte> secret)
    {
        var encapsulationKey = EncapsulationKey(p, decapsulationKey);
        var hash = decapsulationKey[^64..^32];
        var z = decapsulationKey[^32..];
        Span<byte> input = stackalloc byte[64], output = stackalloc byte[64], rejected = stackalloc byte[32];
        Decrypt(p, decapsulationKey, ciphertext, input[..32]);
        hash.CopyTo(input[32..]);
        SHA3_512.HashData(input, output);

        Span<byte> buffer = stackalloc byte[32 + p.CiphertextBytes];
        z.CopyTo(buffer);
        ciphertext.CopyTo(buffer[32..]);
        Shake256.HashData(buffer, rejected);

        Encrypt(p, encapsulationKey, input[..32], output[32..], buffer[32..]);
        var mask = -Unsafe.BitCast<bool, byte>(CryptographicOperations.FixedTimeEquals(ciphertext, buffer[32..]));
        for (var i = 0; i < secret.Length; i++) secret[i] = (byte)(rejected[i] ^ (mask & (rejected[i] ^ output[i])));

        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(output);
        CryptographicOperations.ZeroMemory(rejected);
        CryptographicOperations.ZeroMemory(buffer);
    }

    // Algorithm 14, K-PKE.Encrypt.
    static void Encrypt(MlKemParameters p, ReadOnlySpan<byte> encapsulationKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> randomness, Span<byte> ciphertext)
    {
        var rho = encapsulationKey[(MlKemParameters.PolynomialBytes * p.K)..];
        Span<int> y = stackalloc int[p.K * Ntt.Coefficients], sum = stackalloc int[Ntt.Coefficients], other = stackalloc int[Ntt.Coefficients];
        for (var i = 0; i < p.K; i++)
        {
            Sampling.Narrow(p.Eta1, randomness, i, At(y, i));
            Ntt.Forward(At(y, i));
        }
        // u = A^T y + e1
        var uBytes = 32 * p.Du;
        for (var i = 0; i < p.K; i++)
        {
            sum.Clear();
            for (var j = 0; j < p.K; j++)
            {
                Sampling.Uniform(rho, i, j, other);
                Ntt.MultiplyAdd(sum, other, At(y, j));
            }
            Ntt.Reduce(sum);
            Ntt.Inverse(sum);
            Sampling.Narrow(MlKemParameters.Eta2, randomness, p.K + i, other);
            Ntt.Add(sum, other);
            Ntt.Canonicalize(sum);
            Coding.Compress(sum, p.Du, ciphertext[(i * uBytes)..]);
        }
        // v = t^T y + e2 + m
        sum.Clear();
        for (var i = 0; i < p.K; i++)
        {
            Coding.Decode(encapsulationKey[(i * MlKemParameters.PolynomialBytes)..], other);
            Ntt.MultiplyAdd(sum, other, At(y, i));
        }
        Ntt.Reduce(sum);
        Ntt.Inverse(sum);
        Sampling.Narrow(MlKemParameters.Eta2, randomness, 2 * p.K, other);
        Ntt.Add(sum, other);
        Coding.Decompress(message, 1, other);
        Ntt.Add(sum, other);
        Ntt.Canonicalize(sum);
        Coding.Compress(sum, p.Dv, ciphertext[(p.K * uBytes)..]);

        Clear(y);
        Clear(sum);
        Clear(other);
    }

    // Algorithm 15, K-PKE.Decrypt.
    static void Decrypt(MlKemParameters p, ReadOnlySpan<byte> decapsulationKey, ReadOnlySpan<byte> ciphertext, Span<byte> message)
    {
        var uBytes = 32 * p.Du;
        Span<int> sum = stackalloc int[Ntt.Coefficients], u = stackalloc int[Ntt.Coefficients], s = stackalloc int[Ntt.Coefficients];
        sum.Clear();
        for (var i = 0; i < p.K; i++)
        {
            Coding.Decompress(ciphertext[(i * uBytes)..], p.Du, u);
            Ntt.Forward(u);
            Coding.Decode(decapsulationKey[(i * MlKemParameters.PolynomialBytes)..], s);
            Ntt.MultiplyAdd(sum, s, u);
        }
        Ntt.Reduce(sum);
        Ntt.Inverse(sum);
        Coding.Decompress(ciphertext[(p.K * uBytes)..], p.Dv, u);
        Ntt.Subtract(u, sum);
        Ntt.Canonicalize(u);
        Coding.Compress(u, 1, message);

        Clear(sum);
        Clear(u);
        Clear(s);
    }

    static Span<int> At(Span<int> vector, int i) => vector.Slice(i * Ntt.Coefficients, Ntt.Coefficients);

    static void Clear(Span<int> secret) => CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(secret));
}
