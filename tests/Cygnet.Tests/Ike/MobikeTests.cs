// MOBIKE: gateways that move, lose and gain addresses, with and without NATs, and with rekeyings under way. RFC 4555.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class MobikeTests
{
    const string NewAddress = "198.51.100.7";

    static readonly Address New = Address.Parse(NewAddress), New6 = Address.Parse("2001:db8::7");

    /// <summary>A pair whose moon takes any address of its own, and whose sun expects it from anywhere.</summary>
    static Pair Roaming(ulong seed = 1, Nat? nat = null, Func<Connection, Connection>? change = null, int children = 1) =>
        Pair.Established(seed, nat, c => (change ?? (x => x))(c) with
        {
            LocalAddrs = ["%any"], RemoteAddrs = c.Name.StartsWith("sun", StringComparison.Ordinal) ? ["%any"] : c.RemoteAddrs,
        }, children);

    [Fact]
    public void Both_announce_it_and_go_to_port_4500_without_a_NAT()
    {
        var pair = Roaming();
        Assert.Equal(4500, Pair.Ike(pair.Moon).Local.Port);
        Assert.Equal(4500, Pair.Ike(pair.Sun).Remote.Port);
        Assert.False(Pair.Ike(pair.Moon).Children[0].UdpEncapsulation);
        foreach (var g in new[] { pair.Moon, pair.Sun }) Assert.Contains(g.LogLines, l => l.EndsWith("peer supports MOBIKE", StringComparison.Ordinal));
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("N(MOBIKE_SUP) N(NO_ADD_ADDR)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, false), InlineData(false, true), InlineData(false, false)]
    public void It_takes_both_ends_to_use_it(bool moon, bool sun)
    {
        var pair = Roaming(change: c => c with { Mobike = c.Name.StartsWith("moon", StringComparison.Ordinal) ? moon : sun });
        Assert.Equal(moon ? 4500 : 500, Pair.Ike(pair.Moon).Local.Port);
        pair.Moon.MoveTo(New);
        pair.Settle();
        Assert.DoesNotContain(pair.Moon.LogLines, l => l.Contains("N(UPD_SA_ADDR)", StringComparison.Ordinal));
        // without it the reference authenticates anew
        Assert.Contains(pair.Moon.LogLines, l => l.EndsWith("reauthenticating IKE_SA due to address change", StringComparison.Ordinal));
        pair.ShouldAgree();
        Assert.Equal(New, Pair.Ike(pair.Sun).Remote.Address);
        Assert.True(pair.Carries());
    }

    [Fact]
    public void A_configured_address_is_kept_without_MOBIKE()
    {
        var pair = Pair.Established(change: c => c with { Mobike = false });
        pair.Moon.MoveTo(New);
        pair.Settle();
        Assert.Equal(Address.Parse(Pair.MoonAddress), Pair.Ike(pair.Moon).Local.Address);
        pair.Moon.MoveTo(Address.Parse(Pair.MoonAddress));
        pair.Settle();
        Assert.True(pair.Carries());
    }

    [Fact]
    public void The_initiator_moves_and_takes_its_children_along()
    {
        var pair = Roaming(children: 2);
        Assert.Null(pair.Up(1).Error);
        var (before, spi) = (Pair.Ike(pair.Moon), Pair.Ike(pair.Moon).Children[0].SpiIn);
        pair.Moon.MoveTo(New);
        pair.Settle(5);
        var now = Pair.Ike(pair.Moon);
        Assert.Equal((before.UniqueId, spi, New), (now.UniqueId, now.Children[0].SpiIn, now.Local.Address));
        Assert.Equal(New, Pair.Ike(pair.Sun).Remote.Address);
        Assert.True(pair.Carries(0) && pair.Carries(1));
        foreach (var g in new[] { pair.Moon, pair.Sun })
        {
            var e = Assert.Single(g.Events.OfType<SaEvent.IkeUpdate>());
            Assert.Equal(New, (g == pair.Moon ? e.Local : e.Remote).Address);
            Assert.Equal(Address.Parse(Pair.MoonAddress), (g == pair.Moon ? e.Old.Local : e.Old.Remote).Address);
        }
        pair.ShouldHaveNoFaults();
    }

    /// <summary>RFC 4555 3.8: an IKE message from elsewhere changes nothing unless it says so; it may only be testing a path. ESP may.</summary>
    [Theory]
    [InlineData(true), InlineData(false)]
    public void A_NAT_that_forgets_is_followed_by_ESP_alone(bool mobike)
    {
        var nat = new Nat("203.0.113.9");
        var pair = Roaming(nat: nat, change: c => c with { Mobike = mobike });
        var before = Pair.Ike(pair.Sun).Remote;
        nat.Forget();
        // an exchange of moon's that says nothing of addresses
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle(1);
        Assert.Equal(mobike, Pair.Ike(pair.Sun).Remote == before);
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, 1));
        pair.Settle(1);
        Assert.NotEqual(before, Pair.Ike(pair.Sun).Remote);
        Assert.True(pair.Carries());
    }

    /// <summary>As in the reference: what was dynamic, and so is the outer address, is the new one.</summary>
    [Fact]
    public void Selectors_that_are_the_outer_addresses_move_along()
    {
        var pair = Roaming(change: c => c with { Children = [.. c.Children.Select(k => k with { LocalTs = [TrafficSelector.Dynamic], RemoteTs = [TrafficSelector.Dynamic] })] });
        var sun = Address.Parse(Pair.SunAddress);
        Assert.True(Passes(Address.Parse(Pair.MoonAddress)));
        pair.Moon.MoveTo(New);
        pair.Settle(5);
        Assert.Equal(TrafficSelector.Single(New), Assert.Single(Assert.Single(Pair.Ike(pair.Moon).Children).LocalTs));
        Assert.Equal(TrafficSelector.Single(New), Assert.Single(Assert.Single(Pair.Ike(pair.Sun).Children).RemoteTs));
        Assert.True(Passes(New));
        Assert.False(Passes(Address.Parse(Pair.MoonAddress)));
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle(10);
        Assert.True(Passes(New));
        pair.ShouldHaveNoFaults();

        bool Passes(Address moon)
        {
            var (there, back) = (Pair.InnerPacket(moon, sun, 1), Pair.InnerPacket(sun, moon, 2));
            pair.Moon.Plane.Delivered.Clear();
            pair.Sun.Plane.Delivered.Clear();
            pair.Moon.SendInner(there);
            pair.Sun.SendInner(back);
            pair.Settle(1);
            return pair.Sun.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(there)) && pair.Moon.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(back));
        }
    }

    [Fact]
    public void The_initiator_moves_though_the_SA_was_rekeyed_by_the_responder()
    {
        var pair = Roaming();
        pair.Sun.Do(new Wish.RekeyIke(Pair.Ike(pair.Sun).UniqueId, false));
        pair.Settle();
        Assert.False(Pair.Ike(pair.Moon).IsInitiator);
        pair.Moon.MoveTo(New);
        pair.Settle(5);
        Assert.Equal(New, Pair.Ike(pair.Sun).Remote.Address);
        Assert.True(pair.Carries());
    }

    [Fact]
    public void The_responder_asks_the_initiator_to_come_to_its_new_address()
    {
        var pair = Roaming();
        pair.Sun.MoveTo(New);
        pair.Settle(5);
        Assert.Contains(pair.Sun.LogLines, l => l.EndsWith("sending address list update using MOBIKE, implicitly requesting an address change", StringComparison.Ordinal));
        Assert.Equal(New, Pair.Ike(pair.Moon).Remote.Address);
        Assert.Equal(New, Pair.Ike(pair.Sun).Local.Address);
        Assert.True(pair.Carries());
        pair.ShouldAgree();
    }

    [Fact]
    public void From_IPv4_to_IPv6_and_back()
    {
        var pair = Roaming();
        pair.Sun.MoveTo(Address.Parse(Pair.SunAddress), Address.Parse("2001:db8::2"));
        pair.Settle(5);
        Assert.Contains(pair.Sun.LogLines, l => l.Contains("N(ADD_6_ADDR)", StringComparison.Ordinal));
        pair.Moon.MoveTo(New6);
        pair.Settle(5);
        Assert.Equal(Address.Parse("2001:db8::2"), Pair.Ike(pair.Moon).Remote.Address);
        Assert.True(pair.Carries());
        pair.Moon.MoveTo(New);
        pair.Settle(5);
        Assert.Equal(Address.Parse(Pair.SunAddress), Pair.Ike(pair.Moon).Remote.Address);
        Assert.True(pair.Carries());
        pair.ShouldAgree();
    }

    [Fact]
    public void Of_several_paths_the_one_that_works_is_taken()
    {
        var pair = Roaming();
        var (good, bad) = (Address.Parse("203.0.113.2"), Address.Parse("203.0.113.3"));
        pair.Sun.MoveTo(Address.Parse(Pair.SunAddress), bad, good);
        pair.Settle(5);
        // a firewall: from the new address only one of the three can be reached
        pair.Network.Filter = (_, from, to, _) => from.Address == New && to.Address == good || from.Address == good;
        pair.Moon.MoveTo(New);
        pair.Settle(30);
        Assert.Equal(good, Pair.Ike(pair.Moon).Remote.Address);
        Assert.Equal(good, Pair.Ike(pair.Sun).Local.Address);
        Assert.Contains(pair.Moon.LogLines, l => l.Contains($"checking path {New}[4500] - {bad}[4500]", StringComparison.Ordinal));
        Assert.True(pair.Carries());
    }

    [Fact]
    public void Also_from_an_address_that_routing_would_not_choose()
    {
        var pair = Roaming();
        var second = Address.Parse("198.51.100.8");
        pair.Network.Filter = (_, from, to, _) => from.Address != New && to.Address != New;
        pair.Moon.MoveTo(New, second);
        pair.Settle(30);
        Assert.Equal(second, Pair.Ike(pair.Moon).Local.Address);
        Assert.Contains(pair.Moon.LogLines, l => l.EndsWith("path probing attempt 1", StringComparison.Ordinal));
        Assert.True(pair.Carries());
    }

    [Fact]
    public void An_address_that_fails_further_away_is_left_by_a_request_that_gets_no_answer()
    {
        var pair = Roaming(change: c => c with { DpdDelay = TimeSpan.FromSeconds(10) });
        var second = Address.Parse("203.0.113.2");
        pair.Sun.MoveTo(Address.Parse(Pair.SunAddress), second);
        pair.Settle(5);
        pair.Network.Filter = (_, from, to, _) => from.Address == second || to.Address == second;
        pair.Settle(90);
        Assert.Equal(second, Pair.Ike(pair.Moon).Remote.Address);
        Assert.True(pair.Carries());
        pair.ShouldAgree();
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void What_is_to_go_does_not_wait_for_a_route(bool isBusy)
    {
        var pair = Roaming(change: c => c with { DpdDelay = TimeSpan.FromSeconds(30) });
        pair.Moon.MoveTo();
        pair.Settle(1);
        if (isBusy) pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle(60);
        Assert.Equal(1, pair.Moon.Engine.HeldCount); // only this waits
        pair.Moon.Do(new Wish.TerminateIke(Pair.Ike(pair.Moon).UniqueId, false, null));
        pair.Settle(400);
        Assert.Equal(0, pair.Moon.Engine.HeldCount);
        Assert.True(pair.Moon.Plane.Engine.IsEmpty);
    }

    [Fact]
    public void Without_a_route_it_waits_and_goes_on_where_it_comes_back()
    {
        var pair = Roaming(change: c => c with { DpdDelay = TimeSpan.FromSeconds(30) });
        // the sun must not miss it too soon
        pair.Sun.Engine.Settings = new Settings { RetransmitTries = 12 };
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Moon.MoveTo();
        pair.Settle(600);
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("MOBIKE update deferred", StringComparison.Ordinal));
        var before = pair.Network.Packets;
        pair.Moon.MoveTo(New);
        pair.Settle(600);
        Assert.True(pair.Network.Packets > before);
        pair.ShouldAgree();
        Assert.Equal(New, Pair.Ike(pair.Sun).Remote.Address);
        Assert.True(pair.Carries());
    }

    [Fact]
    public void A_peer_on_no_path_is_given_up()
    {
        var pair = Roaming();
        pair.Sun.Crash();
        pair.Moon.MoveTo(New);
        pair.Settle(60);
        Assert.Contains(pair.Moon.LogLines, l => l.EndsWith("giving up after 10 path probings", StringComparison.Ordinal));
        Assert.Equal(0, pair.Moon.Engine.HeldCount);
        Assert.True(pair.Moon.Plane.Engine.IsEmpty);
    }

    [Fact]
    public void Behind_a_NAT_and_out_again_ESP_goes_into_UDP_and_out_again()
    {
        var pair = Roaming();
        pair.Moon.PutBehind(new Nat("203.0.113.9"));
        pair.Moon.MoveTo(Address.Parse("10.9.9.9"));
        pair.Settle(5);
        Assert.True(Pair.Ike(pair.Moon).NatLocal && Pair.Ike(pair.Sun).NatRemote);
        Assert.True(Pair.Ike(pair.Moon).Children[0].UdpEncapsulation && Pair.Ike(pair.Sun).Children[0].UdpEncapsulation);
        Assert.True(pair.Carries());
        var keepalives = 0;
        pair.Network.Filter = (kind, _, _, _) =>
        {
            if (kind == PacketKind.Keepalive) keepalives++;
            return true;
        };
        pair.Settle(100);
        Assert.InRange(keepalives, 4, 6);

        pair.Moon.PutBehind(null);
        pair.Moon.MoveTo(New);
        pair.Settle(5);
        Assert.False(Pair.Ike(pair.Moon).NatLocal || Pair.Ike(pair.Sun).NatRemote);
        Assert.False(Pair.Ike(pair.Moon).Children[0].UdpEncapsulation || Pair.Ike(pair.Sun).Children[0].UdpEncapsulation);
        Assert.True(pair.Carries());
        keepalives = 0;
        pair.Settle(100);
        Assert.Equal(0, keepalives);
    }

    [Fact]
    public void A_NAT_that_forgets_is_noticed_by_the_one_behind_it()
    {
        var nat = new Nat("203.0.113.9");
        var pair = Roaming(nat: nat, change: c => c with { DpdDelay = TimeSpan.FromSeconds(10) });
        pair.Settle(30); // a first check has told what the sun sees
        nat.Forget();
        pair.Settle(30);
        Assert.Contains(pair.Moon.LogLines, l => l.EndsWith("detected changes in NAT mappings, initiating MOBIKE update", StringComparison.Ordinal));
        // the sun can send first now, without having heard ESP
        pair.Moon.Plane.Delivered.Clear();
        pair.Sun.SendInner(Pair.InnerPacket(2, 1, 0, 9));
        pair.Settle(1);
        Assert.Single(pair.Moon.Plane.Delivered);
    }

    [Fact]
    public void A_path_that_is_only_tried_changes_nothing()
    {
        // RFC 4555 3.8: with MOBIKE, addresses of IKE packets are not followed but for UPDATE_SA_ADDRESSES
        var nat = new Nat("203.0.113.9");
        var pair = Roaming(nat: nat);
        var before = Pair.Ike(pair.Sun).Remote;
        nat.Forget();
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle(5);
        Assert.Equal(before, Pair.Ike(pair.Sun).Remote);
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, 1)); // ESP is followed
        pair.Settle(1);
        Assert.NotEqual(before, Pair.Ike(pair.Sun).Remote);
        Assert.True(pair.Carries());
    }

    [Fact]
    public void The_responder_checks_that_the_initiator_is_where_it_says()
    {
        var pair = Roaming();
        pair.Moon.MoveTo(New);
        pair.Settle(5);
        Assert.Contains(pair.Sun.LogLines, l => l.Contains("generating INFORMATIONAL request", StringComparison.Ordinal) && l.Contains("N(COOKIE2)", StringComparison.Ordinal));
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("generating INFORMATIONAL response", StringComparison.Ordinal) && l.Contains("N(COOKIE2)", StringComparison.Ordinal));
    }

    public enum Busy { Nothing, RekeyChild, RekeyIke, NewChild, Liveness, DeleteChild }

    public static TheoryData<Busy, Busy, int> Mixes()
    {
        var data = new TheoryData<Busy, Busy, int>();
        foreach (var moon in Enum.GetValues<Busy>())
            foreach (var sun in Enum.GetValues<Busy>())
                for (var lost = -1; lost < 6; lost++)
                    data.Add(moon, sun, lost);
        return data;
    }

    /// <summary>Moves in the middle of every exchange of either end, with each of the following packets lost.</summary>
    [Theory]
    [MemberData(nameof(Mixes))]
    public void Whatever_is_under_way_the_move_comes_through(Busy moon, Busy sun, int lost)
    {
        for (ulong seed = 1; seed <= 4; seed++)
        {
            var pair = Roaming(seed, children: 2, change: c => c with { DpdDelay = TimeSpan.FromSeconds(30) });
            pair.Network.MostDelay = 30;
            var seen = 0;
            pair.Network.Filter = (kind, _, _, _) => kind != PacketKind.Ike || seen++ != lost;
            Begin(pair.Moon, moon, pair);
            Begin(pair.Sun, sun, pair);
            pair.Network.Run(TimeSpan.FromMilliseconds(10 * (long)seed));
            (seed % 2 == 0 ? pair.Moon : pair.Sun).MoveTo(New);
            pair.Settle(300);
            pair.ShouldAgree();
            pair.ShouldHaveNoFaults();
            Assert.Equal(New, (seed % 2 == 0 ? Pair.Ike(pair.Sun) : Pair.Ike(pair.Moon)).Remote.Address);
            Assert.Equal(New, (seed % 2 == 0 ? Pair.Ike(pair.Moon) : Pair.Ike(pair.Sun)).Local.Address);
            if (moon != Busy.DeleteChild && sun != Busy.DeleteChild) Assert.True(pair.Carries());
        }
    }

    static void Begin(Gateway g, Busy what, Pair pair)
    {
        var (ike, connection) = (Pair.Ike(g), g == pair.Moon ? pair.MoonConnection : pair.SunConnection);
        Wish? wish = what switch
        {
            Busy.RekeyChild => new Wish.RekeyChild(ike.Children[0].UniqueId),
            Busy.RekeyIke => new Wish.RekeyIke(ike.UniqueId, false),
            Busy.NewChild => new Wish.Initiate(connection, connection.Children[1], null),
            Busy.DeleteChild => new Wish.TerminateChild(ike.Children[0].UniqueId, null),
            _ => null,
        };
        if (wish is not null) g.Do(wish);
    }

    [Fact]
    public void Both_move_at_once()
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var pair = Roaming(seed);
            var elsewhere = Address.Parse("203.0.113.77");
            // neither can be found by the other where it was; only what both had announced before helps
            pair.Sun.MoveTo(Address.Parse(Pair.SunAddress), elsewhere);
            pair.Settle(2);
            pair.Sun.MoveTo(elsewhere);
            pair.Moon.MoveTo(New);
            pair.Settle(120);
            Assert.Equal(New, Pair.Ike(pair.Sun).Remote.Address);
            Assert.Equal(elsewhere, Pair.Ike(pair.Moon).Remote.Address);
            Assert.True(pair.Carries());
            pair.ShouldAgree();
        }
    }

    [Fact]
    public void Moving_on_and_on()
    {
        var pair = Roaming(change: c => c with { RekeyTime = TimeSpan.FromSeconds(100), DpdDelay = TimeSpan.FromSeconds(20) });
        for (var i = 1; i <= 40; i++)
        {
            pair.Moon.MoveTo(Address.Parse($"198.51.100.{i}"));
            pair.Network.Run(TimeSpan.FromMilliseconds(i * 37));
            if (i % 5 != 0) continue;
            pair.Settle(30);
            Assert.Equal(Address.Parse($"198.51.100.{i}"), Pair.Ike(pair.Sun).Remote.Address);
            Assert.True(pair.Carries());
        }
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
        Assert.Equal(2, pair.Moon.Plane.Engine.SaCount);
        pair.Moon.Do(new Wish.TerminateAll());
        pair.Settle();
        Assert.True(pair.Moon.Plane.Engine.IsEmpty && pair.Sun.Plane.Engine.IsEmpty);
    }
}
