// What scripts are told, case by case; the whole of an ordinary case is held to strongSwan's by an interop scene.
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Updown;

namespace Cygnet.Tests.Updown;

public sealed class UpdownCallTests
{
    static readonly IkeSnapshot _ike = new()
    {
        Name = "office", UniqueId = 7, State = IkeState.Established, Local = new(Address.Parse("192.0.2.1"), 4500), Remote = new(Address.Parse("192.0.2.2"), 20001),
        LocalId = Identity.Parse("@moon.example"), RemoteId = Identity.Parse("C=CH, CN=carol's \"laptop\""),
    };

    static readonly ChildSnapshot _child = new()
    {
        Name = "net", UniqueId = 3, Reqid = 5, State = ChildState.Installed, Updown = "run it",
        LocalTs = [TrafficSelector.Subnet(Address.Parse("10.1.0.0"), 16)], RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.2.0.0"), 16)],
    };

    static Dictionary<string, string>[] Calls(ChildSnapshot child, IkeSnapshot? ike = null, bool up = true, string? tun = "ipsec0") =>
        [.. UpdownCall.Of(new SaEvent.ChildUpDown(up, ike ?? _ike, child), a => new(a == _ike.Local.Address ? "eth0" : null, tun)).Select(c => c.Variables.ToDictionary(v => v.Name, v => v.Value))];

    static Dictionary<string, string> One(ChildSnapshot child, IkeSnapshot? ike = null, bool up = true, string? tun = "ipsec0") => Assert.Single(Calls(child, ike, up, tun));

