// AUTH with signatures: choice of the scheme, golden AUTH data, the other side's checks.
using System.Text;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Tests.Pki;

namespace Cygnet.Tests.Auth;

public sealed class SignatureAuthTests
{
    static readonly ushort[] s_all = [SignatureHash.Sha256, SignatureHash.Sha384, SignatureHash.Sha512, SignatureHash.Identity];
    static readonly SystemCrypto s_crypto = new();

    internal static SoftwareKey Key(string pem) => SoftwareKey.FromPkcs8(PrivateKeyFile.Read(Encoding.ASCII.GetBytes(pem), ["secret"u8.ToArray()], out _));

    static SignatureConstraints Constraints(string text) => SignatureConstraints.Parse(text.Length == 0 ? [] : text.Split(' '));

    // RFC 7427 appendix A (RSA and ECDSA), RFC 8410 10 (Edwards curves): length and AlgorithmIdentifier. The defaulted trailer of PSS is left out, as DER has it.
    [Theory]
    [InlineData(SignatureScheme.RsaPkcs1Sha1, "0f300d06092a864886f70d0101050500")]
    [InlineData(SignatureScheme.RsaPkcs1Sha256, "0f300d06092a864886f70d01010b0500")]
    [InlineData(SignatureScheme.RsaPkcs1Sha384, "0f300d06092a864886f70d01010c0500")]
    [InlineData(SignatureScheme.RsaPkcs1Sha512, "0f300d06092a864886f70d01010d0500")]
    [InlineData(SignatureScheme.RsaPssSha256, "43304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120")]
    [InlineData(SignatureScheme.RsaPssSha384, "43304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130")]
    [InlineData(SignatureScheme.RsaPssSha512, "43304106092a864886f70d01010a3034a00f300d06096086480165030402030500a11c301a06092a864886f70d010108300d06096086480165030402030500a203020140")]
    [InlineData(SignatureScheme.EcdsaSha1Der, "0b300906072a8648ce3d0401")]
    [InlineData(SignatureScheme.EcdsaSha256Der, "0c300a06082a8648ce3d040302")]
    [InlineData(SignatureScheme.EcdsaSha384Der, "0c300a06082a8648ce3d040303")]
    [InlineData(SignatureScheme.EcdsaSha512Der, "0c300a06082a8648ce3d040304")]
    [InlineData(SignatureScheme.Ed25519, "07300506032b6570")]
    [InlineData(SignatureScheme.Ed448, "07300506032b6571")]
    [InlineData(SignatureScheme.RsaPkcs1Sha224, "0f300d06092a864886f70d01010e0500")]
    [InlineData(SignatureScheme.RsaPkcs1Sha3Of512, "0f300d06096086480165030403100500")]
    public void Digital_signatures_carry_their_algorithm(SignatureScheme scheme, string hex)
    {
        var data = SignatureAuth.Encode(new(AuthMethod.DigitalSignature, scheme), [1, 2, 3]);
        Assert.Equal(hex + "010203", Convert.ToHexStringLower(data));
        var key = new PublicKey(SignatureAlgorithm.KindOf(scheme), 256, [], []);
        var isSha1 = SignatureSchemes.Hash(scheme) == SignatureHash.Sha1;
        // No number stands for SHA-224 and SHA-3: nobody has announced them.
        var isNameless = SignatureSchemes.Hash(scheme) == SignatureHash.None;
        Assert.Equal(!isSha1 && !isNameless, SignatureAuth.Decode(AuthMethod.DigitalSignature, data, key, out var back, out var signature, out var reason));
        if (isSha1) Assert.EndsWith("SHA-1 was not announced", reason);
        else if (isNameless) Assert.EndsWith("its digest was not announced", reason);
        else Assert.Equal((scheme, "010203"), (back, Convert.ToHexString(signature)));
    }

    [Fact]
    public void PSS_with_the_trailer_written_out_and_RSA_without_NULL_are_read()
    {
        var key = new PublicKey(KeyKind.Rsa, 2048, [], []);
        Assert.True(SignatureAuth.Decode(14, Convert.FromHexString(
            "48304606092a864886f70d01010a3039a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020101ff"),
            key, out var scheme, out _, out _));
        Assert.Equal(SignatureScheme.RsaPssSha256, scheme);
        Assert.True(SignatureAuth.Decode(14, Convert.FromHexString("0d300b06092a864886f70d01010bff"), key, out scheme, out _, out _));
        Assert.Equal(SignatureScheme.RsaPkcs1Sha256, scheme);
    }

