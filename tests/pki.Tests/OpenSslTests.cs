// What pki makes, as openssl sees it: an implementation that shares no code with the reference.
namespace Cygnet.PkiTool.Tests;

public sealed class OpenSslTests
{
    [Theory]
    [InlineData("rsa")]
    [InlineData("rsa --size 3072")]
    [InlineData("ecdsa --size 256")]
    [InlineData("ecdsa")]
    [InlineData("ecdsa --size 521")]
    [InlineData("ed25519")]
    [InlineData("ed448")]
    public void AWholePkiOfEachKindOfKey(string type)
    {
        using var desk = new Desk();
        foreach (var key in (string[])["ca.key", "sub.key", "leaf.key"])
        {
            desk.Make(key, $"--gen --type {type} --outform pem");
            desk.OpenSsl($"pkey -in @{key} -check -noout");
        }
        desk.Make("ca", "--self --in @ca.key --dn 'C=CH, O=Lab, CN=Root' --ca --outform pem");
        desk.Make("sub", "--issue --type priv --in @sub.key --dn 'C=CH, O=Lab, CN=Sub' --ca --pathlen 0 --cacert @ca --cakey @ca.key --outform pem "
            + "--nc-permitted .example --nc-permitted 10.0.0.0/8 --nc-permitted 'C=CH'");
        desk.Make("policies", "--self --in @sub.key --dn CN=x --ca --policy-explicit 3 --policy-inhibit 1 --outform pem");
        desk.Make("req", "--req --in @leaf.key --dn 'C=CH, CN=leaf.example' --san www.leaf.example --san 10.1.2.3 --profile dual --password x --outform pem");
        Assert.Contains("verify OK", desk.OpenSsl("req -in @req -verify -noout"));
        desk.Make("leaf", "--issue --type pkcs10 --in @req --cacert @sub --cakey @sub.key --crl http://crl --ocsp http://ocsp --outform pem");
        Assert.Contains("OK", desk.OpenSsl("verify -x509_strict -CAfile @ca -untrusted @sub @leaf"));
        var text = desk.OpenSsl("x509 -in @leaf -noout -text");
        Assert.Contains("DNS:www.leaf.example, IP Address:10.1.2.3", text);
        Assert.Contains("TLS Web Server Authentication, TLS Web Client Authentication", text);
        text = desk.OpenSsl("x509 -in @sub -noout -text");
        Assert.Contains("IP:10.0.0.0/255.0.0.0", text);
        Assert.Contains("Require Explicit Policy:3, Inhibit Policy Mapping:1", desk.OpenSsl("x509 -in @policies -noout -text"));
        desk.Make("crl", "--signcrl --cacert @sub --cakey @sub.key --reason key-compromise --cert @leaf --outform pem");
        Assert.Contains("verify OK", desk.OpenSsl("crl -in @crl -CAfile @sub -noout"));
        Assert.Equal("certificate trusted, lifetimes valid\n", desk.Pki("--verify --in @leaf --cacert @ca --cacert @sub").Text);
        Assert.Equal("certificate untrusted\n", desk.Pki("--verify --in @leaf --cacert @ca --cacert @sub --crl @crl").Text);
    }

    [Fact]
    public void PssSignatures()
    {
        using var desk = new Desk();
        desk.Make("key", "--gen");
        foreach (var digest in (string[])["sha256", "sha384", "sha512"])
        {
            desk.Make("ca", $"--self --in @key --dn CN=pss --ca --rsa-padding pss --digest {digest} --outform pem");
            desk.OpenSsl("verify -CAfile @ca @ca");
            Assert.Contains("rsassaPss", desk.OpenSsl("x509 -in @ca -noout -text"));
        }
    }

    [Fact]
    public void AddressBlocksEndOnTheirBits()
    {
        using var desk = new Desk();
        desk.Make("key", "--gen --type ed25519");
        desk.Make("ca", "--self --in @key --dn CN=x --ca --addrblock 10.2.0.0-10.2.0.5 --addrblock 10.1.0.0-10.1.255.255 --addrblock 2001:db8::-2001:db8::8 --addrblock 0.0.0.0/0 --outform pem");
        var text = desk.OpenSsl("x509 -in @ca -noout -text");
        foreach (var expected in (string[])["10.2.0.0-10.2.0.5", "10.1.0.0/16", "2001:db8::-2001:db8:0:0:0:0:0:8", "0.0.0.0/0"]) Assert.Contains(expected, text);
    }

    [Fact]
    public void ReadsWhatOpenSslMakes()
    {
        using var desk = new Desk { AskSecret = _ => "secret" };
        desk.OpenSsl($"req -x509 -newkey rsa:2048 -passout pass:secret -keyout {desk["key"]} -out {desk["ca"]} -subj /C=CH/CN=openssl -days 30");
        desk.OpenSsl($"req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {desk["leaf.key"]} -out {desk["req"]} -subj /CN=leaf -addext subjectAltName=DNS:leaf.example,URI:http://a");
        desk.Make("leaf", "--issue --type pkcs10 --in @req --cacert @ca --cakey @key --outform pem");
        desk.OpenSsl("verify -CAfile @ca @leaf");
        Assert.Contains("DNS:leaf.example, URI:http://a", desk.OpenSsl("x509 -in @leaf -noout -text"));
    }
}