    [Fact]
    public void An_ordinary_tunnel()
    {
        var call = Assert.Single(UpdownCall.Of(new SaEvent.ChildUpDown(true, _ike, _child), _ => new("eth0", "ipsec0")));
        Assert.Equal("run it", call.Command);
        Assert.Equal(
        [
            "PLUTO_VERSION=1.1", "PLUTO_VERB=up-client", "PLUTO_CONNECTION=net", "PLUTO_INTERFACE=eth0", "PLUTO_REQID=5", "PLUTO_PROTO=esp", "PLUTO_UNIQUEID=7",
            "PLUTO_ME=192.0.2.1", "PLUTO_MY_ID=moon.example", "PLUTO_MY_CLIENT=10.1.0.0/16", "PLUTO_MY_PORT=0", "PLUTO_MY_PROTOCOL=0",
            "PLUTO_PEER=192.0.2.2", "PLUTO_PEER_ID=C=CH, CN=carol's \"laptop\"", "PLUTO_PEER_CLIENT=10.2.0.0/16", "PLUTO_PEER_PORT=0", "PLUTO_PEER_PROTOCOL=0", "CYGNET_TUN=ipsec0",
        ], call.Variables.Select(v => $"{v.Name}={v.Value}"));
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void A_script_is_told_though_nobody_else_listens(bool hasScript)
    {
        var pair = new Pair(change: c => c with { Children = [c.Children[0] with { Updown = hasScript ? "x" : null }] });
        pair.Moon.WantsUp = false;
        Assert.Null(pair.Up().Error);
        Assert.Equal(hasScript, pair.Moon.Events.Any(e => e is SaEvent.ChildUpDown { Up: true, Child.Updown: "x" }));
        pair.Moon.Do(new Wish.TerminateIke(Pair.Ike(pair.Moon).UniqueId, false, null));
        pair.Settle(2);
        Assert.Equal(hasScript, pair.Moon.Events.Any(e => e is SaEvent.ChildUpDown { Up: false, Child.Updown: "x" }));
    }

    [Fact]
    public void Without_a_script_nothing_runs()
    {
        Assert.Empty(Calls(_child with { Updown = null }));
        Assert.Empty(UpdownCall.Of(new SaEvent.ChildRekey(_ike, _child, _child), _ => new(null, null)));
        Assert.Empty(UpdownCall.Of(new SaEvent.IkeUpDown(true, _ike), _ => new(null, null)));
    }

    [Theory]
    [InlineData("192.0.2.1/32", "198.51.100.0/24", true, "up-host")]
    [InlineData("192.0.2.9/32", "198.51.100.0/24", true, "up-client")]
    [InlineData("10.1.0.0/16", "198.51.100.0/24", false, "down-client")]
    [InlineData("fd01::/64", "fd02::/64", true, "up-client-v6")]
    [InlineData("fd01::/64", "fd02::/64", false, "down-client-v6")]
    public void The_verb(string mine, string peers, bool up, string verb) =>
        Assert.Equal(verb, One(_child with { LocalTs = [Ts(mine)], RemoteTs = [Ts(peers)] }, up: up)["PLUTO_VERB"]);

    [Fact]
    public void A_pair_of_selectors_each_and_families_apart()
    {
        var child = _child with { LocalTs = [Ts("10.1.0.0/24"), Ts("10.1.1.0/24"), Ts("fd01::/64")], RemoteTs = [Ts("10.2.0.0/24"), Ts("fd02::/64")] };
        Assert.Equal(["10.1.0.0/24 10.2.0.0/24", "10.1.1.0/24 10.2.0.0/24", "fd01::/64 fd02::/64"], Calls(child).Select(c => $"{c["PLUTO_MY_CLIENT"]} {c["PLUTO_PEER_CLIENT"]}"));
    }

    [Theory]
    [InlineData("10.0.0.0/8[tcp/80]", "80", "6")]
    [InlineData("10.0.0.0/8[17/1000-2000]", "1000:2000", "17")]
    [InlineData("10.0.0.0/8[icmp]", "0", "1")]
    [InlineData("10.0.0.0/8[icmp/8]", "8", "1")]
    public void Ports_and_protocols(string ts, string port, string protocol)
    {
        var call = One(_child with { LocalTs = [Ts(ts)] });
        Assert.Equal((port, protocol), (call["PLUTO_MY_PORT"], call["PLUTO_MY_PROTOCOL"]));
    }

    [Fact]
    public void A_code_of_ICMP() => Assert.Equal("3/4", One(_child with { LocalTs = [Ts("10.0.0.0/8[icmp/3]") with { FromPort = 0x0304, ToPort = 0x0304 }] })["PLUTO_MY_PORT"]);

    [Theory]
    [InlineData("10.0.0.3-10.0.0.5", "10.0.0.0/29")]
    [InlineData("0.0.0.0-255.255.255.255", "0.0.0.0/0")]
    [InlineData("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0")]
    [InlineData("10.0.0.7-10.0.0.7", "10.0.0.7/32")]
    [InlineData("fd00::1-fd00::2", "fd00::/126")]
    public void A_range_is_shown_by_the_subnet_around_it(string range, string subnet) =>
        Assert.Equal(subnet, One(_child with { LocalTs = [Ts(range)], RemoteTs = [Ts(range.Contains(':') ? "fd02::/64" : "10.2.0.0/16")] })["PLUTO_MY_CLIENT"]);

    [Fact]
    public void Everything_that_an_SA_may_have()
    {
        var ike = _ike with
        {
            RemoteEapId = Identity.Parse("carol"), LocalVips = [Address.Parse("10.3.0.1"), Address.Parse("fd03::1")], RemoteVips = [Address.Parse("10.4.0.1")],
            NameServers = [Address.Parse("10.5.0.1"), Address.Parse("10.5.0.2"), Address.Parse("fd05::1")],
        };
        var child = _child with
        {
            Protocol = SecurityProtocol.Ah, UdpEncapsulation = true, CpiOut = 3, HostAccess = true,
            Marks = new(new(1, 0xff), new(0x20, uint.MaxValue), 4, 5),
        };
        var call = One(child, ike);
        foreach (var (name, value) in new[]
        {
            ("PLUTO_PROTO", "ah"), ("PLUTO_XAUTH_ID", "carol"), ("PLUTO_MY_SOURCEIP", "10.3.0.1"), ("PLUTO_MY_SOURCEIP4_1", "10.3.0.1"), ("PLUTO_MY_SOURCEIP6_1", "fd03::1"),
            ("PLUTO_PEER_SOURCEIP", "10.4.0.1"), ("PLUTO_PEER_SOURCEIP4_1", "10.4.0.1"), ("PLUTO_MARK_IN", "1/0x000000ff"), ("PLUTO_MARK_OUT", "32/0xffffffff"),
            ("PLUTO_IF_ID_IN", "4"), ("PLUTO_IF_ID_OUT", "5"), ("PLUTO_UDP_ENC", "20001"), ("PLUTO_IPCOMP", "1"), ("PLUTO_DNS4_1", "10.5.0.1"), ("PLUTO_DNS4_2", "10.5.0.2"),
            ("PLUTO_DNS6_1", "fd05::1"), ("PLUTO_HOST_ACCESS", "1"),
        }) Assert.Equal($"{name}={value}", $"{name}={call.GetValueOrDefault(name)}");
    }

    [Fact]
    public void What_is_not_known()
    {
        var call = One(_child, _ike with { Local = new(Address.Parse("192.0.2.77"), 500), RemoteId = null }, tun: null);
        Assert.Equal(("unknown", "%any"), (call["PLUTO_INTERFACE"], call["PLUTO_PEER_ID"]));
        Assert.False(call.ContainsKey("CYGNET_TUN"));
    }

    static TrafficSelector Ts(string text) => TrafficSelectorText.TryParse(text, out var ts, out var reason) ? ts : throw new ArgumentException(reason);
}
