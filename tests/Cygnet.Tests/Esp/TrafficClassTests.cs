// DSCP and ECN into the tunnel and out of it, every combination. RFC 6040 4.1, 4.2; RFC 2983.
using System.Buffers.Binary;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Tests.Esp;

public sealed class TrafficClassTests
{
    const int NotEct = 0, Ect1 = 1, Ect0 = 2, Ce = 3;

    static byte[] Packet(bool isIPv6, byte trafficClass)
    {
        var packet = isIPv6 ? InnerPackets.Udp("fd01::7", "fd02::7", 1, 2, [1, 2, 3]) : InnerPackets.Udp("10.1.0.7", "10.2.0.7", 1, 2, [1, 2, 3]);
        if (isIPv6) (packet[0], packet[1]) = ((byte)(0x60 | trafficClass >> 4), (byte)(trafficClass << 4));
        else
        {
            (packet[1], packet[10], packet[11]) = (trafficClass, 0, 0);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), NaiveChecksum.Of(packet[..20]));
        }
        return packet;
    }

    /// <summary>Sends one packet, changes the outer octet on the way, and gives what comes out; null if it is dropped.</summary>
    static byte[]? Through(EspEnd a, EspEnd b, byte[] packet, Func<byte, byte> onTheWay)
    {
        var sink = new RecordingSink();
        foreach (var (path, packets, size) in a.Send(packet).Runs)
            b.Worker.Inbound(new(path.Remote, path.Local, path.UdpEncapsulation) { TrafficClass = onTheWay(path.TrafficClass) }, [.. packets], size, sink);
        b.Worker.Flush(sink);
        return sink.Delivered.SingleOrDefault().Packet;
    }

    [Theory]
    [InlineData(DscpCopy.Out, true, 0xb8)]
    [InlineData(DscpCopy.Both, true, 0xb8)]
    [InlineData(DscpCopy.In, true, 0)]
    [InlineData(DscpCopy.No, true, 0)]
    [InlineData(DscpCopy.Out, false, 0xb8)]
    public void What_of_the_inner_header_is_seen_outside(DscpCopy dscp, bool ecn, byte expected)
    {
        var (a, _) = EspEnd.Pair(p => p with { CopyDscp = dscp, CopyEcn = ecn });
        foreach (var isIPv6 in new[] { false, true })
            for (var mark = NotEct; mark <= Ce; mark++)
                Assert.Equal(expected | (ecn ? mark : NotEct), a.Send(Packet(isIPv6, (byte)(0xb8 | mark))).Runs.Single().Path.TrafficClass);
    }

    // The rows are inner, the columns outer codepoints: Not-ECT, ECT(1), ECT(0), CE. RFC 6040 figure 4; -1 is a drop.
    static readonly int[,] _leaving =
    {
        { NotEct, NotEct, NotEct, -1 },
        { Ect1, Ect1, Ect1, Ce },
        { Ect0, Ect1, Ect0, Ce },
        { Ce, Ce, Ce, Ce },
    };

    [Theory, InlineData(false), InlineData(true)]
    public void Congestion_on_the_way_reaches_the_inner_header(bool isIPv6)
    {
        var (a, b) = EspEnd.Pair();
        for (var inner = NotEct; inner <= Ce; inner++)
            for (var outer = NotEct; outer <= Ce; outer++)
            {
                var arrived = Through(a, b, Packet(isIPv6, (byte)(0xb8 | inner)), _ => (byte)(0x20 | outer));
                var expected = _leaving[inner, outer];
                if (expected < 0) Assert.Null(arrived);
                else Assert.Equal(Packet(isIPv6, (byte)(0xb8 | expected)), arrived);
            }
        Assert.Equal(1, b.Engine.Dropped(DropReason.Congestion));
    }

    [Theory]
    [InlineData(DscpCopy.In, 0x28)]
    [InlineData(DscpCopy.Both, 0x28)]
    [InlineData(DscpCopy.Out, 0xb8)]
    [InlineData(DscpCopy.No, 0xb8)]
    public void The_outer_DSCP_comes_in_only_if_it_shall(DscpCopy dscp, byte expected)
    {
        var (a, b) = EspEnd.Pair(p => p with { CopyDscp = dscp, CopyEcn = false });
        foreach (var isIPv6 in new[] { false, true })
            Assert.Equal(Packet(isIPv6, (byte)(expected | Ect0)), Through(a, b, Packet(isIPv6, 0xb8 | Ect0), _ => 0x28 | Ce)); // nor does ECN where it is off
    }

    [Fact]
    public void In_transport_mode_the_outer_header_is_the_header()
    {
        var (a, b) = (new EspEnd("10.1.0.7", "10.1.0.7/32", false) { Modes = [ChildMode.Transport] }, new EspEnd("10.2.0.7", "10.2.0.7/32", false) { Modes = [ChildMode.Transport] });
        EspEnd.Join(a, b, 0x1000, 1, p => p with { Mode = ChildMode.Transport, CopyDscp = DscpCopy.No, CopyEcn = false }, policies: false);
        Assert.Null(a.Engine.InstallPolicy(a.Policy(b, 1) with { Mode = ChildMode.Transport }));
        Assert.Equal(0xb8 | Ect0, a.Send(Packet(false, 0xb8 | Ect0)).Runs.Single().Path.TrafficClass);
        Assert.Equal(0x28 | Ce, Through(a, b, Packet(false, 0xb8 | Ect0), _ => 0x28 | Ce)![1]);
    }

    [Fact]
    public void Packets_of_two_classes_do_not_leave_in_one_call()
    {
        var (a, b) = EspEnd.Pair();
        var sink = new RecordingSink();
        foreach (byte tos in new byte[] { 0xb8, 0xb8, 0, 0, 0xb8 }) a.Worker.Outbound(Packet(false, tos), default, sink);
        a.Worker.Flush(sink);
        Assert.Equal([0xb8, 0, 0xb8], sink.Runs.Select(r => (int)r.Path.TrafficClass));
        Assert.Equal(5, b.Receive(sink).Delivered.Count);
    }
}
