// Transport mode, BEET and padding for traffic flow confidentiality in the engine. RFC 4303 2.7, 3.1.1; RFC 3948 3.1.2.
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Tests.Esp;

public sealed class EspModeTests
{
    static EspEnd End(string address, string net, bool udp) => new(address, net, udp) { Modes = [ChildMode.Tunnel, ChildMode.Transport, ChildMode.Beet] };

    static (EspEnd A, EspEnd B) Hosts(ChildMode mode, string a, string b, string innerA, string innerB, bool udp = false)
    {
        var (left, right) = (End(a, innerA, udp), End(b, innerB, udp));
        EspEnd.Join(left, right, 0x1000, 1, p => p with { Mode = mode }, policies: false);
        Assert.Null(left.Engine.InstallPolicy(left.Policy(right, 1) with { Mode = mode }));
        Assert.Null(right.Engine.InstallPolicy(right.Policy(left, 1) with { Mode = mode }));
        return (left, right);
    }

    /// <summary>As it comes out: the header is made anew, an IPv4 packet that is never cut needs no identification (RFC 6864 4.1).</summary>
    static byte[] Renumbered(byte[] packet)
    {
        if (packet[0] >> 4 == 4) packet[4] = packet[5] = packet[10] = packet[11] = 0;
        if (packet[0] >> 4 == 4) BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), NaiveChecksum.Of(packet[..20]));
        return packet;
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", "32")]
    [InlineData("2001:db8::1", "2001:db8::2", "128")]
    public void Transport_mode_carries_no_inner_header(string a, string b, string bits)
    {
        var (left, right) = Hosts(ChildMode.Transport, a, b, $"{a}/{bits}", $"{b}/{bits}");
        foreach (var packet in new[] { InnerPackets.Udp(a, b, 1000, 53, [1, 2, 3]), InnerPackets.Tcp(a, b, 1, 2, 3, 16, [4, 5]) })
        {
            var sent = left.Send(packet);
            var headerBytes = a.Contains(':') ? 40 : 20;
            Assert.InRange(sent.Packets.Single().Length, packet.Length - headerBytes + 8 + 8 + 16, packet.Length - headerBytes + 8 + 8 + 16 + 6);
            Assert.Equal(Renumbered(packet), Assert.Single(right.Receive(sent).Delivered).Packet);
        }
        var longer = InnerPackets.Udp(a, b, 9, 9, new byte[1000]);
        var arrived = right.Receive(left.Send(longer)).Delivered.Single().Packet;
        Assert.Equal(Renumbered(longer), arrived);
    }

    [Fact]
    public void Behind_a_NAT_the_checksum_is_mended_for_the_addresses_of_the_receiver()
    {
        // a is 10.0.0.5 behind 203.0.113.9, which is what b's SA and selectors have
        var (a, b) = (End("10.0.0.5", "10.0.0.5/32", true), End("192.0.2.2", "192.0.2.2/32", true));
        Assert.Null(a.Engine.InstallSa(a.Sa(SaDirection.Outbound, b, 0x1000, 1) with { Mode = ChildMode.Transport }));
        Assert.Null(a.Engine.InstallPolicy(a.Policy(b, 1) with { Mode = ChildMode.Transport }));
        var outside = new Endpoint(Address.Parse("203.0.113.9"), 20000);
        Assert.Null(b.Engine.InstallSa(b.Sa(SaDirection.Inbound, a, 0x1000, 1) with { Mode = ChildMode.Transport, Remote = outside, RemoteTs = [EspEnd.Ts("203.0.113.9/32")] }));
        foreach (var make in new Func<string, byte[]>[] { s => InnerPackets.Udp(s, "192.0.2.2", 1000, 53, [1, 2, 3]), s => InnerPackets.Tcp(s, "192.0.2.2", 1, 2, 3, 16, [4, 5, 6]) })
        {
            var sink = new RecordingSink();
            foreach (var (_, packets, size) in a.Send(make("10.0.0.5")).Runs) b.Worker.Inbound(new(b.Endpoint, outside, true), [.. packets], size, sink);
            b.Worker.Flush(sink);
            Assert.Equal(Renumbered(make("203.0.113.9")), Assert.Single(sink.Delivered).Packet);
        }
    }

    [Fact]
    public void Beet_takes_the_inner_addresses_from_the_selectors()
    {
        var (left, right) = Hosts(ChildMode.Beet, "2001:db8::1", "2001:db8::2", "10.1.0.7/32", "10.2.0.7/32");
        var packet = InnerPackets.Udp("10.1.0.7", "10.2.0.7", 1000, 53, [1, 2, 3]);
        var sent = left.Send(packet);
        Assert.True(sent.Packets.Single().Length < packet.Length + 8 + 8 + 16);
        Assert.Equal(Renumbered(packet), Assert.Single(right.Receive(sent).Delivered).Packet);
        Assert.NotNull(left.Engine.InstallSa(left.Sa(SaDirection.Outbound, right, 0x9000, 2) with { Mode = ChildMode.Beet, RemoteTs = [EspEnd.Ts("10.2.0.0/24")] }));
    }

    [Fact]
    public void Whole_packets_only()
    {
        var (left, _) = Hosts(ChildMode.Transport, "192.0.2.1", "192.0.2.2", "192.0.2.1/32", "192.0.2.2/32");
        Assert.Empty(left.Send(InnerPackets.Ip("192.0.2.1", "192.0.2.2", 17, new byte[16], 7, 0x2000)).Packets);
        Assert.Equal(1, left.Engine.Dropped(DropReason.Fragment));
    }

    [Theory]
    [InlineData(ChildMode.Tunnel)]
    [InlineData(ChildMode.Transport)]
    public void Super_packets_are_cut_in_every_mode(ChildMode mode)
    {
        var (left, right) = Hosts(mode, "192.0.2.1", "192.0.2.2", "192.0.2.1/32", "192.0.2.2/32");
        var super = InnerPackets.Tcp("192.0.2.1", "192.0.2.2", 1, 2, 100, 16, [.. Enumerable.Range(0, 3000).Select(i => (byte)i)]);
        var sent = left.Send(super, new Offload(GsoType.TcpV4, 1000, 40, 20, 16, true));
        Assert.Equal(3, sent.Packets.Count());
        Assert.Equal(InnerPackets.Payload(super), right.Receive(sent).Delivered.SelectMany(d => InnerPackets.Payload(d.Packet)));
    }

    [Fact]
    public void Padded_packets_all_have_one_length_and_arrive_without_the_padding()
    {
        var (a, b) = EspEnd.Pair(p => p with { TfcPadding = 500 });
        byte[][] packets = [InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1, 2, [1]), InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1, 2, new byte[400]), InnerPackets.Echo("10.1.0.1", "10.2.0.1")];
        var sizes = new HashSet<int>();
        foreach (var packet in packets)
        {
            var sent = a.Send(packet);
            sizes.Add(sent.Packets.Single().Length);
            Assert.Equal(packet, Assert.Single(b.Receive(sent).Delivered).Packet);
        }
        Assert.Single(sizes);
        // longer ones are as long as they are, and the counters know nothing of padding
        var longer = InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1, 2, new byte[900]);
        Assert.Equal(longer, Assert.Single(b.Receive(a.Send(longer)).Delivered).Packet);
        Assert.Equal((ulong)(packets.Sum(p => p.Length) + longer.Length), a.Engine.Query(SaDirection.Outbound, 0x1000, b.Endpoint.Address).Bytes);
    }

    [Fact]
    public void Padding_to_the_MTU_is_padding_to_what_fits()
    {
        var (a, b) = EspEnd.Pair(p => p with { TfcPadding = -1 });
        var small = a.Send(InnerPackets.Echo("10.1.0.1", "10.2.0.1"));
        var full = a.Send(InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1, 2, new byte[1400 - 28]));
        Assert.Equal(full.Packets.Single().Length, small.Packets.Single().Length);
        Assert.Single(b.Receive(small).Delivered);
    }

    [Fact]
    public void What_the_engine_does_not_carry_it_names()
    {
        var (engine, child) = (new EspEnd("192.0.2.1", "10.1.0.0/16").Engine, new ChildConfig { Name = "c", Proposals = [new(SecurityProtocol.Esp, [])] });
        Assert.Null(engine.Refuses(child));
        Assert.Null(engine.Refuses(child with { Mode = ChildMode.Drop }));
        foreach (var (bad, word) in new (ChildConfig, string)[]
        {
            (child with { Mode = ChildMode.Transport }, "transport mode"), (child with { Mode = ChildMode.Beet }, "beet mode"), (child with { Proposals = [new(SecurityProtocol.Ah, [])] }, "AH"),
            (child with { MarkIn = new(5, uint.MaxValue) }, "marks"), (child with { SetMarkOut = new(5, uint.MaxValue) }, "marks"), (child with { IfIdOut = 7 }, "XFRM interfaces"),
            (child with { Priority = 7 }, "priorities"), (child with { Interface = "eth0" }, "one interface"),
        })
            Assert.Contains(word, engine.Refuses(bad)!.Reason);
    }
}
