// Nothing secret leaves the client before the server is who it should be, and no certificate is believed that is not trusted itself.
using System.Text;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Eap;
using Cygnet.Eap.Tls;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Pki;

namespace Cygnet.Tests.Eap;

public sealed class EapTrustTests
{
    public static TheoryData<string, TlsVersion> Tunnels => new()
    {
        { "eap-tls", TlsVersion.Tls12 }, { "eap-tls", TlsVersion.Tls13 }, { "eap-ttls", TlsVersion.Tls12 },
        { "eap-ttls", TlsVersion.Tls13 }, { "eap-peap", TlsVersion.Tls12 }, { "eap-peap", TlsVersion.Tls13 },
    };

    static EapBench Bench(string method, TlsVersion version) => new(method) { Settings = new() { TlsMaximum = version } };

    // The server shows this certificate, with that key, and those behind it.
    static void Shows(EapBench bench, TestAuthority leaf, params Certificate[] more)
    {
        bench.ServerStore = new();
        foreach (var ca in more) bench.ServerStore.Add(ca);
        bench.ServerStore.Add(leaf.Certificate).Add(SoftwareKey.FromPkcs8(leaf.Pkcs8));
        bench.ServerStore.Add(EapBench.Ca.Certificate);
        bench.ServerStore.Add(new SharedSecret(SecretClass.Eap, Encoding.ASCII.GetBytes(EapBench.Password), []));
    }

    static void IsRefused(EapBench bench, string line)
    {
        var o = bench.Run();
        Assert.Equal(EapOutcome.Failure, o.Client.Outcome);
        Assert.Equal(EapOutcome.Failure, o.Server.Outcome);
        Assert.StartsWith("TLS with the server failed", o.Client.Reason);
        Assert.Contains(o.ClientLines, l => l.Contains(line));
        // Neither a password nor the name inside, in clear or for the server's ears.
        Assert.DoesNotContain(o.ServerLines, l => l.Contains("tunneled"));
        Assert.False(EapBench.Contains(o.Packets, EapBench.Password));
        Assert.Null(o.Client.Msk);
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void Cve_2015_4171_a_server_with_another_CA_learns_nothing(string method, TlsVersion version)
    {
        var bench = Bench(method, version);
        Shows(bench, EapBench.OtherCa.Leaf("moon", TestAuthority.Dns(EapBench.Server)), EapBench.OtherCa.Certificate);
        IsRefused(bench, "no TLS public key found for server 'moon.example.org'");
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void Cve_2015_4171_a_server_with_another_name_learns_nothing(string method, TlsVersion version)
    {
        var bench = Bench(method, version);
        Shows(bench, EapBench.Ca.Leaf("sun", TestAuthority.Dns("sun.example.org", "moon.example.org.evil.org")));
        // It would authenticate itself with that name, so the server's identity is that of the certificate here.
        bench.ServerCertificate = bench.ServerStore.Build().Certificates[0].Certificate;
        IsRefused(bench, "no TLS public key found for server 'moon.example.org'");
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void An_expired_certificate_is_refused(string method, TlsVersion version)
    {
        var bench = Bench(method, version);
        bench.ClientNow = TestAuthority.Now.AddDays(30);
        IsRefused(bench, "certificate invalid (valid from");
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void Cve_2023_26463_a_trusted_certificate_beside_an_untrusted_one_is_worth_nothing(string method, TlsVersion version)
    {
        var bench = Bench(method, version);
        // The end entity is a stranger's, with a name that fits; behind it, for show, comes the true certificate of the server.
        var stranger = EapBench.OtherCa.Leaf("moon", TestAuthority.Dns(EapBench.Server));
        var genuine = EapBench.Ca.Leaf("moon", TestAuthority.Dns(EapBench.Server)).Certificate;
        var options = new TlsOptions(true, TlsVersion.Tls12, version, new LocalCredential(SoftwareKey.FromPkcs8(stranger.Pkcs8), stranger.Certificate, [genuine, EapBench.Ca.Certificate]), false, [], _ => true);
        using var server = TlsSession.Create(options, out var reason) ?? throw new InvalidOperationException(reason);
        using var client = bench.NewClient();
        var lines = new FakeTunnel(client, EapMethods.Configured(method), server).Handshake(out var last);
        Assert.False(server.IsEstablished && server.Error is null && version == TlsVersion.Tls12);
        Assert.Contains(lines, l => l.StartsWith("TLS with the server failed", StringComparison.Ordinal));
        Assert.Equal(EapOutcome.Failure, client.Receive(EapPacket.Success(last)).Outcome);
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void The_AAA_identity_replaces_that_of_IKE(string method, TlsVersion version)
    {
        var bench = Bench(method, version);
        Shows(bench, EapBench.Ca.Leaf("radius", TestAuthority.Dns("radius.example.org")));
        bench.ServerCertificate = bench.ServerStore.Build().Certificates[0].Certificate;
        bench.AaaId = Identity.Parse("radius.example.org");
        // What is configured for the certificate of the IKE responder is not about the AAA server.
        bench.ServerRound = new() { Id = Identity.Parse(EapBench.Server), Certificates = [EapBench.OtherCa.Certificate.Raw] };
        var o = bench.Run();
        Assert.True(o.Client.Outcome == EapOutcome.Success, string.Join('\n', o.ClientLines.Concat(o.ServerLines)));
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void The_constraints_of_the_round_hold_inside_EAP(string method, TlsVersion version)
    {
        var bench = Bench(method, version);
        bench.ServerRound = new() { CaId = Identity.Parse("CN=Other Root") };
        IsRefused(bench, "constraint check failed: peer not authenticated by CA 'CN=Other Root'");
    }

    [Fact]
    public void A_GTC_password_goes_to_no_server_that_is_unknown()
    {
        var bench = new EapBench("eap") { IsServerAuthenticated = false };
        using var client = bench.NewClient();
        var step = client.Receive(EapPacket.Request(3, EapType.Gtc, "password"u8));
        Assert.Equal(3, step.Packet![4]);
        Assert.DoesNotContain(EapType.Gtc, EapPacket.TryParse(step.Packet, out _)!.NakTypes());
        Assert.False(EapBench.Contains([step.Packet], EapBench.Password));
    }
}
