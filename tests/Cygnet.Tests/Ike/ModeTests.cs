// Transport mode, BEET, IPComp and AH between two gateways: asked for, agreed to, refused, kept by rekeying, and traffic through all of it.
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class ModeTests
{
    static readonly TrafficSelector[] _hosts = [TrafficSelector.Dynamic];

    /// <summary>A change of a connection: its children in that mode, between the hosts themselves.</summary>
    static Func<Connection, Connection> HostToHost(ChildMode mode) =>
        c => c with { Children = [.. c.Children.Select(k => k with { Mode = mode, LocalTs = [.. _hosts], RemoteTs = [.. _hosts] })] };

    static Func<Connection, Connection> Each(Func<ChildConfig, ChildConfig> change) => c => c with { Children = [.. c.Children.Select(change)] };

    static ChildConfig Ah(ChildConfig k) => k with
    {
        Proposals = [new(SecurityProtocol.Ah, [new(TransformType.Integrity, Integ.HmacSha256_128), new(TransformType.ExtendedSequenceNumbers, 0)])],
    };

    static ChildSnapshot Child(Gateway g) => Assert.Single(Pair.Ike(g).Children, c => c.State == ChildState.Installed);

    static void Send(Pair pair, Gateway from, Gateway to, Address source, Address destination, Address seenSource, Address seenDestination, int mark)
    {
        var packet = Pair.InnerPacket(source, destination, mark);
        to.Plane.Delivered.Clear();
        from.SendInner(packet);
        pair.Network.Run(TimeSpan.FromSeconds(1));
        var arrived = Assert.Single(to.Plane.Delivered);
        // addresses as the receiver sees them, and a checksum that is right for those
        Assert.Equal(Pair.InnerPacket(seenSource, seenDestination, mark)[12..20], arrived[12..20]);
        Assert.Equal(packet[28..], arrived[28..]);
    }

    static void ShouldCarry(Pair pair, Address moon, Address sun)
    {
        var seen = pair.Moon.Nat?.Outside ?? moon;
        Send(pair, pair.Moon, pair.Sun, moon, sun, seen, sun, 0x1111);
        Send(pair, pair.Sun, pair.Moon, sun, seen, sun, moon, 0x2222);
    }

    static void Rekey(Pair pair, Gateway g)
    {
        var before = Child(g).SpiIn;
        g.Do(new Wish.RekeyChild(Child(g).UniqueId));
        pair.Settle();
        Assert.NotEqual(before, Child(g).SpiIn);
        pair.ShouldAgree();
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Transport_mode_is_agreed_on_and_kept(bool nat)
    {
        var pair = Pair.Established(nat: nat ? new("203.0.113.9") : null, change: HostToHost(ChildMode.Transport));
        var (moon, sun) = (pair.Moon.Address, pair.Sun.Address);
        foreach (var rekeys in new[] { null, pair.Moon, pair.Sun })
        {
            if (rekeys is not null) Rekey(pair, rekeys);
            Assert.All(new[] { pair.Moon, pair.Sun }, g => Assert.Equal(ChildMode.Transport, Child(g).Mode));
            // each end has its own view of the addresses. RFC 7296 2.23.1
            Assert.Equal(TrafficSelector.Single(moon), Child(pair.Moon).LocalTs.Single());
            Assert.Equal(TrafficSelector.Single(nat ? Address.Parse("203.0.113.9") : moon), Child(pair.Sun).RemoteTs.Single());
            ShouldCarry(pair, moon, sun);
        }
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("generating IKE_AUTH request", StringComparison.Ordinal) && l.Contains("N(USE_TRANSP) N(ESP_TFC_PAD_N) SA TSi TSr", StringComparison.Ordinal));
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("generating CREATE_CHILD_SA request", StringComparison.Ordinal) && l.Contains("N(REKEY_SA) N(USE_TRANSP)", StringComparison.Ordinal));
        pair.ShouldHaveNoFaults();
    }

    [Theory]
    [InlineData(ChildMode.Transport, ChildMode.Tunnel), InlineData(ChildMode.Tunnel, ChildMode.Transport)]
    [InlineData(ChildMode.Beet, ChildMode.Tunnel), InlineData(ChildMode.Beet, ChildMode.Transport)]
    public void Where_only_one_end_wants_it_tunnel_mode_is_used(ChildMode moon, ChildMode sun)
    {
        var pair = new Pair(change: HostToHost(moon));
        pair.Reconfigure(pair.Sun, HostToHost(sun));
        pair.Up();
        foreach (var g in new[] { pair.Moon, pair.Sun }) Assert.Equal(ChildMode.Tunnel, Child(g).Mode);
        Assert.Equal(moon != ChildMode.Tunnel, pair.Moon.LogLines.Any(l => l.Contains($"the peer does not use {moon.ToString().ToUpperInvariant()} mode", StringComparison.Ordinal)));
        ShouldCarry(pair, pair.Moon.Address, pair.Sun.Address);
        Rekey(pair, pair.Moon);
        Assert.Equal(ChildMode.Tunnel, Child(pair.Sun).Mode);
    }

    [Fact]
    public void Between_networks_there_is_no_transport_mode()
    {
        var pair = Pair.Established(change: Each(k => k with { Mode = ChildMode.Transport }));
        Assert.Equal(ChildMode.Tunnel, Child(pair.Moon).Mode);
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("not using transport mode, not host-to-host", StringComparison.Ordinal));
        Assert.True(pair.Carries());
    }

    [Fact]
    public void Transport_mode_follows_a_host_to_its_new_address()
    {
        var pair = Pair.Established(change: HostToHost(ChildMode.Transport));
        pair.Moon.MoveTo(Address.Parse("198.51.100.7"));
        pair.Settle(120);
        Assert.Equal(TrafficSelector.Single(pair.Moon.Address), Child(pair.Sun).RemoteTs.Single());
        Assert.Equal(ChildMode.Transport, Child(pair.Sun).Mode);
        ShouldCarry(pair, pair.Moon.Address, pair.Sun.Address);
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Beet_needs_the_vendor_id_of_those_who_know_it()
    {
        var (a, b) = (Address.Parse("10.1.0.7"), Address.Parse("10.2.0.7"));
        Connection Change(Connection c) => Each(k => k with
        {
            Mode = ChildMode.Beet, LocalTs = [TrafficSelector.Single(c.Name.StartsWith("moon", StringComparison.Ordinal) ? a : b)], RemoteTs = [TrafficSelector.Single(c.Name.StartsWith("moon", StringComparison.Ordinal) ? b : a)],
        })(c);
        var pair = Pair.Established(change: Change);
        Assert.Contains(pair.Sun.LogLines, l => l.Contains("received strongSwan vendor ID", StringComparison.Ordinal));
        Rekey(pair, pair.Sun);
        foreach (var g in new[] { pair.Moon, pair.Sun }) Assert.Equal(ChildMode.Beet, Child(g).Mode);
        ShouldCarry(pair, a, b);
        pair.ShouldHaveNoFaults();
    }

    [Theory, InlineData(true, true), InlineData(true, false), InlineData(false, true)]
    public void Packets_are_compressed_if_both_ends_want_it(bool moon, bool sun)
    {
        var pair = new Pair(change: Each(k => k with { IpComp = moon }));
        pair.Reconfigure(pair.Sun, Each(k => k with { IpComp = sun }));
        pair.Up();
        foreach (var rekeys in new[] { null, pair.Moon, pair.Sun })
        {
            if (rekeys is not null) Rekey(pair, rekeys);
            var (ofMoon, ofSun) = (Child(pair.Moon), Child(pair.Sun));
            Assert.Equal((ofMoon.CpiIn, ofMoon.CpiOut), (ofSun.CpiOut, ofSun.CpiIn));
            Assert.Equal(moon && sun, ofMoon.CpiIn != 0);
            Assert.True(pair.Carries());
            pair.Moon.Plane.IsRecording = true;
            pair.Moon.Plane.Sent.Clear();
            var blank = new byte[1000];
            Pair.InnerPacket(1, 2, 0, 0)[..28].CopyTo(blank, 0);
            (blank[2], blank[3]) = (1000 >> 8, 1000 & 255);
            pair.Moon.SendInner(blank);
            Assert.Equal(moon && sun, Assert.Single(pair.Moon.Plane.Sent).Esp.Length < 200);
            pair.Network.Run(TimeSpan.FromSeconds(1));
            Assert.Equal(blank, pair.Sun.Plane.Delivered[^1]);
        }
        if (moon && !sun) Assert.Contains(pair.Moon.LogLines, l => l.Contains("peer didn't accept our proposed IPComp transforms, IPComp is disabled", StringComparison.Ordinal));
        if (moon && !sun) Assert.Contains(pair.Sun.LogLines, l => l.Contains("received IPCOMP_SUPPORTED notify but IPComp is disabled, ignoring", StringComparison.Ordinal));
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("N(IPCOMP_SUP)", StringComparison.Ordinal) == moon);
        End(pair);
    }

    [Fact]
    public void AH_is_negotiated_rekeyed_and_deleted_as_AH()
    {
        var pair = Pair.Established(change: Each(Ah));
        Rekey(pair, pair.Moon);
        Rekey(pair, pair.Sun);
        foreach (var g in new[] { pair.Moon, pair.Sun }) Assert.Equal(SecurityProtocol.Ah, Child(g).Protocol);
        Assert.Contains(pair.Sun.LogLines, l => l.Contains("selected proposal: AH:HMAC_SHA2_256_128/NO_EXT_SEQ", StringComparison.Ordinal));
        Assert.Contains(pair.Sun.LogLines, l => l.Contains("received DELETE for AH CHILD_SA with SPI", StringComparison.Ordinal));
        Assert.DoesNotContain(pair.Sun.LogLines, l => l.Contains("ESP CHILD_SA", StringComparison.Ordinal));
        Assert.True(pair.Carries());
        End(pair);
    }

    [Fact]
    public void No_NAT_lets_AH_through_and_both_ends_say_so()
    {
        var pair = new Pair(nat: new("203.0.113.9"), change: Each(Ah));
        Assert.Contains("which no NAT lets through", pair.Up().Error);
        Assert.Contains(pair.Moon.Shared.Refusals.Of(null), r => r.Reason.Contains("AH, which no NAT lets through; 'esp=' instead of 'ah=' would", StringComparison.Ordinal));
    }

    [Fact]
    public void ESP_and_AH_do_not_mix_and_the_reason_names_both()
    {
        var pair = new Pair(change: Each(Ah));
        pair.Reconfigure(pair.Moon, Each(k => k with { Proposals = [new(SecurityProtocol.Esp, [new(TransformType.Encryption, Encr.AesGcm16, 128), new(TransformType.ExtendedSequenceNumbers, 0)])] }));
        pair.Up();
        Assert.Contains(pair.Sun.Shared.Refusals.Of(null), r => r.Reason.Contains("peer offers ESP only; configured is AH", StringComparison.Ordinal));
        Assert.Contains(pair.Moon.Shared.Refusals.Of(null), r => r.Reason.Contains("NO_PROPOSAL_CHOSEN", StringComparison.Ordinal));
    }

    [Theory, InlineData(0), InlineData(1)]
    public void Extended_sequence_numbers_are_chosen_and_carried(ushort esn)
    {
        Transform[] esp = [new(TransformType.Encryption, Encr.AesGcm16, 128), new(TransformType.ExtendedSequenceNumbers, esn), new(TransformType.ExtendedSequenceNumbers, (ushort)(1 - esn))];
        var pair = Pair.Established(change: Each(k => k with { Proposals = [new(SecurityProtocol.Esp, [.. esp])] }));
        Rekey(pair, pair.Sun);
        foreach (var g in new[] { pair.Moon, pair.Sun }) Assert.Equal(esn == 1, Child(g).ExtendedSequenceNumbers);
        Assert.True(pair.Carries());
    }

    /// <summary>Nothing may stay in the data planes, CPIs and SPIs of AH included.</summary>
    static void End(Pair pair)
    {
        pair.ShouldHaveNoFaults();
        pair.Moon.Do(new Wish.TerminateAll());
        pair.Settle(30);
        foreach (var g in new[] { pair.Moon, pair.Sun }) Assert.True(g.Plane.Engine.IsEmpty, g.Plane.Engine.Census);
    }
}
