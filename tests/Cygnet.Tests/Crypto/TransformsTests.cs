// The table of algorithms: keywords and names as strongSwan has them.
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class TransformsTests
{
    [Theory]
    [InlineData("aes", "AES_CBC_128"), InlineData("aes128", "AES_CBC_128"), InlineData("aes192ctr", "AES_CTR_192"), InlineData("aes256gcm", "AES_GCM_16_256")]
    [InlineData("aes256gcm128", "AES_GCM_16_256"), InlineData("aes128gcm64", "AES_GCM_8_128"), InlineData("aes128ccm", "AES_CCM_16_128")]
    [InlineData("aes192ccm96", "AES_CCM_12_192"), InlineData("chacha20poly1305", "CHACHA20_POLY1305"), InlineData("null", "NULL"), InlineData("3des", "3DES_CBC")]
    [InlineData("camellia", "CAMELLIA_CBC_128"), InlineData("camellia256ccm8", "CAMELLIA_CCM_8_256"), InlineData("aes192gmac", "NULL_AES_GMAC_192")]
    [InlineData("blowfish", "BLOWFISH_CBC_128"), InlineData("sha", "HMAC_SHA1_96"), InlineData("sha1_160", "HMAC_SHA1_160"), InlineData("sha2_256", "HMAC_SHA2_256_128")]
    [InlineData("sha384", "HMAC_SHA2_384_192"), InlineData("md5", "HMAC_MD5_96"), InlineData("prfsha512", "PRF_HMAC_SHA2_512"), InlineData("prfaesxcbc", "PRF_AES128_XCBC")]
    [InlineData("modp2048", "MODP_2048"), InlineData("x25519", "CURVE_25519"), InlineData("ecp256bp", "ECP_256_BP"), InlineData("modpnone", "KE_NONE")]
    [InlineData("mlkem768", "ML_KEM_768"), InlineData("esn", "EXT_SEQ"), InlineData("noesn", "NO_EXT_SEQ"), InlineData("modp1024s160", "MODP_1024_160")]
    public void Keywords_name_their_transforms(string keyword, string name) =>
        Assert.Equal(name, Transforms.Name(Transforms.ByKeyword(keyword)!.Value.Transform!.Value));

    [Theory, InlineData(""), InlineData("AES"), InlineData("aes512"), InlineData("ccm"), InlineData("aes128gcm24"), InlineData("sha3")]
    public void Other_words_mean_nothing(string word) => Assert.Null(Transforms.ByKeyword(word));

    [Fact]
    public void Known_algorithms_that_are_not_built_say_so_by_name()
    {
        foreach (var word in (string[])["ntru112", "newhope128", "modpnull", "serpent", "twofish256"])
            Assert.False(Transforms.ByKeyword(word)!.Value.IsBuilt, word);
        Assert.Null(Transforms.ByKeyword("serpent")!.Value.Transform);
        Assert.Equal("SERPENT_CBC", Transforms.ByKeyword("serpent")!.Value.Algorithm.Name);
    }

    [Fact]
    public void Names_carry_key_lengths_rounds_and_unknown_numbers()
    {
        Assert.Equal("(4711)", Transforms.Name(new(TransformType.Prf, 4711)));
        Assert.Equal("KE1_ML_KEM_768", Transforms.Name(new(TransformType.AdditionalKeyExchange1, Ke.MlKem768)));
        Assert.Equal("KE7_CURVE_448", Transforms.Name(new(TransformType.AdditionalKeyExchange7, Ke.Curve448)));
        Assert.Equal("AES_CBC_128", Transforms.Name(new(TransformType.Encryption, Encr.AesCbc, 128)));
    }

    [Theory]
    [InlineData(TransformType.Encryption, Encr.AesGcm8, 256, 36), InlineData(TransformType.Encryption, Encr.AesCcm16, 128, 19), InlineData(TransformType.Encryption, Encr.AesCtr, 128, 20)]
    [InlineData(TransformType.Encryption, Encr.ChaCha20Poly1305, 0, 36), InlineData(TransformType.Integrity, Integ.HmacSha1_96, 0, 20), InlineData(TransformType.Prf, PrfId.HmacSha384, 0, 48)]
    public void Key_material_has_its_salt(TransformType type, ushort id, int bits, int bytes) => Assert.Equal(bytes, Transforms.KeyMaterialBytes(new(type, id, (ushort)bits)));

    [Fact]
    public void A_key_length_that_the_algorithm_lacks_is_not_built()
    {
        Assert.False(Transforms.IsBuilt(new(TransformType.Encryption, Encr.AesCbc)));
        Assert.False(Transforms.IsBuilt(new(TransformType.Encryption, Encr.AesCbc, 64)));
        Assert.False(Transforms.IsBuilt(new(TransformType.Encryption, Encr.ChaCha20Poly1305, 128)));
        Assert.False(Transforms.IsBuilt(new(TransformType.Encryption, Encr.TripleDes, 192)));
        Assert.False(Transforms.IsBuilt(new(TransformType.Encryption, Encr.Blowfish)));
        Assert.Throws<NotSupportedException>(() => Transforms.KeyMaterialBytes(new(TransformType.Encryption, Encr.AesCbc)));
    }

    [Fact]
    public void Every_integrity_algorithm_that_is_built_implies_a_prf_that_is_built()
    {
        foreach (var a in Transforms.All.Where(a => a is { Type: TransformType.Integrity, IsBuilt: true }))
            Assert.True(Transforms.IsBuilt(new(TransformType.Prf, a.ImpliedPrf!.Value)), a.Name);
    }
}
