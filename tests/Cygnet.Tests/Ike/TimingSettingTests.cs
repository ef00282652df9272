// What settings of strongswan.conf change about when something is sent, over which path, and to whom: keepalives, retransmission, rekeyed SAs, roaming, initiator_only.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class TimingSettingTests
{
    static bool Said(Gateway g, string text) => g.LogLines.Exists(l => l.Contains(text, StringComparison.Ordinal));

    static List<double> Seconds(Gateway g, string text) =>
        [.. g.LogLines.Where(l => l.Contains(text, StringComparison.Ordinal)).Select(l => int.Parse(l[..9], System.Globalization.CultureInfo.InvariantCulture) / 1000.0)];

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 20)]
    [InlineData(50, 2)]
    public void Keepalives_go_out_as_often_as_keep_alive_says(int interval, int expected)
    {
        var pair = new Pair(nat: new Nat("203.0.113.9"));
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { KeepAlive = TimeSpan.FromSeconds(interval) };
        Assert.Null(pair.Up().Error);
        var keepalives = 0;
        pair.Network.Filter = (kind, _, _, _) =>
        {
            if (kind == PacketKind.Keepalive) keepalives++;
            return true;
        };
        pair.Settle(102);
        Assert.Equal(expected, keepalives);
    }

    /// <summary>A host that has slept does not know whether its NAT still does: it asks the peer, and the answer comes.</summary>
    [Theory]
    [InlineData(0, 300, false)]
    [InlineData(10, 300, true)]
    [InlineData(10, 8, false)]
    public void After_a_sleep_the_peer_is_asked_if_keep_alive_dpd_margin_says_so(int margin, int sleep, bool isAsked)
    {
        var pair = new Pair(nat: new Nat("203.0.113.9"));
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { KeepAliveDpdMargin = TimeSpan.FromSeconds(margin) };
        Assert.Null(pair.Up().Error);
        pair.Settle(45);
        Assert.False(Said(pair.Moon, "sending DPD instead of keep alive"));
        pair.Moon.Sleep(TimeSpan.FromSeconds(sleep));
        pair.Settle(sleep + 1);
        Assert.Equal(isAsked, Said(pair.Moon, "sending DPD instead of keep alive"));
        Assert.Equal(isAsked, Said(pair.Sun, "parsed INFORMATIONAL request 2 [ ]"));
        // It goes on with keepalives.
        var before = Seconds(pair.Moon, "sending keep alive to").Count;
        pair.Settle(45);
        Assert.InRange(Seconds(pair.Moon, "sending keep alive to").Count - before, 2, 3);
        Assert.True(pair.Carries());
        pair.ShouldHaveNoFaults();
    }

    // Between one retransmission and the next, when nobody answers.
    static List<double> Waits(Settings settings)
    {
        var pair = new Pair();
        pair.Moon.Engine.Settings = settings;
        pair.Network.Filter = (_, _, _, _) => false;
        Assert.NotNull(pair.Up().Error);
        var at = Seconds(pair.Moon, " of request with message ID 0");
        Assert.Equal(settings.RetransmitTries, at.Count);
        return [.. at.Zip(at.Skip(1), (a, b) => b - a)];
    }

    [Fact]
    public void Retransmissions_wait_longer_each_time_up_to_retransmit_limit()
    {
        var plain = Waits(new() { RetransmitTimeout = 1, RetransmitBase = 2, RetransmitTries = 6 });
        Assert.Equal([2, 4, 8, 16, 32], plain.Select(w => Math.Round(w)));
        Assert.Equal([2, 4, 5, 5, 5], Waits(new() { RetransmitTimeout = 1, RetransmitBase = 2, RetransmitTries = 6, RetransmitLimit = 5 }).Select(w => Math.Round(w)));
    }

    [Fact]
    public void Retransmissions_come_early_by_at_most_retransmit_jitter()
    {
        Assert.All(Waits(new() { RetransmitTimeout = 10, RetransmitBase = 1, RetransmitTries = 40 }), w => Assert.InRange(w, 9.9, 10.1));
        var waits = Waits(new() { RetransmitTimeout = 10, RetransmitBase = 1, RetransmitTries = 40, RetransmitJitter = 20 });
        Assert.All(waits, w => Assert.InRange(w, 7.9, 10.1));
        // The seed is fixed.
        Assert.Contains(waits, w => w < 8.7);
        Assert.Contains(waits, w => w > 9.3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(40)]
    public void The_old_inbound_SA_stays_for_delete_rekeyed_delay(int seconds)
    {
        var pair = new Pair();
        foreach (var g in (Gateway[])[pair.Moon, pair.Sun]) g.Engine.Settings = g.Engine.Settings with { DeleteRekeyedDelay = TimeSpan.FromSeconds(seconds) };
        Assert.Null(pair.Up().Error);
        var old = Assert.Single(Pair.Ike(pair.Moon).Children);
        bool Receives() => pair.Moon.Plane.Engine.FindInbound(old.SpiIn) is not null;
        Assert.True(Receives());
        pair.Moon.Do(new Wish.RekeyChild(old.UniqueId));
        Assert.True(pair.Network.RunUntil(() => Said(pair.Moon, "CHILD_SA closed"), TimeSpan.FromMinutes(1)));
        pair.Settle(1);
        Assert.Equal(seconds > 1, Receives());
        pair.Settle(Math.Max(0, seconds - 3));
        Assert.Equal(seconds > 3, Receives());
        pair.Settle(5);
        Assert.False(Receives());
        Assert.True(pair.Carries());
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Who_is_initiator_only_answers_nobody_and_still_initiates()
    {
        var pair = new Pair();
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { InitiatorOnly = true };
        Assert.NotNull(pair.Up().Error);
        Assert.Empty(pair.Sun.Engine.Snapshots());
        Assert.False(Said(pair.Sun, "generating"));
        var outcome = new Outcome();
        pair.Sun.Do(new Wish.Initiate(pair.SunConnection, pair.SunConnection.Children[0], outcome));
        Assert.True(pair.Network.RunUntil(() => outcome.IsDone, TimeSpan.FromMinutes(5)));
        Assert.Null(outcome.Error);
        pair.Settle(1);
        Assert.True(pair.Carries());
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void Children_share_an_IKE_SA_unless_reuse_ikesa_is_off(bool isShared)
    {
        var pair = new Pair(children: 2, change: c => c with { Unique = UniquePolicy.No });
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { ReuseIkeSa = isShared };
        Assert.Null(pair.Up(0).Error);
        Assert.Null(pair.Up(1).Error);
        Assert.Equal(isShared ? [2] : [1, 1], pair.Moon.Engine.Snapshots().Select(s => s.Children.Count()));
        Assert.True(pair.Carries(0));
        Assert.True(pair.Carries(1));
    }

    /// <summary>Another address becomes the one that routing prefers, and the old one stays.</summary>
    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_better_path_is_taken_if_prefer_best_path_says_so(bool isPreferred)
    {
        var pair = new Pair(change: c => c with { Mobike = true });
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { PreferBestPath = isPreferred };
        Assert.Null(pair.Up().Error);
        pair.Moon.MoveTo(Address.Parse("192.0.2.77"), Address.Parse(Pair.MoonAddress));
        pair.Settle(60);
        Assert.Equal(isPreferred ? "192.0.2.77" : Pair.MoonAddress, Pair.Ike(pair.Moon).Local.Address.ToString());
        Assert.Equal(isPreferred ? "192.0.2.77" : Pair.MoonAddress, Pair.Ike(pair.Sun).Remote.Address.ToString());
        Assert.True(pair.Carries());
        pair.ShouldHaveNoFaults();
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_path_that_stays_is_tried_if_check_current_path_says_so(bool isChecked)
    {
        var pair = new Pair(change: c => c with { Mobike = true });
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { CheckCurrentPath = isChecked };
        Assert.Null(pair.Up().Error);
        pair.Moon.Engine.Roam(addressesChanged: false, pair.Network.Now);
        pair.Settle(10);
        Assert.Equal(isChecked, Said(pair.Moon, "checking if current path still works using DPD"));
        Assert.Equal(isChecked, Said(pair.Sun, "parsed INFORMATIONAL request "));
        Assert.True(pair.Carries());
    }
}
