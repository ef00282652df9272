// EAP-TLS inside IKE_AUTH while the status of a certificate is asked for: the same cache as that of IKE, read and filled.
using Cygnet.Auth;
using Cygnet.Ike;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Pki.Revocation;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class EapRevocationTests
{
    static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddDays(-1), s_end = DateTimeOffset.UnixEpoch.AddDays(1);

    readonly TestAuthority _root = new("root", from: s_start, to: s_end), _moon, _sun;
    readonly Pair _pair;
    readonly FakeFetcher _moons, _suns;

    public EapRevocationTests()
    {
        _moon = Owner("moon");
        _sun = Owner("sun");
        _pair = new(change: c => c.Name == "moon-sun" ? c with { Local = [By("moon", AuthClass.Eap)], Remote = [By("sun", AuthClass.PublicKey)] }
            : c with { Local = [By("sun", AuthClass.PublicKey)], Remote = [By("moon", AuthClass.Eap)] });
        foreach (var (gateway, owner) in new[] { (_pair.Moon, _moon), (_pair.Sun, _sun) })
        {
            gateway.Crypto = RevocationLab.Crypto;
            gateway.Engine.Configure(new(gateway.Connections, new CredentialStoreBuilder().Add(_root.Certificate).Add(owner.Certificate).Add(RevocationLab.Key(owner)).Build()));
        }
        // Longer than a few retransmissions of the peer.
        (_moons, _suns) = (new(_pair.Network, TimeSpan.FromSeconds(9)), new(_pair.Network, TimeSpan.FromSeconds(9)));
        (_pair.Moon.StatusFetcher, _pair.Sun.StatusFetcher) = (_moons, _suns);
    }

    TestAuthority Owner(string name) => new(name, _root, isCa: false, from: s_start, to: s_end, extensions: RevocationLab.Extensions(RevocationLab.CrlUri, null));

    static AuthRound By(string name, AuthClass by) => new() { Class = by, Method = by == AuthClass.Eap ? "eap-tls" : "", Id = Identity.Parse($"CN={name}"), Revocation = RevocationPolicy.Strict };

    void Serve(params Cygnet.Pki.RevokedCertificate[] revoked)
    {
        var crl = RevocationLab.Crl(_root, 1, revoked, c => c with { ThisUpdate = s_start, NextUpdate = s_end });
        _moons.Servers[RevocationLab.CrlUri] = _suns.Servers[RevocationLab.CrlUri] = _ => StatusAnswer.Of(crl, []);
    }

    [Fact]
    public void The_peers_wait_and_what_was_fetched_serves_the_next_one()
    {
        Serve();
        Assert.Null(_pair.Up().Error);
        Assert.True(_pair.Carries());
        Assert.Contains(_pair.Sun.LogLines, l => l.Contains("received TLS peer certificate 'CN=moon'", StringComparison.Ordinal));
        // Moon has judged sun twice, in IKE and inside EAP, and asked once.
        Assert.Single(_moons.Fetched);
        Assert.Single(_suns.Fetched);
        Assert.Single(_suns.Kept);
        Assert.Single(_pair.Sun.Shared.Statuses.Current.Crls);
        _pair.Moon.Do(new Wish.TerminateIke(_pair.Moon.Engine.Snapshots().Single().UniqueId, false, null));
        _pair.Settle();
        Assert.Null(_pair.Up().Error);
        Assert.Single(_suns.Fetched);
        Assert.Contains(_pair.Sun.LogLines, l => l.Contains("  using cached crl", StringComparison.Ordinal));
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void A_revoked_client_is_turned_away()
    {
        Serve(new Cygnet.Pki.RevokedCertificate(_moon.Certificate.SerialNumber, DateTimeOffset.UnixEpoch, Cygnet.Pki.RevocationReason.KeyCompromise));
        Assert.NotNull(_pair.Up().Error);
        Assert.Equal([AlertType.CertRevoked, AlertType.PeerAuthFailed], _pair.Sun.Alerts.Where(t => t != AlertType.RetransmitReceive));
        Assert.Equal([AlertType.LocalAuthFailed], _pair.Moon.Alerts.Where(t => !t.StartsWith("retransmit", StringComparison.Ordinal)));
        _pair.Settle();
        Assert.Contains("EAP failed", Assert.Single(_pair.Sun.Shared.Refusals.Of("sun-moon")).Reason);
        Assert.Empty(_pair.Sun.Engine.Snapshots());
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void A_peer_that_is_gone_meanwhile_leaves_nothing()
    {
        Serve();
        _pair.Moon.Do(new Wish.Initiate(_pair.MoonConnection, _pair.MoonConnection.Children[0], new Outcome()));
        _pair.Network.RunUntil(() => _suns.Fetched.Count > 0, TimeSpan.FromMinutes(2));
        Assert.Single(_suns.Fetched);
        _pair.Sun.Do(new Wish.TerminateIke(_pair.Sun.Engine.Snapshots().Single().UniqueId, true, null));
        _pair.Settle(20);
        _pair.ShouldHaveNoFaults();
    }
}
