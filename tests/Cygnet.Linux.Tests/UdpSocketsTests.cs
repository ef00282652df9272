// The IKE sockets on a real wire: local addresses, marker, keepalive, segment offload. RFC 3948.
using System.Collections.Concurrent;
using Cygnet.Linux.Native;
using Cygnet.Policy;

namespace Cygnet.Linux.Tests;

public class UdpSocketsTests
{
    sealed record Received(string Kind, Endpoint Local, Endpoint Remote, byte[] Data, int SegmentSize, byte TrafficClass = 0)
    {
        public bool MayLinger { get; init; }
    }

    sealed class Host : IDisposable
    {
        readonly BlockingCollection<Received> _received = [];

        public Host(string ns, UdpSocketOptions? options = null)
        {
            Sockets = TestNetwork.Enter(ns, () => new UdpSockets(options ?? new()));
            Sockets.OnIke = (local, remote, data, mayLinger) => _received.Add(new("ike", local, remote, data.ToArray(), 0) { MayLinger = mayLinger });
            Sockets.CreateEspReceiver = () => new Receiver(this);
            Sockets.Start();
        }

        public UdpSockets Sockets { get; }

        public Received Next() => _received.TryTake(out var r, 10_000) ? r : throw new TimeoutException("nothing received");

        public void Dispose() => Sockets.Dispose();

        sealed class Receiver(Host host) : IEspReceiver
        {
            public void Receive(Endpoint local, Endpoint remote, Span<byte> packets, int segmentSize, byte trafficClass) =>
                host._received.Add(new("esp", local, remote, packets.ToArray(), segmentSize, trafficClass));

            public void EndBatch()
            {
            }
        }
    }

    static Endpoint At(string address, ushort port) => new(Address.Parse(address), port);

    static byte[] Bytes(int length, byte first = 1) => [.. Enumerable.Range(0, length).Select(i => (byte)(i % 250 + first))];

    [RootFact]
    public void Lets_no_ESP_wait_for_IKE()
    {
        using var net = new TestNetwork();
        using var a = new Host(net.A);
        using var b = new Host(net.B);
        bool MayLinger(ushort port)
        {
            Assert.Null(a.Sockets.Send(At("192.0.2.1", port), At("192.0.2.2", port), Bytes(100)));
            var got = b.Next();
            Assert.Equal("ike", got.Kind);
            return got.MayLinger;
        }
        Assert.True(MayLinger(500));
        Assert.True(MayLinger(4500));
        Assert.Equal(0, a.Sockets.SendEsp(At("192.0.2.1", 4500), At("192.0.2.2", 4500), Bytes(100), 100));
        Assert.Equal("esp", b.Next().Kind);
        Assert.False(MayLinger(4500));
        Assert.True(MayLinger(500));
        var waited = 1;
        while (!MayLinger(4500) && waited < 1000) waited++;
        Assert.Equal(63, waited);
    }

    [RootFact]
    public void Knows_and_chooses_the_local_address()
    {
        using var net = new TestNetwork();
        TestNetwork.Run($"ip -n {net.B} addr add 192.0.2.77/24 dev wire");
        TestNetwork.Run($"ip -n {net.B} addr add 2001:db8::77/64 dev wire nodad");
        TestNetwork.Run($"ip -n {net.A} addr add 192.0.2.66/24 dev wire");
        TestNetwork.Run($"ip -n {net.A} addr add 2001:db8::66/64 dev wire nodad");
        using var a = new Host(net.A);
        using var b = new Host(net.B);
        foreach (var (from, to) in new[] { ("192.0.2.66", "192.0.2.77"), ("2001:db8::66", "2001:db8::77"), ("192.0.2.1", "192.0.2.2") })
            foreach (var port in new ushort[] { 500, 4500 })
            {
                Assert.Null(a.Sockets.Send(At(from, port), At(to, port), Bytes(100)));
                var got = b.Next();
                Assert.Equal(("ike", At(to, port), At(from, port)), (got.Kind, got.Local, got.Remote));
                Assert.Equal(Bytes(100), got.Data);
            }
    }

