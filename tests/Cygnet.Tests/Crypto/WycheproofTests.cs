// Project Wycheproof: valid answers are given, invalid ones refused, for everything that is built.
using System.Text.Json;
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class WycheproofTests
{
    [VectorTheory("wycheproof/aes_gcm_test.json")]
    [InlineData("aes_gcm", Encr.AesGcm16, 4, 96), InlineData("aes_ccm", Encr.AesCcm16, 3, 88), InlineData("aes_ccm", Encr.AesCcm8, 3, 96)]
    [InlineData("aes_ccm", Encr.AesCcm12, 3, 96), InlineData("aes_ccm", Encr.AesCcm16, 3, 96), InlineData("chacha20_poly1305", Encr.ChaCha20Poly1305, 4, 96)]
    public void Aeads(string file, ushort id, int saltBytes, int nonceBits)
    {
        var ran = 0;
        foreach (var (group, test) in Vectors.Wycheproof(file))
        {
            var row = Transforms.Find(new(TransformType.Encryption, id))!;
            if (group.Number("ivSize") != nonceBits || group.Number("tagSize") != row.IcvBytes * 8) continue;
            var (key, nonce, aad, plain, text, tag) = (test.Hex("key"), test.Hex("iv"), test.Hex("aad"), test.Hex("msg"), test.Hex("ct"), test.Hex("tag"));
            var cipherOf = LibCrypto.Cipher(new(TransformType.Encryption, id, id == Encr.ChaCha20Poly1305 ? (ushort)0 : (ushort)(key.Length * 8)));
            using var cipher = new AeadCipher(cipherOf, key, nonce.AsSpan(0, saltBytes), nonce.Length - saltBytes, row.IcvBytes, saltBytes == 3);
            var iv = nonce[saltBytes..];
            var isValid = test.Text("result") == "valid";
            var made = plain.ToArray();
            var icv = new byte[row.IcvBytes];
            cipher.Seal(aad, [], iv, made, icv);
            Assert.Equal(isValid, made.SequenceEqual(text) && icv.SequenceEqual(tag));
            Assert.True(isValid == cipher.Open(aad, [], iv, text, tag), Name(test));
            if (isValid) Assert.Equal(plain, text);
            ran++;
        }
        Assert.True(ran >= 18);
    }

    // The composed CCM that Camellia has, on AES, with every length of nonce and tag.
    [VectorFact("wycheproof/aes_ccm_test.json")]
    public void Ccm_composed()
    {
        var (valid, invalid) = (0, 0);
        foreach (var (group, test) in Vectors.Wycheproof("aes_ccm"))
        {
            var (key, nonce, aad, plain, text, tag) = (test.Hex("key"), test.Hex("iv"), test.Hex("aad"), test.Hex("msg"), test.Hex("ct"), test.Hex("tag"));
            if (nonce.Length is < 7 or > 13 || tag.Length is not (4 or 6 or 8 or 10 or 12 or 14 or 16)) continue;
            nint Aes(ushort id) => LibCrypto.Cipher(new(TransformType.Encryption, id, (ushort)(key.Length * 8)));
            using var cipher = new CcmCipher(Aes(Encr.AesCtr), Aes(Encr.AesCbc), key, nonce.AsSpan(0, 3), nonce.Length - 3, tag.Length);
            var isValid = test.Text("result") == "valid";
            var (made, icv) = (plain.ToArray(), new byte[tag.Length]);
            cipher.Seal(aad, [], nonce.AsSpan(3), made, icv);
            Assert.Equal(isValid, made.SequenceEqual(text) && icv.SequenceEqual(tag));
            Assert.True(isValid == cipher.Open(aad, [], nonce.AsSpan(3), text, tag), Name(test));
            if (isValid) Assert.Equal(plain, text);
            _ = isValid ? valid++ : invalid++;
        }
        Assert.True(valid > 300 && invalid > 50, $"{valid} valid, {invalid} invalid");
    }

    [VectorFact("wycheproof/aes_cmac_test.json")]
    public void Cmac()
    {
        var ran = 0;
        foreach (var (group, test) in Vectors.Wycheproof("aes_cmac"))
        {
            var (key, message, tag) = (test.Hex("key"), test.Hex("msg"), test.Hex("tag"));
            if (key.Length is not (16 or 24 or 32)) continue;
            using var mac = CbcMac.Cmac(LibCrypto.Cipher(new(TransformType.Encryption, Encr.AesCbc, (ushort)(key.Length * 8))), key);
            var output = new byte[16];
            mac.Append(message);
            mac.Finish(output);
            Assert.Equal(test.Text("result") == "valid", tag.SequenceEqual(output[..(group.Number("tagSize") / 8)]));
            ran++;
        }
        Assert.True(ran > 200, $"{ran}");
    }

    [VectorFact("wycheproof/aes_cbc_pkcs5_test.json")]
    public void Cbc()
    {
        foreach (var (_, test) in Vectors.Wycheproof("aes_cbc_pkcs5"))
        {
            if (test.Text("result") != "valid") continue;
            var (key, iv, plain) = (test.Hex("key"), test.Hex("iv"), test.Hex("msg"));
            var padding = 16 - plain.Length % 16;
            byte[] padded = [.. plain, .. Enumerable.Repeat((byte)padding, padding)];
            using var cipher = PacketCipher.Create(new(TransformType.Encryption, Encr.AesCbc, (ushort)(key.Length * 8)), new(TransformType.Integrity, Integ.HmacSha1_96), key, new byte[20]);
            var text = padded.ToArray();
            var icv = new byte[12];
            cipher.Seal([], [], iv, text, icv);
            Assert.Equal(test.Hex("ct"), text);
            Assert.True(cipher.Open([], [], iv, text, icv));
            Assert.Equal(padded, text);
        }
    }

    [VectorTheory("wycheproof/hmac_sha256_test.json")]
    [InlineData("hmac_sha1", PrfId.HmacSha1), InlineData("hmac_sha256", PrfId.HmacSha256), InlineData("hmac_sha384", PrfId.HmacSha384), InlineData("hmac_sha512", PrfId.HmacSha512)]
    public void Hmac(string file, ushort id)
    {
        foreach (var (group, test) in Vectors.Wycheproof(file))
        {
            var (key, message, tag, length) = (test.Hex("key"), test.Hex("msg"), test.Hex("tag"), group.Number("tagSize") / 8);
            var isValid = test.Text("result") == "valid";
            Assert.Equal(isValid, Prf.For(id).Compute(key, message)[..length].SequenceEqual(tag));
            using var mac = new MacCipher(0, [], [], 0, 1, Mac.Create(Transforms.Find(new(TransformType.Prf, id))!.Function!.Value, key), length);
            Assert.Equal(isValid, tag.Length == length && mac.Open([], [], [], message, tag));
        }
    }

    [VectorTheory("wycheproof/x25519_test.json")]
    [InlineData("x25519", Ke.Curve25519), InlineData("x448", Ke.Curve448)]
    public void Montgomery_curves(string file, ushort method)
    {
        foreach (var (_, test) in Vectors.Wycheproof(file))
        {
            var (peer, expected) = (test.Hex("public"), test.Hex("shared"));
            using var own = SystemCrypto.Make(method, test.Hex("private"));
            var secret = own.Finish(peer);
            // "acceptable" holds the small-order points, which RFC 8031 has us refuse, and odd but usable values.
            if (test.Text("result") == "invalid" || expected.All(b => b == 0)) Assert.Null(secret);
            else Assert.Equal(expected, secret);
        }
    }

    [VectorTheory("wycheproof/ecdh_secp256r1_ecpoint_test.json")]
    [InlineData("ecdh_secp256r1_ecpoint", Ke.Ecp256), InlineData("ecdh_secp384r1_ecpoint", Ke.Ecp384), InlineData("ecdh_secp521r1_ecpoint", Ke.Ecp521)]
    public void Curves_over_prime_fields(string file, ushort method)
    {
        var row = Transforms.Find(new(TransformType.KeyExchange, method))!;
        var (valid, invalid) = (0, 0);
        foreach (var (_, test) in Vectors.Wycheproof(file))
        {
            var point = test.Hex("public");
            var secretBytes = test.Hex("private").AsSpan().TrimStart((byte)0).ToArray();
            using var own = SystemCrypto.Make(method, secretBytes);
            // IKE has x and y alone: the vectors' other encodings cannot be told to us.
            if (point.Length != 1 + row.PublicBytes || point[0] != 4)
            {
                Assert.Null(own.Finish(point));
                continue;
            }
            var secret = own.Finish(point[1..]);
            if (test.Text("result") == "invalid") { Assert.Null(secret); invalid++; }
            else { Assert.Equal(test.Hex("shared"), secret); valid++; }
        }
        Assert.True(valid > 100 && invalid > 0, $"{valid} valid, {invalid} invalid");
    }

    // These files have whole keys; only those of the usual form can be told to us.
    [VectorTheory("wycheproof/ecdh_brainpoolP256r1_test.json")]
    [InlineData("ecdh_brainpoolP256r1", Ke.Brainpool256), InlineData("ecdh_brainpoolP384r1", Ke.Brainpool384), InlineData("ecdh_brainpoolP512r1", Ke.Brainpool512)]
    [InlineData("ecdh_secp256r1", Ke.Ecp256), InlineData("ecdh_secp384r1", Ke.Ecp384), InlineData("ecdh_secp521r1", Ke.Ecp521)]
    public void Curves_in_whole_keys(string file, ushort method)
    {
        var bytes = Transforms.Find(new(TransformType.KeyExchange, method))!.PublicBytes;
        var (valid, invalid) = (0, 0);
        byte[]? head = null;
        foreach (var (_, test) in Vectors.Wycheproof(file))
        {
            var key = test.Hex("public");
            head ??= key[..^bytes];
            // Acceptable: damaged keys from which a point could be guessed.
            if (!key.AsSpan().StartsWith(head) || key.Length != head.Length + bytes || test.Text("result") == "acceptable") continue;
            using var own = SystemCrypto.Make(method, test.Hex("private").AsSpan().TrimStart((byte)0));
            var secret = own.Finish(key.AsSpan(head.Length));
            if (test.Text("result") == "invalid") { Assert.Null(secret); invalid++; }
            else { Assert.True(secret is not null && test.Hex("shared").AsSpan().SequenceEqual(secret), Name(test)); valid++; }
        }
        Assert.True(valid > 100 && invalid > 0, $"{valid} valid, {invalid} invalid");
    }

    public static TheoryData<string, SignatureScheme> SignatureFiles() => new()
    {
        { "ecdsa_secp256r1_sha256", SignatureScheme.EcdsaSha256Der }, { "ecdsa_secp384r1_sha384", SignatureScheme.EcdsaSha384Der },
        { "ecdsa_secp521r1_sha512", SignatureScheme.EcdsaSha512Der }, { "ecdsa_secp256r1_sha256_p1363", SignatureScheme.Ecdsa256 },
        { "ecdsa_secp384r1_sha384_p1363", SignatureScheme.Ecdsa384 }, { "ecdsa_secp521r1_sha512_p1363", SignatureScheme.Ecdsa521 },
        { "ecdsa_brainpoolP256r1_sha256", SignatureScheme.EcdsaSha256Der }, { "ecdsa_brainpoolP384r1_sha384", SignatureScheme.EcdsaSha384Der },
        { "ecdsa_brainpoolP512r1_sha512", SignatureScheme.EcdsaSha512Der },
        { "ed25519", SignatureScheme.Ed25519 }, { "ed448", SignatureScheme.Ed448 },
        { "rsa_signature_2048_sha256", SignatureScheme.RsaPkcs1Sha256 }, { "rsa_signature_2048_sha384", SignatureScheme.RsaPkcs1Sha384 },
        { "rsa_signature_2048_sha512", SignatureScheme.RsaPkcs1Sha512 }, { "rsa_signature_3072_sha256", SignatureScheme.RsaPkcs1Sha256 },
        { "rsa_signature_3072_sha384", SignatureScheme.RsaPkcs1Sha384 }, { "rsa_signature_3072_sha512", SignatureScheme.RsaPkcs1Sha512 },
        { "rsa_signature_4096_sha256", SignatureScheme.RsaPkcs1Sha256 }, { "rsa_signature_4096_sha384", SignatureScheme.RsaPkcs1Sha384 },
        { "rsa_signature_4096_sha512", SignatureScheme.RsaPkcs1Sha512 },
        { "rsa_pss_2048_sha256_mgf1_32", SignatureScheme.RsaPssSha256 }, { "rsa_pss_2048_sha384_mgf1_48", SignatureScheme.RsaPssSha384 },
        { "rsa_pss_3072_sha256_mgf1_32", SignatureScheme.RsaPssSha256 }, { "rsa_pss_4096_sha256_mgf1_32", SignatureScheme.RsaPssSha256 },
        { "rsa_pss_4096_sha384_mgf1_48", SignatureScheme.RsaPssSha384 }, { "rsa_pss_4096_sha512_mgf1_64", SignatureScheme.RsaPssSha512 },
        { "rsa_pss_2048_sha256_mgf1_32_params", SignatureScheme.RsaPssSha256 }, { "rsa_pss_3072_sha256_mgf1_32_params", SignatureScheme.RsaPssSha256 },
        { "rsa_pss_4096_sha512_mgf1_64_params", SignatureScheme.RsaPssSha512 },
    };

    [VectorTheory("wycheproof/ed25519_test.json"), MemberData(nameof(SignatureFiles))]
    public void Signatures(string file, SignatureScheme scheme)
    {
        var crypto = new SystemCrypto();
        var (valid, invalid) = (0, 0);
        foreach (var (group, test) in Vectors.Wycheproof(file))
        {
            var key = PublicKey.FromSubjectPublicKeyInfo(group.Hex("publicKeyDer"), out var reason);
            Assert.True(key is not null, reason);
            var isGenuine = crypto.Verify(key, scheme, test.Hex("msg"), test.Hex("sig"));
            switch (test.Text("result"))
            {
                case "valid": Assert.True(isGenuine, Name(test)); valid++; break;
                case "invalid": Assert.False(isGenuine, Name(test)); invalid++; break;
                // A PKCS#1 v1.5 signature whose algorithm lacks its NULL: encode-and-compare refuses it.
                default: Assert.False(isGenuine, Name(test)); break;
            }
        }
        Assert.True(valid > 0 && invalid > 0, $"{valid} valid, {invalid} invalid");
    }

    // RFC 4754 has r and s side by side for the NIST curves only, so the same numbers go through DER.
    [VectorTheory("wycheproof/ecdsa_brainpoolP256r1_sha256_p1363_test.json"), MemberData(nameof(SideBySideFiles))]
    public void Signatures_of_brainpool_curves_side_by_side(string file, SignatureScheme scheme)
    {
        var crypto = new SystemCrypto();
        var (valid, invalid) = (0, 0);
        foreach (var (group, test) in Vectors.Wycheproof(file))
        {
            var key = PublicKey.FromSubjectPublicKeyInfo(group.Hex("publicKeyDer"), out var reason);
            Assert.True(key is not null, reason);
            var both = test.Hex("sig");
            var isGenuine = both.Length == key.Bits / 4 && crypto.Verify(key, scheme, test.Hex("msg"), Der(both));
            Assert.True(isGenuine == (test.Text("result") == "valid"), Name(test));
            foreach (var foreign in (SignatureScheme[])[SignatureScheme.Ecdsa256, SignatureScheme.Ecdsa384, SignatureScheme.Ecdsa521])
                Assert.False(crypto.Verify(key, foreign, test.Hex("msg"), both), Name(test));
            _ = isGenuine ? valid++ : invalid++;
        }
        Assert.True(valid > 0 && invalid > 0, $"{valid} valid, {invalid} invalid");
    }

    public static TheoryData<string, SignatureScheme> SideBySideFiles() => new()
    {
        { "ecdsa_brainpoolP256r1_sha256_p1363", SignatureScheme.EcdsaSha256Der }, { "ecdsa_brainpoolP384r1_sha384_p1363", SignatureScheme.EcdsaSha384Der },
        { "ecdsa_brainpoolP512r1_sha512_p1363", SignatureScheme.EcdsaSha512Der },
    };

    static byte[] Der(byte[] both)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new System.Numerics.BigInteger(both.AsSpan(0, both.Length / 2), isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new System.Numerics.BigInteger(both.AsSpan(both.Length / 2), isUnsigned: true, isBigEndian: true));
        }
        return writer.Encode();
    }

    static readonly string[] _pssFiles = ["rsa_pss_misc", "rsa_pss_misc_params", "rsa_pss_2048_sha1_mgf1_20", "rsa_pss_2048_sha1_mgf1_20_params"];

    public static TheoryData<string> PssFiles() => [.. _pssFiles];

    // Every combination of hash, mask and salt length: only mask hash = hash and salt = hash length are ours, and no SHA-1.
    [VectorTheory("wycheproof/rsa_pss_misc_test.json"), MemberData(nameof(PssFiles))]
    public void Only_pss_with_its_own_hash_and_salt_length_is_accepted(string file)
    {
        var crypto = new SystemCrypto();
        var (accepted, refused) = (0, 0);
        foreach (var (group, test) in Vectors.Wycheproof(file))
        {
            var (hash, mask, salt) = (group.Text("sha"), group.Text("mgfSha"), group.Number("sLen"));
            SignatureScheme? ours = (hash, salt) switch
            {
                _ when mask != hash || group.Text("mgf") != "MGF1" || test.Text("result") != "valid" => null,
                ("SHA-256", 32) => SignatureScheme.RsaPssSha256,
                ("SHA-384", 48) => SignatureScheme.RsaPssSha384,
                ("SHA-512", 64) => SignatureScheme.RsaPssSha512,
                _ => null,
            };
            var key = PublicKey.FromSubjectPublicKeyInfo(group.Hex("publicKeyDer"), out _);
            Assert.True(key is not null || ours is null, Name(test));
            foreach (var scheme in (SignatureScheme[])[SignatureScheme.RsaPssSha256, SignatureScheme.RsaPssSha384, SignatureScheme.RsaPssSha512])
            {
                var isGenuine = key is not null && crypto.Verify(key, scheme, test.Hex("msg"), test.Hex("sig"));
                Assert.True(isGenuine == (scheme == ours), Name(test));
                _ = isGenuine ? accepted++ : refused++;
            }
        }
        Assert.True(refused > 0 && accepted > 0 == file.Contains("misc", StringComparison.Ordinal), $"{accepted} accepted, {refused} refused");
    }

    [VectorFact("wycheproof/ed25519_test.json")]
    public void Every_file_of_signatures_is_read_by_one_of_these_tests()
    {
        var files = Directory.GetFiles(Path.Combine(Vectors.Folder!, "wycheproof"), "*_test.json").Select(f => Path.GetFileName(f)[..^"_test.json".Length])
            .Where(f => f.StartsWith("rsa_", StringComparison.Ordinal) || f.StartsWith("ecdsa_", StringComparison.Ordinal) || f.StartsWith("ed", StringComparison.Ordinal));
        Assert.Equal(files.Order(StringComparer.Ordinal),
            SignatureFiles().Concat(SideBySideFiles()).Select(row => (string)row[0]).Concat(_pssFiles).Order(StringComparer.Ordinal));
    }

    static string Name(JsonElement test) => $"{test.Number("tcId")}: {test.Text("comment")}";
}
