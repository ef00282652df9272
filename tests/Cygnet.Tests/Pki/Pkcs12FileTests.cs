// PKCS#12 containers: what is in them, what is refused, and that damaged ones end in a reason.
using System.Text;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.Tests.Pki;

public sealed class Pkcs12FileTests
{
    static readonly byte[][] _secret = ["secret"u8.ToArray()];

    static byte[] Der(string pem) => Pem.Read(Encoding.ASCII.GetBytes(pem), out _)![0].Content;

    [Fact]
    public void Key_and_certificates_come_out_of_it()
    {
        foreach (var file in (byte[][])[Der(Fixtures.Ed25519Container), Encoding.ASCII.GetBytes(Fixtures.Ed25519Container)])
        {
            var content = Pkcs12File.Read(file, _secret, out var reason)!;
            Assert.Equal("", reason);
            Assert.Equal([CertificateTests.Parse(Fixtures.EdLeaf).Raw, CertificateTests.Parse(Fixtures.EdIntermediate).Raw], content.Certificates);
            Assert.Equal(CertificateTests.Parse(Fixtures.EdLeaf).PublicKey.KeyId, SoftwareKey.FromPkcs8(Assert.Single(content.Keys)).Public.KeyId);
        }
    }

    [Fact]
    public void Old_ciphers_are_read_where_OpenSSL_has_them()
    {
        var content = Pkcs12File.Read(Der(Fixtures.EcdsaOldContainer), _secret, out var reason);
        if (content is null) Assert.Contains("no provider 'legacy'", reason);
        else Assert.Equal(CertificateTests.Parse(Fixtures.Ecdsa).PublicKey.KeyId, SoftwareKey.FromPkcs8(Assert.Single(content.Keys)).Public.KeyId);
    }

    [Fact]
    public void Says_why_not()
    {
        var good = Der(Fixtures.Ed25519Container);
        Assert.Equal("the passphrase does not open the PKCS#12 container, or it is damaged", Reason(good, ["wrong"u8.ToArray()]));
        Assert.Equal("the passphrase does not open the PKCS#12 container, or it is damaged", Reason(good, []));
        // A byte of the content, which the MAC guards.
        Assert.Equal("the passphrase does not open the PKCS#12 container, or it is damaged", Reason([.. good[..300], (byte)(good[300] ^ 1), .. good[301..]], _secret));
        Assert.StartsWith("malformed PKCS#12 container: ", Reason(good[..^1], _secret));
        Assert.StartsWith("malformed PKCS#12 container: ", Reason([], _secret));
        Assert.StartsWith("malformed PKCS#12 container: ", Reason("junk"u8.ToArray(), _secret));
        Assert.Equal("no PEM block 'PKCS12'", Reason(Encoding.ASCII.GetBytes(Fixtures.Rsa), _secret));
        Assert.Equal("this is no PKCS#12 container of version 3", Reason(Der(Fixtures.EcdsaKey), _secret));
        Assert.False(Pkcs12File.WantsPassphrase(Der(Fixtures.EcdsaKey)));
        Assert.True(Pkcs12File.WantsPassphrase(good));
    }

    static string Reason(byte[] file, byte[][] passphrases)
    {
        Assert.Null(Pkcs12File.Read(file, passphrases, out var reason));
        return reason;
    }

    [Fact]
    public void Work_that_a_file_asks_for_is_bounded()
    {
        // The MAC's rounds, INTEGER 100 at the end of the file, become 2^31 - 1; then many parts that each ask for a lot.
        var good = Der(Fixtures.Ed25519Container);
        Assert.Equal([2, 1, 100], good[^3..]);
        byte[] hungry = [.. good[..^3], 2, 4, 0x7f, 0xff, 0xff, 0xff];
        // Lengths of the outer SEQUENCE and of MacData grow by three.
        hungry[3] += 3;
        var mac = hungry.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0x30, 0x40, 0x30, 0x31]);
        Assert.True(mac > 0);
        hungry[mac + 1] += 3;
        Assert.Equal("the PKCS#12 container asks for more than 2000000 rounds of key derivation", Reason(hungry, _secret));
    }

    [Fact]
    public void Mutated_containers_give_content_or_a_reason()
    {
        var random = new Random(7);
        byte[][] seeds = [Der(Fixtures.Ed25519Container), Encoding.ASCII.GetBytes(Fixtures.Ed25519Container), Der(Fixtures.EcdsaOldContainer)];
        var opened = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = seeds[i % seeds.Length].ToArray();
            for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(8) == 0) bytes = bytes[..random.Next(bytes.Length)];
            var content = Pkcs12File.Read(bytes, _secret, out var reason);
            Assert.Equal(content is null, reason.Length > 0);
            if (content is not null) opened++;
        }
        // Some changes hit the friendly name or a space between base64: else nothing deep was reached.
        Assert.True(opened < 5_000);
    }
}
