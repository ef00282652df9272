// Length fields of 0, 1, too short, too long, in everything that comes from the other side; and any other byte changed.
using System.Buffers.Binary;
using System.Text;
using Cygnet.Eap;
using Cygnet.Eap.Methods;
using Cygnet.Eap.Sim;
using Cygnet.Eap.Tls;

namespace Cygnet.Tests.Eap;

public sealed class EapLengthTests
{
    static readonly byte[] s_values = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xfe, 0xff];

    /// <summary>Every byte set to telling values, every cut (with and without a length that says so), one byte more.</summary>
    static IEnumerable<byte[]> Mutants(byte[] packet)
    {
        for (var at = 0; at < packet.Length; at++)
        {
            foreach (var value in s_values.Append((byte)(packet[at] + 1)).Append((byte)(packet[at] - 1)).Append((byte)(packet[at] ^ 0x20)))
            {
                if (value == packet[at]) continue;
                byte[] mutant = [.. packet];
                mutant[at] = value;
                yield return mutant;
            }
            yield return packet[..at];
            yield return WithLength(packet[..at]);
        }
        yield return WithLength([.. packet, 0]);
    }

    static byte[] WithLength(byte[] packet)
    {
        byte[] whole = [.. packet];
        if (whole.Length >= 4) BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(2), (ushort)whole.Length);
        return whole;
    }

    [Theory]
    [InlineData("eap-md5")]
    [InlineData("eap-mschapv2")]
    [InlineData("eap-gtc")]
    [InlineData("eap-sim")]
    [InlineData("eap-aka")]
    public void No_byte_of_a_request_harms_the_client(string method)
    {
        var bench = new EapBench(method);
        var count = (bench.Run().Packets.Count + 1) / 2;
        var tried = 0;
        for (var n = 0; n < count; n++)
        {
            var (first, other, next) = bench.After(n);
            first.Dispose();
            other.Dispose();
            for (var number = 0; number < Mutants(next.Packet!).Count(); number++)
            {
                var (client, server, packet) = bench.After(n);
                using (client)
                using (server)
                {
                    // The challenges of each run differ; the mutants are made of this run's.
                    var step = client.Receive(Mutants(packet.Packet!).ElementAtOrDefault(number) ?? []);
                    if (step.Outcome == EapOutcome.Success) Assert.Equal(EapCode.Success, packet.Packet![0]);
                    if (step.Outcome == EapOutcome.Failure) Assert.NotNull(step.Reason);
                    if (step.Packet is { } answer) Assert.NotNull(EapPacket.TryParse(answer, out _));
                    tried++;
                }
                if (number > 60) number += 6;
            }
        }
        Assert.True(tried > 100);
    }

    [Theory]
    [InlineData("eap-md5")]
    [InlineData("eap-mschapv2")]
    [InlineData("eap-gtc")]
    [InlineData("eap-sim")]
    [InlineData("eap-aka")]
    public void No_byte_of_a_response_harms_the_server(string method)
    {
        var bench = new EapBench(method);
        var count = bench.Run().Packets.Count / 2;
        for (var n = 0; n < count; n++)
        {
            var (first, other, next) = bench.After(n);
            var length = Mutants(first.Receive(next.Packet!).Packet!).Count();
            first.Dispose();
            other.Dispose();
            for (var number = 0; number < length; number++)
            {
                var (client, server, packet) = bench.After(n);
                using (client)
                using (server)
                {
                    var right = client.Receive(packet.Packet!).Packet!;
                    var mutant = Mutants(right).ElementAtOrDefault(number) ?? [];
                    var step = server.Next(mutant);
                    if (step.Outcome == EapOutcome.Failure) Assert.NotNull(step.Reason);
                    Assert.NotNull(EapPacket.TryParse(step.Packet!, out _));
                }
                if (number > 60) number += 6;
            }
        }
    }

    static EapStep Client(string method, int exchanges, Func<byte[], byte[]> make)
    {
        var (client, server, next) = new EapBench(method).After(exchanges);
        using (client)
        using (server) return client.Receive(make(next.Packet!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("E")]
    [InlineData("E=")]
    [InlineData("E=691 C=")]
    [InlineData("E=691 R=1 C=00")]
    [InlineData("E=99999999999999999999 R=1 C=00112233445566778899aabbccddeeff V=3 M=")]
    [InlineData("C=00112233445566778899aabbccddee")]
    [InlineData("M=\u001b[31mred")]
    [InlineData(" = = = ")]
    public void Cve_2025_62291_a_failure_request_of_any_length_is_read_within_its_bounds(string text)
    {
        // Failure in place of Success, with the text and with less than a header.
        var step = Client("eap-mschapv2", 2, p => EapPacket.Request(p[1], EapType.MsChapV2, new MsChapV2Message(MsChapV2Message.Failure, 1, Encoding.Latin1.GetBytes(text)).ToData()));
        Assert.Equal(EapOutcome.Failure, step.Outcome);
        Assert.Contains(step.Lines, l => l.StartsWith("EAP-MS-CHAPv2 failed with error ", StringComparison.Ordinal));
        Assert.DoesNotContain(step.Lines, l => l.Any(char.IsControl));
        foreach (byte[] data in (byte[][])[[], [4], [4, 1], [4, 1, 0], [4, 1, 0, 0], [4, 1, 0xff, 0xff], [4, 1, 0, 0, (byte)'E']])
        {
            step = Client("eap-mschapv2", 2, p => EapPacket.Request(p[1], EapType.MsChapV2, data));
            Assert.Equal(EapOutcome.Failure, step.Outcome);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("S=")]
    [InlineData("S=00")]
    [InlineData("S=zz00000000000000000000000000000000000000")]
    [InlineData("M=S=0000000000000000000000000000000000000000")]
    public void Success_without_a_proof_is_none(string text)
    {
        var step = Client("eap-mschapv2", 2, p => EapPacket.Request(p[1], EapType.MsChapV2, new MsChapV2Message(MsChapV2Message.Success, 1, Encoding.Latin1.GetBytes(text)).ToData()));
        Assert.Equal(EapOutcome.Failure, step.Outcome);
        Assert.Contains("(S=) is missing or malformed", step.Reason);
    }

    [Fact]
    public void A_request_to_change_the_password_is_refused()
    {
        var step = Client("eap-mschapv2", 2, p => EapPacket.Request(p[1], EapType.MsChapV2, [MsChapV2Message.ChangePassword, 1, 0, 4]));
        Assert.Equal(EapOutcome.Failure, step.Outcome);
        Assert.Contains("EAP-MS-CHAPv2 received packet with unsupported OpCode (CHANGE_PASSWORD)!", step.Lines);
    }

    [Fact]
    public void MD5_takes_a_challenge_of_any_length_that_fits()
    {
        foreach (var (data, ok) in ((byte[], bool)[])[([], false), ([0], false), ([1], false), ([1, 7], true), ([2, 7], false), ([255, .. new byte[255]], true), ([255, .. new byte[254]], false), ([1, 7, (byte)'n'], true)])
            Assert.Equal(ok ? EapOutcome.Continue : EapOutcome.Failure, Client("eap-md5", 1, p => EapPacket.Request(p[1], EapType.Md5, data)).Outcome);
    }

    static SimMessage? Sim(params byte[] attributes) => SimMessage.TryParse(EapPacket.TryParse(EapPacket.Request(1, EapType.Sim, [10, 0, 0, .. attributes]), out _)!, out _);

    [Fact]
    public void Cve_2026_35330_an_attribute_advances_or_the_message_is_refused()
    {
        foreach (byte type in (byte[])[1, 2, 3, 4, 6, 7, 10, 11, 14, 15, 16, 19, 22, 127, 128, 130, 135, 255])
        {
            Assert.Null(Sim(type, 0));
            Assert.Null(Sim(type, 0, 0, 0));
            Assert.Null(Sim(type, 1));
            Assert.Null(Sim(type, 1, 0));
            Assert.Null(Sim(type, 2, 0, 0, 0, 0, 0));
            Assert.Null(Sim([type, 255, .. new byte[1000]]));
            Assert.NotNull(Sim(type, 1, 0, 0));
            Assert.NotNull(Sim([type, 255, .. new byte[1018]]));
            Assert.Null(Sim(type, 1, 0, 0, type, 1, 0, 0));
        }
        Assert.Null(SimMessage.TryParse(EapPacket.TryParse(EapPacket.Request(1, EapType.Sim, [10]), out _)!, out _));
        Assert.Null(SimMessage.TryParse(EapPacket.TryParse(EapPacket.Request(1, EapType.Sim, []), out _)!, out _));
    }

    [Fact]
    public void Lengths_inside_attributes_are_held_to_the_attribute()
    {
        byte[]? Identity(ushort length, int units) => Sim([At.Identity, (byte)units, (byte)(length >> 8), (byte)length, .. new byte[4 * units - 4]])!.Counted(At.Identity);
        Assert.Equal(5, Identity(5, 3)!.Length);
        Assert.Equal(8, Identity(8, 3)!.Length);
        Assert.Null(Identity(9, 3));
        Assert.Null(Identity(0xffff, 3));
        Assert.Null(Identity(4, 3));
        Assert.Empty(Identity(0, 1)!);
        // AT_RES counts bits.
        byte[]? Res(ushort bits, int units) => Sim([At.Res, (byte)units, (byte)(bits >> 8), (byte)bits, .. new byte[4 * units - 4]])!.Counted(At.Res, inBits: true);
        Assert.Equal(8, Res(64, 3)!.Length);
        Assert.Null(Res(63, 3));
        Assert.Null(Res(72, 3));
        Assert.Null(Sim(At.Mac, 1, 0, 0)!.Fixed(At.Mac, 16));
        Assert.Null(Sim(At.ClientErrorCode, 2, 0, 0, 0, 0, 0, 0)!.Number(At.ClientErrorCode));
        Assert.Null(Sim(At.Rand, 1, 0, 0)!.Fixed(At.Rand));
    }

    [Fact]
    public void SIM_wants_two_or_three_different_challenges()
    {
        byte[] a = new byte[16], b = [.. Enumerable.Repeat((byte)1, 16)];
        foreach (byte[] rands in (byte[][])[[], a, [.. a, .. a], [.. a, .. b, .. a], [.. a, .. b, 1, 2, 3, 4], [.. a, .. b, .. a, .. b]])
        {
            var step = Client("eap-sim", 2, p => SimWriter.Request(p[1], EapType.Sim, Subtype.SimChallenge).Fixed(At.Rand, rands).Fixed(At.Mac, new byte[16]).ToPacket());
            Assert.Equal(EapOutcome.Continue, step.Outcome);
            Assert.Contains("sending client error 'insufficient number of challenges'", step.Lines);
        }
    }

    [Fact]
    public void A_challenge_that_is_not_authentic_gives_no_response()
    {
        foreach (var method in (string[])["eap-sim", "eap-aka"])
        {
            var step = Client(method, 2, p =>
            {
                p[^1] ^= 1;
                return p;
            });
            Assert.Equal(Subtype.ClientError, step.Packet![5]);
            Assert.Contains(step.Lines, l => l.EndsWith("MAC verification failed", StringComparison.Ordinal));
        }
    }

    static List<Avp>? Avps(params byte[] data) => Avp.ReadAll(data, out _);

    [Fact]
    public void Cve_2026_25075_an_AVP_is_as_long_as_its_header_at_least()
    {
        for (byte length = 0; length < 8; length++) Assert.Null(Avps(0, 0, 0, 79, 0x40, 0, 0, length));
        for (byte length = 0; length < 12; length++) Assert.Null(Avps(0, 0, 0, 79, 0xc0, 0, 0, length, 0, 0, 1, 55));
        Assert.Null(Avps(0, 0, 0, 79, 0x40, 0, 0, 9));
        Assert.Null(Avps(0, 0, 0, 79, 0x40, 0xff, 0xff, 0xff));
        Assert.Null(Avps(0, 0, 0, 79, 0xc0, 0xff, 0xff, 0xff, 0, 0, 1, 55));
        Assert.Null(Avps(0, 0, 0, 79, 0x40, 0, 0));
        Assert.Null(Avps(0));
        Assert.Empty(Avps()!);
        Assert.Empty(Assert.Single(Avps(0, 0, 0, 79, 0x40, 0, 0, 8)!).Value);
        // Padding: with it, without it at the end; one that has to be understood and is not; one that has not.
        Assert.Equal(2, Avps(0, 0, 0, 79, 0x40, 0, 0, 9, 1, 0, 0, 0, 0, 0, 0, 79, 0x40, 0, 0, 10, 1, 2)!.Count);
        Assert.Null(Avps(0, 0, 0, 99, 0x40, 0, 0, 8));
        Assert.Empty(Avps(0, 0, 0, 99, 0, 0, 0, 8)!);
        Assert.Null(Avps([.. Enumerable.Repeat<byte[]>([0, 0, 0, 79, 0x40, 0, 0, 8], 65).SelectMany(a => a)]));
    }

    [Theory]
    [InlineData("eap-ttls", TlsVersion.Tls12)]
    [InlineData("eap-ttls", TlsVersion.Tls13)]
    [InlineData("eap-peap", TlsVersion.Tls12)]
    public void Cve_2026_25075_what_a_server_says_inside_is_read_within_its_bounds(string method, TlsVersion version)
    {
        var bench = new EapBench(method) { Settings = new() { TlsMaximum = version } };
        var store = bench.ServerStore.Build();
        var credential = store.PrivateKeyFor(new(), Cygnet.Policy.Identity.Parse(EapBench.Server), [])!;
        byte[] md5 = method == "eap-ttls" ? new Avp(Avp.EapMessage, 0, EapPacket.Request(7, EapType.Md5, [16, .. new byte[16]])).ToBytes() : [4, 16, .. new byte[16]];
        byte[][] inside =
        [
            [0], [0, 0, 0, 79, 0x40, 0, 0, 0], [0, 0, 0, 79, 0x40, 0, 0, 8], [0, 0, 0, 79, 0x40, 0, 0, 9, 1], [0, 0, 0, 79, 0xc0, 0, 0, 8, 0, 0, 0, 0],
            [1, 7, 0, 11, 33, 0x80, 3, 0, 2, 0, 1], [1, 7, 0, 11, 33, 0x80, 3, 0, 3, 0, 1], [1, 7, 0, 10, 33, 0x80, 3, 0xff, 0xff, 0], [1, 7, 0, 5, 33], [3, 7, 0, 4], [2, 7, 0, 5, 1],
            // the padding of the AVP may be left out
            .. Enumerable.Range(1, md5.Length - 1).Where(n => n < md5.Length - 2 || method != "eap-ttls").Select(n => md5[..n]),
            [.. md5, 0], new byte[16000],
        ];
        foreach (var message in inside)
        {
            using var session = TlsSession.Create(new(true, TlsVersion.Tls12, version, credential, false, [], _ => true), out _)!;
            using var client = bench.NewClient();
            var tunnel = new FakeTunnel(client, EapMethods.Configured(method), session);
            tunnel.Handshake(out var id);
            Assert.True(session.IsEstablished);
            session.TakeData();
            var step = tunnel.Say(message, out var answer);
            // Success inside before any method is no success, nor is one outside.
            Assert.NotEqual(EapOutcome.Success, step.Outcome);
            Assert.False(EapBench.Contains([answer], EapBench.Password));
            Assert.Equal(EapOutcome.Failure, client.Receive(EapPacket.Success(++id)).Outcome);
        }
    }

    [Fact]
    public void A_result_of_PEAP_without_a_method_is_answered_by_a_failure()
    {
        var bench = new EapBench("eap-peap");
        using var session = TlsSession.Create(new(true, TlsVersion.Tls12, TlsVersion.Tls12, bench.ServerStore.Build().PrivateKeyFor(new(), Cygnet.Policy.Identity.Parse(EapBench.Server), []), false, [], _ => true), out _)!;
        using var client = bench.NewClient();
        var tunnel = new FakeTunnel(client, EapType.Peap, session);
        tunnel.Handshake(out _);
        tunnel.Say([1, 7, 0, 11, 33, 0x80, 3, 0, 2, 0, 1], out var answer);
        Assert.Equal([2, 7, 0, 11, 33, 0x80, 3, 0, 2, 0, 2], answer);
    }

    [Fact]
    public void Results_of_PEAP_are_read_within_their_bounds()
    {
        static bool? Result(params byte[] data) => PeapInner.Result(EapPacket.TryParse(EapPacket.Request(1, EapType.MsTlv, data), out _)!, out _);
        Assert.True(Result(0x80, 3, 0, 2, 0, 1));
        Assert.False(Result(0x80, 3, 0, 2, 0, 2));
        Assert.True(Result(0x00, 12, 0, 1, 9, 0, 3, 0, 2, 0, 1));
        foreach (byte[] wrong in (byte[][])[[], [0x80], [0x80, 3], [0x80, 3, 0], [0x80, 3, 0, 2], [0x80, 3, 0, 2, 0], [0x80, 3, 0, 0], [0x80, 3, 0, 1, 1], [0x80, 3, 0, 3, 0, 1, 0],
            [0x80, 3, 0xff, 0xff, 0, 1], [0x80, 3, 0, 2, 0, 3], [0x80, 12, 0, 0], [0x80, 3, 0, 2, 0, 1, 0x80, 3, 0, 2, 0, 1], [0, 9, 0, 0]])
            Assert.Null(Result(wrong));
    }
}
