// Lookups in the one table of algorithms: by transform, by keyword; names and sizes of key material. RFC 7296 3.3.
using System.Globalization;

namespace Cygnet.Crypto;

/// <summary>The table of algorithms; what is not in it does not exist.</summary>
public static partial class Transforms
{
    /// <summary>Every keyword of a proposal, for "did you mean".</summary>
    public static IEnumerable<string> Keywords => ByWord.Keys;

    /// <summary>The row of a transform whatever its key length, or null. Additional key exchanges (RFC 9370) find the method's row.</summary>
    public static Algorithm? Find(Transform transform) =>
        MethodType(transform.Type) is var type && type < TransformType.AdditionalKeyExchange1 && transform.Id < LowIds
            ? ByLowId[(int)type * LowIds + transform.Id] : ById.GetValueOrDefault((type, transform.Id));

    /// <summary>The meaning of one token of <c>ike=</c> or <c>esp=</c> in strongSwan's dialect, or null if there is no such keyword.</summary>
    public static AlgorithmChoice? ByKeyword(string keyword) => ByWord.TryGetValue(keyword, out var choice) ? choice : null;

    /// <summary>Whether this build can run the transform with exactly that key length.</summary>
    public static bool IsBuilt(Transform transform) => Find(transform) is { IsBuilt: true } a && HasKeyLength(a, transform.KeyBits);

    public static bool IsAead(Transform transform) => Find(transform) is { IsAead: true };

    /// <summary>The printed name: <c>AES_GCM_16_128</c>, <c>PRF_HMAC_SHA2_256</c>, <c>KE1_ML_KEM_768</c>; an unknown one is its number, <c>(4711)</c>.</summary>
    public static string Name(Transform transform)
    {
        var name = Find(transform)?.Name ?? string.Create(CultureInfo.InvariantCulture, $"({transform.Id})");
        if (transform.Type is >= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7)
            return string.Create(CultureInfo.InvariantCulture, $"KE{transform.Type - TransformType.AdditionalKeyExchange1 + 1}_{name}");
        return transform.KeyBits == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{transform.KeyBits}");
    }

    /// <summary>
    /// Bytes of key material to derive: encryption key with its salt, integrity key, PRF key.
    /// Throws <see cref="NotSupportedException"/> for what is not in the table: a caller negotiated what it cannot have offered.
    /// </summary>
    public static int KeyMaterialBytes(Transform transform)
    {
        if (Find(transform) is not { } a || !HasKeyLength(a, transform.KeyBits))
            throw new NotSupportedException($"no key length is known for {Name(transform)}");
        return (transform.KeyBits > 0 ? transform.KeyBits / 8 : a.KeyBytes) + a.SaltBytes;
    }

    static bool HasKeyLength(Algorithm a, ushort bits) => a.KeyLengths.IsEmpty ? bits == 0 : a.KeyLengths.Contains(bits);

    static TransformType MethodType(TransformType type) =>
        type is >= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7 ? TransformType.KeyExchange : type;
}
