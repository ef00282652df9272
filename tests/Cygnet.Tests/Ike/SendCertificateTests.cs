// send_cert and send_certreq of a connection, and policies: what is sent, or installed, and what is not.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class SendCertificateTests
{
    /// <summary>The sun has the certificate of the moon already: the IKE_SA comes up whatever is sent.</summary>
    [Theory]
    [InlineData(CertPolicy.IfAsked, true, true)]
    [InlineData(CertPolicy.IfAsked, false, false)]
    [InlineData(CertPolicy.Always, false, true)]
    [InlineData(CertPolicy.Never, true, false)]
    public void A_certificate_is_sent_as_the_connection_says(CertPolicy atMoon, bool sunAsks, bool isSent)
    {
        DateTimeOffset from = DateTimeOffset.UnixEpoch.AddDays(-10), to = DateTimeOffset.UnixEpoch.AddDays(10);
        var root = new TestAuthority("root", from: from, to: to);
        TestAuthority moon = new("moon", root, isCa: false, from: from, to: to), sun = new("sun", root, isCa: false, from: from, to: to);
        static AuthRound By(string name) => new() { Class = AuthClass.PublicKey, Id = Identity.Parse($"CN={name}") };
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Local = [By("moon")], Remote = [By("sun")], SendCert = atMoon }
            : c with { Local = [By("sun")], Remote = [By("moon")], SendCertReq = sunAsks });
        pair.Moon.Crypto = pair.Sun.Crypto = new SystemCrypto();
        foreach (var (gateway, own) in new[] { (pair.Moon, moon), (pair.Sun, sun) })
            gateway.Engine.Configure(new(gateway.Connections,
                new CredentialStoreBuilder().Add(root.Certificate).Add(moon.Certificate).Add(sun.Certificate).Add(SoftwareKey.FromPkcs8(own.Pkcs8)).Build()));
        Assert.Null(pair.Up().Error);
        pair.ShouldHaveNoFaults();
        Assert.Equal(isSent, pair.Moon.LogLines.Exists(l => l.Contains("sending end entity cert \"CN=moon\"")));
        Assert.Equal(isSent, pair.Sun.LogLines.Exists(l => l.Contains("received end entity cert \"CN=moon\"")));
        Assert.Equal(sunAsks, pair.Moon.LogLines.Exists(l => l.Contains("received cert request for \"CN=root\"")));
        Assert.Contains(pair.Sun.LogLines, l => l.Contains("received cert request for \"CN=root\""));
    }

    [Fact]
    public void A_child_without_policies_has_its_SAs_and_carries_nothing_by_itself()
    {
        Assert.True(Pair.Established().Carries());
        var pair = Pair.Established(change: c => c with { Children = [c.Children[0] with { InstallsPolicy = false }] });
        Assert.Equal(ChildState.Installed, Assert.Single(Pair.Ike(pair.Moon).Children).State);
        Assert.False(pair.Carries());
    }
}
