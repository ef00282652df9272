// What is wrong with a peer's certificates is told to those who watch, before whether the peer is let in.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class CertificateAlertTests
{
    static readonly DateTimeOffset s_from = DateTimeOffset.UnixEpoch.AddDays(-10), s_to = DateTimeOffset.UnixEpoch.AddDays(10);

    static TestAuthority Authority(string name, TestAuthority? issuer = null, int? pathLength = null, params System.Security.Cryptography.X509Certificates.X509Extension[] extensions) =>
        new(name, issuer, pathLength: pathLength, from: s_from, to: s_to, extensions: extensions);

    static TestAuthority Peer(TestAuthority issuer, DateTimeOffset? to = null) => new("moon", issuer, isCa: false, from: s_from, to: to ?? s_to);

    static AuthRound By(string name, RevocationPolicy revocation = RevocationPolicy.Relaxed) => new() { Class = AuthClass.PublicKey, Id = Identity.Parse($"CN={name}"), Revocation = revocation };

    /// <summary>The moon shows its certificate and what stands above it; the sun trusts that root. What the sun tells of it.</summary>
    static IEnumerable<string> Judged(TestAuthority moon, TestAuthority[] shown, TestAuthority trusted, RevocationPolicy revocation = RevocationPolicy.Relaxed)
    {
        var sun = new TestAuthority("sun", trusted, isCa: false, from: s_from, to: s_to);
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Local = [By("moon")], Remote = [By("sun")] } : c with { Local = [By("sun")], Remote = [By("moon", revocation)] });
        pair.Moon.Crypto = pair.Sun.Crypto = new SystemCrypto();
        var own = new CredentialStoreBuilder().Add(trusted.Certificate).Add(moon.Certificate).Add(SoftwareKey.FromPkcs8(moon.Pkcs8));
        foreach (var ca in shown) own.Add(ca.Certificate);
        pair.Moon.Engine.Configure(new(pair.Moon.Connections, own.Build()));
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new CredentialStoreBuilder().Add(trusted.Certificate).Add(sun.Certificate).Add(SoftwareKey.FromPkcs8(sun.Pkcs8)).Build()));
        pair.Up();
        pair.ShouldHaveNoFaults();
        Assert.Equal(pair.Sun.Alerts.Contains(AlertType.PeerAuthFailed), pair.Sun.Engine.Snapshots().All(s => s.State != IkeState.Established));
        return pair.Sun.Alerts;
    }

    [Fact]
    public void A_status_that_nobody_knows_lets_in_unless_the_connection_is_strict()
    {
        var root = Authority("root");
        Assert.Equal([AlertType.CertValidationFailed], Judged(Peer(root), [], root));
        Assert.Equal([AlertType.CertValidationFailed, AlertType.PeerAuthFailed], Judged(Peer(root), [], root, RevocationPolicy.Strict));
        var middle = Authority("middle", root);
        Assert.Equal([AlertType.CertValidationFailed, AlertType.CertValidationFailed], Judged(Peer(middle), [middle], root));
    }

    [Fact]
    public void One_whose_time_is_over()
    {
        var root = Authority("root");
        Assert.Equal([AlertType.CertExpired, AlertType.PeerAuthFailed], Judged(Peer(root, DateTimeOffset.UnixEpoch.AddDays(-1)), [], root));
    }

    [Fact]
    public void One_that_nobody_known_has_issued()
    {
        var other = Authority("other");
        Assert.Equal([AlertType.CertNoIssuer, AlertType.PeerAuthFailed], Judged(Peer(Authority("middle", other)), [], Authority("root")));
    }

    [Fact]
    public void One_that_vouches_for_itself() =>
        Assert.Equal([AlertType.CertUntrustedRoot, AlertType.PeerAuthFailed], Judged(new TestAuthority("moon", isCa: false, from: s_from, to: s_to), [], Authority("root")));

    [Fact]
    public void More_CAs_than_one_above_allows()
    {
        var root = Authority("root", pathLength: 0);
        var middle = Authority("middle", root);
        Assert.Equal([AlertType.CertExceededPathLen, AlertType.PeerAuthFailed], Judged(Peer(middle), [middle], root));
    }

    [Fact]
    public void A_policy_that_is_required_and_missing()
    {
        var root = Authority("root");
        var middle = Authority("middle", root, extensions: TestExtensions.PolicyConstraints(requireExplicit: 0));
        Assert.Equal([AlertType.CertPolicyViolation, AlertType.PeerAuthFailed], Judged(Peer(middle), [middle], root));
    }
}
