// Packets through two engines: every cipher, offload, damage, limits, rekeying. RFC 4303 3.3, 3.4.
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Tests.Esp;

public sealed class EspTrafficTests
{
    static readonly byte[] Echo = InnerPackets.Echo("10.1.0.1", "10.2.0.1");

    public static TheoryData<string, ushort, ushort, ushort> Suites()
    {
        var data = new TheoryData<string, ushort, ushort, ushort>();
        var macs = Transforms.All.Where(a => a.Type == TransformType.Integrity && a.IsBuilt).Select(a => a.Id!.Value).ToList();
        foreach (var a in Transforms.All.Where(a => a.Type == TransformType.Encryption && a.IsBuilt))
            foreach (var bits in a.KeyLengths.IsEmpty ? [0] : a.KeyLengths)
                foreach (var mac in a.IsAead ? [(ushort)0] : macs)
                    data.Add(a.Name, a.Id!.Value, bits, mac);
        return data;
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void EverySuiteCarriesEveryLengthBothWays(string name, ushort encryption, ushort bits, ushort mac)
    {
        _ = name;
        foreach (var (extended, window) in new[] { (false, 0), (false, 32), (true, 64), (true, 8192) })
        {
            var (a, b) = EspEnd.Pair(p =>
            {
                var e = new Transform(TransformType.Encryption, encryption, bits);
                var m = new Transform(TransformType.Integrity, mac);
                return p with
                {
                    Encryption = e,
                    EncryptionKey = SeededBytes.Of((int)p.Spi, Transforms.KeyMaterialBytes(e)),
                    Integrity = mac == 0 ? null : m,
                    IntegrityKey = mac == 0 ? [] : SeededBytes.Of((int)p.Spi + 1, Transforms.KeyMaterialBytes(m)),
                    ExtendedSequenceNumbers = extended,
                    ReplayWindow = window,
                };
            });
            using (a)
            using (b)
            {
                foreach (var length in Enumerable.Range(0, 20).Concat([1400, 8900]))
                {
                    foreach (var packet in new[] { InnerPackets.Echo("10.1.0.1", "10.2.0.1", length), InnerPackets.Echo("fd01::1", "fd02::1", length) })
                    {
                        var sent = a.Send(packet);
                        Assert.Equal(0, Assert.Single(sent.Packets).Length % 4);
                        Assert.Equal(packet, Assert.Single(b.Receive(sent).Delivered).Packet);
                        if (window > 0) Assert.Empty(b.Receive(sent).Delivered);
                    }
                    var back = InnerPackets.Echo("10.2.0.1", "10.1.0.1", length, 0);
                    Assert.Equal(back, Assert.Single(a.Receive(b.Send(back)).Delivered).Packet);
                }
                Assert.Equal(window > 0 ? 44 : 0, b.Engine.Dropped(DropReason.Replay));
                Assert.Equal(44ul, a.Engine.Query(SaDirection.Outbound, 0x1000, b.Endpoint.Address).Packets);
                var (outBytes, inBytes) = (a.Engine.Query(SaDirection.Outbound, 0x1000, b.Endpoint.Address).Bytes, b.Engine.Query(SaDirection.Inbound, 0x1000, default).Bytes);
                Assert.Equal(window > 0 ? outBytes : inBytes, inBytes);
            }
        }
    }

    [Fact]
    public void ExtendedNumbersCrossTheEndOfTheLowerHalf()
    {
        var (a, b) = EspEnd.Pair(p => p with { ExtendedSequenceNumbers = true });
        a.Engine.FindOutbound(0x1000, b.Endpoint.Address)!.StartAfter(uint.MaxValue - 40);
        // One packet before, so that the receiver's window stands near the end of its cycle.
        var first = a.Send(Echo);
        Assert.Empty(b.Receive(first).Delivered);
        var inbound = b.Engine.FindInbound(0x1000)!;
        Assert.True(inbound.Accept(uint.MaxValue - 41, 0, new(b.Endpoint, a.Endpoint, true)));
        Assert.Single(b.Receive(first).Delivered);
        for (var i = 0; i < 100; i++) Assert.Single(b.Receive(a.Send(Echo)).Delivered);
        Assert.Equal(1, b.Engine.Dropped(DropReason.Integrity) + b.Engine.Dropped(DropReason.Replay));
        Assert.Empty(a.Events.Expires);
    }

    [Fact]
    public void WithoutExtendedNumbersTheLastOneIsTheEnd()
    {
        var (a, _) = EspEnd.Pair();
        var sa = a.Engine.FindOutbound(0x1000, Address.Parse("192.0.2.2"))!;
        sa.StartAfter(uint.MaxValue / 8ul * 7 - 2);
        a.Send(Echo);
        Assert.Empty(a.Events.Expires);
        a.Send(Echo);
        a.Send(Echo);
        Assert.Equal([(SaDirection.Outbound, 0x1000u, false)], a.Events.Expires);
        sa.StartAfter(uint.MaxValue - 2);
        Assert.Single(a.Send(Echo).Packets);
        var last = Assert.Single(a.Send(Echo).Packets);
        Assert.Equal([255, 255, 255, 255], last[4..8]);
        Assert.Empty(a.Send(Echo).Packets);
        Assert.Empty(a.Send(Echo).Packets);
        Assert.Equal(2, a.Engine.Dropped(DropReason.SequenceExhausted));
        Assert.Equal((SaDirection.Outbound, 0x1000u, true), a.Events.Expires[^1]);
        Assert.Equal(2, a.Events.Expires.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LimitsAreReportedOnceAndEndTheSa(bool bytes)
    {
        var size = (ulong)Echo.Length;
        var (a, b) = EspEnd.Pair(p => bytes ? p with { SoftBytes = 3 * size, HardBytes = 5 * size } : p with { SoftPackets = 3, HardPackets = 5 });
        for (var i = 1; i <= 8; i++)
        {
            var sent = a.Send(Echo);
            Assert.Equal(i <= 5 ? 1 : 0, sent.Packets.Count());
            Assert.Equal(i <= 5 ? 1 : 0, b.Receive(sent).Delivered.Count);
            Assert.Equal(i < 3 ? 0 : i < 5 ? 1 : 2, a.Events.Expires.Count);
        }
        Assert.Equal([(SaDirection.Outbound, 0x1000u, false), (SaDirection.Outbound, 0x1000u, true)], a.Events.Expires);
        Assert.Equal([(SaDirection.Inbound, 0x1000u, false), (SaDirection.Inbound, 0x1000u, true)], b.Events.Expires);
        Assert.Equal(3, a.Engine.Dropped(DropReason.Expired));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ASuperPacketLeavesInRunsAndArrivesWhole(bool is6)
    {
        var (a, b) = EspEnd.Pair(p => p with { ReplayWindow = 128 });
        var packet = InnerPackets.Unfinished(is6
            ? InnerPackets.Tcp("fd01::1", "fd02::1", 5, 80, 77, InnerPackets.Ack, SeededBytes.Of(1, 64_000))
            : InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 5, 80, 77, InnerPackets.Ack, SeededBytes.Of(1, 64_000)));
        var offset = InnerPackets.Offset(packet);
        var offload = new Offload(is6 ? GsoType.TcpV6 : GsoType.TcpV4, 1348, (ushort)(offset + 32), (ushort)offset, 16, true);
        var sent = a.Send(packet, offload);
        Assert.Equal(48, sent.Packets.Count());
        Assert.Equal(2, sent.Runs.Count);
        Assert.All(sent.Runs, r =>
        {
            Assert.InRange(r.Packets.Length, 1, 65_000);
            Assert.InRange((r.Packets.Length + r.SegmentSize - 1) / r.SegmentSize, 1, 64);
        });
        var (delivered, gso) = Assert.Single(b.Receive(sent).Delivered);
        Assert.Equal(packet, delivered);
        Assert.Equal(offload, gso);
        Assert.Equal(48ul, b.Engine.Query(SaDirection.Inbound, 0x1000, default).Packets);
    }

    [Fact]
    public void EqualDatagramsOfOneBatchShareARun()
    {
        var (a, b) = EspEnd.Pair(p => p with { ReplayWindow = 128 });
        var sink = new RecordingSink();
        for (var i = 0; i < 100; i++) a.Worker.Outbound(InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1, (ushort)i, new byte[200]), Offload.None, sink);
        a.Worker.Outbound(InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1, 100, new byte[20]), Offload.None, sink);
        a.Worker.Outbound(InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1, 101, new byte[200]), Offload.None, sink);
        a.Worker.Flush(sink);
        Assert.Equal([64, 37, 1], sink.Runs.Select(r => (r.Packets.Length + r.SegmentSize - 1) / r.SegmentSize));
        Assert.Equal(Enumerable.Range(0, 102), b.Receive(sink).Delivered.Select(d => d.Packet[22] << 8 | d.Packet[23]));
    }

