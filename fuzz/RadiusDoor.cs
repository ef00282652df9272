// What a RADIUS server can say, with its secret and without: replies to EAP, and requests to end or change sessions. RFC 2865, 3579, 5176.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Cygnet.Eap;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Radius;
using Cygnet.Tests.Radius;
using Cygnet.Tests.Sim;

namespace Cygnet.Fuzz;

static class RadiusDoor
{
    const string Settings = "class_group = yes\nfilter_id = yes\naccounting = yes\naccounting_send_class = yes\nforward {\n radius_to_ike = Reply-Message, 36906:0\n}\nservers {\n a {\n address = 10.1.0.10\n secret = x\n}\n}";

    static readonly byte[] s_secret = "shared"u8.ToArray();
    static readonly Endpoint s_client = new(Address.Parse("10.1.0.10"), 40000);
    static readonly byte[] s_challenge = [1, 5, 0, 22, 4, 16, .. new byte[16]], s_answer = [2, 5, 0, 22, 4, 16, .. new byte[16]];

    static readonly byte[][] s_words =
    [
        [79, 6, 1, 5, 0, 4], [79, 6, 3, 5, 0, 4], [79, 6, 4, 5, 0, 4], [79, 7, 1, 5, 0, 5, 4], [79, 2], [80, 18, .. new byte[16]], [24, 3, 1], [26, 2], [26, 6, 0, 0, 1, 0x37], [26, 8, 0, 0, 1, 0x37, 16, 2],
        [26, 9, 0, 0, 0x90, 0x2a, 12, 3, 7], [27, 6, 0, 0, 0, 0], [8, 6, 255, 255, 255, 254], [64, 6, 1, 0, 0, 9], [11, 3, 65], [25, 3, 65], [1, 7, 99, 97, 114, 111, 108], [44, 2], [18, 255], [0, 0], [0, 1], [255, 255],
    ];

    /// <summary>An input is: what is done with it, the packet's code, and its attributes; these are signed as the server would, or arrive as they are.</summary>
    public static Target Packets()
    {
        byte[][] attributes =
        [
            Wire(new RadiusAttributes().AddEap(s_challenge).Add(RadiusType.State, "s").Add(RadiusType.ReplyMessage, "who?")),
            Wire(new RadiusAttributes().AddEap([3, 5, 0, 4]).Add(RadiusType.FramedIpAddress, 0x0a030007u).Add(RadiusType.Class, "Research").Add(RadiusType.SessionTimeout, 600u).Add(RadiusType.AcctInterimInterval, 60u)
                .AddVendor(311, 17, new byte[50]).AddVendor(311, 16, new byte[50]).AddVendor(311, 28, [10, 1, 0, 53]).Add(RadiusType.TunnelType, 9u).Add(RadiusType.FilterId, "staff").Add(RadiusType.UserName, "carol")),
            Wire(new RadiusAttributes().AddEap([4, 5, 0, 4]).Add(RadiusType.ReplyMessage, "no")),
            Wire(new RadiusAttributes().AddEap([1, 5, 2, 88, 13, .. new byte[595]]).Add(RadiusType.State, "s")),
            Wire(new RadiusAttributes().Add(RadiusType.UserName, "carol").Add(RadiusType.SessionTimeout, 600u).Add(RadiusType.EventTimestamp, 1_750_000_000u).Add(RadiusType.ProxyState, "p")),
            Wire(new RadiusAttributes().Add(RadiusType.FramedIpAddress, 0x0a030001u).Add(RadiusType.NasPort, 1u).Add(RadiusType.FilterId, "staff")),
        ];
        return new("radius", [.. attributes.SelectMany(a => new byte[] { 2, 3, 11, 40, 43 }.SelectMany(code => Enumerable.Range(0, 4).Select(door => (byte[])[(byte)door, code, .. a])))], s_words, input =>
        {
            if (input.Length < 2) return "short";
            byte[] rest = input[2..];
            return (input[0] % 4) switch
            {
                0 => Reply(input[1], rest, exchanges: 0),
                1 => Reply(input[1], rest, exchanges: 1),
                2 => Request(input[1], rest),
                _ => Unsigned(input[1], rest),
            };
        });
    }

    static byte[] Wire(RadiusAttributes attributes) => RadiusAuthenticator.Response(RadiusCode.AccessAccept, 1, new byte[16], attributes, s_secret, withMessageAuthenticator: false)![RadiusPacket.HeaderBytes..];

