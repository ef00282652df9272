// The list commands: the reference's own texts for the credentials in Pki/, and the same as JSON.
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Cygnet.Command.Commands;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class ListTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("lists").FullName;
    readonly StringWriter _out = new(), _error = new();
    readonly CannedVici _charon;

    public ListTests()
    {
        _charon = Charon();
        File.WriteAllText($"{_root}/charon.pid", "1\n");
    }

    public void Dispose() => Directory.Delete(_root, true);

    // When the reference was asked for the texts.
    static readonly DateTimeOffset s_now = new(2026, 11, 22, 11, 1, 56, TimeSpan.Zero);

    int Run(params string[] args) => Ipsec.Run(new(new Paths(_root, _root, _root, _root, ""), _out, _error) { Connect = () => _charon, Now = () => s_now }, "ipsec", args);

    string Said(params string[] args)
    {
        _out.GetStringBuilder().Clear();
        Assert.Equal(ExitCode.Success, Run(args));
        return _out.ToString();
    }

    /// <summary>A file of Pki/.</summary>
    internal static string Pem(string name) => File.ReadAllText(Golden.PathOf($"../ipsec.Tests/Pki/{name}.pem"));

    /// <summary>One of them as list-certs sends it.</summary>
    internal static ViciSection Certificate(string name) => new ViciSection().Add("type", "X509").Add("data", Der(name));

    static byte[] Der(string name)
    {
        var pem = Pem(name);
        return Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
    }

    static CannedVici Charon()
    {
        return new CannedVici().Streams("list-certs", Certificates).Streams("list-authorities", _ => [Authority()]);

        static IEnumerable<ViciSection> Certificates(ViciSection request) => (request.Text("type"), request.Text("flag")) switch
        {
            ("PUBKEY", _) => [Event("PUBKEY", "raw", true).Add("subject", "peer.golden.test")],
            ("X509", "NONE") => [Event("X509", "moon-early", true), Event("X509", "moon-expired"), Event("X509", "moon-rsa", true)],
            ("X509", "CA") => [Event("X509", "ca")],
            ("X509", "OCSP") => [Event("X509", "ocsp")],
            ("X509", "AA") => [Event("X509", "aa")],
            ("X509_AC", _) => [Event("X509_AC", "acert")],
            ("OCSP_RESPONSE", _) => [Event("OCSP_RESPONSE", "ocsp-response")],
            ("X509_CRL", _) => [Event("X509_CRL", "ca.crl")],
            _ => [],
        };

        static ViciSection Event(string type, string name, bool hasKey = false)
        {
            var e = new ViciSection().Add("type", type);
            return (hasKey ? e.Add("has_privkey", "yes") : e).Add("data", Der(name));
        }

        static ViciSection Authority()
        {
            var message = new ViciSection();
            message.AddSection("golden").Add("cacert", "C=CH, O=Golden Lab, CN=Golden Root CA").AddList("crl_uris", ["http://192.0.2.9:8881/ca.crl", "http://192.0.2.9:8882/ca.crl"])
                .AddList("ocsp_uris", ["http://192.0.2.9:8880"]).Add("cert_uri_base", "http://192.0.2.9/certs/").Add("x-cacert", Der("ca"));
            return message;
        }
    }

    [Theory]
    [InlineData("listpubkeys")]
    [InlineData("listcerts")]
    [InlineData("listcacerts")]
    [InlineData("listocspcerts")]
    [InlineData("listaacerts")]
    [InlineData("listacerts")]
    [InlineData("listcainfos")]
    [InlineData("listcrls")]
    [InlineData("listocsp")]
    public void AsTheReferencePrintsIt(string word)
    {
        Golden.Equal($"{word}.txt", Said(word));
        Assert.Equal("", _error.ToString());
    }

    // A list of a public CA comes in several messages.
    [Fact]
    public void WhatIsLongerThanAMessageComesInSeveral()
    {
        var whole = Said("listcrls");
        var crl = Der("ca.crl");
        _charon.Streams("list-certs", _ =>
        [
            new ViciSection().Add("type", "X509_CRL").AddList("data", [crl[..100], crl[100..150]]).Add("more", "yes"),
            new ViciSection().Add("type", "X509_CRL").AddList("data", [crl[150..]]),
        ]);
        Assert.Equal(whole, Said("listcrls"));
    }

    [Theory]
    [InlineData("listcerts")]
    [InlineData("listcrls")]
    public void InUniversalTime(string word)
    {
        Golden.Equal($"{word}-utc.txt", Said(word, "--utc"));
        Golden.Equal($"{word}-utc.txt", Said("stroke", "--u", word, "more"));
    }

    [Fact]
    public void EverythingInOrder()
    {
        _charon.On("get-algorithms", new()).On("x-list-plugins", new());
        var all = Said("listall");
        Assert.Equal(
        [
            "List of CA Information Sections:", "List of Raw Public Keys", "List of X.509 End Entity Certificates", "List of X.509 CA Certificates",
            "List of X.509 OCSP Signer Certificates", "List of X.509 AA Certificates", "List of X.509 Attribute Certificates", "List of X.509 CRLs", "List of OCSP Responses", "List of registered IKE algorithms:", "List of loaded Plugins:",
        ], all.Split('\n').Where(l => l.StartsWith("List of ", StringComparison.Ordinal)));
        Assert.StartsWith(string.Concat(((string[])["listcainfos", "listpubkeys", "listcerts", "listcacerts", "listocspcerts", "listaacerts", "listacerts", "listcrls", "listocsp"]).Select(w => Said(w))), all);
    }

    [Theory]
    [InlineData("listpubkeys")]
    [InlineData("listcerts")]
    [InlineData("listcacerts")]
    [InlineData("listacerts")]
    [InlineData("listcainfos")]
    [InlineData("listocsp")]
    [InlineData("listgroups")]
    public void NothingToListPrintsNothing(string word)
    {
        _charon.Streams("list-certs", _ => []).Streams("list-authorities", _ => []).Streams("list-conns", _ => []);
        Assert.Equal("", Said(word));
        Assert.Equal("[]\n", Said(word, "--json"));
    }

    [Fact]
    public void ThoseOfOneIssuerStandTogether()
    {
        var other = Encoding(CertificateOf("CN=other"), "X509");
        _charon.Streams("list-certs", _ => [Encoding(Der("moon-rsa"), "X509"), other, Encoding(Der("moon-early"), "X509")]);
        Assert.Equal(["OU=rsa", "OU=ed25519", "CN=other"], Said("listcerts").Split('\n').Where(l => l.StartsWith("  subject:", StringComparison.Ordinal)).Select(l => l.Split('"')[1].Split(", ") is { Length: > 2 } p ? p[2] : "CN=other"));

        static ViciSection Encoding(byte[] der, string type) => new ViciSection().Add("type", type).Add("data", der);

        static byte[] CertificateOf(string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return new System.Security.Cryptography.X509Certificates.CertificateRequest(name, key, HashAlgorithmName.SHA256).CreateSelfSigned(s_now, s_now.AddDays(1)).RawData;
        }
    }

    [Fact]
    public void WhatCannotBeReadIsComplainedOf()
    {
        _charon.Streams("list-certs", _ => [new ViciSection().Add("type", "X509").Add("data", "\u0001\u0002\u0003")]);
        Assert.Equal("", Said("listcerts"));
        Assert.StartsWith("one of the X.509 End Entity Certificates cannot be shown: ", _error.ToString());
    }

    [Fact]
    public void AsJson()
    {
        _charon.On("get-algorithms", new()).On("x-list-plugins", new());
        using var document = JsonDocument.Parse(Said("listall", "--json"));
        var all = document.RootElement;
        var rsa = all.GetProperty("certs").EnumerateArray().Last();
        Assert.Equal("C=CH, O=Golden Lab, OU=rsa, CN=moon.golden.test", rsa.GetProperty("subject").GetString());
        Assert.Equal("2031-01-01T00:00:00Z", rsa.GetProperty("not-after").GetString());
        Assert.True(rsa.GetProperty("has-private-key").GetBoolean());
        Assert.Equal(2048, rsa.GetProperty("key-bits").GetInt32());
        Assert.Equal(["moon.golden.test", "192.0.2.1"], rsa.GetProperty("alt-names").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(Der("moon-rsa"), Cygnet.Pki.Certificate.TryParse(System.Text.Encoding.ASCII.GetBytes(rsa.GetProperty("pem").GetString()!), out _)!.Raw);
        Assert.Equal("http://192.0.2.9:8882/ca.crl", all.GetProperty("cainfos")[0].GetProperty("crluris")[1].GetString());
        Assert.Equal("key compromise", all.GetProperty("crls")[0].GetProperty("revoked")[0].GetProperty("reason").GetString());
        Assert.Equal(["good", "revoked", "unknown"], all.GetProperty("ocsp")[0].GetProperty("responses").EnumerateArray().Select(e => e.GetProperty("status").GetString()));
        Assert.Equal("peer.golden.test", all.GetProperty("pubkeys")[0].GetProperty("subject").GetString());
    }

    [Fact]
    public void GroupsWithTheConnsThatAskForThem()
    {
        var message = new ViciSection();
        var c = message.AddSection("rw");
        c.AddSection("local-1").AddList("groups", ["of ourselves"]);
        c.AddSection("remote-1").AddList("groups", ["sales", "finance"]);
        var children = c.AddSection("children");
        children.AddSection("rw");
        children.AddSection("rw2");
        var other = new ViciSection();
        other.AddSection("net").AddSection("remote-1").AddList("groups", ["sales"]);
        other.Section("net")!.AddSection("children").AddSection("net");
        _charon.Streams("list-conns", _ => [message, other]);
        const string holder = "  members:   \"C=CH, O=Golden Lab, OU=rsa, CN=moon.golden.test\"\n";
        Assert.Equal($"\nList of Groups\n\n  group:     finance\n  conns:     rw, rw2\n{holder}\n  group:     sales\n  conns:     net, rw, rw2\n{holder}", Said("listgroups"));
        using var document = JsonDocument.Parse(Said("listgroups", "--json"));
        Assert.Equal("net", document.RootElement[1].GetProperty("conns")[0].GetString());
    }

    [Fact]
    public void AlgorithmsInLinesOf120Columns()
    {
        var s = new ViciSection();
        var many = s.AddSection("encryption");
        for (var i = 0; i < 12; i++) many.Add($"AES_CBC_{i:d2}", "openssl");
        s.AddSection("ke").Add("CURVE_25519", "openssl");
        s.AddSection("nonce-gen").Add("NONCE_GEN", "nonce");
        _charon.On("get-algorithms", s);
        const string first = "  encryption: AES_CBC_00[openssl] AES_CBC_01[openssl] AES_CBC_02[openssl] AES_CBC_03[openssl] AES_CBC_04[openssl]";
        Assert.Equal($"""

            List of registered IKE algorithms:

            {first}
                          AES_CBC_05[openssl] AES_CBC_06[openssl] AES_CBC_07[openssl] AES_CBC_08[openssl] AES_CBC_09[openssl]
                          AES_CBC_10[openssl] AES_CBC_11[openssl]
              integrity: 
              aead:      
              hasher:    
              prf:       
              xof:       
              kdf:       
              drbg:      
              dh-group:   CURVE_25519[openssl]
              random-gen:
              nonce-gen:  [nonce]

            """, Said("listalgs"));
        using var document = JsonDocument.Parse(Said("listalgs", "--json"));
        Assert.Equal("CURVE_25519", document.RootElement.GetProperty("dh-group")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Plugins()
    {
        var s = new ViciSection();
        Feature(s.AddSection("nonce"), ("provide", "NONCE_GEN", true), ("depend", "RNG:RNG_WEAK", true));
        Feature(s.AddSection("socket"), ("provide", "CUSTOM:socket", false), ("soft", "CUSTOM:kernel-ipsec", true));
        _charon.On("x-list-plugins", s);
        Assert.Equal("\nList of loaded Plugins:\n\nnonce:\n    NONCE_GEN\n        RNG:RNG_WEAK\nsocket:\n    CUSTOM:socket (not loaded)\n        CUSTOM:kernel-ipsec (soft)\n", Said("listplugins"));
        using var document = JsonDocument.Parse(Said("listplugins", "--json"));
        Assert.False(document.RootElement.GetProperty("socket")[0].GetProperty("loaded").GetBoolean());

        static void Feature(ViciSection module, params (string Kind, string Text, bool Loaded)[] features)
        {
            foreach (var (i, (kind, text, loaded)) in features.Index()) module.AddSection($"{i}").Add("kind", kind).Add("feature", text).Add("loaded", loaded);
        }
    }

    [Fact]
    public void PluginsOfADaemonThatOnlyNamesThem()
    {
        _charon.On("stats", new ViciSection().AddList("plugins", ["aes", "vici"]));
        Assert.Equal("\nList of loaded Plugins:\n\naes:\nvici:\n", Said("listplugins"));
    }

    [Fact]
    public void Counters()
    {
        var answer = new ViciSection();
        var set = answer.AddSection("counters").AddSection("");
        string[] keys =
        [
            "ike-rekey-init", "ike-rekey-resp", "child-rekey", "invalid", "invalid-spi", "ike-init-in-req", "ike-init-in-resp", "ike-init-out-req", "ike-init-out-resp",
            "ike-auth-in-req", "ike-auth-in-resp", "ike-auth-out-req", "ike-auth-out-resp", "create-child-in-req", "create-child-in-resp", "create-child-out-req",
            "create-child-out-resp", "info-in-req", "info-in-resp", "info-out-req", "info-out-resp",
        ];
        long[] values = GoldenValues("listcounters.txt");
        foreach (var (i, key) in keys.Index()) set.Add(key, values[i]);
        _charon.On("get-counters", answer);
        Golden.Equal("listcounters.txt", Said("listcounters"));
        Assert.Equal("get-counters", _charon.Requests[^1]);
        using var document = JsonDocument.Parse(Said("listcounters", "--json"));
        Assert.Equal(values[7], document.RootElement[0].GetProperty("ikeOutInitReq").GetInt64());
        Said("listcounters", "net-net");
        Assert.Equal("get-counters name=net-net", _charon.Requests[^1]);
        Said("listcounters", "all");
        Assert.Equal("get-counters all=yes", _charon.Requests[^1]);

        static long[] GoldenValues(string name, [CallerFilePath] string here = "") =>
            [.. File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "Golden", name)).Where(l => l.StartsWith("ike", StringComparison.Ordinal)).Select(l => long.Parse(l[18..].Trim()))];
    }

    [Fact]
    public void CountersOfAName()
    {
        var answer = new ViciSection();
        answer.AddSection("counters").AddSection("net-net");
        _charon.On("get-counters", answer);
        var text = Said("listcounters", "net-net");
        Assert.StartsWith("\nList of IKE counters for 'net-net':\n\nikeInitRekey                  0\n", text);
        _charon.On("get-counters", new ViciSection().Add("success", "no"));
        Said("listcounters", "nosuch");
        Assert.Equal("No IKE counters found for 'nosuch'\n", Said("listcounters", "nosuch"));
        Assert.Equal("", Said("listcounters", "all"));
    }
}
