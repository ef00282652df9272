// Pseudo-random functions and prf+. RFC 7296 2.13; RFC 2104, RFC 4868 (HMAC), RFC 4434 (XCBC), RFC 4615 (CMAC).
using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>A negotiated pseudo-random function; stateless, one object per algorithm.</summary>
public sealed class Prf
{
    static readonly FrozenDictionary<ushort, Prf> All = Transforms.All.Where(a => a is { Type: TransformType.Prf, Id: not null, Function: not null })
        .ToFrozenDictionary(a => a.Id!.Value, a => new Prf(a.Id!.Value, a.Function!.Value));

    readonly MacFunction _function;

    Prf(ushort id, MacFunction function) => (Id, _function, OutputBytes) = (id, function, Mac.OutputBytes(function));

    public ushort Id { get; }

    /// <summary>Preferred key length, that of SK_d, SK_pi and SK_pr: all functions have their output's.</summary>
    public int KeyBytes => OutputBytes;

    public int OutputBytes { get; }

    /// <summary>A function on a block cipher: other keys than of <see cref="KeyBytes"/> are made to fit, and SKEYSEED takes half a key of each nonce. RFC 7296 2.14.</summary>
    public bool HasFixedKey => Mac.HasFixedKey(_function);

    /// <summary>The function of that wire id; throws <see cref="NotSupportedException"/> for one that is not built and so never offered.</summary>
    public static Prf For(ushort id) => All.TryGetValue(id, out var prf) ? prf
        : throw new NotSupportedException($"{Transforms.Name(new(TransformType.Prf, id))} is not built");

    /// <summary>prf(key, data) into exactly <see cref="OutputBytes"/> of output.</summary>
    public void ComputeTo(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> output) => ComputeTo(key, data, [], output);

    /// <summary>prf(key, first | second).</summary>
    public void ComputeTo(ReadOnlySpan<byte> key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> output)
    {
        using var mac = Keyed(key);
        mac.Append(first);
        mac.Append(second);
        mac.Finish(output);
    }

    public byte[] Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => Compute(key, data, []);

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
        Span<byte> block = stackalloc byte[OutputBytes], counter = stackalloc byte[1];
        using var mac = Keyed(key);
        for (int at = 0, n = 1; at < length; at += OutputBytes, n++)
        {
            if (n > 1)
            {
                mac.Begin();
                mac.Append(block);
            }
            counter[0] = (byte)n;
            mac.Append(seed);
            mac.Append(counter);
            mac.Finish(block);
            block[..Math.Min(OutputBytes, length - at)].CopyTo(output.AsSpan(at));
        }
        CryptographicOperations.ZeroMemory(block);
        return output;
    }

    // A fixed key's rule: XCBC pads what is short (RFC 4434 2), CMAC does not; both hash what is long, CMAC what is short too (RFC 4615 3).
    Mac Keyed(ReadOnlySpan<byte> key)
    {
        if (!HasFixedKey || key.Length == KeyBytes) return Mac.Create(_function, key);
        Span<byte> fitting = stackalloc byte[KeyBytes];
        fitting.Clear();
        if (key.Length < KeyBytes && _function != MacFunction.AesCmac)
        {
            key.CopyTo(fitting);
        }
        else
        {
            using var zero = Mac.Create(_function, fitting);
            zero.Append(key);
            zero.Finish(fitting);
        }
        var mac = Mac.Create(_function, fitting);
        CryptographicOperations.ZeroMemory(fitting);
        return mac;
    }
}
