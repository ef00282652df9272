// Which packets take which SA, and which take none. RFC 4301 4.4.1, 5.1, 5.2.
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Tests.Esp;

public sealed class EspPolicyTests
{
    static readonly byte[] Echo = InnerPackets.Echo("10.1.0.1", "10.2.0.1");

    [Fact]
    public void WithoutAPolicyNothingLeaves()
    {
        var (a, _) = EspEnd.Pair();
        Assert.Empty(a.Send(InnerPackets.Echo("10.1.0.1", "10.3.0.1")).Packets);
        Assert.Empty(a.Send(InnerPackets.Echo("10.9.0.1", "10.2.0.1")).Packets);
        Assert.Empty(a.Send(InnerPackets.Echo("fd09::1", "fd02::1")).Packets);
        Assert.Equal(3, a.Engine.Dropped(DropReason.NoPolicy));
    }

    [Fact]
    public void SelectorsHoldInBothDirections()
    {
        // The sender's SA and policy are wider than the receiver's SA: a peer that sends what was not agreed.
        var a = new EspEnd("192.0.2.1", "10.0.0.0/8");
        var b = new EspEnd("192.0.2.2", "10.2.0.0/16");
        EspEnd.Join(a, b, 0x1000, 1, p => p.Direction == SaDirection.Inbound && p.Spi == 0x1000 ? p with
        {
            RemoteTs = [EspEnd.Ts("10.1.0.0/16")],
            LocalTs = [EspEnd.Ts("10.2.0.0/16") with { Protocol = 17, FromPort = 53, ToPort = 54 }, EspEnd.Ts("10.2.0.7/32") with { Protocol = 1, FromPort = 0x0800, ToPort = 0x08ff }],
        } : p);

        Assert.Equal(1, Arrives(InnerPackets.Udp("10.1.0.1", "10.2.0.1", 9, 53, [1])));
        Assert.Equal(1, Arrives(InnerPackets.Udp("10.1.0.1", "10.2.0.1", 9, 54, [1])));
        Assert.Equal(0, Arrives(InnerPackets.Udp("10.1.0.1", "10.2.0.1", 9, 55, [1])));
        Assert.Equal(0, Arrives(InnerPackets.Udp("10.3.0.1", "10.2.0.1", 9, 53, [1])));
        Assert.Equal(0, Arrives(InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 9, 53, 1, 16, [1])));
        Assert.Equal(1, Arrives(InnerPackets.Echo("10.1.0.1", "10.2.0.7")));
        Assert.Equal(0, Arrives(InnerPackets.Echo("10.1.0.1", "10.2.0.7", type: 0)));
        Assert.Equal(0, Arrives(InnerPackets.Echo("10.1.0.1", "10.2.0.8")));
        Assert.Equal(5, b.Engine.Dropped(DropReason.InboundSelector));

