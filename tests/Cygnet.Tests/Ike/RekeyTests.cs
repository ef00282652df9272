// Rekeying of both kinds of SA, alone and at once from both ends, whatever packet is lost. RFC 7296 2.8, 2.8.1, 2.8.2, 2.25.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class RekeyTests
{
    public enum What { Child, Ike, ChildDelete, IkeDelete, NewChild, Liveness, Mobike }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void A_child_is_rekeyed_without_losing_a_packet(bool byInitiator)
    {
        var pair = Pair.Established();
        var old = Pair.Ike(pair.Moon).Children[0];
        Do(byInitiator ? pair.Moon : pair.Sun, What.Child, pair);
        for (var i = 0; i < 200; i++)
        {
            pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
            pair.Sun.SendInner(Pair.InnerPacket(2, 1, 0, i));
            pair.Network.Run(TimeSpan.FromMilliseconds(1));
        }
        pair.Settle();
        Assert.Equal(200, pair.Sun.Plane.Delivered.Count);
        Assert.Equal(200, pair.Moon.Plane.Delivered.Count);
        var now = Assert.Single(Pair.Ike(pair.Moon).Children);
        Assert.NotEqual(old.SpiIn, now.SpiIn);
        Assert.Equal(old.Reqid, now.Reqid);
        pair.ShouldAgree();
        Assert.True(pair.Carries());
        Assert.Equal(2, pair.Moon.Plane.Engine.SaCount);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void The_IKE_SA_is_rekeyed_and_takes_its_children_along(bool byInitiator)
    {
        var pair = Pair.Established();
        var old = Pair.Ike(pair.Moon);
        Do(byInitiator ? pair.Moon : pair.Sun, What.Ike, pair);
        pair.Settle();
        var now = Pair.Ike(pair.Moon);
        Assert.NotEqual(old.InitiatorSpi, now.InitiatorSpi);
        Assert.Equal(old.Children[0].SpiIn, Assert.Single(now.Children).SpiIn);
        pair.ShouldAgree();
        Assert.True(pair.Carries());
        // and the new one works as the old one did
        Do(pair.Sun, What.Child, pair);
        Do(pair.Moon, What.Ike, pair);
        pair.Settle();
        pair.ShouldAgree();
        Assert.True(pair.Carries());
    }

    /// <summary>The wish waits behind a rekeying, and is over the moment that the successor takes it up: there is such a child.</summary>
    [Fact]
    public void Who_waits_for_what_is_up_already_is_told_by_the_successor()
    {
        var pair = Pair.Established();
        Do(pair.Moon, What.Ike, pair);
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], outcome));
        pair.Settle();
        Assert.True(outcome.IsDone);
        Assert.Contains("is up already", outcome.Error, StringComparison.Ordinal);
        Assert.Single(Pair.Ike(pair.Moon).Children);
    }

    public static TheoryData<What, What, int> Pairs()
    {
        var data = new TheoryData<What, What, int>();
        foreach (var a in Enum.GetValues<What>())
            foreach (var b in Enum.GetValues<What>())
                for (var lost = -1; lost < 8; lost++)
                    data.Add(a, b, lost);
        return data;
    }

    /// <summary>Every pair of exchanges in flight at once, with each of the following packets lost, for several orders of arrival.</summary>
    [Theory]
    [MemberData(nameof(Pairs))]
    public void Whatever_both_do_at_once_they_agree_in_the_end(What moon, What sun, int lost)
    {
        for (ulong seed = 1; seed <= 6; seed++)
        {
            var pair = Pair.Established(seed, children: 2, change: c => c with { DpdDelay = TimeSpan.FromSeconds(30) });
            pair.Network.MostDelay = seed % 2 == 0 ? 40 : 1;
            var seen = 0;
            pair.Network.Filter = (kind, _, _, _) => kind != PacketKind.Ike || seen++ != lost;
            Do(pair.Moon, moon, pair);
            Do(pair.Sun, sun, pair);
            pair.Settle(300);
            pair.ShouldAgree();
            pair.ShouldHaveNoFaults();
            if (moon != What.IkeDelete && sun != What.IkeDelete)
            {
                if (moon == What.Mobike) Assert.Equal(Pair.Ike(pair.Moon).Local.Address, Pair.Ike(pair.Sun).Remote.Address);
                Pair.Ike(pair.Moon);
                if (moon != What.ChildDelete && sun != What.ChildDelete) Assert.True(pair.Carries());
            }
            else Assert.Empty(pair.Moon.Engine.Snapshots());
        }
    }

    internal static void Do(Gateway g, What what, Pair pair)
    {
        var ike = g.Engine.Snapshots().FirstOrDefault(s => s.State == IkeState.Established);
        if (what == What.Mobike)
        {
            // the initiator lives elsewhere now and says so; the responder can be reached at one more address
            if (g == pair.Moon) g.MoveTo(Address.Parse("198.51.100.7"));
            else g.MoveTo([.. g.Addresses, Address.Parse("198.51.100.8")]);
            return;
        }
        if (ike is null || ike.Children.IsEmpty && what is What.Child or What.ChildDelete) return;
        var connection = g == pair.Moon ? pair.MoonConnection : pair.SunConnection;
        Wish? wish = what switch
        {
            What.Child => new Wish.RekeyChild(ike.Children[0].UniqueId),
            What.Ike => new Wish.RekeyIke(ike.UniqueId, false),
            What.ChildDelete => new Wish.TerminateChild(ike.Children[0].UniqueId, null),
            What.IkeDelete => new Wish.TerminateIke(ike.UniqueId, false, null),
            What.NewChild => new Wish.Initiate(connection, connection.Children[^1], null),
            _ => null,
        };
        if (wish is not null) g.Do(wish);
    }
}
