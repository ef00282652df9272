// Both ends of EAP conversations: credentials, certificates, settings, and the packets that pass.
using System.Collections.Immutable;
using System.Text;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Eap;
using Cygnet.Eap.Sim;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Eap;

/// <summary>How a conversation ended, and all packets in order, the server's at even places.</summary>
sealed record EapOutcomes(EapStep Client, EapStep Server, List<byte[]> Packets, List<string> ClientLines, List<string> ServerLines);

/// <summary>A client and a server that share what each method needs. Change what is to be different, then <see cref="Run"/>.</summary>
sealed class EapBench
{
    public const string Password = "correct horse", Sim = "228060123456001", Server = "moon.example.org", Client = "carol@example.org";

    static readonly TestAuthority s_ca = new("Root"), s_otherCa = new("Other Root");
    static readonly TestAuthority s_server = s_ca.Leaf("moon", TestAuthority.Dns(Server)), s_client = s_ca.Leaf("carol", TestAuthority.Names(b => b.AddEmailAddress(Client)));

    public static TestAuthority Ca => s_ca;
    public static TestAuthority OtherCa => s_otherCa;

    ulong _seed;

    public EapBench(string method, ulong seed = 1)
    {
        (Method, _seed) = (method, seed);
        ClientStore.Add(s_ca.Certificate).Add(s_client.Certificate).Add(SoftwareKey.FromPkcs8(s_client.Pkcs8));
        ServerStore.Add(s_ca.Certificate).Add(s_server.Certificate).Add(SoftwareKey.FromPkcs8(s_server.Pkcs8));
        foreach (var store in (CredentialStoreBuilder[])[ClientStore, ServerStore])
        {
            store.Add(new SharedSecret(SecretClass.Eap, Encoding.ASCII.GetBytes(Password), [Identity.Parse(Client)]));
            store.Add(new SharedSecret(SecretClass.Eap, Convert.FromHexString("465b5ce8b199b49faa5f0a2ee238a6bccd63cb71954a9f4e48a5994e37a02baf"), [Identity.Parse(Sim)]));
            for (byte i = 0; i < 5; i++)
            {
                byte[] triplet = [.. Enumerable.Range(16 * i, 16).Select(b => (byte)b), i, 2, 3, 4, i, 6, 7, 8, 9, 10, 11, 12];
                store.Add(new SharedSecret(SecretClass.SimTriplet, triplet, [Identity.Parse(Sim)]));
            }
        }
    }

    public string Method { get; set; }
    public string? ClientMethod { get; set; }
    public CredentialStoreBuilder ClientStore { get; set; } = new();
    public CredentialStoreBuilder ServerStore { get; set; } = new();
    public EapSettings ClientSettings { get; set; } = new();
    public EapSettings ServerSettings { get; set; } = new();
    public Identity? ClientEapId { get; set; }
    public Identity? ServerEapId { get; set; } = Identity.Any;
    public Identity? AaaId { get; set; }
    public DateTimeOffset Now { get; set; } = TestAuthority.Now;
    public DateTimeOffset? ClientNow { get; set; }
    public bool IsServerAuthenticated { get; set; } = true;
    public AuthRound ServerRound { get; set; } = new();

    /// <summary>What the server's conn asks of the client's certificate.</summary>
    public Identity? ClientCaId { get; set; }

    /// <summary>Of both ends.</summary>
    public TrustSettings Trust { get; set; } = new();

    /// <summary>What the server shows, if that is not to be found by its identity.</summary>
    public Certificate? ServerCertificate { get; set; }

    public Identity ClientId => Identity.Parse(Method.Contains("sim") || Method.Contains("aka") ? Sim : Client);

    /// <summary>Settings of both ends.</summary>
    public EapSettings Settings
    {
        set => (ClientSettings, ServerSettings) = (value, value);
    }

    /// <summary>What there is to fetch, by URI; null: nothing is fetched. And what was, by either end.</summary>
    public Dictionary<string, byte[]>? Crls { get; set; }
    public List<string> Fetched { get; } = [];

    /// <summary>What the server wants to know of the client's certificate.</summary>
    public RevocationPolicy ClientRevocation { get; set; }

