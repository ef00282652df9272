// Signing with every scheme, reading keys, refusals.
using System.Formats.Asn1;
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class SignatureTests
{
    static readonly SystemCrypto Crypto = new();
    static readonly Lazy<RSA> Rsa = new(() => RSA.Create(2048));

    // RFC 8410 10.3 and RFC 8032 7.4 (blank): PKCS#8 around the raw private keys.
    const string Ed25519Key = "302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
    const string Ed448Key = "3047020100300506032b6571043b0439" + "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b";

    static SoftwareKey KeyFor(SignatureScheme scheme)
    {
        if (scheme == SignatureScheme.Ed25519) return SoftwareKey.FromPkcs8(Convert.FromHexString(Ed25519Key));
        if (scheme == SignatureScheme.Ed448) return SoftwareKey.FromPkcs8(Convert.FromHexString(Ed448Key));
        if (scheme <= SignatureScheme.RsaPssSha512) return SoftwareKey.FromPkcs8(Rsa.Value.ExportPkcs8PrivateKey());
        var curve = scheme switch
        {
            SignatureScheme.Ecdsa384 or SignatureScheme.EcdsaSha384Der => ECCurve.NamedCurves.nistP384,
            SignatureScheme.Ecdsa521 or SignatureScheme.EcdsaSha512Der => ECCurve.NamedCurves.nistP521,
            _ => ECCurve.NamedCurves.nistP256,
        };
        using var ec = ECDsa.Create(curve);
        return SoftwareKey.FromPkcs8(ec.ExportPkcs8PrivateKey());
    }

    public static TheoryData<SignatureScheme> Schemes() => [.. Enum.GetValues<SignatureScheme>()];

    [Theory, MemberData(nameof(Schemes))]
    public void What_is_signed_verifies_and_nothing_else_does(SignatureScheme scheme)
    {
        var key = KeyFor(scheme);
        // The verifier has the public key alone.
        var peer = PublicKey.FromSubjectPublicKeyInfo(key.Public.SubjectPublicKeyInfo, out _)!;
        Assert.Equal(key.Public, peer);
        foreach (var length in (int[])[0, 1, 200])
        {
            var data = new byte[length];
            var signature = Crypto.Sign(key, scheme, data);
            Assert.True(Crypto.Verify(peer, scheme, data, signature));
            Assert.False(Crypto.Verify(peer, scheme, [.. data, 0], signature));
            Assert.False(Crypto.Verify(peer, scheme, data, []));
            Assert.False(Crypto.Verify(peer, scheme, data, signature.AsSpan(0, signature.Length - 1)));
            Assert.False(Crypto.Verify(peer, scheme, data, [.. signature, 0]));
            signature[signature.Length / 2] ^= 4;
            Assert.False(Crypto.Verify(peer, scheme, data, signature));
        }
    }

    [Fact]
    public void Rsa_agrees_with_dotnet()
    {
        var data = "abc"u8.ToArray();
        var key = SoftwareKey.FromPkcs8(Rsa.Value.ExportPkcs8PrivateKey());
        Assert.True(Rsa.Value.VerifyData(data, Crypto.Sign(key, SignatureScheme.RsaPssSha384, data), HashAlgorithmName.SHA384, RSASignaturePadding.Pss));
        Assert.True(Crypto.Verify(key.Public, SignatureScheme.RsaPssSha512, data, Rsa.Value.SignData(data, HashAlgorithmName.SHA512, RSASignaturePadding.Pss)));
        Assert.Equal(Rsa.Value.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1), Crypto.Sign(key, SignatureScheme.RsaPkcs1Sha1, data));
    }

    [Theory, InlineData(SignatureScheme.Ecdsa256, 64), InlineData(SignatureScheme.Ecdsa384, 96), InlineData(SignatureScheme.Ecdsa521, 132)]
    public void Rfc_4754_signatures_have_one_length_and_their_own_curve(SignatureScheme scheme, int bytes)
    {
        var key = KeyFor(scheme);
        for (var i = 0; i < 20; i++) Assert.Equal(bytes, Crypto.Sign(key, scheme, [1]).Length);
        var wrong = KeyFor(scheme == SignatureScheme.Ecdsa256 ? SignatureScheme.Ecdsa384 : SignatureScheme.Ecdsa256);
        Assert.Throws<ArgumentException>(() => Crypto.Sign(wrong, scheme, [1]));
        Assert.False(Crypto.Verify(wrong.Public, scheme, [1], new byte[bytes]));
        using var brainpool = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        Assert.Throws<ArgumentException>(() => Crypto.Sign(SoftwareKey.FromPkcs8(brainpool.ExportPkcs8PrivateKey()), SignatureScheme.Ecdsa256, [1]));
    }

    [Fact]
    public void Schemes_of_another_kind_of_key_are_refused()
    {
        var key = KeyFor(SignatureScheme.Ed25519);
        Assert.Throws<ArgumentException>(() => Crypto.Sign(key, SignatureScheme.RsaPkcs1Sha256, [1]));
        Assert.False(Crypto.Verify(key.Public, SignatureScheme.Ed448, [1], new byte[114]));
    }

    [Fact]
    public void A_key_for_PSS_signs_with_nothing_else()
    {
        var free = SoftwareKey.FromPkcs8(ForPss([]));
        Assert.True(free.Public is { IsPssOnly: true, PssScheme: null, Kind: KeyKind.Rsa });
        Assert.Throws<ArgumentException>(() => Crypto.Sign(free, SignatureScheme.RsaPkcs1Sha256, [1]));
        foreach (var scheme in (SignatureScheme[])[SignatureScheme.RsaPssSha256, SignatureScheme.RsaPssSha3Of384]) Assert.True(Crypto.Verify(free.Public, scheme, [1], Crypto.Sign(free, scheme, [1])));
        // parameters: SHA-384 for both, salt of at least 48
        var bound = SoftwareKey.FromPkcs8(ForPss(Convert.FromHexString("3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130")));
        Assert.Equal(SignatureScheme.RsaPssSha384, bound.Public.PssScheme);
        Assert.Throws<ArgumentException>(() => Crypto.Sign(bound, SignatureScheme.RsaPssSha256, [1]));
        Assert.True(Crypto.Verify(bound.Public, SignatureScheme.RsaPssSha384, [1], Crypto.Sign(bound, SignatureScheme.RsaPssSha384, [1])));
        Assert.Equal(SignatureScheme.RsaPssSha384, Cygnet.Auth.SignatureAuth.Choose(bound.Public, Cygnet.Auth.SignatureHash.Announced, Cygnet.Auth.SignatureConstraints.Parse([]), false, out _)?.Scheme);
        Assert.Null(Cygnet.Auth.SignatureAuth.Choose(bound.Public, null, Cygnet.Auth.SignatureConstraints.Parse([]), false, out var reason));
        Assert.Contains("RFC 7427", reason);
        // SHA-1, which all parameters left out stand for
        Assert.Null(SoftwareKey.FromDer(ForPss([0x30, 0]), out _));

        static byte[] ForPss(byte[] parameters)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteInteger(0);
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.1.10");
                    if (parameters.Length > 0) writer.WriteEncodedValue(parameters);
                }
                writer.WriteOctetString(Rsa.Value.ExportRSAPrivateKey());
            }
            return writer.Encode();
        }
    }

    [Fact]
    public void Private_keys_are_read_in_the_three_encodings_of_key_files()
    {
        Assert.Equal(KeyKind.Rsa, SoftwareKey.FromDer(Rsa.Value.ExportRSAPrivateKey(), out _)!.Public.Kind);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var key = SoftwareKey.FromDer(ec.ExportECPrivateKey(), out _)!;
        Assert.Equal((KeyKind.Ecdsa, 384), (key.Public.Kind, key.Public.Bits));
        Assert.Equal(ec.ExportSubjectPublicKeyInfo(), key.Public.SubjectPublicKeyInfo);
        // RFC 8410 10.1 has this key's public half.
        Assert.Equal("19BF44096984CDFE8541BAC167DC3B96C85086AA30B6B6CB0C5C38AD703166E1", Convert.ToHexString(KeyFor(SignatureScheme.Ed25519).Public.KeyBits));
    }

    [Fact]
    public void Damaged_private_keys_are_refused_with_a_reason()
    {
        var der = Rsa.Value.ExportPkcs8PrivateKey();
        Assert.Null(SoftwareKey.FromDer([], out var reason));
        Assert.False(string.IsNullOrEmpty(reason));
        Assert.Null(SoftwareKey.FromDer(der.AsSpan(0, der.Length - 1), out _));
        Assert.Null(SoftwareKey.FromDer([.. der, 0], out _));
        Assert.Throws<CryptographicException>(() => SoftwareKey.FromPkcs8([1, 2, 3]));
    }

    [Fact]
    public void Public_keys_that_are_malformed_weak_or_unknown_are_refused_with_a_reason()
    {
        var good = Rsa.Value.ExportSubjectPublicKeyInfo();
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Null(PublicKey.FromSubjectPublicKeyInfo(good.AsSpan(0, length), out var why));
            Assert.False(string.IsNullOrEmpty(why));
        }
        Assert.Null(PublicKey.FromSubjectPublicKeyInfo([.. good, 0], out _));
        using var small = RSA.Create(512);
        Assert.Null(PublicKey.FromSubjectPublicKeyInfo(small.ExportSubjectPublicKeyInfo(), out var reason));
        Assert.Equal("an RSA key of 512 bits is refused", reason);
        using var dh = ECDiffieHellman.Create(ECCurve.NamedCurves.brainpoolP160r1);
        Assert.Null(PublicKey.FromSubjectPublicKeyInfo(dh.ExportSubjectPublicKeyInfo(), out reason));
        Assert.Contains("not supported", reason);
    }

    [Fact]
    public void A_point_off_its_curve_verifies_nothing()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var der = ec.ExportSubjectPublicKeyInfo();
        var signature = ec.SignData([1], HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        Assert.True(Crypto.Verify(PublicKey.FromSubjectPublicKeyInfo(der, out _)!, SignatureScheme.Ecdsa256, [1], signature));
        der[^1] ^= 1;
        Assert.False(Crypto.Verify(PublicKey.FromSubjectPublicKeyInfo(der, out _)!, SignatureScheme.Ecdsa256, [1], signature));
    }

    sealed class Elsewhere(PublicKey key) : PrivateKey(key);

    [Fact]
    public void A_key_that_is_not_in_memory_is_refused() =>
        Assert.Throws<NotSupportedException>(() => Crypto.Sign(new Elsewhere(KeyFor(SignatureScheme.Ed25519).Public), SignatureScheme.Ed25519, [1]));
}
