// Every code in every state of every method, in both roles: what is not the next packet is refused. RFC 3748 4.
using Cygnet.Eap;

namespace Cygnet.Tests.Eap;

public sealed class EapStateTests
{
    /// <summary>How many packets the server sends in a conversation, the last one being EAP-Success.</summary>
    static int ServerPackets(EapBench bench) => (bench.Run().Packets.Count + 1) / 2;

    static IEnumerable<EapBench> Benches(string method)
    {
        yield return new(method);
        yield return new(method) { ServerEapId = null };
        if (method is not ("eap-tls" or "eap-ttls" or "eap-peap")) yield break;
        yield return new(method) { Settings = new() { TlsMaximum = TlsVersion.Tls13 } };
        var d = new EapSettings();
        yield return new(method) { Settings = d with { Tls = Small(d.Tls), Ttls = Small(d.Ttls), Peap = Small(d.Peap) } };
    }

    static EapTlsSettings Small(EapTlsSettings s) => s with { FragmentSize = 300, MaxMessageCount = 0 };

    [Theory]
    [MemberData(nameof(EapBench.MethodData), MemberType = typeof(EapBench))]
    public void Cve_2015_8023_a_Success_before_the_method_is_complete_is_refused(string method)
    {
        foreach (var bench in Benches(method))
        {
            var count = ServerPackets(bench);
            for (var n = 0; n < count - 1; n++)
            {
                var (client, server, next) = bench.After(n);
                using (client)
                using (server)
                {
                    var step = client.Receive(EapPacket.Success(next.Packet![1]));
                    Assert.True(step.Outcome == EapOutcome.Failure, $"{method}: EAP-Success in place of server packet {n + 1} of {count} was believed");
                    Assert.Null(step.Msk);
                    // It stays so, also for what would have been right.
                    Assert.Equal(EapOutcome.Failure, client.Receive(next.Packet).Outcome);
                    Assert.Equal(EapOutcome.Failure, client.Receive(EapPacket.Success(next.Packet[1])).Outcome);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(EapBench.MethodData), MemberType = typeof(EapBench))]
    public void Cve_2021_45079_nothing_counts_after_the_end(string method)
    {
        foreach (var bench in Benches(method))
        {
            foreach (var code in (byte[])[EapCode.Request, EapCode.Response, EapCode.Success, EapCode.Failure, 0, 5])
            {
                var (client, server, next) = bench.After(ServerPackets(bench) - 1);
                using (client)
                using (server)
                {
                    Assert.Equal(EapOutcome.Success, next.Outcome);
                    Assert.Equal(EapOutcome.Success, client.Receive(next.Packet!).Outcome);
                    var packet = code is EapCode.Success or EapCode.Failure ? [code, 1, 0, 4] : new byte[] { code, 1, 0, 5, 1 };
                    var step = client.Receive(packet);
                    Assert.Equal(EapOutcome.Failure, step.Outcome);
                    Assert.Null(step.Msk);
                    step = server.Next(packet);
                    Assert.Equal(EapOutcome.Failure, step.Outcome);
                    Assert.Null(step.Msk);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(EapBench.MethodData), MemberType = typeof(EapBench))]
    public void The_client_refuses_what_is_not_the_next_request(string method)
    {
        foreach (var bench in Benches(method))
        {
            var count = ServerPackets(bench);
            for (var n = 0; n < count; n++)
            {
                foreach (var (what, make) in Wrong())
                {
                    var (client, server, next) = bench.After(n);
                    using (client)
                    using (server)
                    {
                        var isBeforeMethod = n <= (bench.ServerEapId is null ? 0 : 1);
                        var step = client.Receive(make(next.Packet!));
                        // Before a method is chosen another may be refused by NAK, or the identity asked for.
                        var mayAnswer = (what == "notification" || isBeforeMethod) && step.Packet is { Length: >= 5 } p && p[4] is 1 or 2 or 3;
                        Assert.True(step.Outcome == EapOutcome.Failure || mayAnswer, $"{method}: {what} in place of server packet {n + 1} of {count} was answered by {Convert.ToHexString(step.Packet ?? [])}");
                    }
                }
            }
        }
    }

    // Wrong in every state, made from the packet that would be right.
    static IEnumerable<(string, Func<byte[], byte[]>)> Wrong()
    {
        yield return ("response", p => [EapCode.Response, p[1], 0, 5, p.Length > 4 ? p[4] : (byte)1]);
        yield return ("code 0", p => [0, p[1], 0, 4]);
        yield return ("code 5", p => [5, p[1], 0, 4]);
        yield return ("failure", p => [EapCode.Failure, p[1], 0, 4]);
        yield return ("long failure", p => [EapCode.Failure, p[1], 0, 5, 0]);
        yield return ("long success", p => [EapCode.Success, p[1], 0, 5, 0]);
        yield return ("no type", p => [EapCode.Request, p[1], 0, 4]);
        yield return ("NAK request", p => [EapCode.Request, p[1], 0, 6, 3, 4]);
        yield return ("identity", p => [EapCode.Request, p[1], 0, 5, 1]);
        yield return ("notification", p => [EapCode.Request, p[1], 0, 5, 2]);
        yield return ("other method", p => [EapCode.Request, p[1], 0, 5, 5]);
        yield return ("expanded, cut", p => [EapCode.Request, p[1], 0, 11, 254, 0, 0, 0, 0, 0, 0]);
        yield return ("nothing", _ => []);
        yield return ("one byte", _ => [1]);
        yield return ("length 0", p => [EapCode.Request, p[1], 0, 0]);
        yield return ("length too big", p => [EapCode.Request, p[1], 0xff, 0xff, 1]);
        yield return ("length too small", p => [EapCode.Request, p[1], 0, 5, 1, 0]);
    }

    [Theory]
    [MemberData(nameof(EapBench.MethodData), MemberType = typeof(EapBench))]
    public void The_server_refuses_what_is_not_the_answer_to_its_request(string method)
    {
        foreach (var bench in Benches(method))
        {
            var count = ServerPackets(bench) - 1;
            for (var n = 0; n < count; n++)
            {
                foreach (var (what, make) in WrongAnswers())
                {
                    var (client, server, next) = bench.After(n);
                    using (client)
                    using (server)
                    {
                        var right = client.Receive(next.Packet!).Packet!;
                        if (what == "another type" && right[4] == 5) continue;
                        var step = server.Next(make(right));
                        Assert.True(step.Outcome == EapOutcome.Failure, $"{method}: {what} in place of client packet {n + 1} of {count} was taken");
                        Assert.Equal(EapCode.Failure, step.Packet![0]);
                        Assert.Equal(4, step.Packet.Length);
                        Assert.NotNull(step.Reason);
                        // No way back.
                        Assert.Equal(EapOutcome.Failure, server.Next(right).Outcome);
                    }
                }
            }
        }
    }

    static IEnumerable<(string, Func<byte[], byte[]>)> WrongAnswers()
    {
        yield return ("request", p => [EapCode.Request, .. p[1..]]);
        yield return ("success", p => [EapCode.Success, p[1], 0, 4]);
        yield return ("failure", p => [EapCode.Failure, p[1], 0, 4]);
        yield return ("code 0", p => [0, p[1], 0, 4]);
        yield return ("code 255", p => [255, .. p[1..]]);
        yield return ("another identifier", p => [p[0], (byte)(p[1] + 1), .. p[2..]]);
        yield return ("the last identifier", p => [p[0], (byte)(p[1] - 1), .. p[2..]]);
        yield return ("another type", p => [EapCode.Response, p[1], 0, 6, 5, 0]);
        yield return ("NAK", p => [EapCode.Response, p[1], 0, 6, 3, 26]);
        yield return ("expanded NAK", p => [EapCode.Response, p[1], 0, 20, 254, 0, 0, 0, 0, 0, 0, 3, 254, 0, 0, 0, 0, 0, 0, 26]);
        yield return ("no type", p => [EapCode.Response, p[1], 0, 4]);
        yield return ("nothing", _ => []);
        yield return ("length 0", p => [EapCode.Response, p[1], 0, 0]);
        yield return ("length too big", p => [p[0], p[1], 0xff, 0xff, .. p[4..]]);
        yield return ("one byte too many", p => [.. p, 0]);
    }

    [Theory]
    [MemberData(nameof(EapBench.MethodData), MemberType = typeof(EapBench))]
    public void A_Failure_ends_it_at_any_time(string method)
    {
        foreach (var bench in Benches(method))
        {
            for (var n = 0; n < ServerPackets(bench); n++)
            {
                var (client, server, next) = bench.After(n);
                using (client)
                using (server)
                {
                    var step = client.Receive(EapPacket.Failure(next.Packet![1]));
                    Assert.Equal(EapOutcome.Failure, step.Outcome);
                    Assert.Contains("received EAP_FAILURE, EAP authentication failed", step.Lines);
                    Assert.NotNull(step.Reason);
                }
            }
        }
    }

    [Fact]
    public void Replies_before_the_first_request_are_refused()
    {
        using var server = new EapBench("eap-md5").NewServer();
        Assert.Equal(EapOutcome.Failure, server.Next([2, 0, 0, 5, 1]).Outcome);
    }

    [Fact]
    public void A_conversation_has_an_end()
    {
        using var client = new EapBench("eap-md5").NewClient();
        var count = 0;
        while (client.Receive(EapPacket.Request(1, EapType.Notification, [])).Outcome == EapOutcome.Continue) Assert.True(++count < 300);
        Assert.Equal(250, count);
    }

    [Theory]
    [InlineData("eap-tls")]
    [InlineData("eap-ttls")]
    [InlineData("eap-peap")]
    public void The_message_count_of_the_settings_is_kept(string method)
    {
        var d = new EapSettings();
        EapTlsSettings With(EapTlsSettings s) => s with { FragmentSize = 100, MaxMessageCount = 4 };
        var settings = d with { Tls = With(d.Tls), Ttls = With(d.Ttls), Peap = With(d.Peap) };
        Assert.Contains("packet count exceeded (5 > 4)", new EapBench(method) { ClientSettings = settings }.Run().Client.Reason);
        Assert.Contains("packet count exceeded (5 > 4)", new EapBench(method) { ServerSettings = settings, ClientSettings = Without(settings) }.Run().Server.Reason);
    }

    static EapSettings Without(EapSettings s) => s with { Tls = s.Tls with { MaxMessageCount = 0 }, Ttls = s.Ttls with { MaxMessageCount = 0 }, Peap = s.Peap with { MaxMessageCount = 0 } };
}
