// Transform types and identifiers as they stand on the wire. RFC 7296 3.3.2; IANA "IKEv2 Parameters".
namespace Cygnet.Crypto;

/// <summary>Transform types, RFC 7296 3.3.2 and RFC 9370 (6 to 12: additional key exchanges).</summary>
public enum TransformType : byte
{
    Encryption = 1,
    Prf = 2,
    Integrity = 3,
    KeyExchange = 4,
    ExtendedSequenceNumbers = 5,
    AdditionalKeyExchange1 = 6,
    AdditionalKeyExchange7 = 12,
}

/// <summary>Security protocols, RFC 7296 3.3.1.</summary>
public enum SecurityProtocol : byte
{
    None = 0,
    Ike = 1,
    Ah = 2,
    Esp = 3,
}

/// <summary>
/// One transform of a proposal: type, wire identifier, and the Key Length attribute in bits (0 where the transform has none).
/// Sizes, names and factories stand in <see cref="Transforms"/>.
/// </summary>
public readonly record struct Transform(TransformType Type, ushort Id, ushort KeyBits = 0)
{
    /// <summary>The round of an additional key exchange, 1 to 7; 0 for every other transform. RFC 9370 2.2.1.</summary>
    public int Round => Type is >= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7 ? Type - TransformType.AdditionalKeyExchange1 + 1 : 0;

    /// <summary>A key exchange method, of the first exchange or of an additional one.</summary>
    public bool IsKeyExchange => Type == TransformType.KeyExchange || Round > 0;
}

/// <summary>Wire identifiers of encryption transforms (type 1).</summary>
public static class Encr
{
    public const ushort Des = 2, TripleDes = 3, Cast = 6, Blowfish = 7, Null = 11, AesCbc = 12, AesCtr = 13, AesCcm8 = 14, AesCcm12 = 15, AesCcm16 = 16,
        AesGcm8 = 18, AesGcm12 = 19, AesGcm16 = 20, NullAesGmac = 21, CamelliaCbc = 23, CamelliaCtr = 24, CamelliaCcm8 = 25, CamelliaCcm12 = 26, CamelliaCcm16 = 27,
        ChaCha20Poly1305 = 28;
}

/// <summary>Wire identifiers of pseudo-random functions (type 2). From 1024 on: private use, as strongSwan has them.</summary>
public static class PrfId
{
    public const ushort HmacMd5 = 1, HmacSha1 = 2, Aes128Xcbc = 4, HmacSha256 = 5, HmacSha384 = 6, HmacSha512 = 7, Aes128Cmac = 8, Camellia128Xcbc = 1028;
}

/// <summary>Wire identifiers of integrity algorithms (type 3). From 1024 on: private use, as strongSwan has them.</summary>
public static class Integ
{
    public const ushort None = 0, HmacMd5_96 = 1, HmacSha1_96 = 2, AesXcbc_96 = 5, HmacMd5_128 = 6, HmacSha1_160 = 7, AesCmac_96 = 8,
        Aes128Gmac = 9, Aes192Gmac = 10, Aes256Gmac = 11, HmacSha256_128 = 12, HmacSha384_192 = 13, HmacSha512_256 = 14,
        HmacSha256_96 = 1026, CamelliaXcbc_96 = 1030;
}

/// <summary>Wire identifiers of key exchange methods (type 4).</summary>
public static class Ke
{
    public const ushort None = 0, Modp768 = 1, Modp1024 = 2, Modp1536 = 5, Modp2048 = 14, Modp3072 = 15, Modp4096 = 16, Modp6144 = 17, Modp8192 = 18,
        Ecp256 = 19, Ecp384 = 20, Ecp521 = 21, Modp1024s160 = 22, Modp2048s224 = 23, Modp2048s256 = 24, Ecp192 = 25, Ecp224 = 26,
        Brainpool224 = 27, Brainpool256 = 28, Brainpool384 = 29, Brainpool512 = 30, Curve25519 = 31, Curve448 = 32, MlKem512 = 35, MlKem768 = 36, MlKem1024 = 37;
}
