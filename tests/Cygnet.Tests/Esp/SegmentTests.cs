// Cutting and merging super-packets: each is the other's inverse, and every segment stands on its own.
using Cygnet.Esp;

namespace Cygnet.Tests.Esp;

public sealed class SegmentTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RandomStreamsAreCutRightAndMergedBack(bool is6)
    {
        var (source, destination) = is6 ? ("fd01::5", "fd02::9") : ("10.1.0.5", "10.2.0.9");
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var size = (ushort)random.Next(1, 1460);
            var payload = SeededBytes.Of(seed, Math.Min(random.Next(size + 1, size * 60 + 1), 65_400));
            var flags = (byte)(random.Next(2) == 0 ? InnerPackets.Ack : InnerPackets.Ack | InnerPackets.Psh);
            var packet = InnerPackets.Unfinished(InnerPackets.Tcp(source, destination, 4000, 80, (uint)(uint.MaxValue - random.Next(70000)),
                flags, payload, (ushort)random.Next(65536), random.Next(11) * 4));
            var offload = OffloadOf(packet, size, is6 ? GsoType.TcpV6 : GsoType.TcpV4);

            var segments = Cut(packet, offload);
            Assert.Equal((payload.Length + size - 1) / size, segments.Count);
            Assert.All(segments, s => Assert.True(NaiveChecksum.IsRight(s)));
            Assert.Equal(payload, segments.SelectMany(InnerPackets.Payload));
            Assert.All(segments[..^1], s => Assert.Equal(0, s[InnerPackets.Offset(s) + 13] & InnerPackets.Psh));

            var merged = Merge(segments);
            Assert.Single(merged.Delivered);
            Assert.Equal(packet, merged.Delivered[0].Packet);
            Assert.Equal(offload, merged.Delivered[0].Offload);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DatagramsOfAUdpSuperPacketStandOnTheirOwn(bool is6)
    {
        var payload = SeededBytes.Of(3, 12_345);
        var packet = InnerPackets.Unfinished(is6 ? InnerPackets.Udp("fd01::5", "fd02::9", 1, 2, payload) : InnerPackets.Udp("10.1.0.5", "10.2.0.9", 1, 2, payload));
        var segments = Cut(packet, OffloadOf(packet, 1000, GsoType.UdpL4));
        Assert.Equal(13, segments.Count);
        Assert.All(segments, s => Assert.True(NaiveChecksum.IsRight(s)));
        Assert.Equal(payload, segments.SelectMany(InnerPackets.Payload));
    }

    [Fact]
    public void FinAndCwrStayAtTheirEnds()
    {
        var packet = InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 1, 2, 5, InnerPackets.Ack | InnerPackets.Fin | InnerPackets.Psh | 0x80, new byte[2500]);
        var flags = Cut(packet, OffloadOf(packet, 1000, GsoType.TcpV4)).Select(s => s[33]).ToArray();
        Assert.Equal([0x90, 0x10, 0x19], flags);
    }

    [Fact]
    public void OffloadValuesThatContradictThePacketAreRefused()
    {
        var tcp = InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 1, 2, 5, InnerPackets.Ack, new byte[2500]);
        Assert.False(Try(tcp, OffloadOf(tcp, 1000, GsoType.TcpV6)));
        Assert.False(Try(tcp, OffloadOf(tcp, 1000, GsoType.UdpL4)));
        Assert.False(Try(tcp, OffloadOf(tcp, 0, GsoType.TcpV4)));
        tcp[32] = 0xf0;
        Assert.False(Try(tcp[..60], OffloadOf(tcp, 1000, GsoType.TcpV4)));
        tcp[32] = 0x40;
        Assert.False(Try(tcp, OffloadOf(tcp, 1000, GsoType.TcpV4)));

        static bool Try(byte[] packet, Offload offload)
        {
            packet[2] = (byte)(packet.Length >> 8);
            packet[3] = (byte)packet.Length;
            return InnerHeader.TryRead(packet, out var h) && Segmenter.TryCreate(packet, h, offload, out _);
        }
    }

    [Fact]
    public void WhatDoesNotContinueTheRunIsKeptApartAndInOrder()
    {
        byte[] Segment(uint sequence, byte flags = InnerPackets.Ack, ushort id = 1, int length = 100, ushort port = 80, int options = 12) =>
            InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 4000, port, sequence, flags, SeededBytes.Of((int)sequence, length), id, options);

        // Gap; other options; identification that stops counting; pure acknowledgement; FIN; SYN; a longer one.
        Assert.Equal(2, Merge([Segment(0), Segment(200, id: 2)]).Delivered.Count);
        Assert.Equal(2, Merge([Segment(0), Segment(100, id: 2, options: 8)]).Delivered.Count);
        Assert.Equal(2, Merge([Segment(0), Segment(100, id: 3)]).Delivered.Count);
        Assert.Equal(2, Merge([Segment(0), Segment(100, id: 2, length: 0)]).Delivered.Count);
        Assert.Equal(2, Merge([Segment(0), Segment(100, InnerPackets.Ack | InnerPackets.Fin, 2)]).Delivered.Count);
        Assert.Equal(2, Merge([Segment(0), Segment(100, InnerPackets.Syn, 2)]).Delivered.Count);
        Assert.Equal(2, Merge([Segment(0), Segment(100, id: 2, length: 101)]).Delivered.Count);
        // Two flows, interleaved: each is merged.
        Assert.Equal(2, Merge([Segment(0), Segment(0, port: 81), Segment(100, id: 2), Segment(100, id: 2, port: 81)]).Delivered.Count);
        // A shorter one and one with PSH are the last of their run.
        Assert.Equal(2, Merge([Segment(0), Segment(100, id: 2, length: 50), Segment(150, id: 3, length: 50)]).Delivered.Count);
        Assert.Equal(2, Merge([Segment(0), Segment(100, InnerPackets.Ack | InnerPackets.Psh, 2), Segment(200, id: 3)]).Delivered.Count);

        var order = Merge([Segment(0), Segment(100, id: 2), Segment(200, InnerPackets.Ack, 3, length: 0), Segment(200, id: 4)]).Delivered;
        Assert.Equal([2, 1, 1], order.Select(d => d.Offload.Gso == GsoType.None ? 1 : 2));
        Assert.Empty(InnerPackets.Payload(order[1].Packet));
    }

    [Fact]
    public void ADamagedSegmentIsNeverMerged()
    {
        byte[] Segment(uint sequence, ushort id) => InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 4000, 80, sequence, InnerPackets.Ack, new byte[100], id);

        for (var damaged = 0; damaged < 3; damaged++)
        {
            var segments = new List<byte[]> { Segment(0, 1), Segment(100, 2), Segment(200, 3) };
            segments[damaged][^1] ^= 1;
            var delivered = Merge(segments).Delivered;
            // It comes out alone and as it was, for the receiver to refuse.
            Assert.Contains(delivered, d => d.Packet.SequenceEqual(segments[damaged]) && d.Offload == Offload.None);
        }
    }

    [Fact]
    public void MoreFlowsThanRunsLoseNothing()
    {
        var segments = new List<byte[]>();
        for (var round = 0; round < 5; round++)
            for (ushort flow = 0; flow < 20; flow++)
                segments.Add(InnerPackets.Tcp("10.1.0.1", "10.2.0.1", flow, 80, (uint)round * 10, InnerPackets.Ack, SeededBytes.Of(round * 20 + flow, 10), (ushort)round));
        var delivered = Merge(segments).Delivered;
        for (ushort flow = 0; flow < 20; flow++)
        {
            var of = (byte[] p) => p[21] == flow;
            Assert.Equal(segments.Where(of).SelectMany(InnerPackets.Payload), delivered.Select(d => d.Packet).Where(of).SelectMany(InnerPackets.Payload));
        }
    }

    static Offload OffloadOf(byte[] packet, ushort size, GsoType type)
    {
        var offset = InnerPackets.Offset(packet);
        var header = packet.Length - InnerPackets.Payload(packet).Length;
        return new(type, size, (ushort)header, (ushort)offset, (ushort)InnerPackets.Field(packet), true);
    }

    static List<byte[]> Cut(byte[] packet, Offload offload)
    {
        Assert.True(InnerHeader.TryRead(packet, out var h));
        Assert.True(Segmenter.TryCreate(packet, h, offload, out var segmenter));
        var result = new List<byte[]>();
        for (var i = 0; i < segmenter.Count; i++)
        {
            result.Add(new byte[segmenter.Bytes(i)]);
            segmenter.Write(i, result[i]);
        }
        Assert.Equal(segmenter.TotalBytes, result.Sum(r => r.Length));
        return result;
    }

    static RecordingSink Merge(IEnumerable<byte[]> segments)
    {
        var sink = new RecordingSink();
        var coalescer = new TcpCoalescer();
        foreach (var segment in segments)
        {
            Assert.True(InnerHeader.TryRead(segment, out var h));
            coalescer.Add(segment, h, sink);
        }
        coalescer.Flush(sink);
        return sink;
    }
}