    [RootFact]
    public void Chooses_a_source_where_none_is_given_and_says_why_it_cannot_send()
    {
        using var net = new TestNetwork();
        using var a = new Host(net.A);
        using var b = new Host(net.B);
        Assert.Null(a.Sockets.Send(new(Address.Any4, 500), At("192.0.2.2", 500), Bytes(40)));
        Assert.Equal(At("192.0.2.1", 500), b.Next().Remote);
        Assert.NotNull(a.Sockets.Send(new(Address.Any4, 500), At("198.51.100.1", 500), Bytes(40)));
        Assert.NotNull(a.Sockets.Send(At("192.0.2.99", 500), At("192.0.2.2", 500), Bytes(40)));
    }

    [RootFact]
    public void Tells_ike_keepalive_and_esp_apart()
    {
        using var net = new TestNetwork();
        using var a = new Host(net.A);
        using var b = new Host(net.B);
        var (from, to) = (At("192.0.2.1", 4500), At("192.0.2.2", 4500));
        Assert.Null(a.Sockets.SendKeepalive(from, to));
        Assert.Equal(0, a.Sockets.SendEsp(from, to, Bytes(64), 64));
        Assert.Null(a.Sockets.Send(from, to, Bytes(80)));
        var esp = b.Next();
        Assert.Equal(("esp", 64), (esp.Kind, esp.SegmentSize));
        Assert.Equal(Bytes(64), esp.Data);
        var ike = b.Next();
        Assert.Equal("ike", ike.Kind);
        Assert.Equal(Bytes(80), ike.Data);
    }

