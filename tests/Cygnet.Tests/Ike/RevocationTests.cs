// IKE_AUTH while the status of a certificate is asked for: the peer waits, is let in or turned away, and ipsec why names the certificate and the remedy.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Pki;
using Cygnet.Pki.Make;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class RevocationTests
{
    const string Uri = "http://crl.example/";

    static readonly SystemCrypto s_crypto = new();
    static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddDays(-1), s_end = DateTimeOffset.UnixEpoch.AddDays(1);

    readonly SoftwareKey _rootKey = NewKey();
    readonly Certificate _root;
    readonly Dictionary<string, (Certificate Certificate, SoftwareKey Key)> _owners = [];
    readonly Pair _pair;
    readonly FakeFetcher _fetcher;

    public RevocationTests()
    {
        _root = Make("root", _rootKey, null);
        foreach (var name in (string[])["moon", "sun"])
        {
            var key = NewKey();
            _owners[name] = (Make(name, key, name == "moon" ? Uri : null), key);
        }
        _pair = new(change: c => c.Name == "moon-sun" ? c with { Local = [By("moon")], Remote = [By("sun")] } : c with { Local = [By("sun")], Remote = [By("moon") with { Revocation = RevocationPolicy.Strict }] });
        _pair.Moon.Crypto = _pair.Sun.Crypto = s_crypto;
        _pair.Moon.Engine.Configure(new(_pair.Moon.Connections, Store("moon")));
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, Store("sun")));
        // Longer than a few retransmissions of the peer.
        _fetcher = new(_pair.Network, TimeSpan.FromSeconds(9));
        _pair.Sun.StatusFetcher = _fetcher;
    }

    static SoftwareKey NewKey() => SoftwareKey.FromDer(KeyMaker.Make(KeyKind.Ed25519, 0).Der, out _)!;

    static AuthRound By(string name) => new() { Class = AuthClass.PublicKey, Id = Identity.Parse($"CN={name}") };

    Certificate Make(string name, SoftwareKey key, string? crl)
    {
        var content = new CertificateContent
        {
            Subject = Identity.Parse($"CN={name}"), Issuer = Identity.Parse("CN=root"), PublicKey = key.Public, SerialNumber = [0x0a, (byte)name[0]], NotBefore = s_start, NotAfter = s_end,
            IsCa = name == "root", CrlLocations = crl is null ? [] : [new(crl, null)],
        };
        return Certificate.TryParse(CertificateMaker.Make(content, _rootKey, SignatureScheme.Ed25519, s_crypto), out _)!;
    }

    CredentialStore Store(string name) => new CredentialStoreBuilder().Add(_root).Add(_owners[name].Certificate).Add(_owners[name].Key).Build();

    void Serve(params RevokedCertificate[] revoked)
    {
        var crl = CrlMaker.Make(new(_root.Subject, _root.PublicKey.KeyId) { Number = [1], ThisUpdate = s_start, NextUpdate = s_end, Revoked = revoked }, _rootKey, SignatureScheme.Ed25519, s_crypto);
        _fetcher.Servers[Uri] = _ => StatusAnswer.Of(crl, []);
    }

    RefusalEntry Refused()
    {
        Assert.NotNull(_pair.Up().Error);
        _pair.Settle();
        Assert.Empty(_pair.Sun.Engine.Snapshots());
        _pair.ShouldHaveNoFaults();
        return Assert.Single(_pair.Sun.Shared.Refusals.Of("sun-moon"));
    }

    [Fact]
    public void A_peer_waits_while_the_list_is_fetched_and_the_next_one_does_not()
    {
        Serve();
        Assert.Null(_pair.Up().Error);
        Assert.True(_pair.Carries());
        string[] lines = ["checking certificate status of", "fetching crl from 'http://crl.example/' ...", "crl correctly signed by", "certificate status is good"];
        foreach (var line in lines) Assert.Single(_pair.Sun.LogLines, l => l.Contains(line, StringComparison.Ordinal));
        Assert.Single(_fetcher.Fetched);
        Assert.Single(_fetcher.Kept);
        Assert.Single(_pair.Sun.Shared.Statuses.Current.Crls);
        _pair.Moon.Do(new Wish.TerminateIke(_pair.Moon.Engine.Snapshots().Single().UniqueId, false, null));
        _pair.Settle();
        Assert.Null(_pair.Up().Error);
        Assert.Single(_fetcher.Fetched);
        Assert.Contains(_pair.Sun.LogLines, l => l.Contains("  using cached crl", StringComparison.Ordinal));
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void A_revoked_peer_is_turned_away_with_the_certificate_and_the_remedy()
    {
        Serve(new RevokedCertificate(_owners["moon"].Certificate.SerialNumber, DateTimeOffset.UnixEpoch, RevocationReason.KeyCompromise));
        var refusal = Refused();
        Assert.Contains("certificate \"CN=moon\" is revoked", refusal.Reason);
        Assert.Contains("the CA has to issue another certificate", refusal.Change);
        Assert.Equal([AlertType.CertRevoked, AlertType.PeerAuthFailed], _pair.Sun.Alerts.Where(t => t != AlertType.RetransmitReceive));
        Assert.Contains("certificate was revoked on Jan 01 00:00:00 UTC 1970, reason: key compromise", refusal.Facts);
    }

    [Fact]
    public void An_unknown_status_turns_away_if_the_policy_is_strict_and_says_what_would_help()
    {
        var refusal = Refused();
        Assert.Contains("RULE_CRL_VALIDATION is FAILED, but requires at least GOOD for \"CN=moon\"", refusal.Reason);
        Assert.Contains("'crluri='", refusal.Change);
        Assert.Contains("crl fetching failed", refusal.Facts);
        Assert.Contains("no route to host", refusal.Facts);
    }

    [Fact]
    public void The_initiator_asks_too()
    {
        var fetcher = new FakeFetcher(_pair.Network, TimeSpan.FromSeconds(9));
        _pair.Moon.StatusFetcher = fetcher;
        _pair.Moon.Engine.Configure(new(_pair.Moon.Connections, new CredentialStoreBuilder(Store("moon")).Add(new AuthorityLocations(_root, [Uri], [], "x")).Build()));
        Serve();
        fetcher.Servers[Uri] = _fetcher.Servers[Uri];
        Assert.Null(_pair.Up().Error);
        Assert.Single(fetcher.Fetched);
        Assert.Contains(_pair.Moon.LogLines, l => l.Contains("certificate status is good", StringComparison.Ordinal));
        Assert.True(_pair.Carries());
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void A_peer_that_is_gone_meanwhile_leaves_nothing()
    {
        Serve();
        var outcome = new Outcome();
        _pair.Moon.Do(new Wish.Initiate(_pair.MoonConnection, _pair.MoonConnection.Children[0], outcome));
        _pair.Network.RunUntil(() => _fetcher.Fetched.Count > 0, TimeSpan.FromSeconds(30));
        _pair.Sun.Do(new Wish.TerminateIke(_pair.Sun.Engine.Snapshots().Single().UniqueId, true, null));
        _pair.Settle(20);
        _pair.ShouldHaveNoFaults();
    }
}
