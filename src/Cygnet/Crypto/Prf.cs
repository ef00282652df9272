// Pseudo-random functions and prf+. RFC 7296 2.13; RFC 2104, RFC 4868.
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>A negotiated pseudo-random function; stateless, one object per algorithm.</summary>
public sealed class Prf
{
    // Where stack space ends and the heap begins; nonces with a secret of MODP 2048 fit.
    const int StackBytes = 1024;

    static readonly Prf Sha1 = new(PrfId.HmacSha1, 20), Sha256 = new(PrfId.HmacSha256, 32), Sha384 = new(PrfId.HmacSha384, 48), Sha512 = new(PrfId.HmacSha512, 64);

    Prf(ushort id, int bytes) => (Id, OutputBytes) = (id, bytes);

    public ushort Id { get; }

    /// <summary>Preferred key length: HMAC takes any, and this one for SK_d, SK_pi and SK_pr.</summary>
    public int KeyBytes => OutputBytes;

    public int OutputBytes { get; }

    /// <summary>The function of that wire id; throws <see cref="NotSupportedException"/> for one that is not built and so never offered.</summary>
    public static Prf For(ushort id) => id switch
    {
        PrfId.HmacSha1 => Sha1,
        PrfId.HmacSha256 => Sha256,
        PrfId.HmacSha384 => Sha384,
        PrfId.HmacSha512 => Sha512,
        _ => throw new NotSupportedException($"{Transforms.Name(new(TransformType.Prf, id))} is not built"),
    };

    /// <summary>prf(key, data) into exactly <see cref="OutputBytes"/> of output.</summary>
    public void ComputeTo(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> output)
    {
        switch (Id)
        {
            case PrfId.HmacSha1: HMACSHA1.HashData(key, data, output); break;
            case PrfId.HmacSha256: HMACSHA256.HashData(key, data, output); break;
            case PrfId.HmacSha384: HMACSHA384.HashData(key, data, output); break;
            default: HMACSHA512.HashData(key, data, output); break;
        }
    }

    /// <summary>prf(key, first | second).</summary>
    public void ComputeTo(ReadOnlySpan<byte> key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> output)
    {
        var length = first.Length + second.Length;
        Span<byte> joined = length <= StackBytes ? stackalloc byte[length] : new byte[length];
        first.CopyTo(joined);
        second.CopyTo(joined[first.Length..]);
        ComputeTo(key, joined, output);
        CryptographicOperations.ZeroMemory(joined);
    }

    public byte[] Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        var output = new byte[OutputBytes];
        ComputeTo(key, data, output);
        return output;
    }

    public byte[] Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var output = new byte[OutputBytes];
        ComputeTo(key, first, second, output);
        return output;
    }

    /// <summary>
    /// prf+ (RFC 7296 2.13): T1 = prf(K, S | 0x01), Tn = prf(K, Tn-1 | S | n), concatenated and cut to the length.
    /// The counter is one byte, so the length is at most 255 outputs.
    /// </summary>
    public byte[] Plus(ReadOnlySpan<byte> key, ReadOnlySpan<byte> seed, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 255 * OutputBytes);
        var output = new byte[length];
        Span<byte> block = stackalloc byte[OutputBytes];
        var size = OutputBytes + seed.Length + 1;
        Span<byte> input = size <= StackBytes ? stackalloc byte[size] : new byte[size];
        seed.CopyTo(input[OutputBytes..]);
        for (int at = 0, n = 1; at < length; at += OutputBytes, n++)
        {
            input[^1] = (byte)n;
            ComputeTo(key, n == 1 ? input[OutputBytes..] : input, block);
            block.CopyTo(input);
            block[..Math.Min(OutputBytes, length - at)].CopyTo(output.AsSpan(at));
        }
        CryptographicOperations.ZeroMemory(block);
        CryptographicOperations.ZeroMemory(input);
        return output;
    }
}
