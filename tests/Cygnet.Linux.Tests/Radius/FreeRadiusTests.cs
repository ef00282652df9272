// Our RADIUS client against a real server: every EAP method that passes through, what is granted, what is refused, accounting. RFC 3579, 2866.
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Eap;
using Cygnet.Linux.Radius;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Linux.Tests.Radius;

public sealed class FreeRadiusTests
{
    const string Users = """
        carol@cygnet.test Cleartext-Password := "tea for two"
            Framed-IP-Address = 10.3.0.7,
            Framed-IPv6-Address = fec3::7,
            Class = "Research",
            Session-Timeout = 1800,
            Acct-Interim-Interval = 60,
            MS-Primary-DNS-Server = 192.0.2.53,
            EAP-Sim-Rand1 = 0x30000000000000000000000000000000,
            EAP-Sim-SRES1 = 0x30112233,
            EAP-Sim-KC1 = 0x305566778899aabb,
            EAP-Sim-Rand2 = 0x31000000000000000000000000000000,
            EAP-Sim-SRES2 = 0x31112233,
            EAP-Sim-KC2 = 0x315566778899aabb,
            EAP-Sim-Rand3 = 0x32000000000000000000000000000000,
            EAP-Sim-SRES3 = 0x32112233,
            EAP-Sim-KC3 = 0x325566778899aabb

        """;

    /// <summary>RAND, SRES, Kc: those of the users file.</summary>
    static readonly byte[][] s_triplets = [.. Enumerable.Range(0x30, 3).Select(i => Convert.FromHexString($"{i:x2}{new string('0', 30)}{i:x2}112233{i:x2}5566778899aabb"))];

    static readonly Identity Carol = Identity.Parse(FreeRadiusConf.ClientName);

    static CredentialStoreBuilder Credentials(FreeRadius server, string password) => s_triplets.Aggregate(new CredentialStoreBuilder(), (s, t) => s.Add(new SharedSecret(SecretClass.SimTriplet, t, [Carol])))
        .Add(new SharedSecret(SecretClass.Eap, Encoding.ASCII.GetBytes(password), [Carol]))
        .Add(Certificate(server, "ca.pem")).Add(Certificate(server, "client.pem"))
        .Add(SoftwareKey.FromPkcs8(Der(server.Read("client.key"))));

    static Certificate Certificate(FreeRadius server, string file) =>
        Cygnet.Pki.Certificate.TryParse(Der(server.Read(file)), out var reason) ?? throw new InvalidOperationException(reason);

