// What the rarer settings of strongswan.conf change in exchanges.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class SettingTests
{
    static bool Said(Gateway g, string text) => g.LogLines.Any(l => l.Contains(text, StringComparison.Ordinal));

    static TrafficSelector Selector(string text) => TrafficSelectorText.TryParse(text, out var selector, out var error) ? selector : throw new FormatException(error);

    [Theory]
    [InlineData(true), InlineData(false)]
    public void Several_rounds_are_announced_unless_they_are_not_wanted(bool wanted)
    {
        var pair = new Pair();
        foreach (var g in (Gateway[])[pair.Moon, pair.Sun]) g.Engine.Settings = g.Engine.Settings with { MultipleAuthentication = wanted };
        Assert.Null(pair.Up().Error);
        foreach (var g in (Gateway[])[pair.Moon, pair.Sun]) Assert.Equal(wanted, Said(g, "N(MULT_AUTH)"));
        Assert.True(pair.Carries());
    }

    [Fact]
    public void The_FlexVPN_vendor_id_disturbs_nobody()
    {
        var pair = new Pair();
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { CiscoFlexVpn = true };
        Assert.Null(pair.Up().Error);
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("generating IKE_SA_INIT request 0", StringComparison.Ordinal) && l.Contains(" V ", StringComparison.Ordinal));
        Assert.True(pair.Carries());
    }

    [Fact]
    public void The_replay_window_is_the_daemons_where_the_child_names_none()
    {
        foreach (var own in (int?[])[null, 512])
        {
            var pair = new Pair(change: c => c with { Children = [c.Children[0] with { ReplayWindow = own }] });
            pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { ReplayWindow = 10_000_000 };
            pair.Up();
            // more than the data plane can: it says which window it was asked for
            Assert.Equal(own is null, Said(pair.Moon, "a replay window of 10000000 packets"));
        }
    }

    [Fact]
    public void A_packets_own_selectors_are_not_proposed_if_they_are_to_be_ignored()
    {
        var pair = Pair.Established();
        var sa = pair.Moon.Engine.Find(Pair.Ike(pair.Moon).UniqueId)!;
        var child = pair.MoonConnection.Children[0];
        var acquired = new Acquired(1, Selector("10.1.0.7/32[udp/4000]"), Selector("10.2.0.7/32[udp/4001]"));
        Assert.Equal("10.1.0.7/32[udp/4000] 10.1.0.0/24", string.Join(' ', ChildNegotiation.ProposedLocal(sa, child, acquired)));
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { IgnoreAcquireTs = true };
        Assert.Equal("10.1.0.0/24", string.Join(' ', ChildNegotiation.ProposedLocal(sa, child, acquired)));
        Assert.Equal("10.2.0.0/24", string.Join(' ', ChildNegotiation.ProposedRemote(sa, child, acquired)));
    }

    [Fact]
    public void IKE_packets_are_marked_as_the_connection_says()
    {
        var pair = Pair.Established(change: c => c with { Dscp = (byte)(c.Name == "moon-sun" ? 0b101110 : 0) });
        Assert.Equal((0b101110, 0), (pair.Moon.LastDscp, pair.Sun.LastDscp));
    }

    [Fact]
    public void SPIs_are_chosen_as_the_settings_say()
    {
        var engine = new IkeEngine(new Pair().Moon, new Settings { IkeSpis = new(0xffff, 0xcafe), EspSpis = new(0xc0000000, 0xc0ffffff) }, shard: 3, shardBits: 4);
        for (var i = 0; i < 100; i++)
        {
            var (ike, esp) = (engine.NewIkeSpi(), engine.NewEspSpi());
            Assert.Equal(0xcafeul, ike & 0xffff);
            Assert.InRange(esp, 0xc0000000u, 0xc0ffffffu);
            Assert.Equal((3, 3), (new IkeSpiLabel(0xffff, 0xcafe).ShardOf(ike, 4), new EspSpiRange(0xc0000000, 0xc0ffffff).ShardOf(esp, 4)));
        }
    }
}
