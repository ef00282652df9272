// The keyword grammar of proposals and the printed form. ipsec.conf(5).
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Tests.Policy;

public sealed class ProposalTextTests
{
    [Theory]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-modp2048", "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048")]
    [InlineData(SecurityProtocol.Ike, "aes256gcm16-prfsha384-ecp384", "IKE:AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha1-modp2048", "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048")]
    [InlineData(SecurityProtocol.Ike, "aes128gcm16-sha256-x25519", "IKE:AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE_25519")]
    [InlineData(SecurityProtocol.Ike, "modp2048-sha256-aes", "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-sha384-prfsha512-none-ecp256", "IKE:AES_CBC_128/HMAC_SHA2_256_128/HMAC_SHA2_384_192/PRF_HMAC_SHA2_512/ECP_256")]
    [InlineData(SecurityProtocol.Esp, "aes128gcm16", "ESP:AES_GCM_16_128/NO_EXT_SEQ")]
    [InlineData(SecurityProtocol.Esp, "aes256ctr-sha512", "ESP:AES_CTR_256/HMAC_SHA2_512_256/NO_EXT_SEQ")]
    [InlineData(SecurityProtocol.Esp, "aes256-sha256-prfsha256-esn-noesn-ecp256-none", "ESP:AES_CBC_256/HMAC_SHA2_256_128/ECP_256/KE_NONE/EXT_SEQ/NO_EXT_SEQ")]
    [InlineData(SecurityProtocol.Ike, "camellia256-aesxcbc-ecp256bp", "IKE:CAMELLIA_CBC_256/AES_XCBC_96/PRF_AES128_XCBC/ECP_256_BP")]
    [InlineData(SecurityProtocol.Ike, "3des-md5-modp1024", "IKE:3DES_CBC/HMAC_MD5_96/PRF_HMAC_MD5/MODP_1024")]
    [InlineData(SecurityProtocol.Ike, "camellia128ccm-prfcamelliaxcbc-mlkem768", "IKE:CAMELLIA_CCM_16_128/PRF_CAMELLIA128_XCBC/ML_KEM_768")]
    [InlineData(SecurityProtocol.Esp, "aes256gmac", "ESP:NULL_AES_GMAC_256/NO_EXT_SEQ")]
    [InlineData(SecurityProtocol.Esp, "chacha20poly1305compat", "ESP:CHACHA20_POLY1305_256/NO_EXT_SEQ")]
    [InlineData(SecurityProtocol.Esp, "blowfish192-sha256_96", "ESP:BLOWFISH_CBC_192/HMAC_SHA2_256_96/NO_EXT_SEQ")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-x25519-ke1_mlkem768", "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519/KE1_ML_KEM_768")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-KE7_mlkem512-ke7_none-x25519-Ke2_ecp256-ke1_none",
        "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519/KE2_ECP_256/KE7_ML_KEM_512/KE7_KE_NONE")]
    [InlineData(SecurityProtocol.Esp, "aes256gcm16-x25519-ke1_mlkem1024-esn", "ESP:AES_GCM_16_256/CURVE_25519/KE1_ML_KEM_1024/EXT_SEQ")]
    [InlineData(SecurityProtocol.Esp, "chacha20poly1305-sha256-esn", "ESP:CHACHA20_POLY1305/EXT_SEQ")]
    [InlineData(SecurityProtocol.Ike, "-aes128--sha256 - modp2048-", "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048")]
    public void Reads_and_prints(SecurityProtocol protocol, string text, string printed)
    {
        Assert.True(ProposalText.TryParseOne(protocol, text, out var proposal, out _));
        Assert.Equal(printed, proposal.ToString());
        Assert.True(ProposalText.TryParseOne(protocol, ProposalText.Keywords(proposal), out var again, out _));
        Assert.Equal(proposal, again);
    }

    [Theory]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-modp2049", "algorithm 'modp2049' not recognized")]
    [InlineData(SecurityProtocol.Ike, "", "a PRF algorithm is mandatory in IKE proposals")]
    [InlineData(SecurityProtocol.Ike, "aes128gcm16-ecp256", "a PRF algorithm is mandatory in IKE proposals")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256", "a DH group is mandatory in IKE proposals")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-none", "a DH group is mandatory in IKE proposals")]
    [InlineData(SecurityProtocol.Ike, "sha256-ecp256", "an encryption algorithm is mandatory in IKE proposals")]
    [InlineData(SecurityProtocol.Ike, "aes128-prfsha256-ecp256", "an integrity algorithm is mandatory in IKE proposals")]
    [InlineData(SecurityProtocol.Ike, "aes128-aes128gcm16-sha256-ecp256", "AEAD and classic ciphers cannot be mixed in one IKE proposal")]
    [InlineData(SecurityProtocol.Esp, "sha256", "an encryption algorithm is mandatory in ESP proposals")]
    [InlineData(SecurityProtocol.Esp, "aes128", "an integrity algorithm is mandatory in ESP proposals")]
    [InlineData(SecurityProtocol.Ah, "modp2048", "an integrity algorithm is mandatory in AH proposals")]
    [InlineData(SecurityProtocol.Ike, "serpent-sha256-modp2048", "'serpent' is not built yet in this version")]
    [InlineData(SecurityProtocol.Ike, "null-sha256-modp2048", "encryption that hides nothing (null, aes…gmac) is for ESP only")]
    [InlineData(SecurityProtocol.Ike, "aes128gmac-prfsha256-modp2048", "encryption that hides nothing (null, aes…gmac) is for ESP only")]
    [InlineData(SecurityProtocol.Ah, "aes128gmac", "'aes128gmac' is not built yet in this version")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-ecp256-ke1_ecp256", "a key exchange method can be used only once in a proposal")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-x25519-ecp256-ke1_ecp256-ke2_x25519-ecp256", "a key exchange method can be used only once in a proposal")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-ecp256-ke0_x25519", "algorithm 'ke0_x25519' not recognized")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-ecp256-ke8_x25519", "algorithm 'ke8_x25519' not recognized")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-ecp256-ke1_aes128", "algorithm 'ke1_aes128' not recognized")]
    [InlineData(SecurityProtocol.Ike, "aes128-sha256-ke1_x25519", "a DH group is mandatory in IKE proposals")]
    public void Refuses(SecurityProtocol protocol, string text, string reason)
    {
        Assert.False(ProposalText.TryParse(protocol, $"{text}!", out _, out var error));
        Assert.Equal([reason, $"skipped invalid proposal string: {text}"], error.Lines);
    }

    [Fact]
    public void Defaults_follow_unless_strict()
    {
        Assert.True(ProposalText.TryParse(SecurityProtocol.Ike, "aes128-sha256-modp2048,aes256gcm16-prfsha384-ecp384!", out var strict, out _));
        Assert.Equal("IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048, IKE:AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384", ProposalText.Format(strict));
        Assert.True(ProposalText.TryParse(SecurityProtocol.Esp, "aes128gcm16", out var open, out _));
        Assert.Equal(1 + ProposalText.Defaults(SecurityProtocol.Esp).Length, open.Length);
        Assert.False(ProposalText.TryParse(SecurityProtocol.Esp, "aes128gcm16,foo", out _, out _));
    }

    /// <summary>As the reference: an empty piece is a wrong proposal, an empty value none at all.</summary>
    [Theory]
    [InlineData("aes128-sha256-modp2048,", false)]
    [InlineData(",aes128-sha256-modp2048", false)]
    [InlineData("aes128-sha256-modp2048,,aes256-sha256-modp2048", false)]
    [InlineData("!", false)]
    [InlineData("", true)]
    [InlineData("aes128-sha256-modp2048 , aes256-sha256-modp2048", true)]
    public void Nothing_between_commas_is_a_mistake(string text, bool isRight) => Assert.Equal(isRight, ProposalText.TryParse(SecurityProtocol.Ike, text, out _, out _));

    [Fact]
    public void Every_keyword_is_read_or_refused_by_name()
    {
        foreach (var word in Transforms.Keywords)
        {
            var choice = Transforms.ByKeyword(word)!.Value;
            if (ProposalText.TryParseOne(SecurityProtocol.Ike, $"{word}-aes128-sha256-ecp256", out var proposal, out var error)) Assert.True(choice.IsBuilt, word);
            else Assert.True(error.IsNotBuilt ? !choice.IsBuilt && error.Word == word : choice.Algorithm.IsAead || choice.Algorithm.IsEspOnly, word);
            Assert.True(proposal is null != (error is null));
        }
    }

    [Fact]
    public void A_misspelt_word_finds_its_neighbour() => Assert.Equal("modp2048", ProposalText.Nearest("modp2049"));
}
