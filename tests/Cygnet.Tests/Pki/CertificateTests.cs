// Parsing certificates of Debian's pki and of openssl; every malformed one gives a reason.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Tests.Pki;

public sealed class CertificateTests
{
    internal static Certificate Parse(string pem)
    {
        var certificate = Certificate.TryParse(Encoding.ASCII.GetBytes(pem), out var reason);
        Assert.Equal("", reason);
        return certificate!;
    }

    [Theory]
    [InlineData(Fixtures.Rsa, KeyKind.Rsa, 2048, "rsa")]
    [InlineData(Fixtures.Ecdsa, KeyKind.Ecdsa, 256, "ecdsa")]
    [InlineData(Fixtures.Ecdsa384, KeyKind.Ecdsa, 384, "ecdsa")]
    [InlineData(Fixtures.Ed25519, KeyKind.Ed25519, 256, "ed25519")]
    public void Reads_what_pki_issued(string pem, KeyKind kind, int bits, string unit)
    {
        var c = Parse(pem);
        Assert.Equal((kind, bits), (c.PublicKey.Kind, c.PublicKey.Bits));
        Assert.Equal($"C=CH, O=Cygnet Test, OU={unit}, CN=moon.example.org", c.Subject.ToString());
        Assert.Equal("C=CH, O=Cygnet Test, CN=Test Root CA", c.Issuer.ToString());
        Assert.Equal(["moon.example.org", "moon@example.org", "192.0.2.1", "2001:db8::1"], c.SubjectAltNames.Select(n => n.ToString()));
        Assert.Equal([IdentityKind.Fqdn, IdentityKind.Rfc822, IdentityKind.Ipv4, IdentityKind.Ipv6], c.SubjectAltNames.Select(n => n.Kind));
        Assert.Equal([new CrlLocation("http://crl.example.org/ca.crl", null)], c.CrlLocations);
        Assert.Equal(["http://ocsp.example.org"], c.OcspUris);
        Assert.Equal(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.8.2.2"], c.ExtendedKeyUsages);
        Assert.Equal(SignatureScheme.RsaPkcs1Sha256, c.SignatureScheme);
        Assert.False(c.IsCa);
        Assert.False(c.IsSelfIssued);
        Assert.Empty(c.UnknownCriticalExtensions);
        var ca = Parse(Fixtures.RootCa);
        Assert.Equal(ca.SubjectKeyId, c.AuthorityKeyId);
        Assert.True(ca is { IsCa: true, CanIssue: true, IsSelfSigned: true });
        Assert.True(c.IsSignedBy(ca, new SystemCrypto()));
        Assert.False(c.IsSignedBy(Parse(Fixtures.EdRootCa), new SystemCrypto()));
    }

    [Theory]
    [InlineData(Fixtures.Rsa)]
    [InlineData(Fixtures.RootCa)]
    [InlineData(Fixtures.Ecdsa)]
    public void Agrees_with_dotnet(string pem)
    {
        var ours = Parse(pem);
        using var theirs = X509Certificate2.CreateFromPem(pem);
        Assert.Equal(theirs.RawData, ours.Raw);
        Assert.Equal(theirs.NotBefore.ToUniversalTime(), ours.NotBefore.UtcDateTime);
        Assert.Equal(theirs.NotAfter.ToUniversalTime(), ours.NotAfter.UtcDateTime);
        Assert.Equal(theirs.SerialNumberBytes.ToArray(), ours.SerialNumber);
        Assert.Equal(theirs.PublicKey.ExportSubjectPublicKeyInfo(), ours.PublicKey.SubjectPublicKeyInfo);
        Assert.Equal(SHA1.HashData(theirs.PublicKey.ExportSubjectPublicKeyInfo()), ours.KeyHash);
        Assert.Equal(ours.SubjectKeyId ?? ours.PublicKey.KeyId, ours.PublicKey.KeyId);
    }

    [Theory]
    [InlineData("C=CH, O=Cygnet Test, OU=rsa, CN=moon.example.org", true)]
    [InlineData("C=ch, O=CYGNET Test, OU=rsa, CN=MOON.example.org", true)]
    [InlineData("moon.example.org", true)]
    [InlineData("moon@example.org", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("sun.example.org", false)]
    [InlineData("*.example.org", false)]
    [InlineData("@@moon.example.org", false)]
    [InlineData("C=CH, O=Cygnet Test, OU=*, CN=moon.example.org", false)]
    [InlineData("%any", false)]
    public void Confirms_subject_and_alternative_names_exactly(string id, bool confirmed) => Assert.Equal(confirmed, Parse(Fixtures.Rsa).Confirms(Identity.Parse(id)));

    [Fact]
    public void Matches_patterns_and_key_ids()
    {
        var c = Parse(Fixtures.Rsa);
        Assert.Equal(19, c.Match(Identity.Parse("*.example.org")));
        Assert.Equal(19, c.Match(Identity.Parse("C=CH, O=Cygnet Test, OU=*, CN=moon.example.org")));
        Assert.Equal(2, c.Match(Identity.Parse("192.0.2.0/24")));
        Assert.Equal(0, c.Match(Identity.Parse("*.example.com")));
        Assert.True(c.Confirms(Identity.FromKeyId(c.PublicKey.KeyId)));
        Assert.False(c.Confirms(Identity.FromKeyId(new byte[20])));
    }

    [Fact]
    public void Refuses_with_a_reason()
    {
        var der = Parse(Fixtures.Rsa).Raw;
        Assert.Equal("neither DER nor PEM", Reason([]));
        Assert.Equal("neither DER nor PEM", Reason("hello"u8));
        Assert.Equal("malformed certificate: data follows it", Reason([.. der, 0]));
        Assert.StartsWith("malformed certificate: ", Reason(der.AsSpan(0, der.Length - 1)));
        Assert.Equal("no PEM block 'CERTIFICATE'", Reason(Encoding.ASCII.GetBytes(Fixtures.RsaKey)));
        Assert.Equal("PEM block 'CERTIFICATE' has no end line", Reason(Encoding.ASCII.GetBytes(Fixtures.Rsa[..400])));
        Assert.Equal("PEM block 'CERTIFICATE' is not base64", Reason(Encoding.ASCII.GetBytes(Fixtures.Rsa.Replace("MII", "M!I"))));
        Assert.Contains("at most 65536", Reason([0x30, .. new byte[70000]]));
    }

    static string Reason(ReadOnlySpan<byte> bytes)
    {
        Assert.Null(Certificate.TryParse(bytes, out var reason));
        return reason;
    }

    [Fact]
    public void Takes_pem_among_text_and_with_carriage_returns() =>
        Assert.Equal(Parse(Fixtures.Rsa), Parse("Certificate:\r\n    Data: x\r\n" + Fixtures.Rsa.ReplaceLineEndings("\r\n") + "\r\n" + Fixtures.Ecdsa));

    [Fact]
    public void Mutated_certificates_give_a_certificate_or_a_reason()
    {
        var random = new Random(11);
        foreach (var seed in new[] { Fixtures.Rsa, Fixtures.EdIntermediate, Fixtures.Ecdsa384 }.Select(f => Parse(f).Raw))
        {
            for (var i = 0; i < 20_000; i++)
            {
                var bytes = seed.ToArray();
                for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                if (random.Next(8) == 0) bytes = bytes[..random.Next(bytes.Length)];
                var certificate = Certificate.TryParse(bytes, out var reason);
                Assert.Equal(certificate is null, reason.Length > 0);
            }
        }
    }
}
