// What is told of SAs as they come and go: scripts that open the firewall, VICI's clients and accounting live by it. vici(7), ike-updown, child-updown, child-rekey.
using Cygnet.Ike;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class EventTests
{
    [Fact]
    public void A_child_whose_delete_is_never_answered_goes_down_with_its_IKE_SA()
    {
        var pair = Pair.Established();
        pair.Sun.Crash();
        pair.Moon.Do(new Wish.TerminateChild(Pair.Ike(pair.Moon).Children[0].UniqueId, null));
        pair.Settle(600);
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Assert.Equal(["ike up 1", "child up 1", "ike down 1", "child down 1"], Told(pair.Moon));
    }

    [Fact]
    public void A_child_that_was_deleted_is_told_as_deleted_on_both_ends()
    {
        var pair = Pair.Established();
        pair.Moon.Do(new Wish.TerminateChild(Pair.Ike(pair.Moon).Children[0].UniqueId, null));
        pair.Settle();
        foreach (var g in (Gateway[])[pair.Moon, pair.Sun])
            Assert.Equal(ChildState.Deleted, Assert.Single(g.Events.OfType<SaEvent.ChildUpDown>(), e => !e.Up).Child.State);
    }

    /// <summary>Both ends rekey at once: whichever wins, what is told leads from the old child to the one that stays.</summary>
    [Fact]
    public void A_collision_is_told_as_a_chain()
    {
        for (var seed = 1ul; seed <= 12; seed++)
        {
            var pair = Pair.Established(seed);
            foreach (var g in (Gateway[])[pair.Moon, pair.Sun]) g.Do(new Wish.RekeyChild(Pair.Ike(g).Children[0].UniqueId));
            pair.Settle();
            foreach (var g in (Gateway[])[pair.Moon, pair.Sun])
            {
                var ledger = new StormLedger();
                Assert.All(g.Events, e => Assert.Null(ledger.Add(e)));
                Assert.Equal(Pair.Ike(g).Children.Select(c => c.UniqueId), ledger.Children);
            }
        }
    }

    [Fact]
    public void A_refused_peer_is_told_of_by_nobody()
    {
        var pair = new Pair(1);
        pair.Reconfigure(pair.Sun, c => c with { Remote = [c.Remote[0] with { Id = Cygnet.Policy.Identity.Parse("@somebody.else") }] });
        Assert.NotNull(pair.Up().Error);
        Assert.Empty(Told(pair.Moon));
        Assert.Empty(Told(pair.Sun));
    }

    static IEnumerable<string> Told(Gateway g) => g.Events.Select(e => e switch
    {
        SaEvent.IkeUpDown(var up, var ike) => $"ike {(up ? "up" : "down")} {ike.UniqueId}",
        SaEvent.ChildUpDown(var up, _, var child) => $"child {(up ? "up" : "down")} {child.UniqueId}",
        _ => null,
    }).OfType<string>();
}