    /// <summary>The server answers the first request, or the second, with these attributes.</summary>
    static string Reply(byte code, byte[] attributes, int exchanges)
    {
        var line = new Line();
        using var server = new RadiusEapServer(new(new() { Class = AuthClass.Eap, Method = "eap-radius" }, new(), Identity.Parse("moon"), Identity.Parse("carol"), new(null!, null!, new SeededRandom(1), default, new()))
        { Sa = new(7, "rw", new(Address.Parse("192.0.2.1"), 4500), new(Address.Parse("198.51.100.9"), 1025)) }, new SessionsScene(Settings).Settings, line, 1);
        var step = server.Begin();
        for (; exchanges > 0; exchanges--)
        {
            line.Answer(11, Wire(new RadiusAttributes().AddEap(s_challenge).Add(RadiusType.State, "s")));
            step = server.Receive(s_answer);
        }
        // what is refused leaves the request open, until no server has answered
        if (!line.Answer(code, attributes)) line.GiveUp();
        if (!step.IsCompleted) throw new Fault("an answered request does not end");
        var outcome = step.Result;
        if (outcome.Outcome == EapOutcome.Success && code != (byte)RadiusCode.AccessAccept) throw new Fault("a success that no Access-Accept has brought");
        if (outcome.Outcome == EapOutcome.Failure && outcome.Reason is not { Length: > 0 }) throw new Fault("a failure without a reason");
        if (outcome.Packet is not { Length: >= 4 } packet || BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2)) != packet.Length || packet[0] is < 1 or > 4 or 2) throw new Fault("we send what is no EAP packet of a server");
        if (outcome.Msk is { Length: not 64 }) throw new Fault("a key of another length");
        if (outcome.Grant is { } g && (g.Addresses.Length > 16 || g.Groups.Length > 16 || g.Classes.Length > 16 || g.Dns.Length > 16)) throw new Fault("more is kept than is allowed");
        if (outcome.Notifies.Length > RadiusForward.Most) throw new Fault("more is forwarded than is allowed");
        Printable([.. outcome.Lines, .. line.Lines, outcome.Reason ?? ""]);
        return $"{outcome.Outcome} {packet[0]} {outcome.Reason} {string.Join(' ', outcome.Lines)} {string.Join(' ', line.Lines)} {outcome.Grant} {outcome.Notifies.Length} {outcome.Msk is null}";
    }

    /// <summary>The server asks us to end a session or to change it.</summary>
    static string Request(byte code, byte[] attributes)
    {
        List<string> lines = [];
        var scene = new SessionsScene(Settings);
        scene.Establish(1, vips: Address.Parse("10.3.0.1"));
        var door = new DaeServer(new() { Secret = s_secret }, scene.Sessions, lines.Add);
        byte[] request = Raw(code, new byte[16], attributes);
        MD5.HashData([.. request, .. s_secret]).CopyTo(request, 4);
        var verdict = door.Receive(request, s_client, true, _ => true, DateTimeOffset.FromUnixTimeSeconds(1_750_000_000), scene.Now);
        Printable(lines);
        if (verdict is null) return string.Join(' ', lines);
        if (!RadiusPacket.TryParse(verdict.Reply, out var reply, out var why) || !RadiusAuthenticator.IsResponseTo(reply, request.AsSpan(4, 16), s_secret)) throw new Fault($"our answer is none: {why}");
        if (verdict.Ikes.Length > 0 != reply.Code is RadiusCode.DisconnectAck or RadiusCode.CoaAck) throw new Fault("what is done is not what is said");
        return $"{reply.Code} {verdict.Ikes.Length} {string.Join(' ', lines)}";
    }

    /// <summary>Somebody without the secret speaks, as it is.</summary>
    static string Unsigned(byte code, byte[] attributes)
    {
        var line = new Line();
        RadiusReply? reply = null;
        line.Client.Begin(RadiusCode.AccessRequest, new(), null, r => reply = r, line.Now);
        var datagram = Raw(code, new byte[16], attributes);
        line.Client.Receive(line.Channel!, datagram, line.Now);
        if (reply is not null) throw new Fault("an answer that nobody signed was believed");
        List<string> lines = [.. line.Lines];
        var scene = new SessionsScene(Settings);
        scene.Establish(1);
        if (new DaeServer(new() { Secret = s_secret }, scene.Sessions, lines.Add).Receive(datagram, s_client, true, _ => true, default, scene.Now) is not null) throw new Fault("a request that nobody signed was answered");
        Printable(lines);
        return string.Join(' ', lines);
    }

    static void Printable(IEnumerable<string> lines)
    {
        if (lines.Any(l => l.Any(char.IsControl))) throw new Fault("a control character in a line of the log");
    }

    /// <summary>Whole: the length is put right, and the fuzzer comes past it.</summary>
    static byte[] Raw(byte code, byte[] authenticator, byte[] attributes)
    {
        byte[] packet = [code, 0, 0, 0, .. authenticator, .. attributes.AsSpan(0, Math.Min(attributes.Length, RadiusPacket.MaxBytes - RadiusPacket.HeaderBytes))];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        return packet;
    }

    /// <summary>The wire to the one server, whose part is played here.</summary>
    sealed class Line : IRadiusNetwork, IRadiusServers
    {
        byte[] _open = [];

        public Line() => Client = new([new() { Name = "a", Address = "192.0.2.1", Secret = s_secret }], new SeededRandom(1), this);

        public RadiusClient Client { get; }
        public Instant Now { get; private set; } = new(1_000_000);
        public RadiusChannel? Channel { get; private set; }
        public List<string> Lines { get; } = [];

        public Task<RadiusReply?> Request(RadiusCode code, RadiusAttributes attributes, string? server = null)
        {
            var answer = new TaskCompletionSource<RadiusReply?>();
            Client.Begin(code, attributes, server, answer.SetResult, Now);
            return answer.Task;
        }

        /// <summary>Signs them as the server does; whether the reply was taken.</summary>
        public bool Answer(byte code, byte[] attributes)
        {
            // a Message-Authenticator of its own, if there is one, stays as it is
            var own = attributes is [80, 18, ..];
            var packet = Raw(code, _open[4..20], own ? attributes : [80, 18, .. new byte[16], .. attributes]);
            packet[1] = _open[1];
            if (!own) HMACMD5.HashData(s_secret, packet).CopyTo(packet, 22);
            MD5.HashData([.. packet, .. s_secret]).CopyTo(packet, 4);
            var waiting = Channel!.Waiting;
            Client.Receive(Channel, packet, Now);
            return Channel.Waiting < waiting;
        }

        public void GiveUp()
        {
            while (Client.Deadline != Instant.Never)
            {
                Now = Client.Deadline;
                Client.Tick(Now);
            }
        }

        public void Send(RadiusChannel channel, byte[] datagram) => (Channel, _open) = (channel, datagram);

        public void Reopen(RadiusChannel channel)
        {
        }

        public void Log(string text) => Lines.Add(text);
    }
}
