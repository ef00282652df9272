// dpdaction, closeaction, inactivity, limits: what follows when a tunnel ends and nobody here wished it. ipsec.conf(5).
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class ActionTests
{
    static Func<Connection, Connection> Moon(Func<ChildConfig, ChildConfig> child, Func<Connection, Connection>? more = null) => c =>
        c.Name == "moon-sun" ? (more ?? (x => x))(c with { DpdDelay = TimeSpan.FromSeconds(10), Children = [.. c.Children.Select(child)] }) : c;

    static int Lines(Gateway g, string text) => g.LogLines.Count(l => l.Contains(text, StringComparison.Ordinal));

    [Fact]
    public void Restart_goes_on_until_the_peer_is_back()
    {
        var pair = Pair.Established(change: Moon(k => k with { DpdAction = ChildAction.Start }, c => c with { KeyingTries = 0 }), children: 2);
        pair.Up(1);
        pair.Network.Filter = (_, _, _, _) => false;
        pair.Settle(600);
        Assert.Equal(2, Lines(pair.Moon, "restarting CHILD_SA"));
        Assert.InRange(Lines(pair.Moon, "peer not responding, trying again ("), 1, 5);
        // the peer reboots meanwhile
        foreach (var sa in pair.Sun.Engine.Snapshots()) pair.Sun.Do(new Wish.TerminateIke(sa.UniqueId, true, null));
        pair.Network.Filter = null;
        pair.Settle(120);
        Assert.Equal(2, Pair.Ike(pair.Moon).Children.Length);
        Assert.True(pair.Carries(0) && pair.Carries(1));
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
    }

    /// <summary>The wish to end it waits behind a rekeying, and the peer is faster, or dead.</summary>
    [Theory]
    [InlineData(true), InlineData(false)]
    public void What_somebody_here_wants_down_is_not_restarted(bool peerIsFaster)
    {
        var pair = Pair.Established(change: Moon(k => k with { DpdAction = ChildAction.Start, CloseAction = ChildAction.Start }));
        var sa = Pair.Ike(pair.Moon).UniqueId;
        pair.Network.Filter = (_, from, _, data) => peerIsFaster && data[18] == (byte)Cygnet.Wire.ExchangeType.Informational;
        pair.Moon.Do(new Wish.RekeyIke(sa, false));
        pair.Settle(1);
        pair.Moon.Do(new Wish.TerminateIke(sa, false, null));
        if (peerIsFaster) pair.Sun.Do(new Wish.TerminateIke(Pair.Ike(pair.Sun).UniqueId, false, null));
        pair.Settle(400);
        Assert.Equal(0, Lines(pair.Moon, "restarting CHILD_SA"));
        Assert.Empty(pair.Moon.Engine.Snapshots());
    }

    [Fact]
    public void Hold_leaves_a_trap_that_the_next_packet_springs()
    {
        var pair = Pair.Established(change: Moon(k => k with { DpdAction = ChildAction.Trap }));
        pair.Network.Filter = (_, _, _, _) => false;
        pair.Settle(300);
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Assert.True(Assert.Single(pair.Moon.Engine.Policies()).IsTrap);
        pair.Network.Filter = null;
        var packet = Pair.InnerPacket(1, 2, 0, 3);
        pair.Moon.SendInner(packet);
        pair.Settle(10);
        Assert.Contains(pair.Sun.Plane.Delivered, p => p.AsSpan().SequenceEqual(packet));
    }

    [Fact]
    public void Clear_does_nothing_more()
    {
        var pair = Pair.Established(change: Moon(k => k));
        pair.Network.Filter = (_, _, _, _) => false;
        pair.Settle(600);
        Assert.Equal(0, pair.Moon.Engine.HeldCount);
        Assert.True(pair.Moon.Plane.Engine.IsEmpty);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Close_action_follows_what_the_peer_closes(bool wholeIkeSa)
    {
        var pair = Pair.Established(change: Moon(k => k with { CloseAction = ChildAction.Start }), children: 2);
        pair.Up(1);
        var old = Pair.Ike(pair.Sun);
        pair.Sun.Do(wholeIkeSa ? new Wish.TerminateIke(old.UniqueId, false, null) : new Wish.TerminateChild(old.Children[0].UniqueId, null));
        pair.Settle();
        var now = Pair.Ike(pair.Moon);
        Assert.Equal(wholeIkeSa, now.InitiatorSpi != old.InitiatorSpi);
        Assert.Equal(2, now.Children.Length);
        Assert.Equal(wholeIkeSa ? 2 : 1, Lines(pair.Moon, "restarting CHILD_SA"));
        Assert.True(pair.Carries(0) && pair.Carries(1));
        pair.ShouldAgree();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_taken_down_here_stays_down(bool wholeIkeSa)
    {
        var pair = Pair.Established(change: Moon(k => k with { CloseAction = ChildAction.Start | ChildAction.Trap, DpdAction = ChildAction.Start }));
        var old = Pair.Ike(pair.Moon);
        pair.Moon.Do(wholeIkeSa ? new Wish.TerminateIke(old.UniqueId, false, null) : new Wish.TerminateChild(old.Children[0].UniqueId, null));
        pair.Settle();
        Assert.All(pair.Moon.Engine.Snapshots(), s => Assert.Empty(s.Children));
        Assert.Empty(pair.Moon.Engine.Policies());
    }

    /// <summary>The log says that an IKE_SA is deleted when that begins, which may be behind a request that is on its way.</summary>
    [Fact]
    public void A_delete_that_has_to_wait_says_nothing_yet()
    {
        var pair = Pair.Established();
        var sa = Pair.Ike(pair.Moon);
        var isCut = true;
        pair.Network.Filter = (_, _, _, _) => !isCut;
        pair.Moon.Do(new Wish.RekeyChild(sa.Children[0].UniqueId));
        pair.Moon.Do(new Wish.TerminateIke(sa.UniqueId, false, null));
        pair.Settle(2);
        Assert.Equal(0, Lines(pair.Moon, "deleting IKE_SA"));
        isCut = false;
        pair.Settle(60);
        Assert.Equal(1, Lines(pair.Moon, "deleting IKE_SA"));
        Assert.Empty(pair.Moon.Engine.Snapshots());
    }

    [Fact]
    public void Rekeying_is_no_closing()
    {
        var pair = Pair.Established(change: Moon(k => k with { CloseAction = ChildAction.Start }));
        pair.Sun.Do(new Wish.RekeyChild(Pair.Ike(pair.Sun).Children[0].UniqueId));
        pair.Settle();
        pair.Sun.Do(new Wish.RekeyIke(Pair.Ike(pair.Sun).UniqueId, false));
        pair.Settle();
        Assert.Equal(0, Lines(pair.Moon, "restarting CHILD_SA"));
        Assert.Single(Pair.Ike(pair.Moon).Children);
    }

    [Fact]
    public void A_gateway_cannot_call_its_roadwarriors()
    {
        var pair = Pair.Established(change: c => c.Name == "sun-moon" ? c with
        {
            DpdDelay = TimeSpan.FromSeconds(10), Children = [c.Children[0] with { DpdAction = ChildAction.Start | ChildAction.Trap }],
        } : c);
        // as after EAP
        pair.Sun.Engine.Find(Pair.Ike(pair.Sun).UniqueId)!.RemoteEapId = Identity.Parse("carol");
        pair.Moon.Crash();
        pair.Settle(300);
        Assert.Equal(1, Lines(pair.Sun, "unable to reestablish IKE_SA due to asymmetric setup"));
        Assert.Empty(pair.Sun.Engine.Snapshots());
        Assert.Single(pair.Sun.Engine.Policies()); // the trap it can have
    }

    [Fact]
    public void What_is_not_configured_any_more_is_not_restarted()
    {
        var pair = Pair.Established(change: Moon(k => k with { DpdAction = ChildAction.Start }));
        pair.Moon.Engine.Configure(new([], new OneSecret()));
        pair.Sun.Crash();
        pair.Settle(300);
        Assert.Equal(1, Lines(pair.Moon, "'net0' is not configured any more, it stays down"));
        Assert.Empty(pair.Moon.Engine.Snapshots());
    }

    [Fact]
    public void An_idle_child_is_closed_and_a_busy_one_is_not()
    {
        var pair = Pair.Established(change: Moon(k => k.Name == "net0" ? k with { Inactivity = TimeSpan.FromSeconds(60) } : k), children: 2);
        pair.Up(1);
        for (var i = 0; i < 20; i++)
        {
            // either direction counts
            if (i % 2 == 0) pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
            else pair.Sun.SendInner(Pair.InnerPacket(2, 1, 0, i));
            pair.Settle(50);
            // nor does rekeying make it busy or idle
            if (i % 5 == 0) pair.Sun.Do(new Wish.RekeyChild(Pair.Ike(pair.Sun).Children.First(c => c.Name == "net0").UniqueId));
        }
        Assert.Equal(2, Pair.Ike(pair.Moon).Children.Count(c => c.State == ChildState.Installed));
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, 99));
        for (var i = 0; i < 5; i++)
        {
            pair.Settle(15);
            if (i < 3) pair.Sun.Do(new Wish.RekeyChild(Pair.Ike(pair.Sun).Children.First(c => c.Name == "net0").UniqueId));
        }
        Assert.Equal(1, Lines(pair.Moon, "deleting CHILD_SA after 60 seconds of inactivity"));
        Assert.Equal("net1", Assert.Single(Pair.Ike(pair.Moon).Children).Name);
        pair.Settle();
        pair.ShouldAgree();
    }

    [Fact]
    public void The_last_idle_child_can_take_its_IKE_SA_along()
    {
        var pair = Pair.Established(change: Moon(k => k with { Inactivity = TimeSpan.FromSeconds(60) }));
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { InactivityCloseIke = true };
        pair.Settle(100);
        Assert.Equal(1, Lines(pair.Moon, "deleting IKE_SA after 60 seconds of CHILD_SA inactivity"));
        Assert.Empty(pair.Moon.Engine.Snapshots());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hard_limit_closes_and_begins_anew_exactly_once(bool bothEnds)
    {
        var limited = new Lifetimes(TimeSpan.Zero, TimeSpan.FromSeconds(100), TimeSpan.Zero);
        var pair = Pair.Established(change: c => bothEnds || c.Name == "sun-moon" ? c with { Children = [c.Children[0] with { Lifetimes = limited }] } : c);
        var old = Pair.Ike(pair.Moon).Children[0];
        pair.Settle(90);
        Assert.Equal(old.SpiIn, Assert.Single(Pair.Ike(pair.Moon).Children).SpiIn);
        pair.Settle(50);
        Assert.NotEqual(old.SpiIn, Assert.Single(Pair.Ike(pair.Moon).Children).SpiIn);
        Assert.True(pair.Carries());
        pair.ShouldAgree();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Bytes_and_packets_count_in_both_directions(bool bytes, bool outbound)
    {
        var limits = new Lifetimes(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero)
        {
            RekeyBytes = bytes ? 3000u : 0, LifeBytes = bytes ? 6000u : 0, RekeyPackets = bytes ? 0 : 50u, LifePackets = bytes ? 0 : 100u,
        };
        var pair = Pair.Established(change: Moon(k => k with { Lifetimes = limits }));
        var old = Pair.Ike(pair.Moon).Children[0];
        for (var i = 0; i < 60; i++)
        {
            if (outbound) pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
            else pair.Sun.SendInner(Pair.InnerPacket(2, 1, 0, i));
        }
        pair.Settle(20);
        var now = Assert.Single(Pair.Ike(pair.Moon).Children);
        Assert.NotEqual(old.SpiIn, now.SpiIn);
        Assert.Equal(old.Reqid, now.Reqid);
        Assert.Equal(1, Lines(pair.Moon, $"establishing CHILD_SA net0{{2}} reqid {old.Reqid}"));
        Assert.True(pair.Carries());
    }

    [Fact]
    public void A_hard_limit_in_packets_stops_the_traffic_at_once()
    {
        var pair = Pair.Established(change: Moon(k => k with { Lifetimes = k.Lifetimes with { LifePackets = 10 } }));
        for (var i = 0; i < 30; i++) pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
        Assert.Equal(20, pair.Moon.Plane.Engine.Dropped(Cygnet.Esp.DropReason.Expired));
        pair.Settle(30);
        Assert.Equal(1, Lines(pair.Moon, "closing expired CHILD_SA net0{1}"));
        Assert.True(pair.Carries());
        pair.ShouldAgree();
    }
}
