// OCSP responses inside IKE: asked for, sent along, and worth as much as fetched ones. RFC 4806.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Pki.Revocation;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class OcspTests
{
    const string Uri = "http://ocsp.example/";

    static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddDays(-1), s_end = DateTimeOffset.UnixEpoch.AddDays(1);

    readonly TestAuthority _root = new("root", from: s_start, to: s_end), _ca, _moon, _sun;

    public OcspTests()
    {
        _ca = new("ca", _root, from: s_start, to: s_end, extensions: RevocationLab.Extensions(null, Uri));
        _moon = Owner("moon");
        _sun = Owner("sun");
    }

    TestAuthority Owner(string name) => new(name, _ca, isCa: false, from: s_start, to: s_end, extensions: RevocationLab.Extensions(null, Uri));

    static AuthRound By(string name, RevocationPolicy revocation = RevocationPolicy.Relaxed) => new() { Class = AuthClass.PublicKey, Id = Identity.Parse($"CN={name}"), Revocation = revocation };

    /// <summary>Two gateways that want to know for certain; neither has a responder within reach unless it gets one.</summary>
    (Pair Pair, FakeFetcher Moon, FakeFetcher Sun) Make(OcspPolicy moon, OcspPolicy sun, Func<CredentialStoreBuilder, CredentialStoreBuilder>? suns = null)
    {
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Local = [By("moon")], Remote = [By("sun")], Ocsp = moon }
            : c with { Local = [By("sun")], Remote = [By("moon", RevocationPolicy.Strict)], Ocsp = sun });
        pair.Moon.Crypto = pair.Sun.Crypto = RevocationLab.Crypto;
        pair.Moon.Engine.Configure(new(pair.Moon.Connections, Store(_moon).Build()));
        var builder = Store(_sun);
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, (suns?.Invoke(builder) ?? builder).Build()));
        var (a, b) = (new FakeFetcher(pair.Network, TimeSpan.FromSeconds(9)), new FakeFetcher(pair.Network, TimeSpan.FromSeconds(9)));
        (pair.Moon.StatusFetcher, pair.Sun.StatusFetcher) = (a, b);
        return (pair, a, b);
    }

    CredentialStoreBuilder Store(TestAuthority owner) => new CredentialStoreBuilder().Add(_root.Certificate).Add(_ca.Certificate).Add(owner.Certificate).Add(RevocationLab.Key(owner));

    TestResponder By(TestAuthority signer) => new(signer) { ThisUpdate = DateTimeOffset.UnixEpoch.AddMinutes(-1), NextUpdate = DateTimeOffset.UnixEpoch.AddHours(1) };

    // Each CA answers for what it has issued.
    void Serve(FakeFetcher at, Func<TestResponder, TestResponder>? change = null) => at.Servers[Uri] = need =>
    {
        var isOfRoot = need.CertId!.IsOf(_ca.Certificate, _root.Certificate);
        var responder = By(isOfRoot ? _root : _ca);
        return StatusAnswer.Of((isOfRoot || change is null ? responder : change(responder)).Respond(need.CertId), []);
    };

    static bool HasLogged(Gateway gateway, string text) => gateway.LogLines.Exists(l => l.Contains(text, StringComparison.Ordinal));

    static void End(Pair pair)
    {
        pair.Settle();
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void A_peer_that_is_asked_fetches_what_responders_say_of_its_chain_and_sends_it_along()
    {
        var (pair, moon, sun) = Make(OcspPolicy.Reply, OcspPolicy.Both);
        Serve(moon);
        Assert.Null(pair.Up().Error);
        Assert.True(pair.Carries());
        // Moon's own two, beside the one of sun.
        Assert.Equal(3, moon.Fetched.Count);
        Assert.Empty(sun.Fetched);
        Assert.True(HasLogged(pair.Moon, "received empty OCSP cert request"));
        foreach (var about in (string[])["moon", "ca"]) Assert.True(HasLogged(pair.Moon, $"sending OCSP status for certificate \"CN={about}\""));
        foreach (var by in (string[])["ca", "root"]) Assert.True(HasLogged(pair.Sun, $"received OCSP response issued by \"CN={by}\""));
        Assert.True(HasLogged(pair.Sun, "certificate status is good"));
        // What has verified is kept, on both ends: the next one needs no server.
        Assert.Equal(2, pair.Sun.Shared.Statuses.Current.Responses.Length);
        pair.Moon.Do(new Wish.TerminateIke(pair.Moon.Engine.Snapshots().Single().UniqueId, false, null));
        pair.Settle();
        Assert.Null(pair.Up().Error);
        Assert.Equal(3, moon.Fetched.Count);
        Assert.Empty(sun.Fetched);
        // Sun did not have to say anything of its own: nobody asked.
        Assert.False(HasLogged(pair.Sun, "sending OCSP status"));
        End(pair);
    }

    [Fact]
    public void The_initiator_may_ask_too_and_the_responder_waits_for_its_responder()
    {
        var (pair, moon, sun) = Make(OcspPolicy.Request, OcspPolicy.Reply);
        Serve(sun);
        Assert.Null(pair.Up().Error);
        Assert.True(HasLogged(pair.Sun, "sending OCSP status for certificate \"CN=sun\""));
        Assert.True(HasLogged(pair.Moon, "received OCSP response issued by \"CN=ca\""));
        Assert.True(HasLogged(pair.Moon, "certificate status is good"));
        Assert.Empty(moon.Fetched);
        End(pair);
    }

    [Theory]
    [InlineData(OcspPolicy.Never, OcspPolicy.Both)]
    [InlineData(OcspPolicy.Request, OcspPolicy.Both)]
    [InlineData(OcspPolicy.Both, OcspPolicy.Reply)]
    [InlineData(OcspPolicy.Both, OcspPolicy.Never)]
    public void Without_being_asked_or_willing_nothing_is_sent(OcspPolicy moons, OcspPolicy suns)
    {
        var (pair, moon, _) = Make(moons, suns);
        Serve(moon);
        Assert.NotNull(pair.Up().Error);
        Assert.False(HasLogged(pair.Moon, "sending OCSP status"));
        Assert.False(HasLogged(pair.Sun, "received OCSP response"));
        End(pair);
    }

    [Fact]
    public void A_revoked_peer_that_says_so_itself_is_turned_away()
    {
        var (pair, moon, sun) = Make(OcspPolicy.Reply, OcspPolicy.Request);
        Serve(moon, r => r with { Status = OcspStatus.Revoked });
        Assert.NotNull(pair.Up().Error);
        Assert.Contains("certificate \"CN=moon\" is revoked", Assert.Single(pair.Sun.Shared.Refusals.Of("sun-moon")).Reason);
        Assert.DoesNotContain(sun.Fetched, n => n.CertId!.IsOf(_moon.Certificate, _ca.Certificate));
        End(pair);
    }

    // Moon trusts a responder of its own, or its answer is old by the time that it arrives: sun asks for itself.
    [Theory]
    [InlineData(true, "ocsp response verification failed, no signer certificate 'CN=moons' found")]
    [InlineData(false, "  ocsp response is stale: since")]
    public void What_a_peer_sends_is_checked_like_what_is_fetched(bool isForeign, string line)
    {
        TestAuthority own = new("moons", from: s_start, to: s_end);
        var (pair, moon, sun) = Make(OcspPolicy.Reply, OcspPolicy.Request);
        pair.Moon.Engine.Configure(new(pair.Moon.Connections, Store(_moon).Add(own.Certificate, CertificateFlags.Trusted | CertificateFlags.Ocsp).Build()));
        Serve(moon, r => isForeign ? r with { Signer = own } : r with { NextUpdate = DateTimeOffset.UnixEpoch.AddSeconds(2) });
        Serve(sun);
        Assert.Null(pair.Up().Error);
        Assert.True(HasLogged(pair.Sun, $"received OCSP response issued by \"CN={(isForeign ? "moons" : "ca")}\""));
        Assert.True(HasLogged(pair.Sun, line));
        Assert.Contains(sun.Fetched, n => n.CertId!.IsOf(_moon.Certificate, _ca.Certificate));
        End(pair);
    }

    [Fact]
    public void A_signer_of_the_operators_is_named_in_the_request()
    {
        TestAuthority own = new("own responder", from: s_start, to: s_end);
        var (pair, moon, _) = Make(OcspPolicy.Reply, OcspPolicy.Request, b => b.Add(own.Certificate, CertificateFlags.Trusted | CertificateFlags.Ocsp));
        Serve(moon);
        Assert.Null(pair.Up().Error);
        Assert.True(HasLogged(pair.Sun, "sending OCSP cert request with self-signed OCSP-signer \"CN=own responder\""));
        Assert.True(HasLogged(pair.Moon, "received OCSP cert request with 1 unknown trusted certificates"));
        End(pair);
    }
}
