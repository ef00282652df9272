// list-certs, flush-certs, list-authorities, x-list-plugins: what the daemon tells of its credentials and modules.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Control;

namespace Cygnet.Charon.Tests;

public sealed class CertificateListTests : IAsyncLifetime
{
    const string OcspSigning = "1.3.6.1.5.5.7.3.9";

    readonly ControlSocket _control = new();
    readonly TestClient _client;

    public CertificateListTests() => _client = _control.Connect();

    // xunit 2 ends a test's IAsyncLifetime, and leaves an IAsyncDisposable as it is.
    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _control.DisposeAsync();
    }

    static byte[] Make(string subject, bool isCa = false, bool isOcsp = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, true));
        if (isOcsp) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(OcspSigning)], false));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero)).RawData;
    }

    async Task<List<byte[]>> List(string type, string? flag = null)
    {
        using var client = _control.Connect();
        var (events, _) = await client.Stream("list-cert", "list-certs", new ViciSection().Add("type", type).Add("flag", flag));
        return [.. events.Select(e => e.Message.Bytes("data")!)];
    }

    [Fact]
    public async Task OfAnyTypeACertificateIsTaken()
    {
        var one = Make("CN=one");
        Assert.Equal("yes", (await _client.Request("load-cert", new ViciSection().Add("type", "ANY").Add("data", one))).Text("success"));
        Assert.Equal([one], await List("X509", "NONE"));
    }

    [Fact]
    public async Task EachUnderItsFlagTheNewestFirst()
    {
        byte[] one = Make("CN=one"), two = Make("CN=two"), ca = Make("CN=ca", isCa: true), signer = Make("CN=ocsp", isOcsp: true), aa = Make("CN=aa");
        foreach (var (data, flag) in ((byte[], string)[])[(one, "NONE"), (two, "NONE"), (one, "NONE"), (ca, "CA"), (signer, "NONE"), (aa, "AA")])
            Assert.Equal("yes", (await _client.Request("load-cert", new ViciSection().Add("type", "X509").Add("flag", flag).Add("data", data))).Text("success"));
        Assert.Equal([two, one], await List("X509", "NONE"));
        Assert.Equal([ca], await List("X509", "CA"));
        // its own extension says what it is for
        Assert.Equal([signer], await List("X509", "OCSP"));
        Assert.Equal([aa], await List("X509", "AA"));
        Assert.Equal("yes", (await _client.Request("flush-certs", new ViciSection().Add("type", "X509"))).Text("success"));
        Assert.Equal(5, (await List("X509")).Count); // what is loaded stays
        Assert.Equal("invalid certificate type 'nosuch'", (await _client.Request("flush-certs", new ViciSection().Add("type", "nosuch"))).Text("errmsg"));
    }

    [Fact]
    public async Task AnAuthoritysCertificateOnlyForThoseWhoAsk()
    {
        var ca = Make("CN=ca", isCa: true);
        var load = new ViciSection();
        load.AddSection("lab").Add("cacert", ca).Add("cert_uri_base", "http://certs.example/");
        Assert.Equal("yes", (await _client.Request("load-authority", load)).Text("success"));
        Assert.Equal("http://certs.example/", Assert.Single(_control.Daemon.Store.Current.Credentials.Locations).CertificateBase);
        var wrong = new ViciSection();
        wrong.AddSection("lab").Add("cacert", ca).Add("cert_uri_base", "file:///etc/");
        Assert.Equal("invalid value for: cert_uri_base, authority discarded", (await _client.Request("load-authority", wrong)).Text("errmsg"));
        foreach (var isAsked in (bool[])[false, true])
        {
            using var client = _control.Connect();
            var (events, _) = await client.Stream("list-authority", "list-authorities", new ViciSection().Add("x-ext", isAsked));
            var told = Assert.Single(events).Message.Section("lab")!;
            Assert.Equal("CN=ca", told.Text("cacert"));
            Assert.Equal("http://certs.example/", told.Text("cert_uri_base"));
            Assert.Equal(isAsked ? ca : null, told.Bytes("x-cacert"));
        }
    }

    [Fact]
    public async Task ModulesNameEveryAlgorithmThatIsOffered()
    {
        var modules = (await _client.Request("x-list-plugins")).Sections.ToDictionary(m => m.Name, m => m.Sections.Where(f => f.Boolean("loaded") && f.Text("kind") == "provide").Select(f => f.Text("feature")!).ToList());
        Assert.Equal(Modules.Names, modules.Keys);
        foreach (var section in (await _client.Request("get-algorithms")).Sections)
            foreach (var algorithm in section.Values)
                Assert.Contains(modules[algorithm.Text!], feature => feature.Split(':', 2)[^1] is var name && (name == algorithm.Name || name.StartsWith($"{algorithm.Name}-", StringComparison.Ordinal)));
    }
}
