// A network in memory with RADIUS servers at its ends that do as they are told, on virtual time.
using Cygnet.Ike;
using Cygnet.Radius;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Radius;

/// <summary>What one server does with a request: the datagram to answer with, or null to be silent.</summary>
delegate byte[]? StubBehaviour(RadiusPacket request, byte[] secret);

sealed class StubRadius : IRadiusNetwork, IRadiusServers
{
    readonly Queue<(RadiusChannel Channel, byte[] Datagram)> _replies = new();

    public StubRadius(params RadiusServerSettings[] servers) => Client = new(servers, new SeededRandom(1), this);

    public RadiusClient Client { get; }
    public Instant Now { get; set; } = new(1_000_000);
    public Dictionary<string, StubBehaviour> Servers { get; } = [];
    public List<(string Server, long At, byte[] Datagram)> Sent { get; } = [];
    public List<string> Lines { get; } = [];
    public List<string> Reopened { get; } = [];

    public static RadiusServerSettings Server(string name, int preference = 0) =>
        new() { Name = name, Address = "192.0.2.1", Secret = System.Text.Encoding.ASCII.GetBytes("secret of " + name), Preference = preference };

    public void Send(RadiusChannel channel, byte[] datagram)
    {
        Sent.Add((channel.Settings.Name, Now.Milliseconds, datagram));
        Assert.True(RadiusPacket.TryParse(datagram, out var request, out _));
        if (Servers.TryGetValue(channel.Settings.Name, out var behaviour) && behaviour(request, channel.Settings.Secret) is { } reply) _replies.Enqueue((channel, reply));
    }

    public void Reopen(RadiusChannel channel) => Reopened.Add(channel.Settings.Name);

    public void Log(string text) => Lines.Add(text);

    public Task<RadiusReply?> Request(RadiusCode code, RadiusAttributes attributes, string? server = null) => Task.FromResult(Ask(code, attributes, server));

    public RadiusReply? Ask(RadiusCode code, RadiusAttributes attributes, string? server = null)
    {
        RadiusReply? reply = null;
        var ended = false;
        Client.Begin(code, attributes, server, r => (reply, ended) = (r, true), Now);
        Settle(() => ended);
        Assert.True(ended);
        return reply;
    }

    /// <summary>Carries datagrams and lets time pass until it is so, or until nothing happens any more.</summary>
    public void Settle(Func<bool> isSo)
    {
        while (!isSo())
        {
            if (_replies.TryDequeue(out var next)) Client.Receive(next.Channel, next.Datagram, Now);
            else if (Client.Deadline != Instant.Never)
            {
                Now = Client.Deadline;
                Client.Tick(Now);
            }
            else return;
        }
    }

    public void Inject(RadiusChannel channel, byte[] datagram) => Client.Receive(channel, datagram, Now);

    public static byte[] Reply(RadiusCode code, RadiusPacket to, byte[] secret, RadiusAttributes? attributes = null, bool withMessageAuthenticator = true) =>
        RadiusAuthenticator.Response(code, to.Identifier, to.Authenticator, attributes ?? new(), secret, withMessageAuthenticator)!;
}