    [Theory]
    [InlineData(14, "", "AUTH data is shorter than its AlgorithmIdentifier")]
    [InlineData(14, "0f300d06092a864886f70d01010b05", "AUTH data is shorter than its AlgorithmIdentifier")]
    [InlineData(14, "00", "AlgorithmIdentifier in AUTH is malformed")]
    [InlineData(14, "0f300c06092a864886f70d01010b050000", "AlgorithmIdentifier in AUTH is malformed")]
    [InlineData(14, "10300d06092a864886f70d01010b050000", "AlgorithmIdentifier in AUTH is malformed")]
    [InlineData(14, "0f300d06092a864886f70d01010f050000", "signature algorithm 1.2.840.113549.1.1.15 is not supported")]
    [InlineData(14, "0f300d06092a864886f70d01010e050000", "peer signed with RSA_EMSA_PKCS1_SHA2_224; its digest was not announced")]
    [InlineData(14, "0f300d06092a864886f70d01010a300000", "RSA-PSS with hash 1.3.14.3.2.26, mask hash 1.3.14.3.2.26, salt of 20 bytes is not supported; SHA-2 and SHA-3 with a salt as long as the hash are")]
    [InlineData(14, "0c300a06082a8648ce3d04030200", "signature ECDSA_WITH_SHA256_DER does not fit the peer's key of type RSA and 2048 bits")]
    [InlineData(9, "00", "signature ECDSA-256 signature does not fit the peer's key of type RSA and 2048 bits")]
    [InlineData(2, "00", "authentication method 2 is not a signature that is supported")]
    [InlineData(12, "00", "authentication method 12 is not a signature that is supported")]
    public void Refuses_with_a_reason(byte method, string hex, string reason)
    {
        Assert.False(SignatureAuth.Decode(method, Convert.FromHexString(hex), new PublicKey(KeyKind.Rsa, 2048, [], []), out _, out _, out var why));
        Assert.Equal(reason, why);
    }

