// The door of EAP in every state of every method, both roles; and what goes through a tunnel of TLS.
using System.Buffers.Binary;
using Cygnet.Eap;
using Cygnet.Eap.Methods;
using Cygnet.Eap.Sim;
using Cygnet.Eap.Tls;
using Cygnet.Policy;
using Cygnet.Tests.Eap;

namespace Cygnet.Fuzz;

static class EapDoor
{
    static readonly string[] s_methods = ["eap-md5", "eap-mschapv2", "eap-gtc", "eap-sim", "eap-aka", "eap-dynamic"];
    static readonly string[] s_tunnels = ["eap-tls", "eap-ttls", "eap-peap"];

    static readonly byte[][] s_words =
    [
        [1, 0, 0, 5], [2, 0, 0, 5], [3, 0, 0, 4], [4, 0, 0, 4], [3, 26], [254, 0, 0, 0, 0, 0, 0, 3], [0x80, 0, 0, 0], [0xc0, 0, 0, 1, 0], [0x20], [11, 5, 0, 0], [14, 3, 0, 8], [1, 9, 0, 0],
        [22, 1, 0, 0], [0, 0, 0, 79, 0x40, 0, 0, 8], [0, 0, 0, 1, 0x40, 0, 0, 9], [0, 0, 0, 2, 0x40], [0x80, 3, 0, 2, 0, 1], .. new[] { "S=", "E=691 R=1 C=", " M=", "V=3" }.Select(w => w.Select(c => (byte)c).ToArray()),
    ];

    /// <summary>An input is: the method, how many packets went before with the role in the lowest bit, whether the length is put right, then the packet.</summary>
    public static Target Methods() => Conversation("eap", s_methods, 0, 8);

    /// <summary>The same for the methods with TLS, whose first packets cost most.</summary>
    public static Target Tls() => Conversation("eap-tls", s_tunnels, 0, 4);

    static Target Conversation(string name, string[] methods, int least, int most)
    {
        List<byte[]> corpus = [];
        for (var m = 0; m < methods.Length; m++)
        {
            var packets = new EapBench(methods[m]).Run().Packets;
            for (var i = 0; i < Math.Min(packets.Count, 2 * most); i++) corpus.Add([(byte)m, (byte)i, 1, .. packets[i]]);
        }
        return new(name, corpus, s_words, input =>
        {
            if (input.Length < 3) return "short";
            var bench = new EapBench(methods[input[0] % methods.Length]);
            var (before, isForServer) = (least + (input[1] >> 1) % most, (input[1] & 1) != 0);
            byte[] packet = input[3..];
            if ((input[2] & 1) != 0 && packet.Length >= 4) BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            var (client, server, next) = After(bench, before);
            using (client)
            using (server)
            {
                // a response is for the open request
                if (isForServer && (input[2] & 2) == 0 && packet.Length > 1 && next.Packet is { } open) packet[1] = open[1];
                if (isForServer && next.Outcome == EapOutcome.Continue) client.Receive(next.Packet);
                var step = isForServer ? server.Next(packet) : client.Receive(packet);
                return Judge(step, isForServer, packet);
            }
        });
    }

    static (EapPeer Client, EapServer Server, EapStep Next) After(EapBench bench, int exchanges)
    {
        var (client, server) = (bench.NewClient(), bench.NewServer());
        var s = server.First();
        for (var i = 0; i < exchanges && s.Outcome == EapOutcome.Continue && client.Receive(s.Packet!) is { Outcome: EapOutcome.Continue } c; i++) s = server.Next(c.Packet!);
        return (client, server, s);
    }

    static string Judge(EapStep step, bool isServer, byte[] packet)
    {
        if (step.Outcome == EapOutcome.Failure && step.Reason is not { Length: > 0 }) throw new Fault("a failure without a reason");
        if (step.Lines.Any(l => l.Any(char.IsControl))) throw new Fault("a control character in a line of the log");
        if (step.Packet is { } answer && EapPacket.TryParse(answer, out var why) is null) throw new Fault($"we send what is no packet: {why}");
        if (step.Outcome == EapOutcome.Success && !isServer && packet is not [EapCode.Success, ..]) throw new Fault("a success that no EAP-Success has brought");
        if (isServer && step.Packet is null) throw new Fault("the server has nothing to send");
        return $"{isServer} {step.Outcome} {step.Packet?.ElementAtOrDefault(4)} {step.Reason} {string.Join(' ', step.Lines)}";
    }

