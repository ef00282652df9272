// Private key files as pki and openssl write them.
using System.Security.Cryptography;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.Tests.Pki;

public sealed class PrivateKeyFileTests
{
    static byte[] Bytes(string pem) => Encoding.ASCII.GetBytes(pem);

    static byte[]? Read(ReadOnlySpan<byte> file, string[] passphrases, out string reason) => PrivateKeyFile.Read(file, [.. passphrases.Select(Encoding.UTF8.GetBytes)], out reason);

    [Theory]
    [InlineData(Fixtures.RsaKey, Fixtures.Rsa)]
    [InlineData(Fixtures.EcdsaKey, Fixtures.Ecdsa)]
    [InlineData(Fixtures.Ecdsa384Key, Fixtures.Ecdsa384)]
    [InlineData(Fixtures.Ed25519Key, Fixtures.Ed25519)]
    [InlineData(Fixtures.EdLeafKey, Fixtures.EdLeaf)]
    [InlineData(Fixtures.Ed448Key, null)]
    [InlineData(Fixtures.RsaPbes2, Fixtures.Rsa)]
    [InlineData(Fixtures.EcdsaPbes2, Fixtures.Ecdsa)]
    [InlineData(Fixtures.Ed25519Pbes2, Fixtures.Ed25519)]
    [InlineData(Fixtures.RsaDekAes, Fixtures.Rsa)]
    [InlineData(Fixtures.RsaDek3Des, Fixtures.Rsa)]
    [InlineData(Fixtures.EcdsaDekAes, Fixtures.Ecdsa)]
    [InlineData(Fixtures.RsaPbes1, Fixtures.Rsa)]
    [InlineData(Fixtures.RsaScrypt, Fixtures.Rsa)]
    public void Reads_the_key_of_the_certificate(string pem, string? certificate)
    {
        var pkcs8 = Read(Bytes(pem), ["wrong", "secret"], out var reason);
        Assert.Equal("", reason);
        var key = SoftwareKey.FromPkcs8(pkcs8);
        if (certificate is not null) Assert.Equal(CertificateTests.Parse(certificate).PublicKey.KeyId, key.Public.KeyId);
        // The same from DER, and from what we made of it.
        Assert.Equal(pkcs8, Read(Pem.Read(Bytes(pem), out _)![0].Headers.Count > 0 ? pkcs8! : Pem.Read(Bytes(pem), out _)![0].Content, ["secret"], out _));
        Assert.Equal(pkcs8, Read(pkcs8, [], out _));
    }

    [Fact]
    public void Reads_what_dotnet_exports()
    {
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        foreach (AsymmetricAlgorithm key in new AsymmetricAlgorithm[] { rsa, ec })
        {
            foreach (var parameters in new[]
            {
                new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA1, 100),
                new PbeParameters(PbeEncryptionAlgorithm.Aes192Cbc, HashAlgorithmName.SHA384, 100),
                new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA512, 100),
                new PbeParameters(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, 100),
            })
            {
                var file = key.ExportEncryptedPkcs8PrivateKey("päss", parameters);
                var pkcs8 = Read(file, ["päss"], out var reason);
                Assert.Equal("", reason);
                Assert.Equal(key.ExportSubjectPublicKeyInfo(), SoftwareKey.FromPkcs8(pkcs8).Public.SubjectPublicKeyInfo);
            }
        }
    }

    // RFC 8410 10.3: version 2, with an attribute and the public key.
    [Fact]
    public void Version_2_is_taken_without_its_attributes()
    {
        var key = Read(Bytes("""
            -----BEGIN PRIVATE KEY-----
            MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
            Z9w7lshQhqowtrbLDFw4rXAxZuE=
            -----END PRIVATE KEY-----
            """), [], out var reason);
        Assert.Equal("", reason);
        Assert.Equal("19BF44096984CDFE8541BAC167DC3B96C85086AA30B6B6CB0C5C38AD703166E1", Convert.ToHexString(SoftwareKey.FromPkcs8(key).Public.KeyBits));
    }

    [Fact]
    public void Says_why_not()
    {
        Assert.Equal("the private key is encrypted and no passphrase is given", Reason(Bytes(Fixtures.RsaPbes2)));
        Assert.Equal("the passphrase does not open the private key", Reason(Bytes(Fixtures.RsaPbes2), "wrong"));
        Assert.Equal("the passphrase does not open the private key", Reason(Bytes(Fixtures.RsaDekAes), "wrong"));
        Assert.Equal("the passphrase does not open the private key", Reason(Bytes(Fixtures.RsaPbes1), "wrong"));
        Assert.StartsWith("private key encryption 'SM4-CBC' is not supported", Reason(Bytes(Fixtures.RsaDekAes.Replace("AES-128-CBC", "SM4-CBC")), "secret"));
        Assert.Equal("the initialization vector of private key encryption 'DES-EDE3-CBC' is malformed", Reason(Bytes(Fixtures.RsaDekAes.Replace("AES-128-CBC", "DES-EDE3-CBC")), "secret"));
        Assert.Equal("no PEM block with a private key", Reason(Bytes(Fixtures.Rsa)));
        Assert.Equal("OpenSSH's own key format is not supported; 'ssh-keygen -p -m PKCS8' converts it",
            Reason("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"u8));
        Assert.StartsWith("malformed private key: ", Reason([]));
        Assert.StartsWith("malformed private key: ", Reason("junk"u8));
        Assert.Equal("private keys of algorithm 1.3.101.110 are not supported",
            Reason(Convert.FromHexString("302e020100300506032b656e04220420000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")));
    }

    static string Reason(ReadOnlySpan<byte> file, params string[] passphrases)
    {
        Assert.Null(Read(file, passphrases, out var reason));
        return reason;
    }

    [Fact]
    public void Mutated_files_give_a_key_or_a_reason()
    {
        var random = new Random(13);
        byte[][] seeds =
        [
            .. new[] { Fixtures.EcdsaKey, Fixtures.Ed25519Key, Fixtures.RsaKey, Fixtures.Ed25519Pbes2, Fixtures.EcdsaDekAes, Fixtures.RsaPbes1 }.SelectMany(f => new[] { Bytes(f), Pem.Read(Bytes(f), out _)![0].Content }),
        ];
        for (var i = 0; i < 50_000; i++)
        {
            // Key derivation costs, so the encrypted seeds come seldom.
            var bytes = seeds[i % 100 == 0 ? random.Next(seeds.Length) : random.Next(6)].ToArray();
            for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(8) == 0) bytes = bytes[..random.Next(bytes.Length)];
            var key = Read(bytes, ["secret"], out var reason);
            Assert.Equal(key is null, reason.Length > 0);
        }
    }
}
