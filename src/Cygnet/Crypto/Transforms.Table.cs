// The one table of algorithms: wire ids, names, keywords, sizes, status. IANA "IKEv2 Parameters"; RFC 8221, RFC 8247.
using System.Collections.Frozen;
using System.Collections.Immutable;
using static Cygnet.Crypto.Requirement;

namespace Cygnet.Crypto;

public static partial class Transforms
{
    static readonly ImmutableArray<ushort> AesBits = [128, 192, 256];

    /// <summary>Every row. Those without <see cref="Algorithm.IsBuilt"/> are known by name only.</summary>
    public static ImmutableArray<Algorithm> All { get; } =
    [
        // Encryption. Salt and IV: RFC 3686 (CTR), RFC 4309 (CCM), RFC 4106 (GCM), RFC 7634 (ChaCha20-Poly1305).
        Cipher(Encr.AesCbc, "AES_CBC", "", blockBytes: 16, ivBytes: 16) with { InIke = Must, InEsp = Must },
        Cipher(Encr.AesCtr, "AES_CTR", "ctr", saltBytes: 4, ivBytes: 8),
        Aead(Encr.AesCcm8, "AES_CCM_8", 3, 8, "ccm8", "ccm64") with { InIke = Should, InEsp = Should },
        Aead(Encr.AesCcm12, "AES_CCM_12", 3, 12, "ccm12", "ccm96"),
        Aead(Encr.AesCcm16, "AES_CCM_16", 3, 16, "ccm16", "ccm128", "ccm"),
        Aead(Encr.AesGcm8, "AES_GCM_8", 4, 8, "gcm8", "gcm64"),
        Aead(Encr.AesGcm12, "AES_GCM_12", 4, 12, "gcm12", "gcm96"),
        Aead(Encr.AesGcm16, "AES_GCM_16", 4, 16, "gcm16", "gcm128", "gcm") with { InIke = Should, InEsp = Must },
        // The key length of "compat" is the attribute that drafts of RFC 7634 had.
        new(TransformType.Encryption, Encr.ChaCha20Poly1305, "CHACHA20_POLY1305")
        {
            KeyLengths = [0, 256], KeyBytes = 32, SaltBytes = 4, IvBytes = 8, IcvBytes = 16, IsAead = true, IsBuilt = true, InIke = Should, InEsp = Should,
            Keywords = [("chacha20poly1305", 0), ("chacha20poly1305compat", 256)],
        },
        new(TransformType.Encryption, Encr.Null, "NULL") { IsBuilt = true, IsEspOnly = true, InIke = MustNot, InEsp = Must, Keywords = [("null", 0)] },
        new(TransformType.Encryption, Encr.NullAesGmac, "NULL_AES_GMAC")
        {
            KeyLengths = AesBits, SaltBytes = 4, IvBytes = 8, IcvBytes = 16, IsAead = true, IsBuilt = true, IsEspOnly = true, InIke = MustNot,
            Keywords = [.. Sized("aes", "gmac")],
        },
        Cipher(Encr.CamelliaCbc, "CAMELLIA_CBC", "", blockBytes: 16, ivBytes: 16) with { Keywords = [.. Sized("camellia", "")] },
        Cipher(Encr.CamelliaCtr, "CAMELLIA_CTR", "", saltBytes: 4, ivBytes: 8) with { Keywords = [.. Sized("camellia", "ctr")] },
        Aead(Encr.CamelliaCcm8, "CAMELLIA_CCM_8", 3, 8) with { Keywords = [.. Sized("camellia", "ccm8", "ccm64")] },
        Aead(Encr.CamelliaCcm12, "CAMELLIA_CCM_12", 3, 12) with { Keywords = [.. Sized("camellia", "ccm12", "ccm96")] },
        Aead(Encr.CamelliaCcm16, "CAMELLIA_CCM_16", 3, 16) with { Keywords = [.. Sized("camellia", "ccm16", "ccm128", "ccm")] },
        Old(Encr.TripleDes, "3DES_CBC", ("3des", 0)) with { KeyBytes = 24, InEsp = ShouldNot },
        Old(Encr.Des, "DES_CBC", ("des", 0)) with { KeyBytes = 8, InIke = MustNot, InEsp = MustNot },
        Old(Encr.Cast, "CAST_CBC", ("cast128", 128)) with { KeyLengths = [128] },
        Old(Encr.Blowfish, "BLOWFISH_CBC", Sized("blowfish", "")) with { KeyLengths = AesBits, InEsp = MustNot },
        Named(TransformType.Encryption, 4, "RC5_CBC"),
        Named(TransformType.Encryption, 5, "IDEA_CBC"),
        Named(TransformType.Encryption, null, "SERPENT_CBC", Sized("serpent", "")),
        Named(TransformType.Encryption, null, "TWOFISH_CBC", Sized("twofish", "")),

        // Integrity. Truncation: RFC 2403, RFC 2404, RFC 3566, RFC 4494, RFC 4595, RFC 4868.
        Mac(Integ.HmacSha256_128, "HMAC_SHA2_256_128", MacFunction.HmacSha256, 16, PrfId.HmacSha256, "sha256", "sha2_256") with { InIke = Must, InEsp = Must },
        Mac(Integ.HmacSha384_192, "HMAC_SHA2_384_192", MacFunction.HmacSha384, 24, PrfId.HmacSha384, "sha384", "sha2_384"),
        Mac(Integ.HmacSha512_256, "HMAC_SHA2_512_256", MacFunction.HmacSha512, 32, PrfId.HmacSha512, "sha512", "sha2_512") with { InIke = Should, InEsp = Should },
        Mac(Integ.HmacSha1_96, "HMAC_SHA1_96", MacFunction.HmacSha1, 12, PrfId.HmacSha1, "sha1", "sha") with { InIke = MustMinus, InEsp = MustMinus },
        Mac(Integ.HmacSha1_160, "HMAC_SHA1_160", MacFunction.HmacSha1, 20, PrfId.HmacSha1, "sha1_160"),
        Mac(Integ.HmacSha256_96, "HMAC_SHA2_256_96", MacFunction.HmacSha256, 12, PrfId.HmacSha256, "sha256_96", "sha2_256_96"),
        Mac(Integ.HmacMd5_96, "HMAC_MD5_96", MacFunction.HmacMd5, 12, PrfId.HmacMd5, "md5") with { InIke = MustNot, InEsp = MustNot },
        Mac(Integ.HmacMd5_128, "HMAC_MD5_128", MacFunction.HmacMd5, 16, PrfId.HmacMd5, "md5_128") with { InIke = MustNot, InEsp = MustNot },
        Mac(Integ.AesXcbc_96, "AES_XCBC_96", MacFunction.AesXcbc, 12, PrfId.Aes128Xcbc, "aesxcbc") with { InIke = Should, InEsp = Should },
        Mac(Integ.AesCmac_96, "AES_CMAC_96", MacFunction.AesCmac, 12, PrfId.Aes128Cmac, "aescmac"),
        Mac(Integ.CamelliaXcbc_96, "CAMELLIA_XCBC_96", MacFunction.CamelliaXcbc, 12, PrfId.Camellia128Xcbc, "camelliaxcbc"),
        // For AH alone; its keywords are those of the cipher.
        Named(TransformType.Integrity, Integ.Aes128Gmac, "AES_128_GMAC"),
        Named(TransformType.Integrity, Integ.Aes192Gmac, "AES_192_GMAC"),
        Named(TransformType.Integrity, Integ.Aes256Gmac, "AES_256_GMAC"),

        // Pseudo-random functions. RFC 2104, RFC 4868, RFC 4434, RFC 4615.
        PseudoRandom(PrfId.HmacSha256, "PRF_HMAC_SHA2_256", MacFunction.HmacSha256, "prfsha256") with { InIke = Must },
        PseudoRandom(PrfId.HmacSha384, "PRF_HMAC_SHA2_384", MacFunction.HmacSha384, "prfsha384"),
        PseudoRandom(PrfId.HmacSha512, "PRF_HMAC_SHA2_512", MacFunction.HmacSha512, "prfsha512") with { InIke = ShouldPlus },
        PseudoRandom(PrfId.HmacSha1, "PRF_HMAC_SHA1", MacFunction.HmacSha1, "prfsha1") with { InIke = MustMinus },
        PseudoRandom(PrfId.HmacMd5, "PRF_HMAC_MD5", MacFunction.HmacMd5, "prfmd5") with { InIke = MustNot },
        PseudoRandom(PrfId.Aes128Xcbc, "PRF_AES128_XCBC", MacFunction.AesXcbc, "prfaesxcbc") with { InIke = Should },
        PseudoRandom(PrfId.Aes128Cmac, "PRF_AES128_CMAC", MacFunction.AesCmac, "prfaescmac"),
        PseudoRandom(PrfId.Camellia128Xcbc, "PRF_CAMELLIA128_XCBC", MacFunction.CamelliaXcbc, "prfcamelliaxcbc"),

        // Key exchange. RFC 2409, RFC 3526, RFC 5114, RFC 5903, RFC 6954, RFC 8031; draft-ietf-ipsecme-ikev2-mlkem.
        Method(Ke.Ecp256, "ECP_256", 64, "ecp256") with { InIke = Should },
        Method(Ke.Ecp384, "ECP_384", 96, "ecp384"),
        Method(Ke.Ecp521, "ECP_521", 132, "ecp521"),
        Method(Ke.Curve25519, "CURVE_25519", 32, "curve25519", "x25519"),
        Method(Ke.Curve448, "CURVE_448", 56, "curve448", "x448"),
        Method(Ke.Modp3072, "MODP_3072", 384, "modp3072"),
        Method(Ke.Modp4096, "MODP_4096", 512, "modp4096"),
        Method(Ke.Modp6144, "MODP_6144", 768, "modp6144"),
        Method(Ke.Modp8192, "MODP_8192", 1024, "modp8192"),
        Method(Ke.Modp2048, "MODP_2048", 256, "modp2048") with { InIke = Must },
        Method(Ke.None, "KE_NONE", 0, "none", "modpnone"),
        Method(Ke.Modp768, "MODP_768", 96, "modp768") with { InIke = MustNot },
        Method(Ke.Modp1024, "MODP_1024", 128, "modp1024") with { InIke = ShouldNot },
        Method(Ke.Modp1536, "MODP_1536", 192, "modp1536") with { InIke = ShouldNot },
        Method(Ke.Modp1024s160, "MODP_1024_160", 128, "modp1024s160") with { InIke = MustNot },
        Method(Ke.Modp2048s224, "MODP_2048_224", 256, "modp2048s224") with { InIke = ShouldNot },
        Method(Ke.Modp2048s256, "MODP_2048_256", 256, "modp2048s256") with { InIke = ShouldNot },
        Method(Ke.Ecp192, "ECP_192", 48, "ecp192"),
        Method(Ke.Ecp224, "ECP_224", 56, "ecp224"),
        Method(Ke.Brainpool224, "ECP_224_BP", 56, "ecp224bp"),
        Method(Ke.Brainpool256, "ECP_256_BP", 64, "ecp256bp"),
        Method(Ke.Brainpool384, "ECP_384_BP", 96, "ecp384bp"),
        Method(Ke.Brainpool512, "ECP_512_BP", 128, "ecp512bp"),
        Method(Ke.MlKem512, "ML_KEM_512", 800, "mlkem512") with { AnswerBytes = 768 },
        Method(Ke.MlKem768, "ML_KEM_768", 1184, "mlkem768") with { AnswerBytes = 1088 },
        Method(Ke.MlKem1024, "ML_KEM_1024", 1568, "mlkem1024") with { AnswerBytes = 1568 },
        Named(TransformType.KeyExchange, null, "MODP_NULL", ("modpnull", 0)),
        Named(TransformType.KeyExchange, null, "NTRU_112", ("ntru112", 0)),
        Named(TransformType.KeyExchange, null, "NTRU_128", ("ntru128", 0)),
        Named(TransformType.KeyExchange, null, "NTRU_192", ("ntru192", 0)),
        Named(TransformType.KeyExchange, null, "NTRU_256", ("ntru256", 0)),
        Named(TransformType.KeyExchange, null, "NEWHOPE_128", ("newhope128", 0)),

        // Extended sequence numbers. RFC 7296 3.3.2.
        Named(TransformType.ExtendedSequenceNumbers, 0, "NO_EXT_SEQ", ("noesn", 0)) with { IsBuilt = true },
        Named(TransformType.ExtendedSequenceNumbers, 1, "EXT_SEQ", ("esn", 0)) with { IsBuilt = true },
    ];

