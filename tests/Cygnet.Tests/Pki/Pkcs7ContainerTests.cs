// Damaged PKCS#7 containers give a container or a reason, and open to nobody else. RFC 5652.
using System.Security.Cryptography;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Make;

namespace Cygnet.Tests.Pki;

public sealed class Pkcs7ContainerTests
{
    static readonly SystemCrypto s_crypto = new();

    internal static byte[] SignedData()
    {
        using var key = SoftwareKey.FromPkcs8(PrivateKeyFile.Read(Encoding.ASCII.GetBytes(Fixtures.RsaKey), [], out _)!);
        return Pkcs7Maker.Sign("content"u8.ToArray(), CertificateTests.Parse(Fixtures.Rsa), key, SignatureScheme.RsaPkcs1Sha256, TestAuthority.Now, s_crypto, out _)!;
    }

    internal static byte[] EnvelopedData() => Pkcs7Maker.Encrypt("content"u8.ToArray(), [CertificateTests.Parse(Fixtures.Rsa)]);

    [Fact]
    public void ReadsWhatItMade()
    {
        var (certificate, signed) = (CertificateTests.Parse(Fixtures.Rsa), Pkcs7Container.TryParse(SignedData(), out _)!);
        Assert.Equal("content", Encoding.ASCII.GetString(signed.Content!));
        Assert.Equal([certificate], signed.Certificates);
        var signer = Assert.Single(signed.Signers);
        Assert.Equal(TestAuthority.Now, signer.SigningTime);
        Assert.True(signer.Party.Is(certificate));
        Assert.Null(signer.WhyNotGenuine(signed.Content, certificate, s_crypto));
        Assert.Equal("the content is not what was signed", signer.WhyNotGenuine("Content"u8, certificate, s_crypto));
        Assert.Contains("has a key of another kind", signer.WhyNotGenuine(signed.Content, CertificateTests.Parse(Fixtures.Ecdsa), s_crypto));
        Assert.Contains("is not that of", signer.WhyNotGenuine(signed.Content, CertificateTests.Parse(Fixtures.RootCa), s_crypto));
    }

    [Fact]
    public void DamagedOnesGiveAContainerOrAReason()
    {
        var random = new Random(13);
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Fixtures.RsaKey);
        var (parsed, certificate) = (0, CertificateTests.Parse(Fixtures.Rsa));
        foreach (var seed in (byte[][])[SignedData(), EnvelopedData()])
        {
            for (var i = 0; i < 3000; i++)
            {
                var bytes = seed.ToArray();
                for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                if (random.Next(8) == 0) bytes = bytes[..random.Next(bytes.Length)];
                var container = Pkcs7Container.TryParse(bytes, out var reason);
                Assert.Equal(container is null, reason.Length > 0);
                if (container is null) continue;
                parsed++;
                foreach (var signer in container.Signers) signer.WhyNotGenuine(container.Content ?? [], certificate, s_crypto);
                if (i % 20 == 0)
                    foreach (var recipient in container.Recipients) recipient.Open(container, rsa, out _);
            }
        }
        Assert.InRange(parsed, 1, 5999);
    }
}