    [Fact]
    public void AnUnfinishedChecksumIsFinishedBeforeSealing()
    {
        var (a, b) = EspEnd.Pair();
        var packet = InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 1, 2, 3, InnerPackets.Syn, []);
        var got = Assert.Single(b.Receive(a.Send(InnerPackets.Unfinished(packet), new(GsoType.None, 0, 0, 20, 16, true))).Delivered);
        Assert.Equal(packet, got.Packet);
        Assert.Empty(a.Send(packet, new(GsoType.None, 0, 0, 2000, 16, true)).Packets);
        Assert.Equal(1, a.Engine.Dropped(DropReason.OutboundMalformed));
    }

    [Fact]
    public void DamagedAndCutPacketsNeverPassAndNeverThrow()
    {
        foreach (var cbc in new[] { false, true })
        {
            var (a, b) = EspEnd.Pair(p => !cbc ? p : p with
            {
                Encryption = new(TransformType.Encryption, Encr.AesCbc, 128),
                EncryptionKey = new byte[16],
                Integrity = new(TransformType.Integrity, Integ.HmacSha256_128),
                IntegrityKey = new byte[32],
            });
            var esp = a.Send(Echo).Packets.Single();
            var random = new Random(3);
            var sink = new RecordingSink();
            var from = new EspPath(b.Endpoint, a.Endpoint, true);
            for (var i = 0; i < esp.Length * 8; i++)
            {
                byte[] damaged = [.. esp];
                damaged[i / 8] ^= (byte)(1 << (i % 8));
                b.Worker.Inbound(from, damaged, damaged.Length, sink);
            }
            for (var length = 0; length < esp.Length; length++) b.Worker.Inbound(from, esp[..length], length, sink);
            for (var i = 0; i < 20_000; i++)
            {
                var noise = new byte[random.Next(200)];
                random.NextBytes(noise);
                if (noise.Length >= 4 && i % 2 == 0) esp.AsSpan(0, 4).CopyTo(noise);
                b.Worker.Inbound(from, noise, random.Next(-1, 100), sink);
                a.Worker.Outbound(noise, new((GsoType)(i % 6), (ushort)random.Next(3), 0, (ushort)random.Next(100), (ushort)random.Next(100), i % 3 == 0), sink);
            }
            b.Worker.Flush(sink);
            Assert.Empty(sink.Delivered);
            Assert.Single(b.Receive(Run(from, esp)).Delivered);
            b.Worker.Inbound(from, new byte[] { 0xff }, 1, sink);
        }

        static RecordingSink Run(EspPath from, byte[] esp)
        {
            var sink = new RecordingSink();
            sink.Send(new(from.Remote, from.Local, true), esp, esp.Length);
            return sink;
        }
    }

    [Fact]
    public void MutatedInnerPacketsNeverThrow()
    {
        // Null encryption without checks on content: whatever the authenticated peer says about its packets.
        var (a, b) = EspEnd.Pair(left: "0.0.0.0/0 ::/0", right: "0.0.0.0/0 ::/0");
        var random = new Random(5);
        byte[][] seeds =
        [
            InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 1, 2, 3, InnerPackets.Ack, new byte[60]), InnerPackets.Tcp("fd01::1", "fd02::1", 1, 2, 3, InnerPackets.Ack, new byte[60]),
            InnerPackets.Ip("fd01::1", "fd02::1", 0, [60, 0, 0, 0, 0, 0, 0, 0, 44, 1, .. new byte[14], 6, 0, 0, 1, 9, 9, 9, 9, .. new byte[40]]),
        ];
        for (var i = 0; i < 50_000; i++)
        {
            byte[] packet = [.. seeds[i % seeds.Length]];
            for (var n = random.Next(1, 4); n > 0; n--) packet[random.Next(random.Next(2) == 0 ? 60 : packet.Length)] = (byte)random.Next(256);
            var sink = a.Send(packet, new((GsoType)new[] { 0, 1, 4, 5 }[random.Next(4)], (ushort)random.Next(70), 54, 20, 16, random.Next(2) == 0));
            b.Receive(sink);
        }
        Assert.Single(b.Receive(a.Send(Echo)).Delivered);
    }

    [Fact]
    public void RekeyingLosesNothingInFlight()
    {
        var (a, b) = EspEnd.Pair();
        var inFlight = a.Send(Echo);
        EspEnd.Join(a, b, 0x2000, 1, policies: false);
        // The newest carries; what the old one sealed still arrives.
        var after = a.Send(Echo);
        Assert.Equal(0x20, after.Packets.Single()[2]);
        Assert.Single(b.Receive(inFlight).Delivered);
        Assert.Single(b.Receive(after).Delivered);
        a.Engine.RemoveSa(SaDirection.Outbound, 0x1000, b.Endpoint.Address);
        b.Engine.RemoveSa(SaDirection.Inbound, 0x1000, a.Endpoint.Address);
        Assert.Single(b.Receive(a.Send(Echo)).Delivered);
        Assert.Equal(0, Enum.GetValues<DropReason>().Sum(a.Engine.Dropped));
    }

    [Fact]
    public void RemovingTheNewestSaFallsBackToTheOneBefore()
    {
        var (a, b) = EspEnd.Pair();
        EspEnd.Join(a, b, 0x2000, 1, policies: false);
        a.Engine.RemoveSa(SaDirection.Outbound, 0x2000, b.Endpoint.Address);
        Assert.Equal(0x10, a.Send(Echo).Packets.Single()[2]);
        a.Engine.RemoveSa(SaDirection.Outbound, 0x1000, b.Endpoint.Address);
        Assert.Empty(a.Send(Echo).Packets);
        Assert.Equal(1, a.Engine.Dropped(DropReason.NoOutboundSa));
    }

    [Fact]
    public void AnSaFollowsItsNewEndpoints()
    {
        var (a, b) = EspEnd.Pair();
        var (local, remote) = (new Endpoint(Address.Parse("198.51.100.1"), 4500), new Endpoint(Address.Parse("198.51.100.2"), 33333));
        Assert.Null(a.Engine.UpdateSa(SaDirection.Outbound, 0x1000, b.Endpoint.Address, local, remote, true));
        Assert.Equal(new EspPath(local, remote, true), a.Send(Echo).Runs.Single().Path);
        Assert.NotNull(a.Engine.UpdateSa(SaDirection.Outbound, 0x1000, b.Endpoint.Address, local, remote, true));
        Assert.Null(a.Engine.UpdateSa(SaDirection.Outbound, 0x1000, remote.Address, local, remote, false));
        Assert.Equal(new EspPath(local with { Port = 0 }, remote with { Port = 0 }, false), a.Send(Echo).Runs.Single().Path);
        a.Engine.RemoveSa(SaDirection.Outbound, 0x1000, remote.Address);
        Assert.Empty(a.Send(Echo).Packets);
    }

    [Fact]
    public void AChangedNatMappingIsReportedOncePerChange()
    {
        var (a, b) = EspEnd.Pair();
        void From(ushort port, RecordingSink? sent = null)
        {
            foreach (var esp in (sent ?? a.Send(Echo)).Packets)
                b.Worker.Inbound(new(b.Endpoint, a.Endpoint with { Port = port }, true), [.. esp], esp.Length, new RecordingSink());
        }
        From(4500);
        Assert.Empty(b.Events.Mappings);
        var old = a.Send(Echo);
        From(5000);
        From(5000);
        Assert.Equal([(0x1000u, a.Endpoint with { Port = 5000 })], b.Events.Mappings);
        // An older packet that took its time says nothing about where the peer is; neither does one that does not authenticate.
        From(6000, old);
        var forged = a.Send(Echo);
        forged.Runs[0].Packets[^1] ^= 1;
        From(7000, forged);
        Assert.Single(b.Events.Mappings);
        Assert.Null(b.Engine.UpdateSa(SaDirection.Inbound, 0x1000, a.Endpoint.Address, b.Endpoint, a.Endpoint with { Port = 5000 }, true));
        From(5000);
        Assert.Single(b.Events.Mappings);
        From(4500);
        Assert.Equal(2, b.Events.Mappings.Count);
    }
}
