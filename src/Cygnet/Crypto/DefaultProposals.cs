// The proposals that are used or appended where the configuration names none: strongSwan's.
using System.Collections.Immutable;

namespace Cygnet.Crypto;

/// <summary>
/// Transforms of the default proposals, in order of preference. Never in them: MD5, DES, CAST, Blowfish, MODP below 2048 bits, RFC 5114 groups, ECP 192
/// and 224, private-use ids, ML-KEM alone. A transform that fails its self-test is left out by whoever offers it.
/// </summary>
public static class DefaultProposals
{
    static readonly Transform[] Prfs =
    [
        Prf(PrfId.HmacSha256), Prf(PrfId.HmacSha384), Prf(PrfId.HmacSha512), Prf(PrfId.Aes128Xcbc), Prf(PrfId.Aes128Cmac), Prf(PrfId.HmacSha1),
    ];

    static readonly Transform[] Methods =
    [
        Method(Ke.Curve25519), Method(Ke.Curve448), Method(Ke.Ecp256), Method(Ke.Ecp384), Method(Ke.Ecp521),
        Method(Ke.Brainpool256), Method(Ke.Brainpool384), Method(Ke.Brainpool512),
        Method(Ke.Modp3072), Method(Ke.Modp4096), Method(Ke.Modp6144), Method(Ke.Modp8192), Method(Ke.Modp2048),
    ];

    static readonly Transform[] Hashes = [Mac(Integ.HmacSha256_128), Mac(Integ.HmacSha384_192), Mac(Integ.HmacSha512_256)];

    static readonly Transform[] ChildIntegrities = [.. Hashes, Mac(Integ.HmacSha1_96), Mac(Integ.AesXcbc_96)];

    static readonly Transform NoEsn = new(TransformType.ExtendedSequenceNumbers, 0);

    /// <summary>IKE with ciphers that need an integrity algorithm.</summary>
    public static ImmutableArray<Transform> IkeClassic { get; } =
    [
        .. Sized(Encr.AesCbc), .. Sized(Encr.AesCtr), .. Sized(Encr.CamelliaCbc), .. Sized(Encr.CamelliaCtr), new(TransformType.Encryption, Encr.TripleDes),
        .. Hashes, Mac(Integ.AesXcbc_96), Mac(Integ.AesCmac_96), Mac(Integ.HmacSha1_96), .. Prfs, .. Methods,
    ];

    /// <summary>IKE with AEADs: long ICVs first.</summary>
    public static ImmutableArray<Transform> IkeAead { get; } =
    [
        .. Sized(Encr.AesGcm16), .. Sized(Encr.AesCcm16), new(TransformType.Encryption, Encr.ChaCha20Poly1305), .. Sized(Encr.CamelliaCcm16),
        .. Sized(Encr.AesGcm12), .. Sized(Encr.AesGcm8), .. Sized(Encr.AesCcm12), .. Sized(Encr.AesCcm8), .. Sized(Encr.CamelliaCcm12), .. Sized(Encr.CamelliaCcm8),
        .. Prfs, .. Methods,
    ];

    /// <summary>ESP with AES-CBC.</summary>
    public static ImmutableArray<Transform> EspClassic { get; } = [.. Sized(Encr.AesCbc), .. ChildIntegrities, NoEsn];

    /// <summary>ESP with AES-GCM.</summary>
    public static ImmutableArray<Transform> EspAead { get; } = [.. Sized(Encr.AesGcm16), NoEsn];

    /// <summary>AH: the integrity algorithms of ESP.</summary>
    public static ImmutableArray<Transform> Ah { get; } = [.. ChildIntegrities, NoEsn];

    static Transform[] Sized(ushort id) => [new(TransformType.Encryption, id, 128), new(TransformType.Encryption, id, 192), new(TransformType.Encryption, id, 256)];

    static Transform Mac(ushort id) => new(TransformType.Integrity, id);

    static Transform Prf(ushort id) => new(TransformType.Prf, id);

    static Transform Method(ushort id) => new(TransformType.KeyExchange, id);
}
