// The proposals that are used or appended where the configuration names none. strongSwan's, restricted to what is built here.
using System.Collections.Immutable;

namespace Cygnet.Crypto;

/// <summary>
/// Transforms of the default proposals, in order of preference. Never in them: MD5, DES, MODP below 2048 bits, RFC 5114 groups.
/// A transform that fails its self-test is left out by whoever offers it.
/// </summary>
public static class DefaultProposals
{
    static readonly Transform[] Prfs = [Prf(PrfId.HmacSha256), Prf(PrfId.HmacSha384), Prf(PrfId.HmacSha512), Prf(PrfId.HmacSha1)];

    static readonly Transform[] Methods =
    [
        Method(Ke.Ecp256), Method(Ke.Ecp384), Method(Ke.Ecp521), Method(Ke.Curve25519), Method(Ke.Curve448),
        Method(Ke.Modp3072), Method(Ke.Modp4096), Method(Ke.Modp6144), Method(Ke.Modp8192), Method(Ke.Modp2048),
    ];

    static readonly Transform[] Integrities = [Mac(Integ.HmacSha256_128), Mac(Integ.HmacSha384_192), Mac(Integ.HmacSha512_256), Mac(Integ.HmacSha1_96)];

    static readonly Transform NoEsn = new(TransformType.ExtendedSequenceNumbers, 0);

    /// <summary>IKE with ciphers that need an integrity algorithm.</summary>
    public static ImmutableArray<Transform> IkeClassic { get; } = [.. Aes(Encr.AesCbc), .. Aes(Encr.AesCtr), .. Integrities, .. Prfs, .. Methods];

    /// <summary>IKE with AEADs.</summary>
    public static ImmutableArray<Transform> IkeAead { get; } =
    [
        .. Aes(Encr.AesGcm16), .. Aes(Encr.AesCcm16), new(TransformType.Encryption, Encr.ChaCha20Poly1305),
        .. Aes(Encr.AesGcm12), .. Aes(Encr.AesGcm8), .. Aes(Encr.AesCcm12), .. Aes(Encr.AesCcm8), .. Prfs, .. Methods,
    ];

    /// <summary>ESP with AES-CBC.</summary>
    public static ImmutableArray<Transform> EspClassic { get; } = [.. Aes(Encr.AesCbc), .. Integrities, NoEsn];

    /// <summary>ESP with AES-GCM.</summary>
    public static ImmutableArray<Transform> EspAead { get; } = [.. Aes(Encr.AesGcm16), NoEsn];

    /// <summary>AH: the integrity algorithms of ESP.</summary>
    public static ImmutableArray<Transform> Ah { get; } = [.. Integrities, NoEsn];

    static Transform[] Aes(ushort id) => [new(TransformType.Encryption, id, 128), new(TransformType.Encryption, id, 192), new(TransformType.Encryption, id, 256)];

    static Transform Mac(ushort id) => new(TransformType.Integrity, id);

    static Transform Prf(ushort id) => new(TransformType.Prf, id);

    static Transform Method(ushort id) => new(TransformType.KeyExchange, id);
}
