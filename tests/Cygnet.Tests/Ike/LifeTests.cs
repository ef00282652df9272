// Delete, liveness, NAT. RFC 7296 1.4, 2.4, 2.23.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class LifeTests
{
    [Theory]
    [InlineData(true), InlineData(false)]
    public void Deleting_the_IKE_SA_leaves_nothing_on_either_end(bool byInitiator)
    {
        var pair = Pair.Established();
        var (one, other) = byInitiator ? (pair.Moon, pair.Sun) : (pair.Sun, pair.Moon);
        var outcome = new Outcome();
        one.Do(new Wish.TerminateIke(Pair.Ike(one).UniqueId, false, outcome));
        pair.Settle();
        Assert.True(outcome.IsDone);
        Assert.Null(outcome.Error);
        foreach (var g in new[] { one, other })
        {
            Assert.Equal(0, g.Engine.HeldCount);
            Assert.True(g.Plane.Engine.IsEmpty);
        }
        Assert.Contains(other.LogLines, l => l.Contains("received DELETE for IKE_SA", StringComparison.Ordinal));
    }

    [Fact]
    public void By_force_an_SA_is_gone_at_once_and_the_peer_is_told()
    {
        var pair = Pair.Established();
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.TerminateIke(Pair.Ike(pair.Moon).UniqueId, Force: true, outcome));
        Assert.True(outcome.IsDone);
        Assert.Null(outcome.Error);
        Assert.Equal(0, pair.Moon.Engine.HeldCount);
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("sending DELETE for IKE_SA", StringComparison.Ordinal));
        pair.Settle();
        Assert.Equal(0, pair.Sun.Engine.HeldCount);
        Assert.True(pair.Moon.Plane.Engine.IsEmpty && pair.Sun.Plane.Engine.IsEmpty);
    }

    [Fact]
    public void Force_ends_a_delete_that_is_not_answered()
    {
        var pair = Pair.Established();
        pair.Sun.Crash();
        var id = Pair.Ike(pair.Moon).UniqueId;
        Outcome waiting = new(), forced = new();
        pair.Moon.Do(new Wish.TerminateIke(id, Force: false, waiting));
        Assert.False(waiting.IsDone);
        pair.Moon.Do(new Wish.TerminateIke(id, Force: true, forced));
        Assert.True(waiting.IsDone && forced.IsDone);
        Assert.Equal(0, pair.Moon.Engine.HeldCount);
        Assert.Contains(pair.Moon.LogLines, l => l.EndsWith("destroying IKE_SA in state DELETING without notification", StringComparison.Ordinal));
    }

    [Fact]
    public void Status_names_all_that_is_still_to_come_while_an_SA_is_made()
    {
        var pair = new Pair(change: c => c with { Mobike = false });
        pair.Network.Filter = (_, from, _, _) => !from.Address.Equals(pair.Sun.Address); // whatever sun answers is lost
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], null));
        pair.Settle(1);
        Assert.Equal("IKE_VENDOR IKE_INIT IKE_NATD IKE_CERT_PRE IKE_AUTH IKE_CERT_POST IKE_CONFIG IKE_AUTH_LIFETIME IKE_ESTABLISH CHILD_CREATE", string.Join(' ', Assert.Single(pair.Moon.Engine.Snapshots()).TasksActive));
        Assert.Equal("IKE_INIT IKE_CERT_PRE IKE_AUTH IKE_CERT_POST IKE_CONFIG IKE_MOBIKE IKE_ESTABLISH IKE_AUTH_LIFETIME CHILD_CREATE", string.Join(' ', Assert.Single(pair.Sun.Engine.Snapshots()).TasksPassive));
        var answers = 0;
        pair.Network.Filter = (_, from, _, _) => !from.Address.Equals(pair.Sun.Address) || ++answers == 1; // the one to IKE_SA_INIT arrives
        pair.Settle(10);
        var moon = Assert.Single(pair.Moon.Engine.Snapshots());
        Assert.Equal("IKE_CERT_PRE IKE_AUTH IKE_CERT_POST IKE_AUTH_LIFETIME IKE_ESTABLISH CHILD_CREATE", string.Join(' ', moon.TasksActive));
        Assert.Equal("sun.example", $"{moon.RemoteId}");
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void Deleting_a_child_keeps_the_IKE_SA(bool byInitiator)
    {
        var pair = Pair.Established();
        var one = byInitiator ? pair.Moon : pair.Sun;
        var outcome = new Outcome();
        one.Do(new Wish.TerminateChild(Pair.Ike(one).Children[0].UniqueId, outcome));
        pair.Settle();
        Assert.Null(outcome.Error);
        Assert.Empty(Pair.Ike(pair.Moon).Children);
        Assert.Empty(Pair.Ike(pair.Sun).Children);
        Assert.Equal(0, pair.Moon.Plane.Engine.SaCount);
        Assert.False(pair.Carries());
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void A_delete_during_a_rekeying_takes_the_successor_down()
    {
        var pair = Pair.Established();
        var ike = Pair.Ike(pair.Moon);
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.RekeyIke(ike.UniqueId, false));
        pair.Moon.Do(new Wish.TerminateIke(ike.UniqueId, false, outcome));
        pair.Settle();
        Assert.True(outcome.IsDone);
        Assert.Null(outcome.Error);
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Assert.Empty(pair.Sun.Engine.Snapshots());
        Assert.True(pair.Moon.Plane.Engine.IsEmpty && pair.Sun.Plane.Engine.IsEmpty);
    }

    [Fact]
    public void A_dead_peer_is_noticed()
    {
        var pair = Pair.Established(change: c => c with { DpdDelay = TimeSpan.FromSeconds(10) });
        pair.Sun.Crash();
        pair.Settle(60);
        Assert.Contains(pair.Moon.LogLines, l => l.EndsWith("sending DPD request", StringComparison.Ordinal));
        pair.Settle(180);
        Assert.Equal(0, pair.Moon.Engine.HeldCount);
        Assert.True(pair.Moon.Plane.Engine.IsEmpty);
    }

    [Fact]
    public void Traffic_is_sign_of_life_enough()
    {
        var pair = Pair.Established(change: c => c with { DpdDelay = TimeSpan.FromSeconds(10) });
        for (var i = 0; i < 60; i++)
        {
            pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
            pair.Sun.SendInner(Pair.InnerPacket(2, 1, 0, i));
            pair.Settle(1);
        }
        Assert.DoesNotContain(pair.Moon.LogLines, l => l.EndsWith("sending DPD request", StringComparison.Ordinal));
    }

    [Fact]
    public void Behind_a_NAT_both_go_to_port_4500_and_UDP()
    {
        var pair = Pair.Established(nat: new Nat("203.0.113.9"));
        var moon = Pair.Ike(pair.Moon);
        Assert.Equal(4500, moon.Local.Port);
        Assert.True(moon.NatLocal);
        Assert.True(Pair.Ike(pair.Sun).NatRemote);
        Assert.True(moon.Children[0].UdpEncapsulation);
        Assert.True(pair.Carries());
    }

    [Fact]
    public void A_NAT_that_forgets_is_followed_by_IKE_and_by_ESP()
    {
        var nat = new Nat("203.0.113.9");
        var pair = Pair.Established(nat: nat, change: c => c with { Mobike = false });
        nat.Forget();
        pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, 1));
        pair.Settle(1);
        Assert.True(pair.Carries());
        nat.Forget();
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle();
        Assert.True(pair.Carries());
        pair.ShouldAgree();
    }

    [Fact]
    public void Keepalives_go_out_only_when_nothing_else_does()
    {
        var pair = Pair.Established(nat: new Nat("203.0.113.9"));
        var keepalives = 0;
        pair.Network.Filter = (kind, _, _, _) =>
        {
            if (kind == PacketKind.Keepalive) keepalives++;
            return true;
        };
        pair.Settle(205);
        Assert.InRange(keepalives, 9, 11);
        keepalives = 0;
        for (var i = 0; i < 100; i++)
        {
            pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
            pair.Settle(1);
        }
        Assert.Equal(0, keepalives);
    }

    [Fact]
    public void Reauthentication_begins_anew_with_the_same_children()
    {
        var pair = Pair.Established(children: 2);
        Assert.Null(pair.Up(1).Error);
        var old = Pair.Ike(pair.Moon);
        pair.Moon.Do(new Wish.RekeyIke(old.UniqueId, true));
        pair.Settle();
        var now = Pair.Ike(pair.Moon);
        Assert.NotEqual(old.InitiatorSpi, now.InitiatorSpi);
        Assert.Equal(2, now.Children.Length);
        pair.ShouldAgree();
        Assert.True(pair.Carries(0) && pair.Carries(1));
    }
}
