// Nothing secret leaves the client before the server is who it should be, and no certificate is believed that is not trusted itself.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
    [InlineData("O=Example, CN=aaa", RdnMatching.Strict, true)]
    [InlineData("CN=aaa, O=Example", RdnMatching.Strict, false)]
    [InlineData("CN=aaa, O=Example", RdnMatching.Reordered, true)]
    [InlineData("CN=aaa", RdnMatching.Reordered, false)]
    [InlineData("CN=aaa", RdnMatching.Relaxed, true)]
    [InlineData("CN=aab", RdnMatching.Relaxed, false)]
    [InlineData("O=Example, CN=*", RdnMatching.Strict, true)]
    [InlineData("*.example.org", RdnMatching.Strict, true)]
    [InlineData("*.example.com", RdnMatching.Strict, false)]
    [InlineData("%any", RdnMatching.Strict, true)]
    public void The_AAA_identity_may_be_a_pattern(string aaa, RdnMatching rdns, bool isAccepted)
    {
        foreach (var method in (string[])["eap-tls", "eap-ttls", "eap-peap"])
        {
            var bench = Bench(method, TlsVersion.Tls13);
            Shows(bench, new(new X500DistinguishedName("CN=aaa, O=Example"), EapBench.Ca, isCa: false, extensions: TestAuthority.Dns("radius.example.org")));
            bench.ServerCertificate = bench.ServerStore.Build().Certificates[0].Certificate;
            (bench.AaaId, bench.Trust) = (Identity.Parse(aaa), new() { RdnMatching = rdns });
            if (isAccepted) Succeeds(bench);
            else IsRefused(bench, $"no TLS public key found for server '{aaa}'");
        }
    }

    /// <summary>What no CA vouches for is refused whatever is expected.</summary>
    [Fact]
    public void A_pattern_for_the_AAA_server_still_wants_a_known_CA()
    {
        var bench = Bench("eap-ttls", TlsVersion.Tls13);
        Shows(bench, EapBench.OtherCa.Leaf("radius", TestAuthority.Dns("radius.example.org")), EapBench.OtherCa.Certificate);
        bench.ServerCertificate = bench.ServerStore.Build().Certificates.First(c => !c.Certificate.IsCa).Certificate;
        bench.AaaId = Identity.Any;
        IsRefused(bench, "no TLS public key found for server '%any'");
    }

    static void Succeeds(EapBench bench)
    {
        var o = bench.Run();
        Assert.True(o.Client.Outcome == EapOutcome.Success, string.Join('\n', o.ClientLines.Concat(o.ServerLines)));
    }

    // What the client's CA is called is compared as outside EAP: charon.rdn_matching.
    [Theory]
    [InlineData(RdnMatching.Strict, false)]
    [InlineData(RdnMatching.Reordered, true)]
    public void The_name_of_the_clients_CA_is_compared_as_configured(RdnMatching rdns, bool isAccepted)
    {
        var bench = Bench("eap-tls", TlsVersion.Tls12);
        var ca = new TestAuthority(new X500DistinguishedName("CN=Clients, O=Example"));
        var client = ca.Leaf("carol", TestAuthority.Names(b => b.AddEmailAddress(EapBench.Client)));
        bench.ClientStore = new();
        bench.ClientStore.Add(EapBench.Ca.Certificate).Add(client.Certificate).Add(SoftwareKey.FromPkcs8(client.Pkcs8));
        bench.ServerStore.Add(ca.Certificate);
        (bench.ClientCaId, bench.Trust) = (Identity.Parse("CN=Clients, O=Example"), new() { RdnMatching = rdns });
        Assert.Equal("O=Example, CN=Clients", ca.Certificate.Subject.ToString());
        if (isAccepted)
        {
            Succeeds(bench);
            return;
        }
        var o = bench.Run();
        Assert.Equal(EapOutcome.Failure, o.Server.Outcome);
        Assert.Contains("constraint check failed: peer not authenticated by CA 'CN=Clients, O=Example'", o.ServerLines);
    }

    // charon.x509.enforce_critical, inside EAP as outside: of the server's certificate, and of the client's.
    [Theory]
    [MemberData(nameof(Tunnels))]
    public void A_critical_extension_that_nobody_knows_is_refused_unless_it_is_configured(string method, TlsVersion version)
    {
        X509Extension unknown = new(new Oid("1.3.6.1.4.1.99999.7"), [5, 0], critical: true);
        foreach (var enforces in (bool[])[true, false])
        {
            var bench = Bench(method, version);
            Shows(bench, EapBench.Ca.Leaf("moon", TestAuthority.Dns(EapBench.Server), unknown));
            bench.Trust = new() { EnforceCritical = enforces };
            if (enforces) IsRefused(bench, "has critical extension 1.3.6.1.4.1.99999.7, which is not supported");
            else Succeeds(bench);
            if (method != "eap-tls") continue;
            bench = Bench(method, version);
            var client = EapBench.Ca.Leaf("carol", TestAuthority.Names(b => b.AddEmailAddress(EapBench.Client)), unknown);
            bench.ClientStore = new();
            bench.ClientStore.Add(EapBench.Ca.Certificate).Add(client.Certificate).Add(SoftwareKey.FromPkcs8(client.Pkcs8));
            bench.Trust = new() { EnforceCritical = enforces };
            var o = bench.Run();
            Assert.Equal(enforces ? EapOutcome.Failure : EapOutcome.Success, o.Server.Outcome);
            Assert.Equal(enforces, o.ServerLines.Exists(l => l.Contains("has critical extension 1.3.6.1.4.1.99999.7", StringComparison.Ordinal)));
        }
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
