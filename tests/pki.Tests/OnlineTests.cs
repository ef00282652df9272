// pki --verify --online: CRLs and OCSP from servers on loopback, with the same outcome as the reference's.
namespace Cygnet.PkiTool.Tests;

public sealed class OnlineTests : IDisposable
{
    const string Never = "127.0.0.1:9/nobody";

    readonly Desk _desk = new();
    readonly WebServer _web;
    readonly Lock _one = new();
    int _requests;

    public OnlineTests()
    {
        _web = new(Answer);
        _desk.Make("key", "--gen --size 2048 --outform pem");
        _desk.Make("ca", "--self --in @key --dn 'C=CH, CN=ca' --ca --outform pem");
        _desk.Make("other", "--gen --type ecdsa");
        _desk.Make("bad.crl", "--signcrl --cacert @ca --cakey @key --reason key-compromise --serial 05");
        _desk.Make("stale.crl", "--signcrl --cacert @ca --cakey @key --this-update 20200101000000 --next-update 20200201000000 --dateform %Y%m%d%H%M%S");
        // Of a higher number: of two with the same one none is newer.
        _desk.Make("good.crl", "--signcrl --cacert @ca --cakey @key --lastcrl @stale.crl --serial 77");
        File.WriteAllText(_desk["junk.crl"], "no CRL");
    }

    public void Dispose()
    {
        _web.Dispose();
        _desk.Dispose();
    }

    byte[]? Answer(string path, byte[] body)
    {
        Interlocked.Increment(ref _requests);
        if (path != "ocsp-good" && path != "ocsp-revoked") return File.Exists(_desk[path]) ? File.ReadAllBytes(_desk[path]) : null;
        lock (_one)
        {
            File.WriteAllText(_desk["index.txt"], path == "ocsp-good" ? "V\t491231235959Z\t\t05\tunknown\t/CN=leaf\n" : "R\t491231235959Z\t240101000000Z,keyCompromise\t05\tunknown\t/CN=leaf\n");
            File.WriteAllBytes(_desk["request"], body);
            _desk.OpenSsl($"ocsp -index {_desk["index.txt"]} -CA {_desk["ca"]} -rsigner {_desk["ca"]} -rkey {_desk["key"]} -reqin {_desk["request"]} -respout {_desk["response"]} -nmin 5");
            return File.ReadAllBytes(_desk["response"]);
        }
    }

    void Issue(string locations)
    {
        var words = locations.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')).Select(l => $"--{l[0]} {(l[1] == "down" ? "http://" + Never : _web.At(l[1]))}");
        _desk.Make("leaf", $"--issue --type priv --in @other --dn CN=leaf --serial 05 --cacert @ca --cakey @key {string.Join(' ', words)}");
    }

    [ReferenceTheory]
    [InlineData("", 0, "certificate trusted, lifetimes valid, no revocation information\n")]
    [InlineData("crl=good.crl", 0, "certificate trusted, lifetimes valid, certificate not revoked\n")]
    [InlineData("crl=bad.crl", 1, "certificate untrusted\n")]
    [InlineData("crl=stale.crl", 0, "certificate trusted, lifetimes valid, revocation information stale\n")]
    [InlineData("crl=stale.crl crl=good.crl", 0, "certificate trusted, lifetimes valid, certificate not revoked\n")]
    [InlineData("crl=missing.crl", 0, "certificate trusted, lifetimes valid, revocation checking failed\n")]
    [InlineData("crl=junk.crl crl=good.crl", 0, "certificate trusted, lifetimes valid, certificate not revoked\n")]
    [InlineData("crl=down", 0, "certificate trusted, lifetimes valid, revocation checking failed\n")]
    [InlineData("ocsp=ocsp-good", 0, "certificate trusted, lifetimes valid, certificate not revoked\n")]
    [InlineData("ocsp=ocsp-good crl=bad.crl", 0, "certificate trusted, lifetimes valid, certificate not revoked\n")]
    [InlineData("ocsp=ocsp-revoked crl=good.crl", 1, "certificate untrusted\n")]
    [InlineData("ocsp=down crl=good.crl", 0, "certificate trusted, lifetimes valid, certificate not revoked\n")]
    [InlineData("ocsp=down crl=bad.crl", 1, "certificate untrusted\n")]
    [InlineData("ocsp=good.crl", 0, "certificate trusted, lifetimes valid, revocation checking failed\n")]
    public void TheOutcomeIsTheReferences(string locations, int exit, string text)
    {
        Issue(locations);
        var (ours, theirs) = (_desk.Pki("--verify --online --in @leaf --cacert @ca"), _desk.Reference("--verify --online --in @leaf --cacert @ca"));
        Assert.Equal((exit, text), (ours.Exit, ours.Text));
        Assert.Equal((theirs.Exit, theirs.Text), (ours.Exit, ours.Text));
    }