    [RootFact]
    public void Puts_the_marker_on_every_port_but_500()
    {
        using var net = new TestNetwork();
        using var a = new Host(net.A, new() { Port = 1500, PortNatT = 0 });
        using var b = new Host(net.B, new() { Port = 500, PortNatT = 4500 });
        using var c = new Host(net.B, new() { Port = 1600, PortNatT = 0 });
        Assert.NotEqual(0, a.Sockets.PortNatT);
        // Between two odd ports there is a marker, which the receiver takes off.
        Assert.Null(a.Sockets.Send(At("192.0.2.1", 1500), At("192.0.2.2", 1600), Bytes(50)));
        Assert.Equal(Bytes(50), c.Next().Data);
        // Towards and from 500 there is none.
        Assert.Null(a.Sockets.Send(At("192.0.2.1", 1500), At("192.0.2.2", 500), Bytes(50)));
        Assert.Equal(Bytes(50), b.Next().Data);
        var message = Bytes(60);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(24), 60);
        Assert.Null(b.Sockets.Send(At("192.0.2.2", 500), At("192.0.2.1", 1500), message));
        Assert.Equal(("ike", 60), (a.Next() is var got ? got.Kind : "", got.Data.Length));
    }

    [RootFact]
    public void Carries_segments_both_ways_and_falls_back_where_they_must_be_fragmented()
    {
        using var net = new TestNetwork();
        using var a = new Host(net.A);
        using var b = new Host(net.B);
        foreach (var (from, to) in new[] { ("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2") })
            foreach (var (size, count, tail) in new[] { (1400, 100, 77), (100, 40, 100), (3000, 5, 11) })
            {
                var data = Bytes(size * count + tail);
                Assert.Equal(0, a.Sockets.SendEsp(At(from, 4500), At(to, 4500), data, size));
                var all = new List<byte>();
                while (all.Count < data.Length)
                {
                    var got = b.Next();
                    Assert.Equal("esp", got.Kind);
                    Assert.True(got.SegmentSize == size || got.Data.Length <= size);
                    all.AddRange(got.Data);
                }
                Assert.Equal(data, all);
            }
    }

    [RootFact]
    public void Hands_out_ike_between_runs_of_coalesced_esp()
    {
        using var net = new TestNetwork();
        using var a = new Host(net.A);
        using var b = new Host(net.B);
        // Five datagrams of 64 bytes in one: ESP, ESP, IKE with marker, a second IKE, ESP.
        var data = Bytes(5 * 64, 1);
        data.AsSpan(2 * 64, 4).Clear();
        data.AsSpan(3 * 64, 4).Clear();
        Assert.Equal(0, a.Sockets.SendEsp(At("192.0.2.1", 4500), At("192.0.2.2", 4500), data, 64));
        var kinds = new List<(string, int)>();
        for (var left = data.Length - 8; left > 0;)
        {
            var got = b.Next();
            kinds.Add((got.Kind, got.Data.Length));
            left -= got.Data.Length;
        }
        Assert.Equal([("esp", 128), ("ike", 60), ("ike", 60), ("esp", 64)], kinds);
    }

    [RootFact]
    public void The_outer_traffic_class_is_set_and_read()
    {
        using var net = new TestNetwork();
        using var a = new Host(net.A);
        using var b = new Host(net.B);
        foreach (var (from, to) in new[] { ("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2") })
            foreach (byte trafficClass in new byte[] { 0, 0xb8, 0xb9, 0x03, 0x02 })
                foreach (var packets in new[] { 1, 3 })
                {
                    Assert.Equal(0, a.Sockets.SendEsp(At(from, 4500), At(to, 4500), Bytes(100 * packets), 100, trafficClass));
                    for (var left = packets * 100; left > 0;)
                    {
                        var got = b.Next();
                        Assert.Equal(("esp", trafficClass), (got.Kind, got.TrafficClass));
                        left -= got.Data.Length;
                    }
                }
    }

    [RootFact]
    public void Carries_raw_esp_over_both_families()
    {
        using var net = new TestNetwork();
        var received = new BlockingCollection<(Endpoint, Endpoint, byte[], byte)>();
        using var a = TestNetwork.Enter(net.A, () => new RawEspSockets(UdpSocketOptions.DefaultMark));
        using var b = TestNetwork.Enter(net.B, () => new RawEspSockets(UdpSocketOptions.DefaultMark));
        Assert.Null(a.Refusal);
        b.CreateEspReceiver = () => new Collector(received);
        b.Start();
        foreach (var (from, to) in new[] { ("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2") })
        {
            Assert.Equal(0, a.SendEsp(At(from, 0), At(to, 0), Bytes(250), 100, 0xbb));
            var sizes = new List<int>();
            for (var i = 0; i < 3; i++)
            {
                Assert.True(received.TryTake(out var got, 10_000));
                Assert.Equal((At(to, 0), At(from, 0), 0xbb), (got.Item1, got.Item2, got.Item4));
                sizes.Add(got.Item3.Length);
            }
            Assert.Equal([100, 100, 50], sizes);
        }
    }

    sealed class Collector(BlockingCollection<(Endpoint, Endpoint, byte[], byte)> to) : IEspReceiver
    {
        public void Receive(Endpoint local, Endpoint remote, Span<byte> packets, int segmentSize, byte trafficClass) => to.Add((local, remote, packets.ToArray(), trafficClass));

        public void EndBatch()
        {
        }
    }

    [RootFact]
    public void A_fault_in_a_handler_does_not_end_the_thread()
    {
        using var net = new TestNetwork();
        using var a = new Host(net.A);
        using var b = TestNetwork.Enter(net.B, () => new UdpSockets(new()));
        var faults = new BlockingCollection<Exception>();
        b.OnIke = (_, _, _, _) => throw new InvalidDataException();
        b.OnFault = faults.Add;
        b.Start();
        for (var i = 0; i < 2; i++)
        {
            a.Sockets.Send(At("192.0.2.1", 500), At("192.0.2.2", 500), Bytes(30));
            Assert.True(faults.TryTake(out var fault, 10_000));
            Assert.IsType<InvalidDataException>(fault);
        }
    }

    [RootFact]
    public void A_port_in_use_is_named()
    {
        using var net = new TestNetwork();
        using var first = new Host(net.A);
        var e = Assert.Throws<InvalidOperationException>(() => TestNetwork.Enter(net.A, () => new UdpSockets(new())));
        Assert.Equal(Errno.EADDRINUSE, Assert.IsType<LinuxException>(e.InnerException).ErrorNumber);
        Assert.Contains("port 500", e.Message);
    }
}
