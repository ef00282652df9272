// Revocation inside EAP: the conversation waits while it is looked up, and nothing is sent or believed before. RFC 5216 5.4.
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Eap;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Pki.Revocation;

namespace Cygnet.Tests.Eap;

public sealed class EapRevocationTests
{
    public static TheoryData<string, TlsVersion> Tunnels => EapTrustTests.Tunnels;

    static readonly X509Extension[] s_location = RevocationLab.Extensions(RevocationLab.CrlUri, null);

    static readonly TestAuthority s_server = EapBench.Ca.Leaf("moon", [TestAuthority.Dns(EapBench.Server), .. s_location]),
        s_client = EapBench.Ca.Leaf("carol", [TestAuthority.Names(b => b.AddEmailAddress(EapBench.Client)), .. s_location]);

    static EapBench Bench(string method, TlsVersion version, Certificate? revoked, RevocationPolicy policy)
    {
        var bench = new EapBench(method) { Settings = new() { TlsMaximum = version }, ServerRound = new() { Revocation = policy }, ClientRevocation = policy };
        bench.Crls = new() { [RevocationLab.CrlUri] = revoked is null ? RevocationLab.Crl(EapBench.Ca, 1) : RevocationLab.Crl(EapBench.Ca, 1, RevocationLab.Revoked(revoked)) };
        bench.ServerStore = Store(s_server);
        bench.ClientStore = Store(s_client);
        return bench;
    }

    static CredentialStoreBuilder Store(TestAuthority owner) => new CredentialStoreBuilder().Add(EapBench.Ca.Certificate).Add(owner.Certificate).Add(SoftwareKey.FromPkcs8(owner.Pkcs8))
        .Add(new SharedSecret(SecretClass.Eap, Encoding.ASCII.GetBytes(EapBench.Password), [Identity.Parse(EapBench.Client)]));

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void The_conversation_waits_and_goes_on_where_it_was(string method, TlsVersion version)
    {
        var bench = Bench(method, version, null, RevocationPolicy.Strict);
        var o = bench.Run();
        Assert.Equal((EapOutcome.Success, EapOutcome.Success), (o.Client.Outcome, o.Server.Outcome));
        Assert.Equal(o.Client.Msk, o.Server.Msk);
        // In EAP-TLS the server asks about the client too.
        Assert.Equal(method == "eap-tls" ? 2 : 1, bench.Fetched.Count);
        Assert.Single(o.ClientLines, l => l == "certificate status is good");
        Assert.Single(o.ClientLines, l => l.StartsWith("received TLS server certificate", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void A_revoked_server_learns_nothing(string method, TlsVersion version)
    {
        var bench = Bench(method, version, s_server.Certificate, RevocationPolicy.Relaxed);
        var o = bench.Run();
        Assert.Equal(EapOutcome.Failure, o.Client.Outcome);
        Assert.Equal("TLS with the server failed: certificate verify failed", o.Client.Reason);
        Assert.Contains("no TLS public key found for server 'moon.example.org'", o.ClientLines);
        Assert.DoesNotContain(o.ServerLines, l => l.Contains("tunneled"));
        Assert.DoesNotContain(o.ServerLines, l => l.Contains("received TLS peer certificate"));
        Assert.False(EapBench.Contains(o.Packets, EapBench.Password));
        Assert.Null(o.Client.Msk);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public void A_revoked_client_is_turned_away(TlsVersion version)
    {
        var bench = Bench("eap-tls", version, s_client.Certificate, RevocationPolicy.Relaxed);
        var o = bench.Run();
        Assert.Equal((EapOutcome.Failure, EapOutcome.Failure), (o.Client.Outcome, o.Server.Outcome));
        Assert.Equal("TLS with the client failed: certificate verify failed", o.Server.Reason);
        Assert.Contains(o.ServerLines, l => l.StartsWith("certificate was revoked on", StringComparison.Ordinal));
        Assert.Null(o.Server.Msk);
    }

    [Theory]
    [InlineData(RevocationPolicy.Relaxed, EapOutcome.Success)]
    [InlineData(RevocationPolicy.IfUri, EapOutcome.Failure)]
    [InlineData(RevocationPolicy.Strict, EapOutcome.Failure)]
    public void A_server_that_cannot_be_reached_counts_as_the_policy_says(RevocationPolicy policy, EapOutcome outcome)
    {
        var bench = Bench("eap-ttls", TlsVersion.Tls12, null, policy);
        bench.Crls!.Clear();
        var o = bench.Run();
        Assert.Equal(outcome, o.Client.Outcome);
        Assert.Contains("crl fetching failed", o.ClientLines);
    }

    [Fact]
    public void Nothing_is_resumed_that_does_not_wait()
    {
        using var client = new EapBench("eap-tls").NewClient();
        Assert.Equal(EapOutcome.Failure, client.Resume().Outcome);
        var (waiting, server, _) = new EapBench("eap-md5").After(1);
        Assert.Equal(EapOutcome.Failure, waiting.Resume().Outcome);
        Assert.Equal(EapOutcome.Failure, server.GoOn().Outcome);
    }
}
