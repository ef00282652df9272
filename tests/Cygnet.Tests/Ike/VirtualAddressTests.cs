// Virtual addresses: asked for, assigned, resolved into selectors, kept over rekeying, given back at the end. RFC 7296 2.19, 3.15.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Pools;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class VirtualAddressTests
{
    readonly List<Pool> _pools = [];

    [Fact]
    public void A_client_gets_an_address_and_speaks_with_it()
    {
        var pair = Road("10.3.0.0/28");
        var outcome = pair.Up();
        Assert.Null(outcome.Error);
        Assert.Contains(outcome.Lines, l => l.Contains("AUTH CPRQ(ADDR DNS) SA TSi TSr", StringComparison.Ordinal));
        Assert.Contains(outcome.Lines, l => l.Contains("AUTH CPRP(ADDR) SA TSi TSr", StringComparison.Ordinal));
        Assert.Equal(["10.3.0.1"], pair.Moon.Host.Addresses);
        Assert.Equal(["10.3.0.1"], Vips(Pair.Ike(pair.Moon).LocalVips));
        Assert.Equal(["10.3.0.1"], Vips(Pair.Ike(pair.Sun).RemoteVips));
        Assert.Empty(Pair.Ike(pair.Moon).RemoteVips);
        Assert.Equal("10.3.0.1/32 === 10.2.0.0/24", Selectors(pair.Moon));
        Assert.Equal("10.2.0.0/24 === 10.3.0.1/32", Selectors(pair.Sun));
        Assert.True(Carries(pair, "10.3.0.1"));
        Before(outcome.Lines, "installing new virtual IP 10.3.0.1", "IKE_SA moon-sun[1] established");
        Logged(pair.Sun, "peer requested virtual IP %any", "assigning new lease to 'moon.example'", "assigning virtual IP 10.3.0.1 to peer 'moon.example'");
        End(pair);
        Logged(pair.Sun, "lease 10.3.0.1 by 'moon.example' went offline");
    }

    [Fact]
    public void Both_families_and_servers_at_once()
    {
        var pair = Road("10.3.0.0/28,fd03::/120", vips: "0.0.0.0,::", sun: c => c with { Dns = Addresses("10.2.0.53") });
        _pools[1] = _pools[1] with { Attributes = [Attribute(ConfigurationAttributeType.InternalIp6Dns, "fd02::53"), Attribute(ConfigurationAttributeType.InternalIp4Subnet, "10.2.0.0")] };
        Configure(pair);
        pair.Sun.Engine.Settings = new() { Attributes = [Attribute(ConfigurationAttributeType.InternalIp4Nbns, "10.2.0.54")] };
        var outcome = pair.Up();
        Assert.Contains(outcome.Lines, l => l.Contains("AUTH CPRQ(ADDR ADDR6 DNS DNS6) SA TSi TSr", StringComparison.Ordinal));
        Assert.Contains(outcome.Lines, l => l.Contains("AUTH CPRP(ADDR ADDR6 NBNS DNS DNS6 SUBNET) SA TSi TSr", StringComparison.Ordinal));
        Assert.Equal(["10.3.0.1", "fd03::1"], pair.Moon.Host.Addresses);
        Assert.Equal(["10.2.0.53", "fd02::53"], pair.Moon.Host.NameServers);
        Assert.Equal("10.3.0.1/32 fd03::1/128 === 10.2.0.0/24 fd02::/64", Selectors(pair.Moon));
        Before(outcome.Lines, "installing DNS server 10.2.0.53 to resolv.conf", "installing new virtual IP 10.3.0.1");
        Assert.Contains("handling INTERNAL_IP4_NBNS attribute failed", outcome.Lines);
        Assert.Contains("handling INTERNAL_IP4_SUBNET attribute failed", outcome.Lines);
        End(pair);
        Assert.Empty(pair.Moon.Host.NameServers);
        Logged(pair.Moon, "removing DNS server 10.2.0.53 from resolv.conf");
    }

    [Fact]
    public void Attributes_of_a_pool_go_only_with_its_addresses()
    {
        var pair = Road("10.3.0.0/28,fd03::/120");
        _pools[1] = _pools[1] with { Attributes = [Attribute(ConfigurationAttributeType.InternalIp6Dns, "fd02::53")] };
        Configure(pair);
        pair.Up();
        Assert.Empty(pair.Moon.Host.NameServers);
    }

    [Fact]
    public void A_full_pool_leaves_the_IKE_SA_without_a_child()
    {
        var pair = Road("10.3.0.1");
        Take("somebody", "10.3.0.1");
        var outcome = pair.Up();
        Assert.Contains("received INTERNAL_ADDRESS_FAILURE notify, no CHILD_SA built", outcome.Lines);
        Assert.Contains("failed to establish CHILD_SA, keeping IKE_SA", outcome.Lines);
        Assert.Empty(Pair.Ike(pair.Moon).Children);
        Assert.Empty(Pair.Ike(pair.Sun).Children);
        Assert.Empty(pair.Moon.Host.Addresses);
        Logged(pair.Sun, "pool '10.3.0.1' is full, unable to assign address", "no virtual IP found for %any requested by 'moon.example'",
            "no virtual IP found, sending INTERNAL_ADDRESS_FAILURE", "configuration payload negotiation failed, no CHILD_SA built", "failed to establish CHILD_SA, keeping IKE_SA");
        Assert.Contains(pair.Sun.Shared.Refusals.Of(null), r => r.Facts is ["pool '10.3.0.1': 1 of 1 online"]);
        End(pair);
    }

    [Fact]
    public void Some_addresses_are_better_than_none()
    {
        var pair = Road("10.3.0.0/28", vips: "0.0.0.0,::");
        Assert.Null(pair.Up().Error);
        Assert.Equal(["10.3.0.1"], pair.Moon.Host.Addresses);
        Logged(pair.Sun, "no virtual IP found for %any6 requested by 'moon.example'");
        Assert.Equal("10.3.0.1/32 === 10.2.0.0/24", Selectors(pair.Moon));
    }

    [Fact]
    public void A_server_with_pools_wants_to_be_asked()
    {
        var pair = Road("10.3.0.0/28", vips: "");
        var outcome = pair.Up();
        Assert.Contains("received FAILED_CP_REQUIRED notify, no CHILD_SA built", outcome.Lines);
        Logged(pair.Sun, "expected a virtual IP request, sending FAILED_CP_REQUIRED", "configuration payload negotiation failed, no CHILD_SA built");
        Assert.Empty(Pair.Ike(pair.Sun).Children);
        End(pair);
    }

    [Fact]
    public void A_server_without_pools_has_nothing_to_give()
    {
        var pair = Road("");
        Assert.Contains("received INTERNAL_ADDRESS_FAILURE notify, no CHILD_SA built", pair.Up().Lines);
        Assert.Empty(pair.Moon.Host.Addresses);
    }

    [Fact]
    public void A_pool_that_is_not_loaded_is_named()
    {
        var pair = Road("10.3.0.0/28", sun: c => c with { Pools = ["nosuch", "10.3.0.0/28"] });
        Assert.Null(pair.Up().Error);
        Logged(pair.Sun, "pool 'nosuch' of 'sun-moon' is not loaded");
    }

    [Fact]
    public void The_address_that_is_asked_for_is_given()
    {
        var pair = Road("10.3.0.0/28", vips: "10.3.0.9");
        Assert.Null(pair.Up().Error);
        Assert.Equal(["10.3.0.9"], pair.Moon.Host.Addresses);
        Logged(pair.Sun, "peer requested virtual IP 10.3.0.9");
    }

    [Fact]
    public void A_server_without_a_pool_of_its_own_echoes()
    {
        var pair = Road("", vips: "10.3.0.9", sun: c => c with { Pools = ["sun-moon"] });
        _pools.Add(new("sun-moon", AddressPool.Echo()));
        Configure(pair);
        Assert.Null(pair.Up().Error);
        Assert.Equal(["10.3.0.9"], pair.Moon.Host.Addresses);
        Assert.True(Carries(pair, "10.3.0.9"));
    }

    [Fact]
    public void Rekeying_keeps_the_address_and_the_lease()
    {
        var pair = Road("10.3.0.0/28");
        pair.Up();
        for (var i = 0; i < 3; i++)
        {
            var (by, other) = i % 2 == 0 ? (pair.Moon, pair.Sun) : (pair.Sun, pair.Moon);
            by.Do(new Wish.RekeyIke(Pair.Ike(by).UniqueId, false));
            pair.Settle();
            other.Do(new Wish.RekeyChild(Pair.Ike(other).Children[0].UniqueId));
            pair.Settle();
        }
        pair.ShouldAgree();
        Assert.Equal(["+10.3.0.1"], pair.Moon.Host.History);
        Assert.Equal(["10.3.0.1"], Vips(Pair.Ike(pair.Sun).RemoteVips));
        Assert.Equal(1, _pools[0].Addresses.OnlineCount);
        Assert.True(Carries(pair, "10.3.0.1"));
        End(pair);
    }

    [Fact]
    public void Both_rekeying_at_once_keep_the_lease()
    {
        for (ulong seed = 1; seed <= 30; seed++)
        {
            _pools.Clear();
            var pair = Road("10.3.0.0/28", seed: seed);
            pair.Up();
            pair.Network.MostDelay = 200;
            foreach (var g in (Gateway[])[pair.Moon, pair.Sun]) g.Do(new Wish.RekeyIke(Pair.Ike(g).UniqueId, false));
            pair.Settle();
            pair.Network.MostDelay = 1;
            Assert.Equal(1, _pools[0].Addresses.OnlineCount);
            Assert.Equal(["10.3.0.1"], Vips(Pair.Ike(pair.Sun).RemoteVips));
            Assert.Equal(["10.3.0.1"], Vips(Pair.Ike(pair.Moon).LocalVips));
            End(pair);
        }
    }

    [Fact]
    public void Further_children_have_the_address_too()
    {
        var pair = Road("10.3.0.0/28", children: 2);
        pair.Up();
        Assert.Null(pair.Up(1).Error);
        Assert.Equal(["10.3.0.1/32", "10.3.0.1/32"], Pair.Ike(pair.Moon).Children.SelectMany(c => c.LocalTs).Select(t => t.ToString()));
        pair.ShouldAgree();
    }

    [Fact]
    public void Reauthentication_asks_for_the_same_address()
    {
        var pair = Road("10.3.0.0/28");
        Take("somebody", "%any");
        pair.Up();
        Assert.Equal(["10.3.0.2"], pair.Moon.Host.Addresses);
        pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, true));
        pair.Settle();
        Assert.Equal(["10.3.0.2"], pair.Moon.Host.Addresses);
        Logged(pair.Sun, "peer requested virtual IP 10.3.0.2");
        Assert.True(Carries(pair, "10.3.0.2"));
    }

    [Fact]
    public void A_client_that_crashed_gets_its_address_from_a_full_pool_again()
    {
        foreach (var unique in (UniquePolicy[])[UniquePolicy.No, UniquePolicy.Keep, UniquePolicy.Replace])
        {
            _pools.Clear();
            var pair = Road("10.3.0.1", both: c => c with { Unique = unique });
            pair.Up();
            pair.Moon.Reboot();
            Configure(pair);
            Assert.Null(pair.Up().Error);
            pair.Settle(300);
            Assert.Equal(["10.3.0.1"], Vips(Pair.Ike(pair.Sun).RemoteVips));
            Assert.Equal((1, 0), (_pools[0].Addresses.OnlineCount, _pools[0].Addresses.OfflineCount));
            Assert.True(Carries(pair, "10.3.0.1"));
        }
    }

    [Fact]
    public void An_address_that_cannot_be_installed_is_not_used()
    {
        var pair = Road("10.3.0.0/28");
        pair.Moon.Host.Refusal = "no device";
        var outcome = pair.Up();
        Assert.Contains("installing virtual IP 10.3.0.1 failed: no device", outcome.Lines);
        Assert.NotNull(outcome.Error);
        Assert.Empty(Pair.Ike(pair.Moon).LocalVips);
    }

    /// <summary>The IKE_SA stays, but leads nowhere: neither end takes an outer address for a virtual one.</summary>
    [Fact]
    public void Without_an_address_there_is_no_further_child_either()
    {
        var pair = Road("10.3.0.1", children: 2);
        Take("somebody", "10.3.0.1");
        pair.Up();
        var outcome = pair.Up(1);
        Assert.Equal("'net1' is for a virtual address, and the peer has assigned none to us", outcome.Error);
        Assert.Empty(Pair.Ike(pair.Sun).Children);

        // a client that takes its outer address all the same is refused
        pair = Road("10.3.0.0/28", vips: "", children: 2);
        pair.Up();
        Assert.Contains("received TS_UNACCEPTABLE notify, no CHILD_SA built", pair.Up(1).Lines);
        Assert.Empty(Pair.Ike(pair.Sun).Children);

        // and a server does not initiate to a peer whose address it does not know
        outcome = new Outcome();
        pair.Sun.Do(new Wish.Initiate(pair.SunConnection with { Name = "other" }, pair.SunConnection.Children[0], outcome));
        pair.Settle();
        Assert.Equal("'net0' is for peers that have a virtual address from us ('rightsourceip='), and this one has none", outcome.Error);
    }

    [Fact]
    public void Servers_are_asked_for_by_leftdns_and_not_where_no_resolver_is()
    {
        var pair = Road("10.3.0.0/28", moon: c => c with { RequestedDns = Addresses("10.2.0.53,0.0.0.0,::") });
        pair.Moon.Host.UsesNameServers = false;
        Assert.Contains(pair.Up().Lines, l => l.Contains("CPRQ(ADDR DNS DNS6)", StringComparison.Ordinal));
    }

    [Fact]
    public void An_IKE_SA_that_the_peer_forgot_gives_its_lease_back_when_it_ends()
    {
        var pair = Road("10.3.0.0/28", both: c => c with { DpdDelay = TimeSpan.FromSeconds(10) });
        pair.Up();
        pair.Moon.Crash();
        pair.Settle(600);
        Assert.Equal(0, pair.Sun.Engine.HeldCount);
        Assert.Equal((0, 1), (_pools[0].Addresses.OnlineCount, _pools[0].Addresses.OfflineCount));
    }

    /// <summary>moon is the client, sun has the pools.</summary>
    Pair Road(string pools, string vips = "0.0.0.0", Func<Connection, Connection>? moon = null, Func<Connection, Connection>? sun = null,
        Func<Connection, Connection>? both = null, ulong seed = 1, int children = 1)
    {
        foreach (var text in pools.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.True(AddressRange.TryParse(text, out var range, out _));
            _pools.Add(new(text, new AddressPool(range)));
        }
        var isTwo = vips.Contains("::", StringComparison.Ordinal) && pools.Contains("fd03", StringComparison.Ordinal);
        var pair = new Pair(seed, change: c =>
        {
            c = (both ?? (x => x))(c);
            if (c.Name == "moon-sun")
                return (moon ?? (x => x))(c with { Vips = Addresses(vips), Children = [.. c.Children.Select(k => k with { LocalTs = [TrafficSelector.Dynamic], RemoteTs = [.. k.RemoteTs, .. Net6(isTwo)] })] });
            return (sun ?? (x => x))(c with { Pools = [.. pools.Split(',', StringSplitOptions.RemoveEmptyEntries)], Children = [.. c.Children.Select(k => k with { RemoteTs = [TrafficSelector.Dynamic], LocalTs = [.. k.LocalTs, .. Net6(isTwo)] })] });
        }, children: children);
        Configure(pair);
        return pair;

        static TrafficSelector[] Net6(bool wanted) => wanted ? [TrafficSelector.Subnet(Address.Parse("fd02::"), 64)] : [];
    }

    void Configure(Pair pair)
    {
        pair.Moon.Engine.Configure(new(pair.Moon.Connections, new OneSecret()));
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret()) { Pools = [.. _pools] });
    }

    void Take(string owner, string wanted) => Assert.NotNull(Pool.Acquire(_pools, new(Identity.Parse(owner), Identity.Parse("sun"),
        default, wanted == "%any" ? Address.Any4 : Address.Parse(wanted)) { Now = 1 }, _ => { }));

    /// <summary>Everything ends from the client's side: nothing stays on either.</summary>
    void End(Pair pair)
    {
        pair.Moon.Do(new Wish.TerminateAll());
        pair.Settle(600);
        Assert.Empty(pair.Moon.Host.Addresses);
        Assert.Equal(0, pair.Sun.Engine.HeldCount);
        Assert.All(_pools, p => Assert.InRange(p.Addresses.OnlineCount, 0, p.Addresses.Leases().Count(l => l.Owner.ToString() == "somebody")));
        pair.ShouldHaveNoFaults();
    }

    static bool Carries(Pair pair, string vip)
    {
        var (there, back) = (Pair.InnerPacket(Address.Parse(vip), Address.Parse("10.2.0.7"), 0x5eed), Pair.InnerPacket(Address.Parse("10.2.0.7"), Address.Parse(vip), 0xbac4));
        pair.Moon.SendInner(there);
        pair.Sun.SendInner(back);
        pair.Network.Run(TimeSpan.FromSeconds(2));
        return pair.Sun.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(there)) && pair.Moon.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(back));
    }

    static System.Collections.Immutable.ImmutableArray<Address> Addresses(string list) => [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Address.Parse)];

    static ConfigurationAttribute Attribute(ushort type, string address) => new(type, Address.Parse(address).ToBytes());

    static IEnumerable<string> Vips(IEnumerable<Address> vips) => vips.Select(v => v.ToString());

    static string Selectors(Gateway g)
    {
        var child = Assert.Single(Pair.Ike(g).Children);
        return $"{string.Join(' ', child.LocalTs)} === {string.Join(' ', child.RemoteTs)}";
    }

    static void Logged(Gateway g, params string[] lines)
    {
        var at = 0;
        foreach (var line in lines)
        {
            var found = g.LogLines.FindIndex(at, l => l.EndsWith("> " + line, StringComparison.Ordinal));
            Assert.True(found >= 0, $"'{line}' is not logged after {at} lines:\n{string.Join('\n', g.LogLines)}");
            at = found + 1;
        }
    }

    static void Before(List<string> lines, string first, string second) =>
        Assert.InRange(lines.FindIndex(l => l == first), 0, lines.FindIndex(l => l.StartsWith(second, StringComparison.Ordinal)) - 1);
}
