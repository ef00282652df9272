// Requests to RADIUS servers: which server, identifiers, repetitions, and which replies are believed. RFC 2865 2.4, 3; RFC 3579 3.2; RFC 5080 2.2.
using System.Globalization;
using Cygnet.Crypto;
using Cygnet.Ike;

namespace Cygnet.Radius;

/// <summary>No clock and no sockets in it; one call at a time. <see cref="Deadline"/> says when it wants a <see cref="Tick"/>.</summary>
public sealed class RadiusClient
{
    /// <summary>Requests that may wait for an identifier, for each server.</summary>
    const int MaxQueued = 10_000;

    /// <summary>After which a server that did not answer is asked again.</summary>
    static readonly TimeSpan s_silence = TimeSpan.FromSeconds(60);

    readonly RadiusServer[] _servers;
    readonly IRandom _random;
    readonly IRadiusNetwork _network;
    LogAllowance _refusals;

    public RadiusClient(IEnumerable<RadiusServerSettings> servers, IRandom random, IRadiusNetwork network) =>
        (_servers, _random, _network) = ([.. servers.Select(s => new RadiusServer(s))], random, network);

    public IEnumerable<RadiusChannel> Channels => _servers.SelectMany(s => s.Auth.Concat(s.Acct));

    /// <summary>When the next repetition is due.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>Sends a request; <paramref name="done"/> is called once, with null if no server answered. <paramref name="server"/>: see <see cref="IRadiusServers"/>.</summary>
    public void Begin(RadiusCode code, RadiusAttributes attributes, string? server, Action<RadiusReply?> done, Instant now)
    {
        var exchange = new RadiusExchange(code, attributes, server is not null, done);
        var to = server is null ? Choose(exchange, now) : Array.Find(_servers, s => s.Settings.Name == server);
        if (to is null) done(null);
        else Place(exchange, to, now);
    }

    public void Receive(RadiusChannel channel, ReadOnlySpan<byte> datagram, Instant now)
    {
        if (!RadiusPacket.TryParse(datagram, out var packet, out var reason))
        {
            Refuse($"received invalid RADIUS message, ignored: {reason}", now);
            return;
        }
        if (channel.Find(packet.Identifier) is not { } exchange)
        {
            Refuse($"received RADIUS message with unexpected ID {packet.Identifier}, ignored", now);
            return;
        }
        var server = channel.Server;
        if (WhyNot(packet, exchange, server.Settings.Secret) is { } why)
        {
            Refuse($"received RADIUS {packet.Code.Name()} from server '{server.Settings.Name}', ignored: {why}", now);
            return;
        }
        server.SilentUntil = default;
        End(exchange);
        _network.Log($"received RADIUS {packet.Code.Name()} from server '{server.Settings.Name}'");
        var msk = packet.Code == RadiusCode.AccessAccept ? MppeKeys.Msk(packet, exchange.Authenticator, server.Settings.Secret) : null;
        exchange.Done(new(packet, server.Settings.Name, msk));
        Feed(server, now);
        Arm();
    }

    public void Tick(Instant now)
    {
        foreach (var server in _servers)
            foreach (var channel in server.Auth.Concat(server.Acct))
                foreach (var exchange in channel.All().Where(e => e.Deadline <= now).ToArray())
                    if (exchange.Sent < server.Settings.RetransmitTries) Repeat(exchange, now);
                    else GiveUp(exchange, server, now);
        Arm();
    }

    /// <summary>Ends all that waits, without replies.</summary>
    public void Abandon()
    {
        foreach (var server in _servers)
        {
            var waiting = server.Queue.ToArray();
            server.Queue.Clear();
            foreach (var exchange in server.Auth.Concat(server.Acct).SelectMany(c => c.All()).ToArray())
            {
                End(exchange);
                exchange.Done(null);
            }
            foreach (var exchange in waiting) exchange.Done(null);
        }
        Arm();
    }

    /// <summary>The server with the greatest weight that was not tried; of equal ones any.</summary>
    RadiusServer? Choose(RadiusExchange exchange, Instant now)
    {
        var open = Array.FindAll(_servers, s => !exchange.Tried.Contains(s));
        if (open.Length == 0) return null;
        var best = open.Max(s => s.Weight(IsAccounting(exchange.Code), now));
        var equal = Array.FindAll(open, s => s.Weight(IsAccounting(exchange.Code), now) == best);
        Span<byte> dice = stackalloc byte[1];
        _random.Fill(dice);
        var chosen = equal[dice[0] % equal.Length];
        // the one that tries a silent server again is alone with it
        if (chosen.SilentUntil != default && chosen.SilentUntil <= now) chosen.SilentUntil = now + s_silence;
        return chosen;
    }

    void Place(RadiusExchange exchange, RadiusServer server, Instant now)
    {
        var channel = server.Best(IsAccounting(exchange.Code));
        if (!channel.IsFull) Send(exchange, channel, now);
        else if (server.Queue.Count < MaxQueued) server.Queue.Enqueue(exchange);
        else
        {
            Refuse($"RADIUS server '{server.Settings.Name}' has too many requests waiting", now);
            exchange.Done(null);
        }
    }