        int Arrives(byte[] packet) => b.Receive(a.Send(packet)).Delivered.Count;
    }

    [Fact]
    public void OutboundPortsAreHeldToTheSaAndThePolicy()
    {
        var (a, b) = EspEnd.Pair();
        var https = EspEnd.Ts("10.2.0.0/16") with { Protocol = 6, FromPort = 443, ToPort = 443 };
        // The SA is narrower than its policy.
        a.Engine.RemoveSa(SaDirection.Outbound, 0x1000, b.Endpoint.Address);
        Assert.Null(a.Engine.InstallSa(a.Sa(SaDirection.Outbound, b, 0x1000, 1) with { RemoteTs = [https] }));
        Assert.Single(a.Send(InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 1, 443, 1, 2, [])).Packets);
        Assert.Empty(a.Send(InnerPackets.Tcp("10.1.0.1", "10.2.0.1", 1, 80, 1, 2, [])).Packets);
        Assert.Equal(1, a.Engine.Dropped(DropReason.OutboundSelector));
    }

    [Fact]
    public void SeveralChildrenEachGetTheirOwnTraffic()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        var b = new EspEnd("192.0.2.2", "10.2.0.0/16");
        EspEnd.Join(a, b, 0x1000, 1);
        b.Net = [EspEnd.Ts("10.2.3.0/24")];
        EspEnd.Join(a, b, 0x2000, 2);
        b.Net = [EspEnd.Ts("10.2.3.0/24") with { Protocol = 17, FromPort = 53, ToPort = 53 }];
        EspEnd.Join(a, b, 0x3000, 3);
        Assert.Equal(0x10, Spi(InnerPackets.Udp("10.1.0.1", "10.2.4.1", 1, 53, [1])));
        Assert.Equal(0x20, Spi(InnerPackets.Udp("10.1.0.1", "10.2.3.1", 1, 54, [1])));
        Assert.Equal(0x30, Spi(InnerPackets.Udp("10.1.0.1", "10.2.3.1", 1, 53, [1])));
        // Without its SA the narrow child's traffic does not slip into the wider one.
        a.Engine.RemoveSa(SaDirection.Outbound, 0x3000, b.Endpoint.Address);
        Assert.Empty(a.Send(InnerPackets.Udp("10.1.0.1", "10.2.3.1", 1, 53, [1])).Packets);
        a.Engine.RemovePolicy(a.Policy(b, 3));
        Assert.Equal(0x20, Spi(InnerPackets.Udp("10.1.0.1", "10.2.3.1", 1, 53, [1])));

        int Spi(byte[] packet) => a.Send(packet).Packets.Single()[2];
    }

    [Fact]
    public void PoliciesCountTheirReferences()
    {
        var (a, b) = EspEnd.Pair();
        // Equal by value, as a caller makes it anew; the outer addresses have moved.
        var again = a.Policy(b, 1) with { RemoteAddress = Address.Parse("203.0.113.9") };
        Assert.Null(a.Engine.InstallPolicy(again));
        a.Engine.RemovePolicy(again);
        Assert.Single(a.Send(Echo).Packets);
        a.Engine.RemovePolicy(a.Policy(b, 1));
        Assert.Empty(a.Send(Echo).Packets);
        a.Engine.RemovePolicy(a.Policy(b, 1));
        Assert.Equal(1, a.Engine.Dropped(DropReason.NoPolicy));
    }

    [Fact]
    public void ATrapCallsOnceUntilThereIsAnSa()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        var b = new EspEnd("192.0.2.2", "10.2.0.0/16");
        a.Engine.InstallPolicy(a.Policy(b, 1, trap: true));
        for (var i = 0; i < 10; i++) Assert.Empty(a.Send(InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1000, 53, [1])).Packets);
        var (reqid, local, remote) = Assert.Single(a.Events.Acquires);
        Assert.Equal((1u, new TrafficSelector(false, 0x0a010001, 0x0a010001, 17, 1000, 1000), new TrafficSelector(false, 0x0a020001, 0x0a020001, 17, 53, 53)), (reqid, local, remote));
        Assert.Equal(10, a.Engine.Dropped(DropReason.AwaitingSa));
        // It calls again if nothing came of it.
        a.Worker.Now += 60_000;
        a.Send(Echo);
        a.Send(Echo);
        Assert.Equal(2, a.Events.Acquires.Count);
        // And at once when the SA is gone again.
        EspEnd.Join(a, b, 0x1000, 1);
        Assert.Single(a.Send(Echo).Packets);
        a.Engine.RemovePolicy(a.Policy(b, 1));
        Assert.Single(a.Send(Echo).Packets);
        a.Engine.RemoveSa(SaDirection.Outbound, 0x1000, b.Endpoint.Address);
        Assert.Empty(a.Send(Echo).Packets);
        Assert.Equal(3, a.Events.Acquires.Count);
    }

    [Fact]
    public void What_a_trap_kept_is_sent_once_in_order_and_is_bounded()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        var b = new EspEnd("192.0.2.2", "10.2.0.0/16");
        a.Engine.InstallPolicy(a.Policy(b, 1, trap: true));
        var packets = Enumerable.Range(0, 70).Select(i => InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1000, 53, [(byte)i])).ToArray();
        foreach (var p in packets) a.Send(p);
        Assert.Equal(packets[6..], a.Engine.TakeKept(1, a.Worker.Now).Select(k => k.Packet)); // the oldest went
        Assert.Empty(a.Engine.TakeKept(1, a.Worker.Now));
        a.Send(packets[0]);
        Assert.Empty(a.Engine.TakeKept(1, a.Worker.Now + 31_000));
        foreach (var _ in packets) a.Send(InnerPackets.Udp("10.1.0.1", "10.2.0.1", 1000, 53, new byte[8000]));
        Assert.InRange(a.Engine.TakeKept(1, a.Worker.Now).Sum(k => k.Packet.Length), 120_000, 128 * 1024);
    }

    [Fact]
    public void WhatANarrowedSaDoesNotCoverMeetsItsTrapAgain()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        var b = new EspEnd("192.0.2.2", "10.2.0.0/16");
        a.Engine.InstallPolicy(a.Policy(b, 1, trap: true));
        b.Net = [EspEnd.Ts("10.2.0.1/32")];
        EspEnd.Join(a, b, 0x1000, 1);
        Assert.Single(a.Send(Echo).Packets);
        Assert.Empty(a.Send(InnerPackets.Echo("10.1.0.1", "10.2.0.2")).Packets);
        Assert.Equal(EspEnd.Ts("10.2.0.2/32") with { Protocol = 1, FromPort = 0x0800, ToPort = 0x0800 }, Assert.Single(a.Events.Acquires).Remote);
    }

    [Fact]
    public void AnSaRulesOverATrapHoweverNarrow()
    {
        var (a, b) = EspEnd.Pair();
        b.Net = [EspEnd.Ts("10.2.0.1/32")];
        a.Engine.InstallPolicy(a.Policy(b, 2, trap: true));
        Assert.Single(a.Send(Echo).Packets);
        Assert.Empty(a.Events.Acquires);
    }

    [Fact]
    public void APassShuntRulesOverEverythingAndLeavesInClear()
    {
        var (a, b) = EspEnd.Pair();
        var pass = a.Policy(b, 0) with { Mode = ChildMode.Pass, RemoteTs = [EspEnd.Ts("10.2.0.0/15")], LocalTs = [EspEnd.Ts("0.0.0.0/0")] };
        a.Engine.InstallPolicy(pass);
        var sent = a.Send(Echo);
        Assert.Empty(sent.Packets);
        Assert.Equal(Echo, Assert.Single(sent.Passed));
        a.Engine.RemovePolicy(pass);
        Assert.Single(a.Send(Echo).Packets);
    }

    [Fact]
    public void ADropShuntIsTheLastResort()
    {
        var (a, b) = EspEnd.Pair();
        a.Engine.InstallPolicy(a.Policy(b, 0) with { Mode = ChildMode.Drop });
        Assert.Single(a.Send(Echo).Packets);
        a.Engine.RemovePolicy(a.Policy(b, 1));
        Assert.Empty(a.Send(Echo).Packets);
        Assert.Equal(1, a.Engine.Dropped(DropReason.Shunt));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LaterFragmentsFollowTheirFirst(bool is6)
    {
        var (source, destination, any) = is6 ? ("fd01::1", "fd02::1", "::/0") : ("10.1.0.1", "10.2.0.1", "0.0.0.0/0");
        var a = new EspEnd("192.0.2.1", any);
        var b = new EspEnd("192.0.2.2", any);
        b.Net = [EspEnd.Ts(any) with { Protocol = 17, FromPort = 53, ToPort = 53 }];
        EspEnd.Join(a, b, 0x1000, 1);
        byte[] Fragment(ushort id, bool first) => is6
            ? InnerPackets.Ip(source, destination, 44, [17, 0, 0, (byte)(first ? 1 : 16), 0, 0, 0, (byte)id, .. first ? new byte[] { 3, 3, 0, 53 } : [0, 0, 0, 0], 0, 0, 0, 0])
            : InnerPackets.Ip(source, destination, 17, [.. first ? new byte[] { 3, 3, 0, 53 } : [0, 0, 0, 0], 0, 0, 0, 0], id, (ushort)(first ? 0x2000 : 2));

        Assert.Empty(a.Send(Fragment(7, false)).Packets);
        Assert.Single(b.Receive(a.Send(Fragment(7, true))).Delivered);
        var later = a.Send(Fragment(7, false));
        Assert.Single(b.Receive(later).Delivered);
        Assert.Empty(a.Send(Fragment(8, false)).Packets);
        // A receiver that saw no first fragment refuses.
        var c = new EspEnd("192.0.2.2", any) { Net = b.Net };
        Assert.Null(c.Engine.InstallSa(c.Sa(SaDirection.Inbound, a, 0x1000, 1)));
        Assert.Empty(c.Receive(later).Delivered);
        Assert.Equal(1, c.Engine.Dropped(DropReason.InboundSelector));
    }

    [Fact]
    public void TheTrieFindsWhatALinearSearchFinds()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var installed = new List<InstalledPolicy>();
            var spd = Spd.Empty;
            for (var i = 0; i < 300; i++)
            {
                if (installed.Count > 0 && random.Next(3) == 0)
                {
                    var gone = installed[random.Next(installed.Count)];
                    installed.Remove(gone);
                    spd = spd.Without(gone);
                }
                else
                {
                    var parameters = new PolicyParameters { Reqid = (uint)i, LocalTs = [RandomTs(random), RandomTs(random)], RemoteTs = [RandomTs(random), RandomTs(random)], IsTrap = random.Next(4) == 0 };
                    var policy = new InstalledPolicy(parameters, new ReqidSas((uint)i), i);
                    installed.Add(policy);
                    spd = spd.With(policy);
                }
                for (var n = 0; n < 10; n++)
                {
                    var is6 = random.Next(2) == 0;
                    var h = new InnerHeader { IsIPv6 = is6, Source = RandomAddress(random, is6), Destination = RandomAddress(random, is6), Protocol = 6, HasPorts = true, DestinationPort = (ushort)random.Next(4) };
                    PolicyEntry? best = null;
                    foreach (var p in installed)
                        foreach (var l in p.Parameters.LocalTs)
                            foreach (var r in p.Parameters.RemoteTs)
                                if (l.IsIPv6 == r.IsIPv6 && new PolicyEntry(p, l, r) is var e && e.Covers(h) && (best is null || e.RulesOver(best))) best = e;
                    Assert.Same(best?.Policy, spd.Find(h)?.Policy);
                }
            }
            foreach (var p in installed) spd = spd.Without(p);
            Assert.Equal(Spd.Empty, spd);
        }

        // Few bits, so that ranges nest and meet often.
        static UInt128 RandomAddress(Random random, bool is6) => (UInt128)(uint)random.Next(64) << (is6 ? 122 : 26);

        static TrafficSelector RandomTs(Random random)
        {
            var is6 = random.Next(2) == 0;
            var shift = is6 ? 122 : 26;
            var from = random.Next(64);
            var to = random.Next(5) == 0 ? 63 : Math.Min(63, from + random.Next(random.Next(20) + 1));
            return new(is6, (UInt128)(uint)from << shift, ((UInt128)(uint)(to + 1) << shift) - 1, (byte)(random.Next(3) == 0 ? 6 : 0),
                (ushort)0, random.Next(3) == 0 ? (ushort)2 : ushort.MaxValue);
        }
    }

    [Fact]
    public void WhatCannotBeCarriedIsRefusedWithAReason()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        var b = new EspEnd("192.0.2.2", "10.2.0.0/16");
        var good = a.Sa(SaDirection.Inbound, b, 0x1000, 1);
        foreach (var bad in new[]
        {
            good with { Protocol = SecurityProtocol.Ah }, good with { Mode = ChildMode.Transport }, good with { Spi = 255 }, good with { EncryptionKey = new byte[35] },
            good with { Encryption = new(TransformType.Encryption, Encr.AesCbc, 128), EncryptionKey = new byte[16] }, good with { Encryption = new(TransformType.Encryption, 4711) },
            good with { LocalTs = [] }, good with { ReplayWindow = 8193 }, good with { Remote = new(Address.Any6, 4500) },
        })
            Assert.False(string.IsNullOrEmpty(a.Engine.InstallSa(bad)));
        Assert.Null(a.Engine.InstallSa(good));
        Assert.NotNull(a.Engine.InstallSa(good));
        Assert.NotNull(a.Engine.InstallPolicy(a.Policy(b, 1) with { Mode = ChildMode.Transport }));
        Assert.True(a.Engine.Supports(SecurityProtocol.Esp, EspEnd.Gcm256));
        Assert.False(a.Engine.Supports(SecurityProtocol.Ah, EspEnd.Gcm256));
        Assert.False(a.Engine.Supports(SecurityProtocol.Esp, new(TransformType.Encryption, 4711)));
    }

    [Fact]
    public void SpisAreReservedUntilReleasedOrTheirSaIsRemoved()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        Assert.False(a.Engine.TryReserveSpi(SecurityProtocol.Esp, 255));
        Assert.True(a.Engine.TryReserveSpi(SecurityProtocol.Esp, 0x1000));
        Assert.False(a.Engine.TryReserveSpi(SecurityProtocol.Esp, 0x1000));
        a.Engine.ReleaseSpi(SecurityProtocol.Esp, 0x1000);
        Assert.True(a.Engine.TryReserveSpi(SecurityProtocol.Esp, 0x1000));
        Assert.Null(a.Engine.InstallSa(a.Sa(SaDirection.Inbound, a, 0x1000, 1)));
        a.Engine.ReleaseSpi(SecurityProtocol.Esp, 0x1000);
        Assert.False(a.Engine.TryReserveSpi(SecurityProtocol.Esp, 0x1000));
        a.Engine.RemoveSa(SaDirection.Inbound, 0x1000, default);
        Assert.True(a.Engine.TryReserveSpi(SecurityProtocol.Esp, 0x1000));
    }

    [Fact]
    public void TwoPeersMayChooseTheSameSpi()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        var b = new EspEnd("192.0.2.2", "10.2.0.0/16");
        var c = new EspEnd("192.0.2.3", "10.3.0.0/16");
        foreach (var (peer, reqid) in new[] { (b, 1u), (c, 2u) })
        {
            Assert.Null(a.Engine.InstallSa(a.Sa(SaDirection.Outbound, peer, 0x1000, reqid)));
            Assert.Null(a.Engine.InstallPolicy(a.Policy(peer, reqid)));
        }
        Assert.Equal(b.Endpoint, a.Send(Echo).Runs.Single().Path.Remote);
        Assert.Equal(c.Endpoint, a.Send(InnerPackets.Echo("10.1.0.1", "10.3.0.1")).Runs.Single().Path.Remote);
        a.Engine.RemoveSa(SaDirection.Outbound, 0x1000, b.Endpoint.Address);
        Assert.Empty(a.Send(Echo).Packets);
        Assert.Single(a.Send(InnerPackets.Echo("10.1.0.1", "10.3.0.1")).Packets);
    }
}
