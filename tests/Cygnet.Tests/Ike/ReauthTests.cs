// Authenticating anew, both ways of it, from both ends, alone and at once; AUTH_LIFETIME; uniqueness. RFC 7296 2.8.3, RFC 4478.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Pools;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class ReauthTests
{
    static void MakeBeforeBreak(Pair pair, bool both = true)
    {
        pair.Moon.Engine.Settings = new Settings { MakeBeforeBreak = true };
        if (both) pair.Sun.Engine.Settings = new Settings { MakeBeforeBreak = true };
    }

    static bool Logged(Gateway g, string words) => g.LogLines.Any(l => l.Contains(words, StringComparison.Ordinal));

    [Theory]
    [InlineData(true, true), InlineData(true, false), InlineData(false, true), InlineData(false, false)]
    public void Either_end_reauthenticates_with_all_children(bool makesBefore, bool byInitiator)
    {
        var pair = Pair.Established(children: 3);
        Assert.Null(pair.Up(1).Error);
        Assert.Null(pair.Up(2).Error);
        if (makesBefore) MakeBeforeBreak(pair);
        var g = byInitiator ? pair.Moon : pair.Sun;
        var (old, reqids) = (Pair.Ike(pair.Moon), Pair.Ike(g).Children.Select(c => c.Reqid).Order().ToArray());
        var most = 0;
        g.Do(new Wish.RekeyIke(Pair.Ike(g).UniqueId, true));
        for (var i = 0; i < 400; i++)
        {
            pair.Network.Run(TimeSpan.FromMilliseconds(5));
            most = Math.Max(most, g.Engine.Snapshots().Count(s => s.State == IkeState.Established));
        }
        pair.Settle();
        Assert.Equal(makesBefore ? 2 : 1, most);
        var now = Pair.Ike(pair.Moon);
        Assert.NotEqual(old.InitiatorSpi, now.InitiatorSpi);
        Assert.Equal(byInitiator, now.IsInitiator);
        Assert.Equal(["net0", "net1", "net2"], now.Children.Select(c => c.Name).Order());
        Assert.Equal(reqids, Pair.Ike(g).Children.Select(c => c.Reqid).Order());
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
        Assert.True(pair.Carries(0) && pair.Carries(1) && pair.Carries(2));
        Assert.Equal(6, pair.Moon.Plane.Engine.SaCount);
        Assert.Equal(6, pair.Sun.Plane.Engine.SaCount);
        Assert.True(Logged(g, "reauthenticating IKE_SA"));
    }

    /// <summary>A child that is on its way, or queued, when the IKE_SA is to break is up on the next one too.</summary>
    [Theory]
    [InlineData(0), InlineData(2), InlineData(10), InlineData(25)]
    public void A_child_that_is_on_its_way_is_not_left_behind(int milliseconds)
    {
        var pair = Pair.Established(children: 3);
        foreach (var child in pair.MoonConnection.Children.Skip(1)) pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, child, null));
        pair.Network.Run(TimeSpan.FromMilliseconds(milliseconds));
        pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, true));
        pair.Settle();
        Assert.Equal(["net0", "net1", "net2"], Pair.Ike(pair.Moon).Children.Select(c => c.Name).Order());
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Making_before_breaking_loses_nothing_of_the_one_who_does_it()
    {
        var pair = Pair.Established();
        MakeBeforeBreak(pair);
        pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, true));
        for (var i = 0; i < 300; i++)
        {
            pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
            pair.Network.Run(TimeSpan.FromMilliseconds(1));
        }
        pair.Settle();
        Assert.Equal(300, pair.Sun.Plane.Delivered.Count);
        Assert.NotEqual(1, Pair.Ike(pair.Moon).UniqueId);
    }

    [Theory]
    [InlineData(true, UniquePolicy.Replace), InlineData(true, UniquePolicy.Keep), InlineData(true, UniquePolicy.No), InlineData(true, UniquePolicy.Never)]
    [InlineData(false, UniquePolicy.Replace), InlineData(false, UniquePolicy.Keep), InlineData(false, UniquePolicy.No), InlineData(false, UniquePolicy.Never)]
    public void No_policy_of_uniqueness_is_in_its_way(bool makesBefore, UniquePolicy policy)
    {
        var pair = Pair.Established(change: c => c with { Unique = policy });
        if (makesBefore) MakeBeforeBreak(pair);
        var old = Pair.Ike(pair.Moon);
        pair.Moon.Do(new Wish.RekeyIke(old.UniqueId, true));
        pair.Settle();
        Assert.NotEqual(old.InitiatorSpi, Pair.Ike(pair.Moon).InitiatorSpi);
        Assert.Equal(makesBefore && policy == UniquePolicy.Replace, Logged(pair.Sun, "due to uniqueness policy and suspected reauthentication"));
        Assert.False(Logged(pair.Sun, "canceling IKE_SA setup"));
        pair.ShouldAgree();
        Assert.True(pair.Carries());
    }

    [Fact]
    public void The_old_one_stays_while_the_new_one_does_not_come_up()
    {
        var pair = Pair.Established(change: c => c with { DpdDelay = TimeSpan.Zero });
        MakeBeforeBreak(pair);
        var old = Pair.Ike(pair.Moon);
        pair.Network.Filter = (kind, _, _, data) => kind != PacketKind.Ike || data[18] != 34; // no IKE_SA_INIT
        pair.Moon.Do(new Wish.RekeyIke(old.UniqueId, true));
        pair.Settle(200);
        Assert.True(Logged(pair.Moon, "reauthenticating IKE_SA failed"));
        Assert.Equal(old.InitiatorSpi, Pair.Ike(pair.Moon).InitiatorSpi);
        Assert.True(pair.Carries());
        pair.Network.Filter = null;
        pair.Settle(200);
        Assert.NotEqual(old.InitiatorSpi, Pair.Ike(pair.Moon).InitiatorSpi);
        pair.ShouldAgree();
        Assert.True(pair.Carries());
    }

    [Fact]
    public void Breaking_first_goes_on_though_the_delete_is_not_answered()
    {
        var pair = Pair.Established();
        var old = Pair.Ike(pair.Moon);
        pair.Network.Filter = (kind, _, _, data) => kind != PacketKind.Ike || data[18] != 37; // no INFORMATIONAL
        pair.Moon.Do(new Wish.RekeyIke(old.UniqueId, true));
        pair.Settle(300);
        Assert.True(Logged(pair.Moon, "delete during reauthentication failed, trying to reestablish IKE_SA anyway"));
        Assert.NotEqual(old.InitiatorSpi, Pair.Ike(pair.Moon).InitiatorSpi);
        pair.ShouldAgree();
        Assert.True(pair.Carries());
    }

    [Fact]
    public void Without_a_child_there_is_nothing_to_make_anew()
    {
        var pair = Pair.Established();
        pair.Moon.Do(new Wish.TerminateChild(Pair.Ike(pair.Moon).Children[0].UniqueId, null));
        pair.Settle(5);
        pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, true));
        pair.Settle();
        Assert.True(Logged(pair.Moon, "unable to reauthenticate IKE_SA, no CHILD_SA to recreate"));
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Assert.Empty(pair.Sun.Engine.Snapshots());
    }

    [Fact]
    public void A_child_that_comes_up_meanwhile_comes_along()
    {
        var pair = Pair.Established(children: 2);
        MakeBeforeBreak(pair);
        pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, true));
        // the sun does not know yet that there is a new one
        pair.Sun.Do(new Wish.Initiate(pair.SunConnection, pair.SunConnection.Children[1], null));
        pair.Settle();
        Assert.Equal(["net0", "net1"], Pair.Ike(pair.Moon).Children.Select(c => c.Name).Order());
        pair.ShouldAgree();
        Assert.True(pair.Carries(0) && pair.Carries(1));
    }

    public static TheoryData<bool, bool, int> Meetings()
    {
        var data = new TheoryData<bool, bool, int>();
        foreach (var moon in new[] { true, false })
            foreach (var sun in new[] { true, false })
                for (var lost = -1; lost < 10; lost++)
                    data.Add(moon, sun, lost);
        return data;
    }

    /// <summary>Both ends at once, each in its way, with each of the following packets lost, for several orders of arrival.</summary>
    [Theory]
    [MemberData(nameof(Meetings))]
    public void Both_at_once_end_with_one(bool moonMakesBefore, bool sunMakesBefore, int lost)
    {
        for (ulong seed = 1; seed <= 8; seed++)
        {
            var pair = Pair.Established(seed, children: 2, change: c => c with { DpdDelay = TimeSpan.FromSeconds(30) });
            Assert.Null(pair.Up(1).Error);
            pair.Moon.Engine.Settings = new Settings { MakeBeforeBreak = moonMakesBefore };
            pair.Sun.Engine.Settings = new Settings { MakeBeforeBreak = sunMakesBefore };
            pair.Network.MostDelay = seed % 2 == 0 ? 40 : 1;
            var (seen, old) = (0, Pair.Ike(pair.Sun).InitiatorSpi);
            pair.Network.Filter = (kind, _, _, _) => kind != PacketKind.Ike || seen++ != lost;
            pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, true));
            pair.Network.Run(TimeSpan.FromMilliseconds((long)seed / 3 * 20));
            // the one that both have, not one that the moon is still making
            if (pair.Sun.Engine.Snapshots().FirstOrDefault(s => s.State == IkeState.Established && s.InitiatorSpi == old) is { } suns) pair.Sun.Do(new Wish.RekeyIke(suns.UniqueId, true));
            pair.Settle(400);
            pair.ShouldAgree();
            pair.ShouldHaveNoFaults();
            // each end may bring up the same child on what stays
            Assert.Equal(["net0", "net1"], Pair.Ike(pair.Moon).Children.Select(c => c.Name).Distinct().Order());
            Assert.True(pair.Carries(0) && pair.Carries(1));
        }
    }

    [Fact]
    public void A_rekeying_does_not_put_it_off()
    {
        var pair = Pair.Established(change: c => c with { ReauthTime = TimeSpan.FromSeconds(100), OverTime = TimeSpan.FromSeconds(20) });
        pair.Settle(50);
        var due = Pair.Ike(pair.Moon).ReauthAt;
        pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, false));
        pair.Settle(5);
        Assert.Equal(due, Pair.Ike(pair.Moon).ReauthAt);
        Assert.True(Logged(pair.Moon, "s after rekeying, lifetime reduced to "));
        var before = Pair.Ike(pair.Moon).InitiatorSpi;
        pair.Settle(100);
        Assert.NotEqual(before, Pair.Ike(pair.Moon).InitiatorSpi);
        Assert.True(Logged(pair.Moon, "reauthenticating IKE_SA"));
        Assert.True(pair.Carries());
    }

    /// <summary>A server that cannot begin anew itself tells its client when to do so.</summary>
    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_server_of_virtual_addresses_announces_when(bool makesBefore)
    {
        var pair = Client(sun: c => c with { ReauthTime = TimeSpan.FromSeconds(120), OverTime = TimeSpan.FromSeconds(30) }, moon: c => c with { OverTime = TimeSpan.FromSeconds(30) });
        if (makesBefore) MakeBeforeBreak(pair);
        Assert.Null(pair.Up().Error);
        // the reference's order: what counts is settled before the IKE_SA is established
        string[] said = ["received AUTH_LIFETIME of 120s, scheduling reauthentication in 90s", "established between", "reauthentication already scheduled in 90s", "maximum IKE_SA lifetime 120s"];
        Assert.Equal(said, pair.Moon.LogLines.SelectMany(l => said.Where(l.Contains)));
        var (old, vip) = (Pair.Ike(pair.Moon), Assert.Single(Pair.Ike(pair.Moon).LocalVips));
        pair.Settle(110);
        var now = Pair.Ike(pair.Moon);
        Assert.NotEqual(old.InitiatorSpi, now.InitiatorSpi);
        Assert.Equal(vip, Assert.Single(now.LocalVips));
        Assert.Equal([vip.ToString()], pair.Moon.Host.Addresses);
        Assert.False(Logged(pair.Sun, "reauthenticating IKE_SA"));
        pair.ShouldAgree();
    }

    [Fact]
    public void A_client_that_does_not_listen_is_deleted_in_the_end()
    {
        var pair = Client(sun: c => c with { ReauthTime = TimeSpan.FromSeconds(120), OverTime = TimeSpan.FromSeconds(30) }, moon: c => c with { OverTime = TimeSpan.FromHours(10) });
        Assert.Null(pair.Up().Error);
        pair.Network.Filter = (kind, from, _, data) => kind != PacketKind.Ike || data[18] != 34;
        pair.Settle(125);
        pair.Settle(60);
        Assert.Empty(pair.Sun.Engine.Snapshots());
        Assert.True(pair.Sun.Plane.Engine.IsEmpty);
    }

    [Fact]
    public void A_change_of_authorization_shortens_it()
    {
        var pair = Client(sun: c => c with { ReauthTime = TimeSpan.FromHours(1) }, moon: c => c with { OverTime = TimeSpan.FromSeconds(30) });
        Assert.Null(pair.Up().Error);
        var old = Pair.Ike(pair.Moon);
        pair.Sun.Do(new Wish.Reauthorize(Pair.Ike(pair.Sun).UniqueId, TimeSpan.FromSeconds(100), null));
        pair.Settle(5);
        Assert.True(Logged(pair.Sun, "generating INFORMATIONAL request 0 [ N(AUTH_LFT) ]"));
        pair.Settle(120);
        Assert.NotEqual(old.InitiatorSpi, Pair.Ike(pair.Moon).InitiatorSpi);
        pair.ShouldAgree();
    }

    static Pair Client(Func<Connection, Connection> moon, Func<Connection, Connection> sun)
    {
        var pair = new Pair(change: c => c.Name.StartsWith("moon", StringComparison.Ordinal)
            ? moon(c) with { Vips = [Address.Any4], Children = [c.Children[0] with { LocalTs = [TrafficSelector.Dynamic] }] }
            : sun(c) with { Pools = ["vpn"], RemoteAddrs = ["%any"], Children = [c.Children[0] with { RemoteTs = [TrafficSelector.Dynamic] }] });
        Assert.True(AddressRange.TryParse("10.77.0.0/24", out var range, out _));
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret()) { Pools = [new("vpn", new AddressPool(range))] });
        return pair;
    }

    // uniqueids

    /// <summary>Moon's twin: the same identity elsewhere.</summary>
    static (Pair Pair, Gateway Twin, Outcome Outcome) Twins(UniquePolicy policy, Func<Connection, Connection>? twins = null)
    {
        var pair = Pair.Established(change: c => c with { Unique = policy, RemoteAddrs = c.Name.StartsWith("sun", StringComparison.Ordinal) ? ["%any"] : c.RemoteAddrs });
        var twin = pair.Network.Add("moon", "198.51.100.50");
        var connection = Pair.Configure(twin, pair.Sun, 1, 2, 1, c => (twins ?? (x => x))(c with { Unique = policy }), Pair.SunAddress);
        var outcome = new Outcome();
        twin.Do(new Wish.Initiate(connection, connection.Children[0], outcome));
        pair.Settle(30);
        return (pair, twin, outcome);
    }

    [Fact]
    public void Replace_deletes_the_older_one()
    {
        // a twin that has seen the sun before says no INITIAL_CONTACT
        var (pair, twin, outcome) = Twins(UniquePolicy.Replace, c => c with { Remote = [c.Remote[0] with { Id = Identity.Any }] });
        Assert.Null(outcome.Error);
        Assert.True(Logged(pair.Sun, "deleting duplicate IKE_SA for peer 'moon.example' due to uniqueness policy"));
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Assert.Single(pair.Sun.Engine.Snapshots());
        Pair.Ike(twin);
    }

    [Fact]
    public void Keep_refuses_the_newer_one()
    {
        var (pair, twin, outcome) = Twins(UniquePolicy.Keep, c => c with { Remote = [c.Remote[0] with { Id = Identity.Any }] });
        Assert.NotNull(outcome.Error);
        Assert.True(Logged(pair.Sun, "canceling IKE_SA setup due to uniqueness policy"));
        Assert.Empty(twin.Engine.Snapshots());
        Assert.True(pair.Carries());
    }

    [Theory]
    [InlineData(UniquePolicy.Keep), InlineData(UniquePolicy.No), InlineData(UniquePolicy.Replace)]
    public void Initial_contact_takes_the_older_one_down_without_a_word(UniquePolicy policy)
    {
        var (pair, twin, outcome) = Twins(policy);
        Assert.Null(outcome.Error);
        Assert.True(Logged(pair.Sun, "destroying duplicate IKE_SA for peer 'moon.example', received INITIAL_CONTACT"));
        Assert.Single(pair.Sun.Engine.Snapshots());
        Assert.Single(pair.Moon.Engine.Snapshots()); // it was told nothing
        Pair.Ike(twin);
    }

    [Fact]
    public void No_lets_both_be_without_initial_contact()
    {
        var (pair, _, outcome) = Twins(UniquePolicy.No, c => c with { Remote = [c.Remote[0] with { Id = Identity.Any }] });
        Assert.Null(outcome.Error);
        Assert.Equal(2, pair.Sun.Engine.Snapshots().Count);
    }

    [Fact]
    public void Never_neither_says_nor_hears_it()
    {
        var (pair, twin, outcome) = Twins(UniquePolicy.Never);
        Assert.Null(outcome.Error);
        Assert.False(Logged(twin, "N(INIT_CONTACT)"));
        Assert.Equal(2, pair.Sun.Engine.Snapshots().Count);
    }

    [Fact]
    public void Another_connection_of_the_same_peer_is_none_of_its_business()
    {
        var (pair, _, outcome) = Twins(UniquePolicy.Replace, c => c with { Name = "other", Remote = [c.Remote[0] with { Id = Identity.Any }] });
        Assert.Null(outcome.Error);
        // the sun has but one connection: it is the same for both
        Assert.Single(pair.Sun.Engine.Snapshots());
    }
}