    // Here and not beside the lookups: static fields are made in the order of one file, and these read the table.
    static readonly FrozenDictionary<(TransformType, ushort), Algorithm> ById =
        All.Where(a => a.Id is not null).ToFrozenDictionary(a => (a.Type, a.Id!.Value));

    // Every message looks up its algorithms, a dozen times: those below 64, which is all but private use, by type and number alone.
    const int LowIds = 64;
    static readonly Algorithm?[] ByLowId = [.. from type in Enumerable.Range(0, (int)TransformType.AdditionalKeyExchange1) from id in Enumerable.Range(0, LowIds)
        select ById.GetValueOrDefault(((TransformType)type, (ushort)id))];

    static readonly FrozenDictionary<string, AlgorithmChoice> ByWord =
        All.SelectMany(a => a.Keywords, (a, k) => (k.Word, new AlgorithmChoice(a, k.KeyBits))).ToFrozenDictionary(p => p.Word, p => p.Item2, StringComparer.Ordinal);

    static Algorithm Cipher(ushort id, string name, string suffix, int blockBytes = 1, int saltBytes = 0, int ivBytes = 0) =>
        new(TransformType.Encryption, id, name)
        {
            KeyLengths = AesBits, BlockBytes = blockBytes, SaltBytes = saltBytes, IvBytes = ivBytes, IsBuilt = true, Keywords = [.. Sized("aes", suffix)],
        };

