// Traps and shunts: installed by wish, asked for by packets. RFC 4301 4.4.1.
using System.Collections.Immutable;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class TrapTests
{
    static Outcome Install(Pair pair, Connection? connection = null, int child = 0)
    {
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Install(connection ?? pair.MoonConnection, (connection ?? pair.MoonConnection).Children[child], outcome));
        pair.Settle(1);
        Assert.True(outcome.IsDone);
        return outcome;
    }

    static int Lines(Gateway g, string text) => g.LogLines.Count(l => l.Contains(text, StringComparison.Ordinal));

    [Fact]
    public void A_packet_brings_the_tunnel_up_and_is_not_lost()
    {
        var pair = new Pair();
        Assert.Null(Install(pair).Error);
        var trap = Assert.Single(pair.Moon.Engine.Policies());
        Assert.Equal(("moon-sun", "net0", 1, 1u, true), (trap.Connection, trap.Child, trap.UniqueId, trap.Reqid, trap.IsTrap));
        Assert.Empty(pair.Moon.Engine.Snapshots());

        var packet = Pair.InnerPacket(1, 2, 0, 1);
        pair.Moon.SendInner(packet);
        pair.Settle(10);
        Assert.Equal(packet, Assert.Single(pair.Sun.Plane.Delivered));
        Assert.Equal(1, Lines(pair.Moon, "creating acquire job for policy 10.1.0.7/32[udp/4000] === 10.2.0.7/32[udp/4001] with reqid {1}"));
        Assert.Equal(1, Lines(pair.Moon, "establishing CHILD_SA net0{2} reqid 1"));
        // the packet's own selectors came first, and the peer allowed the whole
        var child = Assert.Single(Pair.Ike(pair.Moon).Children);
        Assert.Equal((1u, "10.1.0.0/24", "10.2.0.0/24"), (child.Reqid, string.Join(' ', child.LocalTs), string.Join(' ', child.RemoteTs)));
        Assert.True(pair.Carries());
        Assert.Single(pair.Moon.Engine.Policies());
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void The_trap_stays_when_the_tunnel_goes_and_catches_the_next_packet()
    {
        var pair = new Pair();
        Install(pair);
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, 1));
        pair.Settle(10);
        pair.Moon.Do(new Wish.TerminateIke(Pair.Ike(pair.Moon).UniqueId, false, null));
        pair.Settle();
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Assert.Single(pair.Moon.Engine.Policies());
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, 2));
        pair.Settle(10);
        Assert.Equal(1u, Assert.Single(Pair.Ike(pair.Moon).Children).Reqid);
        Assert.True(pair.Carries());
    }

    [Fact]
    public void While_it_is_pending_further_packets_ask_in_vain()
    {
        var pair = new Pair();
        Install(pair);
        pair.Network.Filter = (_, _, _, _) => false;
        for (var i = 0; i < 60; i++)
        {
            pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
            pair.Settle(1);
        }
        Assert.Single(pair.Moon.Engine.Snapshots());
        Assert.InRange(Lines(pair.Moon, "ignoring acquire, connection attempt pending"), 5, 20);
        // it comes to nothing: the next packet asks anew
        pair.Settle(300);
        Assert.Empty(pair.Moon.Engine.Snapshots());
        pair.Network.Filter = null;
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, 99));
        pair.Settle(10);
        Assert.True(pair.Carries());
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void An_acquire_uses_the_IKE_SA_that_is_there()
    {
        var pair = Pair.Established(children: 2);
        Install(pair, child: 1);
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 1, 1));
        pair.Settle(10);
        Assert.Equal(2, Pair.Ike(pair.Moon).Children.Length);
        Assert.True(pair.Carries(1));
    }

    [Fact]
    public void A_responder_that_narrows_leaves_the_trap_what_is_outside()
    {
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Children = [c.Children[0] with { RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.2.0.0"), 16)] }] }
            : c with { Children = [.. c.Children, c.Children[0] with { Name = "net1", LocalTs = [TrafficSelector.Subnet(Address.Parse("10.2.1.0"), 24)] }] });
        Install(pair);
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, 1));
        pair.Settle(10);
        Assert.Equal("10.2.0.0/24", string.Join(' ', Assert.Single(Pair.Ike(pair.Moon).Children).RemoteTs));
        var beyond = Pair.InnerPacket(1, 2, 0, 2);
        beyond[18] = 1; // 10.2.1.7
        beyond[10] = beyond[11] = 0;
        pair.Moon.SendInner(beyond);
        pair.Settle(10);
        // both under the trap's reqid, each with its own selectors
        Assert.Equal(["10.2.0.0/24", "10.2.1.0/24"], Pair.Ike(pair.Moon).Children.Select(c => string.Join(' ', c.RemoteTs)).Order());
        Assert.Equal([1u, 1u], Pair.Ike(pair.Moon).Children.Select(c => c.Reqid));
        Assert.True(pair.Carries());
        pair.ShouldAgree();
    }

    [Fact]
    public void SAs_that_do_not_carry_the_packet_do_not_pile_up()
    {
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Children = [c.Children[0] with { RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.2.0.0"), 16)] }] } : c);
        Install(pair);
        for (var i = 0; i < 30; i++)
        {
            var beyond = Pair.InnerPacket(1, 2, 0, 2);
            beyond[18] = 9; // 10.2.9.7, which sun does not have
            pair.Moon.SendInner(beyond);
            pair.Settle(1);
        }
        Assert.InRange(Lines(pair.Moon, "the peer narrowed CHILD_SA"), 2, 8);
        Assert.Empty(Pair.Ike(pair.Moon).Children);
        pair.ShouldAgree();
    }

    [Theory]
    [InlineData("%any", false, "installing trap failed, remote address unknown")]
    [InlineData("nowhere.example", true, "installing trap failed, remote address unknown with dynamic traffic selector")]
    [InlineData("nowhere.example", false, null)]
    public void A_trap_needs_to_know_where_to(string right, bool dynamic, string? refusal)
    {
        var pair = new Pair(change: c => c with { RemoteAddrs = [right], Children = [c.Children[0] with { RemoteTs = dynamic ? [TrafficSelector.Dynamic] : c.Children[0].RemoteTs }] });
        var outcome = Install(pair, pair.MoonConnection with { RemoteAddrs = [right] });
        Assert.Equal(refusal is not null, outcome.Error is not null);
        Assert.Equal(refusal is null ? 1 : 0, pair.Moon.Engine.Policies().Count);
        if (refusal is not null) Assert.Equal(1, Lines(pair.Moon, refusal));
        else Assert.Equal(0, Lines(pair.Moon, "failed"));
    }

    [Fact]
    public void Routing_again_replaces_and_unrouting_leaves_nothing()
    {
        var pair = new Pair();
        Install(pair);
        Install(pair);
        Assert.Equal(1, Lines(pair.Moon, "updating already routed CHILD_SA 'net0'"));
        var trap = Assert.Single(pair.Moon.Engine.Policies());
        Assert.Equal((2, 1u), (trap.UniqueId, trap.Reqid));
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, 1));
        pair.Settle(10);
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Uninstall("moon-sun", "net0", outcome));
        Assert.Null(outcome.Error);
        Assert.True(pair.Carries()); // the tunnel outlives its trap
        pair.Moon.Do(new Wish.TerminateIke(Pair.Ike(pair.Moon).UniqueId, false, null));
        pair.Settle();
        Assert.True(pair.Moon.Plane.Engine.IsEmpty);
        outcome = new Outcome();
        pair.Moon.Do(new Wish.Uninstall("moon-sun", "net0", outcome));
        Assert.Equal("policy 'net0' not found", outcome.Error);
        // the number was given back by trap and tunnel
        Install(pair, pair.MoonConnection with { Children = [pair.MoonConnection.Children[0] with { RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.9.0.0"), 24)] }] });
        Assert.Equal(2u, Assert.Single(pair.Moon.Engine.Policies()).Reqid);
    }

    [Fact]
    public void Shunts_are_installed_listed_and_never_negotiated()
    {
        var pair = new Pair(children: 2);
        var shunts = pair.MoonConnection with
        {
            Name = "local", Children = [pair.MoonConnection.Children[0] with { Name = "pass", Mode = ChildMode.Pass, RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.2.0.0"), 24)] },
                pair.MoonConnection.Children[1] with { Name = "drop", Mode = ChildMode.Drop, LocalTs = [TrafficSelector.Dynamic], RemoteTs = [TrafficSelector.Dynamic with { Protocol = 6, FromPort = 25, ToPort = 25 }] }],
        };
        Assert.Null(Install(pair, shunts).Error);
        Assert.Null(Install(pair, shunts, 1).Error);
        Assert.Equal(["pass Pass 0 10.2.0.0/24", "drop Drop 0 dynamic[tcp/smtp]"],
            pair.Moon.Engine.Policies().Select(p => $"{p.Child} {p.Mode} {p.Reqid} {string.Join(' ', p.RemoteTs)}"));
        Assert.Equal("drop", Assert.Single(pair.Moon.Engine.Policies("local", "drop")).Child);
        pair.Up();
        var packet = Pair.InnerPacket(1, 2, 0, 5);
        pair.Moon.SendInner(packet);
        Assert.Equal(packet, Assert.Single(pair.Moon.Plane.Passed));

        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Initiate(shunts, shunts.Children[0], outcome));
        Assert.Equal("'pass' is a shunt", outcome.Error);
        // nobody can ask us for it either
        var offered = ConnectionTable.Of([shunts]).For(Address.Parse(Pair.MoonAddress), Address.Parse(Pair.SunAddress));
        Assert.Empty(offered);
        pair.Moon.Do(new Wish.TerminateAll());
        pair.Settle();
        Assert.True(pair.Moon.Plane.Engine.IsEmpty);
    }
}