    EapStatus? _clientStatus, _serverStatus;

    EapStatus? NewStatus() => Crls is null ? null : new(StatusPicture.Empty, mayFetch: true, new());

    EapSurroundings Surroundings(CredentialStoreBuilder store, EapSettings settings, DateTimeOffset now, EapStatus? status) =>
        new(store.Build(), new SystemCrypto(), new SeededRandom(_seed++), now, settings) { Status = status, Trust = Trust };

    public EapPeer NewClient() => new(new(new AuthRound { Class = AuthClass.Eap, Method = ClientMethod ?? Method, EapId = ClientEapId, AaaId = AaaId }, ServerRound, ClientId,
        Identity.Parse(Server), Surroundings(ClientStore, ClientSettings, ClientNow ?? Now, _clientStatus = NewStatus())) { IsServerAuthenticated = IsServerAuthenticated });

    public EapServer NewServer() => new(new(new AuthRound { Class = AuthClass.Eap, Method = Method, EapId = ServerEapId, Revocation = ClientRevocation, CaId = ClientCaId }, new AuthRound { Id = Identity.Parse(Server), Certificates = ServerCertificate is null ? [] : [ServerCertificate.Raw] },
        Identity.Parse(Server), ClientId, Surroundings(ServerStore, ServerSettings, Now, _serverStatus = NewStatus())));

    /// <summary>Until one side ends. <paramref name="change"/> is given each packet with its place and may replace it.</summary>
    public EapOutcomes Run(Func<int, byte[], byte[]>? change = null)
    {
        using var client = NewClient();
        using var server = NewServer();
        List<byte[]> packets = [];
        List<string> clientLines = [], serverLines = [];
        byte[] Pass(byte[] packet)
        {
            packets.Add(change?.Invoke(packets.Count, packet) ?? packet);
            return packets[^1];
        }
        var s = Take(server.First(), serverLines);
        EapStep c;
        while (true)
        {
            c = Settle(client.Receive(Pass(s.Packet!)), _clientStatus, client.Resume, clientLines);
            if (c.Outcome != EapOutcome.Continue || s.Outcome != EapOutcome.Continue) break;
            s = Settle(server.Next(Pass(c.Packet!)), _serverStatus, server.GoOn, serverLines);
        }
        return new(c, s, packets, clientLines, serverLines);
    }

    // As IKE does: what is lacking is fetched, and the conversation goes on.
    EapStep Settle(EapStep step, EapStatus? status, Func<EapStep> resume, List<string> lines)
    {
        for (Take(step, lines); step.Outcome == EapOutcome.Pending; Take(step, lines))
        {
            Assert.Null(step.Packet);
            foreach (var need in status!.Round!.Needs)
            {
                Fetched.Add(need.Uri);
                status.Answers[need] = Crls!.TryGetValue(need.Uri, out var body) ? StatusAnswer.Of(body, []) : StatusAnswer.Failed("nobody there");
            }
            step = resume();
        }
        return step;
    }

    static EapStep Take(EapStep step, List<string> lines)
    {
        lines.AddRange(step.Lines);
        return step;
    }

    /// <summary>A client that has answered so many packets of a server of its own, and the server's next one.</summary>
    public (EapPeer Client, EapServer Server, EapStep Next) After(int exchanges)
    {
        var (client, server) = (NewClient(), NewServer());
        var s = server.First();
        for (var i = 0; i < exchanges; i++) s = server.Next(client.Receive(s.Packet!).Packet!);
        return (client, server, s);
    }

    /// <summary>Every method in every form that takes part in the tables.</summary>
    public static readonly ImmutableArray<string> Methods = ["eap-md5", "eap-mschapv2", "eap-gtc", "eap-tls", "eap-ttls", "eap-peap", "eap-sim", "eap-aka"];

    public static TheoryData<string> MethodData => [.. Methods];

    /// <summary>Everything that goes over the wire of one conversation, for looking for secrets.</summary>
    public static bool Contains(IEnumerable<byte[]> packets, string text) => packets.Any(p => p.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0);

    public static ImmutableArray<SimTriplet> Triplets(CredentialStoreBuilder store) => store.Build().SimTriplets(Identity.Parse(Sim));
}