    [Fact]
    public void Classic_ECDSA_is_bound_to_its_curve()
    {
        var (p256, p384) = (Key(Fixtures.EcdsaKey).Public, Key(Fixtures.Ecdsa384Key).Public);
        Assert.True(SignatureAuth.Decode(9, new byte[64], p256, out _, out _, out _));
        Assert.False(SignatureAuth.Decode(9, new byte[64], p384, out _, out _, out _));
        Assert.True(SignatureAuth.Decode(10, new byte[96], p384, out _, out _, out _));
        // The same size on a Brainpool curve.
        using var brainpool = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.brainpoolP256r1);
        var key = PublicKey.FromSubjectPublicKeyInfo(brainpool.ExportSubjectPublicKeyInfo(), out _)!;
        Assert.False(SignatureAuth.Decode(9, new byte[64], key, out _, out _, out _));
        Assert.Null(SignatureAuth.Choose(key, null, SignatureConstraints.None, false, out _));
        Assert.Equal("ECDSA_WITH_SHA256_DER", SignatureAuth.Choose(key, s_all, SignatureConstraints.None, false, out _).ToString());
    }

    [Theory]
    [InlineData(Fixtures.RsaKey, "", false, "RSA_EMSA_PKCS1_SHA2_256")]
    [InlineData(Fixtures.RsaKey, "", true, "RSA_EMSA_PSS_SHA2_256_SALT_32")]
    [InlineData(Fixtures.RsaKey, "ike:rsa/pss-sha384", false, "RSA_EMSA_PSS_SHA2_384_SALT_48")]
    [InlineData(Fixtures.RsaKey, "ike:rsa-sha512-sha256", false, "RSA_EMSA_PKCS1_SHA2_512")]
    [InlineData(Fixtures.RsaKey, "ike:pubkey-sha384", false, "RSA_EMSA_PKCS1_SHA2_384")]
    [InlineData(Fixtures.RsaKey, "ike:ed25519-rsa-sha384", false, "RSA_EMSA_PKCS1_SHA2_384")]
    [InlineData(Fixtures.RsaKey, "rsa-sha512", false, "RSA_EMSA_PKCS1_SHA2_256")]
    [InlineData(Fixtures.EcdsaKey, "", false, "ECDSA_WITH_SHA256_DER")]
    [InlineData(Fixtures.Ecdsa384Key, "", false, "ECDSA_WITH_SHA384_DER")]
    [InlineData(Fixtures.Ed25519Key, "", false, "ED25519")]
    [InlineData(Fixtures.Ed448Key, "", false, "ED448")]
    public void Chooses_by_key_preference_and_setting(string pem, string constraints, bool rsaPss, string name)
    {
        var choice = SignatureAuth.Choose(Key(pem).Public, s_all, Constraints(constraints), rsaPss, out var reason);
        Assert.Equal("", reason);
        Assert.Equal((AuthMethod.DigitalSignature, name), (choice!.Value.Method, choice.ToString()));
    }

    [Theory]
    [InlineData(Fixtures.RsaKey, 1, "RSA signature")]
    [InlineData(Fixtures.EcdsaKey, 9, "ECDSA-256 signature")]
    [InlineData(Fixtures.Ecdsa384Key, 10, "ECDSA-384 signature")]
    public void Without_announced_hashes_the_classic_methods_are_used(string pem, byte method, string name)
    {
        var choice = SignatureAuth.Choose(Key(pem).Public, null, SignatureConstraints.None, false, out _)!.Value;
        Assert.Equal((method, name), (choice.Method, choice.ToString()));
    }

    [Fact]
    public void Says_why_no_scheme_fits()
    {
        Assert.Null(SignatureAuth.Choose(Key(Fixtures.Ed25519Key).Public, null, SignatureConstraints.None, false, out var reason));
        Assert.Contains("SIGNATURE_HASH_ALGORITHMS", reason);
        Assert.Null(SignatureAuth.Choose(Key(Fixtures.Ed25519Key).Public, [SignatureHash.Sha256], SignatureConstraints.None, false, out reason));
        Assert.Equal("peer accepts signatures with SHA2_256 only; our key of type ED25519 needs IDENTITY", reason);
        Assert.Null(SignatureAuth.Choose(Key(Fixtures.Ecdsa384Key).Public, [SignatureHash.Sha1, SignatureHash.Sha256], SignatureConstraints.None, false, out reason));
        Assert.Equal("peer accepts signatures with SHA1, SHA2_256 only; our key of type ECDSA needs SHA2_384 or SHA2_512", reason);
        Assert.Null(SignatureAuth.Choose(Key(Fixtures.RsaKey).Public, s_all, Constraints("ike:ecdsa-sha256"), false, out reason));
        Assert.Equal("a key of type RSA and 2048 bits fits none of the 'ike:' schemes in 'leftauth='", reason);
        // SHA-1 only when asked for by name.
        Assert.Null(SignatureAuth.Choose(Key(Fixtures.RsaKey).Public, [SignatureHash.Sha1], SignatureConstraints.None, false, out _));
        Assert.Equal("RSA_EMSA_PKCS1_SHA1", SignatureAuth.Choose(Key(Fixtures.RsaKey).Public, [SignatureHash.Sha1], Constraints("ike:rsa-sha1"), false, out _).ToString());
    }

    [Theory]
    [InlineData(Fixtures.RsaKey, true)]
    [InlineData(Fixtures.RsaKey, false)]
    [InlineData(Fixtures.EcdsaKey, true)]
    [InlineData(Fixtures.EcdsaKey, false)]
    [InlineData(Fixtures.Ecdsa384Key, true)]
    [InlineData(Fixtures.Ecdsa384Key, false)]
    [InlineData(Fixtures.Ed25519Key, true)]
    [InlineData(Fixtures.Ed448Key, true)]
    public void What_one_side_signs_the_other_verifies(string pem, bool announced)
    {
        var key = Key(pem);
        var octets = AuthOctets.Signed(Prf.For(PrfId.HmacSha256), [1, 2], [3, 4], new byte[32], [2, 0, 0, 0, 65]);
        var choice = SignatureAuth.Choose(key.Public, announced ? s_all : null, SignatureConstraints.None, false, out _)!.Value;
        var data = SignatureAuth.Encode(choice, s_crypto.Sign(key, choice.Scheme, octets));
        Assert.True(SignatureAuth.Decode(choice.Method, data, key.Public, out var scheme, out var signature, out _));
        Assert.True(s_crypto.Verify(key.Public, scheme, octets, signature));
        octets[^1] ^= 1;
        Assert.False(s_crypto.Verify(key.Public, scheme, octets, signature));
    }

    [Fact]
    public void Octets_are_message_nonce_and_prf_of_the_identity()
    {
        var prf = Prf.For(PrfId.HmacSha256);
        Assert.Equal("01020304" + Convert.ToHexString(prf.Compute(new byte[32], [9])) + "AA", Convert.ToHexString(AuthOctets.Signed(prf, [1, 2], [3, 4], new byte[32], [9], [0xaa])));
    }

    [Fact]
    public void Shared_keys_are_padded_with_the_protocols_words()
    {
        var prf = Prf.For(PrfId.HmacSha256);
        var expected = System.Security.Cryptography.HMACSHA256.HashData(System.Security.Cryptography.HMACSHA256.HashData("secret"u8, "Key Pad for IKEv2"u8), "octets"u8);
        Assert.Equal(expected, PskAuth.Compute(prf, "secret"u8, "octets"u8));
        Assert.True(PskAuth.Verify(prf, "secret"u8, "octets"u8, expected));
        Assert.False(PskAuth.Verify(prf, "secre"u8, "octets"u8, expected));
        Assert.False(PskAuth.Verify(prf, "secret"u8, "octets"u8, expected.AsSpan(1)));
    }

    [Theory]
    [InlineData("", SignatureScheme.RsaPkcs1Sha256, true)]
    [InlineData("rsa", SignatureScheme.RsaPkcs1Sha256, true)]
    [InlineData("rsa", SignatureScheme.RsaPssSha256, true)]
    [InlineData("rsa", SignatureScheme.Ed25519, false)]
    [InlineData("rsa-sha256", SignatureScheme.RsaPkcs1Sha256, true)]
    [InlineData("rsa-sha256", SignatureScheme.RsaPssSha256, false)]
    [InlineData("rsa-sha256", SignatureScheme.RsaPkcs1Sha512, false)]
    [InlineData("rsa/pss-sha256", SignatureScheme.RsaPkcs1Sha256, false)]
    [InlineData("rsa/pss", SignatureScheme.RsaPssSha512, true)]
    [InlineData("pubkey-sha256-sha384", SignatureScheme.EcdsaSha384Der, true)]
    [InlineData("pubkey-sha256-sha384", SignatureScheme.EcdsaSha512Der, false)]
    [InlineData("rsa-sha256 ike:ecdsa-sha384", SignatureScheme.EcdsaSha384Der, true)]
    [InlineData("rsa-sha256 ike:ecdsa-sha384", SignatureScheme.RsaPkcs1Sha256, false)]
    [InlineData("rsa-sha256-ecdsa-sha384-ed25519", SignatureScheme.Ed25519, true)]
    [InlineData("ecdsa-384-sha384", SignatureScheme.EcdsaSha384Der, true)]
    public void Constraints_on_the_signature(string text, SignatureScheme scheme, bool accepted) =>
        Assert.Equal(accepted, Constraints(text).CheckIke(AuthMethod.DigitalSignature, scheme) is null);

    [Fact]
    public void Constraints_on_the_chain()
    {
        var chain = new[] { CertificateTests.Parse(Fixtures.Ecdsa), CertificateTests.Parse(Fixtures.RootCa) };
        Assert.Null(Constraints("").CheckChain(chain));
        Assert.Null(Constraints("ecdsa").CheckChain(chain));
        Assert.Null(Constraints("pubkey-sha256").CheckChain(chain));
        Assert.Null(Constraints("ecdsa-256-rsa-2048-sha256").CheckChain(chain));
        Assert.Null(Constraints("ike:ecdsa-sha256").CheckChain(chain));
        Assert.Equal("constraint check failed: the key of \"C=CH, O=Cygnet Test, CN=Test Root CA\" has 2048 bits, but 3072 are required",
            Constraints("pubkey-rsa-3072").CheckChain(chain));
        Assert.EndsWith("has 256 bits, but 384 are required", Constraints("ecdsa-384").CheckChain(chain));
        Assert.EndsWith("has a key of type ECDSA, 'rightauth=' allows rsa", Constraints("rsa").CheckChain(chain));
        Assert.EndsWith("is signed with RSA_EMSA_PKCS1_SHA2_256, 'rightauth=' allows pubkey-sha384", Constraints("pubkey-sha384").CheckChain(chain));
    }

    [Fact]
    public void Unknown_tokens_are_kept_for_the_log() => Assert.Equal(["foo", "sha3"], Constraints("rsa-2048-foo-sha3-sha256").InvalidTokens);

    [Fact]
    public void Terms_about_the_chain_can_be_kept_off_the_IKE_signature()
    {
        Assert.NotNull(Constraints("rsa-sha512").CheckIke(AuthMethod.DigitalSignature, SignatureScheme.RsaPkcs1Sha256));
        Assert.Null(Constraints("rsa-sha512").CheckIke(AuthMethod.DigitalSignature, SignatureScheme.RsaPkcs1Sha256, chainTermsCount: false));
        Assert.NotNull(Constraints("rsa-sha512-ike:rsa-sha384").CheckIke(AuthMethod.DigitalSignature, SignatureScheme.RsaPkcs1Sha256, chainTermsCount: false));
    }

    [Fact]
    public void Constraints_print_what_is_allowed() =>
        Assert.Equal("constraint check failed: signature scheme ED25519 not acceptable for authentication, 'rightauth=' allows ike:rsa/pss-sha256, ike:ecdsa",
            Constraints("ike:rsa/pss-sha256-ike:ecdsa").CheckIke(14, SignatureScheme.Ed25519));
}