    [Fact]
    public void WithoutTheWordNothingIsFetched()
    {
        Issue("ocsp=ocsp-revoked crl=bad.crl");
        Assert.Equal("certificate trusted, lifetimes valid\n", _desk.Pki("--verify --in @leaf --cacert @ca").Text);
        Assert.Equal("certificate trusted, lifetimes valid, certificate not revoked\n", _desk.Pki("--verify --in @leaf --cacert @ca --crl @good.crl").Text);
        // nor because a certificate says so that nobody vouches for
        _desk.Make("stranger", "--self --in @other --dn 'C=CH, CN=ca' --ca");
        Assert.Equal("certificate untrusted\n", _desk.Pki("--verify --online --in @leaf --cacert @stranger").Text);
        Assert.Equal(0, _requests);
        Assert.Equal("certificate untrusted\n", _desk.Pki("--verify --online --in @leaf --cacert @ca").Text);
        Assert.NotEqual(0, _requests);
    }

    [Fact]
    public void SaysWhatItFetchedAndWhatCameOfIt()
    {
        Issue("ocsp=missing crl=bad.crl");
        var outcome = _desk.Pki("--verify --online --in @leaf --cacert @ca");
        var lines = outcome.Error.Split('\n');
        Assert.Equal(lines.Length - 1, lines[..^1].Distinct().Count());
        foreach (var line in (string[])[$"  requesting ocsp status from '{_web.At("missing")}' ...", "  the server answers 404 Not Found", $"ocsp request to {_web.At("missing")} failed", "ocsp check failed, fallback to crl",
            $"  fetching crl from '{_web.At("bad.crl")}' ..."]) Assert.Contains(line, lines);
        Assert.Contains("certificate was revoked on ", outcome.Error);
        var quiet = _desk.Pki("--verify --online --in @leaf --cacert @ca --debug 0");
        Assert.Equal((1, ""), (quiet.Exit, quiet.Error));
        // The responder can be switched off, as for the daemon.
        File.WriteAllText(_desk["strongswan.conf"], "pki { plugins { revocation { enable_ocsp = no\n enable_crl = no } } }");
        Assert.Equal("certificate trusted, lifetimes valid, no revocation information\n", _desk.Pki("--verify --online --in @leaf --cacert @ca").Text);
    }

    [ReferenceFact]
    public void DirectoriesOfAuthoritiesAndLists()
    {
        Issue("");
        foreach (var directory in (string[])["cas", "crls", "junk"]) Directory.CreateDirectory(_desk[directory]);
        File.Copy(_desk["ca"], _desk["cas/ca"]);
        File.Copy(_desk["good.crl"], _desk["crls/good"]);
        foreach (var directory in (string[])["cas", "crls", "junk"]) File.WriteAllText(_desk[directory + "/README"], "not one of them");
        Comparison.Same(_desk, "--verify --in @leaf --cacert @cas");
        Comparison.Same(_desk, "--verify --in @leaf --cacert @cas --crl @crls");
        Assert.Equal("certificate trusted, lifetimes valid, certificate not revoked\n", _desk.Pki("--verify --in @leaf --cacert @cas --crl @crls").Text);
        var refused = _desk.Pki("--verify --in @leaf --cacert @junk");
        Assert.Equal((1, ""), (refused.Exit, refused.Text));
        Assert.Contains("parsing CA certificate failed: --cacert '", refused.Error);
    }
}
