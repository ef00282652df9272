// What bounds half-open IKE_SAs, and how often a peer that is not there is called. RFC 7296 2.6.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class LimitTests
{
    static bool Logged(Gateway g, string words) => g.LogLines.Any(l => l.Contains(words, StringComparison.Ordinal));

    static int Count(Gateway g, string words) => g.LogLines.Count(l => l.Contains(words, StringComparison.Ordinal));

    /// <summary>So many IKE_SAs of the moon stay half open at the sun: its IKE_AUTH goes nowhere.</summary>
    static Pair HalfOpen(int count, Settings settings)
    {
        var pair = new Pair(change: c => c with { KeyingTries = 1 });
        pair.Sun.Engine.Settings = settings;
        pair.Moon.Engine.Settings = new() { ReuseIkeSa = false };
        pair.Network.Filter = (_, _, _, data) => data[18] != 35;
        for (var i = 0; i < count; i++)
        {
            pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], null));
            pair.Network.Run(TimeSpan.FromMilliseconds(200));
        }
        return pair;
    }

    [Theory]
    [InlineData(2, 3, true), InlineData(3, 3, false), InlineData(2, 0, false)]
    public void Past_a_number_from_one_address_cookies_are_asked_for(int perIp, int count, bool asks)
    {
        var pair = HalfOpen(count, new() { CookieThresholdPerIp = perIp, CookieThreshold = 100 });
        Assert.Equal(asks, Logged(pair.Moon, "N(COOKIE)"));
        Assert.Equal(count, pair.Sun.Engine.HalfOpenCount);
    }

    [Fact]
    public void Past_a_number_in_all_cookies_are_asked_for()
    {
        var pair = HalfOpen(3, new() { CookieThresholdPerIp = 0, CookieThreshold = 2 });
        Assert.Equal(1, Count(pair.Moon, "parsed IKE_SA_INIT response 0 [ N(COOKIE) ]"));
    }

    [Fact]
    public void Past_another_number_an_address_is_ignored()
    {
        var pair = HalfOpen(7, new() { BlockThreshold = 5 });
        Assert.Equal(5, pair.Sun.Engine.HalfOpenCount);
        Assert.True(Logged(pair.Sun, "ignoring IKE_SA setup from 192.0.2.1, per-IP half-open IKE_SA limit of 5 reached"));
        pair.Network.Filter = null;
        pair.Settle(40);
        Assert.Equal(0, pair.Sun.Engine.HalfOpenCount);
        Assert.Null(pair.Up().Error);
    }

    [Fact]
    public void A_limit_in_all_stops_everybody()
    {
        var pair = HalfOpen(5, new() { InitLimitHalfOpen = 3 });
        Assert.Equal(3, pair.Sun.Engine.HalfOpenCount);
        Assert.True(Logged(pair.Sun, "ignoring IKE_SA setup from 192.0.2.1, half-open IKE_SA limit of 3 reached"));
    }

    [Fact]
    public void Without_dos_protection_only_the_limit_in_all_counts()
    {
        var pair = HalfOpen(9, new() { DosProtection = false, CookieThresholdPerIp = 1, BlockThreshold = 1 });
        Assert.Equal(9, pair.Sun.Engine.HalfOpenCount);
        Assert.False(Logged(pair.Moon, "N(COOKIE)"));
    }

    [Fact]
    public void Half_open_ones_go_when_their_time_is_up()
    {
        var pair = HalfOpen(1, new() { HalfOpenTimeout = TimeSpan.FromSeconds(7) });
        pair.Settle(6);
        Assert.Equal(1, pair.Sun.Engine.HalfOpenCount);
        pair.Settle(2);
        Assert.Equal(0, pair.Sun.Engine.HalfOpenCount);
        Assert.True(Logged(pair.Sun, "deleting half open IKE_SA with 192.0.2.1 after timeout"));
        Assert.Contains(pair.Sun.Events, e => e is SaEvent.Alert("half-open-timeout", _));
    }

    [Fact]
    public void Load_ignores_everybody_while_it_lasts()
    {
        var pair = new Pair();
        pair.Sun.Engine.Settings = new() { InitLimitJobLoad = 4 };
        var load = 5;
        pair.Sun.Shared.JobLoad = () => load;
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], outcome));
        pair.Network.Run(TimeSpan.FromSeconds(1));
        Assert.True(Logged(pair.Sun, "ignoring IKE_SA setup from 192.0.2.1, job load of 5 exceeds limit of 4"));
        load = 4;
        pair.Settle(10);
        Assert.True(outcome is { IsDone: true, Error: null });
    }

    [Fact]
    public void So_many_established_ones_and_no_more()
    {
        var pair = new Pair();
        pair.Sun.Engine.Settings = new() { IkeSaLimit = 1 };
        Assert.Null(pair.Up().Error);
        var twin = pair.Network.Add("moon", "198.51.100.50");
        var connection = Pair.Configure(twin, pair.Sun, 1, 2, 1, c => c, Pair.SunAddress);
        twin.Do(new Wish.Initiate(connection, connection.Children[0], null));
        pair.Network.Run(TimeSpan.FromSeconds(2));
        Assert.True(Logged(pair.Sun, "ignoring IKE_SA setup from 198.51.100.50, IKE_SA limit of 1 reached"));
        pair.Moon.Do(new Wish.TerminateAll());
        pair.Settle(10);
        Assert.Equal(0, pair.Sun.Shared.Peers.Count);
    }

    [Theory]
    [InlineData(1), InlineData(3)]
    public void A_silent_peer_is_called_keyingtries_times(int tries)
    {
        var pair = new Pair(change: c => c with { KeyingTries = tries });
        pair.Sun.Crash();
        Assert.NotNull(pair.Up().Error);
        Assert.Equal(tries, Count(pair.Moon, "giving up after 5 retransmits"));
        Assert.Equal(tries - 1, Count(pair.Moon, "peer not responding, trying again ("));
        Assert.Equal(tries, pair.Moon.Events.Count(e => e is SaEvent.Alert("peer-init-unreachable", _)));
        Assert.True(Logged(pair.Moon, "establishing IKE_SA failed, peer not responding"));
    }

    [Fact]
    public void Zero_tries_are_tries_for_ever()
    {
        var pair = new Pair(change: c => c with { KeyingTries = 0 });
        pair.Sun.Crash();
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], null));
        pair.Settle(3000);
        Assert.True(Logged(pair.Moon, "peer not responding, trying again (15/0)"));
        pair.Sun.Reboot();
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret()));
        pair.Settle(120);
        Pair.Ike(pair.Moon);
        Assert.True(pair.Carries());
    }

    static Pair Named(TimeSpan retry)
    {
        var pair = new Pair(change: c => c.Name.StartsWith("moon", StringComparison.Ordinal) ? c with { RemoteAddrs = ["sun.example"], KeyingTries = 2 } : c);
        pair.Moon.Engine.Settings = new() { RetryInitiateInterval = retry };
        return pair;
    }

    [Fact]
    public void A_name_that_leads_nowhere_ends_the_attempt()
    {
        var pair = Named(TimeSpan.Zero);
        Assert.Equal("'sun.example' could not be resolved", pair.Up().Error);
        Assert.True(Logged(pair.Moon, "unable to resolve sun.example, initiate aborted"));
        Assert.Contains(pair.Moon.Events, e => e is SaEvent.Alert("peer-addr-failed", _));
        Assert.Equal(0, pair.Moon.Engine.HeldCount);
    }

    [Fact]
    public void Or_is_looked_up_again_later()
    {
        var pair = Named(TimeSpan.FromSeconds(10));
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], outcome));
        pair.Settle(25);
        Assert.Equal(3, Count(pair.Moon, "unable to resolve sun.example, retrying in 10s"));
        pair.Moon.Lookup = _ => [pair.Sun.Address];
        pair.Settle(10);
        Assert.True(outcome is { IsDone: true, Error: null });
        Assert.True(pair.Carries());
    }

    [Fact]
    public void While_it_waits_it_can_be_taken_down()
    {
        var pair = Named(TimeSpan.FromSeconds(10));
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], null));
        pair.Settle(5);
        pair.Moon.Do(new Wish.TerminateIke(Assert.Single(pair.Moon.Engine.Snapshots()).UniqueId, false, null));
        pair.Settle(60);
        Assert.Equal(1, Count(pair.Moon, "unable to resolve"));
        Assert.Equal(0, pair.Moon.Engine.HeldCount);
    }

    [Fact]
    public void The_next_try_goes_where_the_name_leads_by_then()
    {
        var pair = Named(TimeSpan.Zero);
        pair.Moon.Lookup = _ => [Address.Parse("192.0.2.77")];
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], outcome));
        pair.Settle(60);
        pair.Moon.Lookup = _ => [pair.Sun.Address];
        pair.Settle(120);
        Assert.True(outcome is { IsDone: true, Error: null });
        Assert.True(pair.Carries());
    }
}