    static Algorithm Aead(ushort id, string name, int saltBytes, int icvBytes, params string[] suffixes) =>
        new(TransformType.Encryption, id, name)
        {
            KeyLengths = AesBits, SaltBytes = saltBytes, IvBytes = 8, IcvBytes = icvBytes, IsAead = true, IsBuilt = true, Keywords = [.. Sized("aes", suffixes)],
        };

    // "aes" is "aes128", and so with every suffix that has one: "aes128ccm" needs its length.
    static (string, ushort)[] Sized(string stem, params string[] suffixes) =>
    [
        .. suffixes.Contains("") ? [(stem, (ushort)128)] : Array.Empty<(string, ushort)>(),
        .. suffixes.SelectMany(s => AesBits, (s, bits) => ($"{stem}{bits}{s}", bits)),
    ];

    // From libcrypto's old provider, but for 3DES: CBC with blocks of 8 bytes.
    static Algorithm Old(ushort id, string name, params (string, ushort)[] keywords) =>
        Named(TransformType.Encryption, id, name, keywords) with { IvBytes = 8, BlockBytes = 8, IsBuilt = true };

    // Keys are as long as the function's output.
    static Algorithm Mac(ushort id, string name, MacFunction function, int icvBytes, ushort prf, params string[] words) =>
        Named(TransformType.Integrity, id, name, [.. words.Select(w => (w, (ushort)0))]) with
        {
            Function = function, KeyBytes = Crypto.Mac.OutputBytes(function), IcvBytes = icvBytes, ImpliedPrf = prf, IsBuilt = true,
        };

    static Algorithm PseudoRandom(ushort id, string name, MacFunction function, string word) =>
        Named(TransformType.Prf, id, name, (word, 0)) with { Function = function, KeyBytes = Crypto.Mac.OutputBytes(function), IsBuilt = true };

    static Algorithm Method(ushort id, string name, int publicBytes, params string[] words) =>
        Named(TransformType.KeyExchange, id, name, [.. words.Select(w => (w, (ushort)0))]) with { PublicBytes = publicBytes, AnswerBytes = publicBytes, IsBuilt = true };

    static Algorithm Named(TransformType type, ushort? id, string name, params (string, ushort)[] keywords) =>
        new(type, id, name) { Keywords = [.. keywords] };
}