    static byte[] Der(string pem) => Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);

    static RadiusSettings Settings(FreeRadius server, string secret = FreeRadiusConf.Secret) => new()
    {
        Servers =
        [
            new()
            {
                Name = "real", Address = "127.0.0.1", Secret = Encoding.ASCII.GetBytes(secret), AuthPort = (ushort)server.AuthPort, AcctPort = (ushort)server.AcctPort,
                RetransmitTimeout = 0.5,
            },
        ],
        ClassGroup = true, Accounting = true, AccountingSendClass = true,
    };

    static Task<(EapStep Client, EapStep Server, ConcurrentQueue<string> Log)> Converse(FreeRadius freeradius, string password = "tea for two", string secret = FreeRadiusConf.Secret) =>
        Converse(freeradius, Settings(freeradius, secret), password);

    static async Task<(EapStep Client, EapStep Server, ConcurrentQueue<string> Log)> Converse(FreeRadius freeradius, RadiusSettings settings, string password = "tea for two")
    {
        var log = new ConcurrentQueue<string>();
        using var sockets = new RadiusSockets(settings.Servers, new SystemRandom(), log.Enqueue);
        var around = new EapSurroundings(Credentials(freeradius, password).Build(), new SystemCrypto(), new SystemRandom(), DateTimeOffset.UtcNow, new() { TlsMaximum = TlsVersion.Tls13 });
        using var client = EapPeers.Create(new(new AuthRound { Class = AuthClass.Eap, Method = "eap", AaaId = Identity.Parse(FreeRadiusConf.ServerName) }, new(), Carol, Identity.Parse("moon"), around) { IsServerAuthenticated = true });
        using var server = RadiusEapServers.Factory(settings, sockets, 1_700_000_000)(
            new(new AuthRound { Class = AuthClass.Eap, Method = "eap-radius", EapId = Identity.Any }, new(), Identity.Parse("moon"), Identity.Any, around)
            {
                Sa = new(1, "rw", new(Address.Parse("192.0.2.1"), 4500), new(Address.Parse("198.51.100.9"), 1025)),
            });
        var s = await server.Begin();
        while (true)
        {
            var c = client.Receive(s.Packet!);
            if (s.Outcome != EapOutcome.Continue || c.Outcome != EapOutcome.Continue) return (c, s, log);
            s = await server.Receive(c.Packet!);
        }
    }

    [FreeRadiusTheory]
    [InlineData("md5", false)]
    [InlineData("mschapv2", true)]
    [InlineData("gtc", false)]
    [InlineData("tls", true)]
    [InlineData("ttls", true)]
    [InlineData("peap", true)]
    [InlineData("sim", true)]
    [InlineData("tls", true, "1.3")]
    [InlineData("ttls", true, "1.3")]
    [InlineData("peap", true, "1.3")]
    public async Task EveryMethodPassesThrough(string method, bool hasKey, string tls = "1.2")
    {
        using var freeradius = new FreeRadius(Users, method, tls);
        var (client, server, log) = await Converse(freeradius);
        Assert.True(server.Outcome == EapOutcome.Success, $"{server.Reason}\n{string.Join('\n', log)}\n{freeradius.Said}");
        Assert.Equal(EapOutcome.Success, client.Outcome);
        Assert.Equal(method switch { "mschapv2" => EapType.MsChapV2, "md5" => EapType.Md5, "gtc" => EapType.Gtc, "tls" => EapType.Tls, "ttls" => EapType.Ttls, "peap" => EapType.Peap, _ => EapType.Sim }, server.Type);
        if (hasKey) Assert.Equal(client.Msk!, server.Msk!);
        else Assert.Null(server.Msk);
        Assert.Equal(Carol, server.Identity);
        var grant = server.Grant!;
        Assert.Equal(["Research"], grant.Groups.AsEnumerable());
        Assert.Equal([Address.Parse("10.3.0.7"), Address.Parse("fec3::7")], grant.Addresses.AsEnumerable());
        Assert.Equal([Address.Parse("192.0.2.53")], grant.Dns.AsEnumerable());
        Assert.Equal(TimeSpan.FromMinutes(30), grant.AuthLifetime);
        Assert.Equal(TimeSpan.FromMinutes(1), grant.InterimInterval);
        Assert.Contains("received RADIUS Access-Accept from server 'real'", log);
    }

    [FreeRadiusTheory]
    [InlineData("md5")]
    [InlineData("mschapv2")]
    [InlineData("peap")]
    public async Task AWrongPasswordIsRejected(string method)
    {
        using var freeradius = new FreeRadius(Users, method);
        var (_, server, log) = await Converse(freeradius, password: "coffee");
        Assert.Equal(EapOutcome.Failure, server.Outcome);
        Assert.Null(server.Msk);
        Assert.Contains("rejects 'carol@cygnet.test'", server.Reason, StringComparison.Ordinal);
        Assert.Contains("received RADIUS Access-Reject from server 'real'", log);
    }

    [FreeRadiusFact]
    public async Task AWrongSecretIsSilenceAtBothEnds()
    {
        using var freeradius = new FreeRadius(Users);
        var (_, server, log) = await Converse(freeradius, secret: "other");
        Assert.Contains("no RADIUS server answered", server.Reason, StringComparison.Ordinal);
        Assert.Contains("RADIUS Access-Request timed out after 4 attempts", log);
    }

    [FreeRadiusFact]
    public async Task ASecondServerTakesOverFromASilentOne()
    {
        using var freeradius = new FreeRadius(Users, "mschapv2");
        // it takes the request, and says nothing
        using var silent = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var real = Settings(freeradius);
        var dead = real.Servers[0] with { Name = "silent", AuthPort = (ushort)((IPEndPoint)silent.Client.LocalEndPoint!).Port, Preference = 50, RetransmitTimeout = 0.1, RetransmitTries = 2 };
        var (client, server, log) = await Converse(freeradius, real with { Servers = [dead, real.Servers[0]] });
        Assert.Equal((EapOutcome.Success, EapOutcome.Success), (server.Outcome, client.Outcome));
        Assert.Contains("RADIUS Access-Request timed out after 2 attempts", log);
        // the conversation stays where it began
        Assert.Equal(2, silent.Available > 0 ? log.Count(l => l.EndsWith("to server 'silent'", StringComparison.Ordinal) || l.StartsWith("retransmit 1 ", StringComparison.Ordinal)) : 0);
    }

    [FreeRadiusFact]
    public async Task RequestsAreSignedAndSayWhoAsks()
    {
        using var freeradius = new FreeRadius(Users);
        var (_, server, _) = await Converse(freeradius);
        Assert.Equal(EapOutcome.Success, server.Outcome);
        // the server is set up to drop requests without it (CVE-2024-3596), and so are we with replies
        var first = freeradius.Said[freeradius.Said.IndexOf("Received Access-Request", StringComparison.Ordinal)..].Split('\n');
        Assert.Contains("Message-Authenticator = 0x", first[1], StringComparison.Ordinal);
        foreach (var line in (string[])["User-Name = \"carol@cygnet.test\"", "NAS-Port-Type = Virtual", "Service-Type = Framed-User", "NAS-Port = 1", "NAS-Port-Id = \"rw\"", "NAS-IP-Address = 192.0.2.1",
            "Called-Station-Id = \"192.0.2.1[4500]\"", "Calling-Station-Id = \"198.51.100.9[1025]\"", "Acct-Session-Id = \"1700000000-1\"", "NAS-Identifier = \"strongSwan\""])
            Assert.Contains(first.Take(20), l => l.Contains(line, StringComparison.Ordinal));
    }

    [FreeRadiusFact]
    public async Task ASessionIsAccountedFromStartToEnd()
    {
        using var freeradius = new FreeRadius(Users);
        using var host = new AccountedSession(Settings(freeradius));
        await host.Play();
        var records = freeradius.Detail.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, records.Length);
        Assert.All(records, r => Assert.Contains("Acct-Session-Id = \"1700000000-7\"", r, StringComparison.Ordinal));
        Assert.All(records, r => Assert.Contains("User-Name = \"carol@cygnet.test\"", r, StringComparison.Ordinal));
        Assert.All(records, r => Assert.Contains("Framed-IP-Address = 10.3.0.7", r, StringComparison.Ordinal));
        Assert.All(records, r => Assert.Contains("Class = 0x5265736561726368", r, StringComparison.Ordinal));
        Assert.Contains("Acct-Status-Type = Start", records[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Octets", records[0], StringComparison.Ordinal);
        foreach (var line in (string[])["Acct-Status-Type = Interim-Update", "Acct-Input-Octets = 100", "Acct-Output-Octets = 200", "Acct-Input-Packets = 1", "Acct-Output-Packets = 2"])
            Assert.Contains(line, records[1], StringComparison.Ordinal);
        foreach (var line in (string[])["Acct-Status-Type = Stop", "Acct-Input-Octets = 5\n", "Acct-Input-Gigawords = 1", "Acct-Output-Octets = 300", "Acct-Session-Time = 61", "Acct-Terminate-Cause = User-Request"])
            Assert.Contains(line, records[2], StringComparison.Ordinal);
    }

    [FreeRadiusFact]
    public async Task ManyRequestsShareASocket()
    {
        using var freeradius = new FreeRadius(Users);
        var log = new ConcurrentQueue<string>();
        using var sockets = new RadiusSockets(Settings(freeradius).Servers, new SystemRandom(), log.Enqueue);
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => sockets.Request(RadiusCode.AccountingRequest,
            new RadiusAttributes().Add(RadiusType.AcctStatusType, 1).Add(RadiusType.AcctSessionId, $"s-{i}-e"))));
        Assert.All(replies, r => Assert.Equal(RadiusCode.AccountingResponse, r!.Packet.Code));
        for (var i = 0; i < 50; i++) Assert.Contains($"\"s-{i}-e\"", freeradius.Detail, StringComparison.Ordinal);
    }

    [FreeRadiusFact]
    public async Task ANameIsLookedUpAndAServerThatIsNotThereIsPassedOver()
    {
        using var freeradius = new FreeRadius(Users);
        var log = new ConcurrentQueue<string>();
        var real = Settings(freeradius).Servers[0] with { Address = "localhost", Preference = -50 };
        // nobody listens there
        var dead = real with { Name = "dead", Address = "127.0.0.1", AuthPort = 9, AcctPort = 9, Preference = 50, RetransmitTimeout = 0.05 };
        var unknown = real with { Name = "unknown", Address = "no-such-host.invalid", Preference = 100, RetransmitTimeout = 0.05 };
        using var sockets = new RadiusSockets([unknown, dead, real], new SystemRandom(), log.Enqueue);
        var reply = await sockets.Request(RadiusCode.AccountingRequest, new RadiusAttributes().Add(RadiusType.AcctStatusType, 1).Add(RadiusType.AcctSessionId, "x"));
        Assert.Equal("real", reply!.Server);
        // a resolver that asks servers which do not answer takes its time
        Assert.True(SpinWait.SpinUntil(() => log.Contains("resolving RADIUS server address 'no-such-host.invalid' failed"), TimeSpan.FromMinutes(2)), string.Join('\n', log));
    }
}
