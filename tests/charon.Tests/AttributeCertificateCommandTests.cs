// Attribute certificates and their authorities through VICI: load-cert, list-certs, x-list-groups, clear-creds. docs/vici.md.
using System.Text;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Make;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class AttributeCertificateCommandTests
{
    static readonly SystemCrypto s_crypto = new();
    static readonly SoftwareKey s_key = SoftwareKey.FromDer(KeyMaker.Make(KeyKind.Ed25519, 0).Der, out _)!;
    static readonly DateTimeOffset s_from = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), s_to = new(2049, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static Certificate Make(string name, bool isCa = false) => Certificate.TryParse(CertificateMaker.Make(new()
    {
        Subject = Identity.Parse(name), Issuer = Identity.Parse(name), PublicKey = s_key.Public, SerialNumber = [1], NotBefore = s_from, NotAfter = s_to, IsCa = isCa,
    }, s_key, SignatureScheme.Ed25519, s_crypto), out _)!;

    static byte[] Attributes(string holder, params string[] groups) => AttributeCertificateMaker.Make(new(Make(holder), Make("CN=aa"))
    {
        SerialNumber = [2], NotBefore = s_from, NotAfter = s_to, Groups = groups,
    }, s_key, SignatureScheme.Ed25519, s_crypto);

    static ViciSection Cert(string type, byte[] data, string? flag = null) => new ViciSection().Add("type", type).Add("flag", flag).Add("data", data);

    static async Task Load(TestClient client, ViciSection request) => Assert.Null((await client.Request("load-cert", request)).Text("errmsg"));

    static async Task<string[]> List(ControlSocket control, string type, string? flag = null, bool isExtended = false)
    {
        // registering for the events twice would bring them twice
        using var client = control.Connect();
        var request = new ViciSection().Add("type", type).Add("flag", flag);
        if (isExtended) request.Add("x-ext", "yes");
        return [.. (await client.Stream("list-cert", "list-certs", request)).Events.Select(e => $"{e.Message.Text("type")} {e.Message.Text("flag")} {Name(e.Message.Bytes("data")!)}")];
    }

    static string Name(byte[] der) => Certificate.TryParse(der, out _)?.ToString() ?? AttributeCertificate.TryParse(der, out _)!.ToString();

    [Fact]
    public async Task AreListedUnderTheirTypes()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var carol = Attributes("CN=carol", "sales", "finance");
        await Load(client, Cert("X509", Make("CN=aa").Raw, "AA"));
        await Load(client, Cert("x509aa", Make("CN=both", isCa: true).Raw));
        await Load(client, Cert("X509_AC", carol));
        await Load(client, Cert("x509ac", Encoding.ASCII.GetBytes(Pem.Write("ATTRIBUTE CERTIFICATE", Attributes("CN=dave", "sales")))));
        await Load(client, Cert("X509_AC", carol));
        Assert.Equal(["X509_AC NONE CN=carol", "X509_AC NONE CN=dave"], await List(control, "X509_AC"));
        Assert.Equal(["X509 AA CN=aa"], await List(control, "X509", "AA"));
        Assert.Equal(["X509 AA CN=both", "X509 AA CN=aa"], await List(control, "X509", "AA", isExtended: true));
        Assert.Equal(["X509 CA CN=both"], await List(control, "X509", "CA", isExtended: true));
        Assert.Equal(["X509 CA CN=both", "X509 AA CN=aa", "X509_AC NONE CN=carol", "X509_AC NONE CN=dave"], await List(control, "any"));
        Assert.Empty(await List(control, "X509", "NONE", isExtended: true));
        Assert.Contains("loaded attribute certificate for 'CN=carol'", control.Daemon.Lines);
        Assert.Equal("yes", (await client.Request("clear-creds")).Text("success"));
        Assert.Empty(await List(control, "any"));
    }

    [Fact]
    public async Task ACertificateForBothRolesKeepsThem()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var both = Make("CN=both", isCa: true).Raw;
        foreach (var flag in (string[])["CA", "AA", "CA"]) await Load(client, Cert("X509", both, flag));
        Assert.Equal(["X509 AA CN=both"], await List(control, "X509", "AA", isExtended: true));
        Assert.Equal(["X509 CA CN=both"], await List(control, "X509", "CA"));
    }

    [Fact]
    public async Task WhatIsNoneIsRefused()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        Assert.Equal("parsing X509_AC certificate failed", (await client.Request("load-cert", Cert("X509_AC", Make("CN=aa").Raw))).Text("errmsg"));
        Assert.Empty(await List(control, "any"));
    }

    [Fact]
    public async Task GroupsAreThoseOfConnectionsAndOfAttributeCertificates()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        Assert.Empty((await client.Request("x-list-groups")).List("groups"));
        var request = new ViciSection();
        request.AddSection("gw").AddSection("remote").Add("auth", "pubkey").AddList("groups", ["sales", "research"]);
        Assert.Null((await client.Request("load-conn", request)).Text("errmsg"));
        await Load(client, Cert("X509_AC", Attributes("CN=carol", "finance", "sales")));
        Assert.Equal(["sales", "research", "finance"], (await client.Request("x-list-groups")).List("groups"));
    }
}