    /// <summary>An input is: TTLS or PEAP, then what a server says inside the tunnel, up to three times with a zero byte of length in front.</summary>
    public static Target Inside()
    {
        byte[] md5 = EapPacket.Request(7, EapType.Md5, [16, .. new byte[16]]), identity = EapPacket.Request(7, EapType.Identity, []);
        byte[] chap = EapPacket.Request(8, EapType.MsChapV2, [1, 1, 0, 26, 16, .. new byte[16], (byte)'x']);
        List<byte[]> corpus = [];
        foreach (var packet in (byte[][])[md5, identity, chap])
        {
            corpus.Add([0, .. new Avp(Avp.EapMessage, 0, packet).ToBytes()]);
            corpus.Add([1, .. packet[4..]]);
        }
        corpus.Add([1, 1, 7, 0, 11, 33, 0x80, 3, 0, 2, 0, 1]);
        return new("eap-inside", corpus, s_words, input =>
        {
            if (input.Length < 2) return "short";
            var method = (input[0] & 1) == 0 ? "eap-ttls" : "eap-peap";
            var bench = new EapBench(method);
            var credential = bench.ServerStore.Build().PrivateKeyFor(new(), Identity.Parse(EapBench.Server), []);
            using var session = TlsSession.Create(new(true, TlsVersion.Tls12, TlsVersion.Tls12, credential, false, [], _ => true), out var reason) ?? throw new Fault(reason);
            using var client = bench.NewClient();
            var tunnel = new FakeTunnel(client, EapMethods.Configured(method), session);
            tunnel.Handshake(out var id);
            session.TakeData();
            var step = tunnel.Say(input.AsSpan(1, Math.Min(input.Length - 1, 16000)).ToArray(), out var answer);
            if (EapBench.Contains([answer], EapBench.Password)) throw new Fault("the password in clear inside");
            var outcome = Judge(step, false, [1]);
            // whatever was said, PEAP has given no result
            if (method == "eap-peap" && client.Receive(EapPacket.Success(++id)).Outcome == EapOutcome.Success) throw new Fault("success without a result of PEAP");
            return $"{method} {outcome} {answer.Length > 0}";
        });
    }

    /// <summary>The parsers alone, fast: an input is which one, then its bytes.</summary>
    public static Target Parsers()
    {
        var response = MsChapV2Message.ResponseBody(new byte[16], new byte[24], "carol"u8);
        var framing = new TlsFraming(EapType.Ttls, new() { FragmentSize = 100, MaxMessageCount = 0 }, isServer: true);
        List<byte[]> corpus =
        [
            [0, .. EapPacket.Request(1, EapType.MsChapV2, new MsChapV2Message(MsChapV2Message.Response, 1, response).ToData())],
            [0, .. EapPacket.Request(1, EapType.MsChapV2, new MsChapV2Message(MsChapV2Message.Failure, 1, "E=691 R=1 C=00112233445566778899aabbccddeeff V=3 M=no"u8.ToArray()).ToData())],
            [0, .. EapPacket.TryParse(EapPacket.Request(1, new EapType(9, 7), []), out _)!.Nak([EapType.Md5, new EapType(9, 7)])],
            [1, .. SimWriter.Request(1, EapType.Sim, Subtype.SimStart).Counted(At.VersionList, [0, 1]).Number(At.AnyIdReq).ToPacket()],
            [1, .. SimWriter.Request(1, EapType.Aka, Subtype.AkaChallenge).Fixed(At.Rand, new byte[16]).Fixed(At.Autn, new byte[16]).Counted(At.Res, new byte[8], true).Auts(new byte[14]).ToPacket()],
            [2, .. new Avp(Avp.EapMessage, 0, new byte[9]).ToBytes(), .. new Avp(Avp.MsChap2Response, Avp.Microsoft, new byte[50]).ToBytes()],
            [3, .. EapPacket.Request(1, EapType.MsTlv, PeapInner.ResultData(true))],
            [4, .. framing.Send(new byte[200])], [4, .. framing.Next()],
        ];
        return new("eap-parsers", corpus, s_words, input =>
        {
            if (input.Length == 0) return "empty";
            byte[] data = input[1..];
            switch (input[0] % 5)
            {
                case 2: return Avp.ReadAll(data, out var why) is { } avps ? $"{avps.Count} AVPs, {Avp.Eap(avps).Length > 0}" : why;
                case 4:
                    var pieces = new TlsFraming(EapType.Ttls, new() { MaxMessageCount = 0 }, isServer: true);
                    return string.Join(' ', data.Chunk(40).Select(c => pieces.Receive(c, out var r) + r));
            }
            if (EapPacket.TryParse(data, out var reason) is not { } packet) return reason;
            switch (input[0] % 5)
            {
                case 1:
                    if (SimMessage.TryParse(packet, out reason) is not { } message) return reason;
                    return $"{message.Subtype} {message.Unexpected()} {message.Number(At.Notification)} {message.Fixed(At.Rand)?.Length} {message.Counted(At.Identity)?.Length} {message.Counted(At.Res, true)?.Length} {message.Auts()?.Length}";
                case 3: return $"{PeapInner.Result(packet, out reason)} {reason} {PeapInner.Expand(data, EapCode.Request, 1, out _)?.Type}";
            }
            if (MsChapV2Message.Read(packet) is { } chap) return $"{chap.OpCode} {chap.ReadChallenge()?.Length} {chap.ReadResponse()?.Name.Length} {string.Join(' ', chap.Fields().Keys)} {packet.NakTypes().Count}";
            return $"{packet.Type} {packet.NakTypes().Count} {Md5Challenge.Value(packet)?.Length} {MethodContext.ReadIdentity(packet.Data.Span).Kind}";
        });
    }
}