    void Send(RadiusExchange exchange, RadiusChannel channel, Instant now)
    {
        var settings = channel.Settings;
        var attributes = new RadiusAttributes().AddAll(exchange.Attributes).Add(RadiusType.NasIdentifier, settings.NasIdentifier);
        exchange.Channel = channel;
        exchange.Identifier = channel.Take(exchange);
        byte[]? datagram;
        if (exchange.Code == RadiusCode.AccessRequest)
        {
            exchange.Authenticator = new byte[RadiusPacket.AuthenticatorBytes];
            _random.Fill(exchange.Authenticator);
            datagram = RadiusAuthenticator.AccessRequest(exchange.Identifier, exchange.Authenticator, attributes, settings.Secret);
        }
        else
        {
            datagram = RadiusAuthenticator.Request(exchange.Code, exchange.Identifier, attributes, settings.Secret);
            exchange.Authenticator = datagram?[4..RadiusPacket.HeaderBytes] ?? [];
        }
        if (datagram is null)
        {
            End(exchange);
            _network.Log($"RADIUS {exchange.Code.Name()} would be longer than {RadiusPacket.MaxBytes} bytes, not sent");
            exchange.Done(null);
            return;
        }
        _network.Log($"sending RADIUS {exchange.Code.Name()} to server '{settings.Name}'");
        exchange.Datagram = datagram;
        exchange.Sent = 1;
        exchange.Deadline = now + TimeSpan.FromSeconds(settings.RetransmitTimeout);
        _network.Send(channel, datagram);
        Arm();
    }

    void Repeat(RadiusExchange exchange, Instant now)
    {
        var settings = exchange.Channel!.Settings;
        var wait = settings.RetransmitTimeout * Math.Pow(settings.RetransmitBase, exchange.Sent);
        _network.Log(string.Create(CultureInfo.InvariantCulture, $"retransmit {exchange.Sent} of RADIUS {exchange.Code.Name()} (timeout: {wait:F1}s)"));
        exchange.Sent++;
        exchange.Deadline = now + TimeSpan.FromMilliseconds(Math.Round(Math.Min(wait, 86400) * 1000));
        _network.Send(exchange.Channel, exchange.Datagram);
    }

    void GiveUp(RadiusExchange exchange, RadiusServer server, Instant now)
    {
        _network.Log($"RADIUS {exchange.Code.Name()} timed out after {exchange.Sent} attempts");
        var channel = exchange.Channel!;
        End(exchange);
        server.SilentUntil = now + s_silence;
        if (channel.Waiting == 0) _network.Reopen(channel);
        exchange.Tried.Add(server);
        if (!exchange.Sticks && Choose(exchange, now) is { } next) Place(exchange, next, now);
        else exchange.Done(null);
        Feed(server, now);
    }

    void End(RadiusExchange exchange) => exchange.Channel!.Free(exchange.Identifier);

    /// <summary>Identifiers have become free.</summary>
    void Feed(RadiusServer server, Instant now)
    {
        for (var left = server.Queue.Count; left > 0; left--) Place(server.Queue.Dequeue(), server, now);
    }

    /// <summary>Why a packet is not the reply to that request; null if it is.</summary>
    static string? WhyNot(RadiusPacket packet, RadiusExchange exchange, byte[] secret)
    {
        var fits = exchange.Code switch
        {
            RadiusCode.AccessRequest => packet.Code is RadiusCode.AccessAccept or RadiusCode.AccessReject or RadiusCode.AccessChallenge,
            RadiusCode.AccountingRequest => packet.Code == RadiusCode.AccountingResponse,
            _ => false,
        };
        if (!fits) return $"it is no reply to {exchange.Code.Name()}";
        if (!RadiusAuthenticator.IsResponseTo(packet, exchange.Authenticator, secret)) return "RADIUS Response-Authenticator verification failed; is the secret the same at both ends?";
        return RadiusAuthenticator.HasGoodMessageAuthenticator(packet, exchange.Authenticator, secret) switch
        {
            false => "RADIUS Message-Authenticator verification failed",
            null when exchange.Code == RadiusCode.AccessRequest => "RADIUS Message-Authenticator attribute missing",
            _ => null,
        };
    }

    static bool IsAccounting(RadiusCode code) => code == RadiusCode.AccountingRequest;

    void Arm() => Deadline = _servers.SelectMany(s => s.Auth.Concat(s.Acct)).SelectMany(c => c.All()).Select(e => e.Deadline).DefaultIfEmpty(Instant.Never).Min();

    /// <summary>Whoever can send to our socket causes these lines.</summary>
    void Refuse(string text, Instant now)
    {
        if (_refusals.Take(now, 10, out _)) _network.Log(text);
    }
}
