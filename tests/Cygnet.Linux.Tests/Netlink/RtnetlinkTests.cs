// The kernel's tables through netlink, compared with what iproute2 sees. rtnetlink(7).
using Cygnet.Linux.Native;
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Linux.Tests.Netlink;

public class RtnetlinkTests
{
    static Address Ip(string text) => Address.Parse(text);

    [RootFact]
    public void Sets_and_lists_links_and_addresses()
    {
        using var net = new TestNetwork();
        using var netlink = TestNetwork.Enter(net.A, () => new Rtnetlink());
        var wire = netlink.FindLink("wire")!;
        Assert.True(wire.IsUp);
        Assert.Null(netlink.FindLink("nothing"));
        Assert.Contains(netlink.Links(), l => l is { Name: "lo", IsLoopback: true });
        netlink.SetLink(wire.Index, true, 1350);
        Assert.Contains("mtu 1350", TestNetwork.Run($"ip -n {net.A} link show wire"));

        foreach (var (address, prefix) in new[] { ("198.51.100.7", 32), ("2001:db8:7::7", 128) })
        {
            netlink.AddAddress(wire.Index, Ip(address), prefix);
            netlink.AddAddress(wire.Index, Ip(address), prefix);
            Assert.Contains(netlink.Addresses(), a => a.Address == Ip(address) && a.Prefix == prefix && a.LinkIndex == wire.Index && a.IsGlobal && a.IsUsable);
            Assert.Contains($"{address}/{prefix}", TestNetwork.Run($"ip -n {net.A} addr show wire"));
            netlink.RemoveAddress(wire.Index, Ip(address), prefix);
            netlink.RemoveAddress(wire.Index, Ip(address), prefix);
            Assert.DoesNotContain(address, TestNetwork.Run($"ip -n {net.A} addr show wire"));
        }
        netlink.SetLink(wire.Index, false);
        Assert.False(netlink.FindLink("wire")!.IsUp);
    }

    [RootFact]
    public void Adds_finds_and_removes_routes_and_rules()
    {
        using var net = new TestNetwork();
        using var netlink = TestNetwork.Enter(net.A, () => new Rtnetlink());
        var wire = netlink.FindLink("wire")!.Index;
        foreach (var (network, prefix, source, inside) in new[]
            { ("0.0.0.0", 0, "192.0.2.1", "203.0.113.9"), ("10.2.0.0", 16, "192.0.2.1", "10.2.3.4"), ("::", 0, "2001:db8::1", "2001:db8:99::1"), ("2001:db8:2::", 48, "2001:db8::1", "2001:db8:2::9") })
        {
            var ipv6 = network.Contains(':');
            var (route, rule) = (new Route(Ip(network), prefix, 220, wire, Source: Ip(source)), new Rule(ipv6, 220, 220, 0xdc, true));
            Assert.Null(netlink.Lookup(Ip(inside)));
            netlink.AddRoute(route);
            netlink.AddRoute(route);
            netlink.AddRule(rule);
            netlink.AddRule(rule);
            Assert.Equal([route.Network], netlink.Routes(ipv6, 220).Select(r => r.Network));
            Assert.Equal(route.Source, netlink.Routes(ipv6, 220)[0].Source);
            Assert.Single(netlink.Rules(ipv6), r => r == rule);
            Assert.Contains("not from all fwmark 0xdc lookup 220", TestNetwork.Run($"ip -n {net.A} {(ipv6 ? "-6" : "-4")} rule"));
            Assert.Equal(Ip(source), netlink.Lookup(Ip(inside))!.Source);
            // With the mark, table 220 is not looked at.
            Assert.Null(netlink.Lookup(Ip(inside), 0xdc));
            netlink.RemoveRule(rule);
            netlink.RemoveRule(rule);
            netlink.RemoveRoute(route);
            netlink.RemoveRoute(route);
            Assert.Empty(netlink.Routes(ipv6, 220));
            Assert.DoesNotContain(rule, netlink.Rules(ipv6));
        }
        Assert.True(netlink.Lookup(Ip("192.0.2.1"))!.IsLocal);
        Assert.False(netlink.Lookup(Ip("192.0.2.2"))!.IsLocal);
    }

    [RootFact]
    public void A_refusal_says_what_was_tried_and_the_kernels_reason()
    {
        using var net = new TestNetwork();
        using var netlink = TestNetwork.Enter(net.A, () => new Rtnetlink());
        var e = Assert.Throws<LinuxException>(() => netlink.AddRoute(new(Ip("10.0.0.0"), 8, 220, 9999)));
        Assert.Equal(Errno.ENODEV, e.ErrorNumber);
        Assert.StartsWith("add route to 10.0.0.0/8: ", e.Message);
        var wire = netlink.FindLink("wire")!.Index;
        e = Assert.Throws<LinuxException>(() => netlink.AddRoute(new(Ip("10.0.0.0"), 8, 220, wire, Source: Ip("10.9.9.9"))));
        Assert.Contains("prefsrc", e.Message); // the extended acknowledgement
    }

    [RootFact]
    public void The_host_knows_its_addresses_and_follows_changes()
    {
        using var net = new TestNetwork();
        var changes = new System.Collections.Concurrent.BlockingCollection<RouteChange>();
        using var host = TestNetwork.Enter(net.A, () => new HostAddresses(0xdc, changes.Add));
        Assert.True(host.IsLocalAddress(Ip("192.0.2.1")));
        Assert.True(host.IsLocalAddress(Ip("2001:db8::1")));
        Assert.True(host.IsLocalAddress(Ip("127.0.0.2")));
        Assert.False(host.IsLocalAddress(Ip("192.0.2.2")));
        Assert.False(host.IsLocalAddress(Address.Any4));
        Assert.Equal(Ip("192.0.2.1"), host.SourceAddressFor(Ip("192.0.2.2")));
        Assert.Equal(Ip("2001:db8::1"), host.SourceAddressFor(Ip("2001:db8::2")));
        Assert.Null(host.SourceAddressFor(Ip("203.0.113.1")));
        Assert.Equal([Ip("192.0.2.1"), Ip("2001:db8::1")], host.List().Where(a => a.IsGlobal).Select(a => a.Address));

        TestNetwork.Run($"ip -n {net.A} addr add 198.51.100.1/24 dev wire");
        TestNetwork.Run($"ip -n {net.A} route add 203.0.113.0/24 via 198.51.100.2");
        while (!host.List().Any(a => a.Address == Ip("198.51.100.1"))) Assert.True(changes.TryTake(out _, 10_000));
        Assert.True(host.IsLocalAddress(Ip("198.51.100.1")));
        Assert.Equal(Ip("198.51.100.1"), host.SourceAddressFor(Ip("203.0.113.1")));
        TestNetwork.Run($"ip -n {net.A} addr del 198.51.100.1/24 dev wire");
        // The route stays, and another of our addresses takes over.
        Assert.Equal(Ip("192.0.2.1"), host.SourceAddressFor(Ip("203.0.113.1")));
        while (host.IsLocalAddress(Ip("198.51.100.1"))) Assert.True(changes.TryTake(out _, 10_000));
    }

    [RootFact]
    public void A_path_is_one_while_its_address_and_a_route_over_its_device_are_there()
    {
        using var net = new TestNetwork();
        var changes = new System.Collections.Concurrent.BlockingCollection<RouteChange>();
        using var host = TestNetwork.Enter(net.A, () => new HostAddresses(0xdc, changes.Add, new() { OwnTable = 220 }));
        Assert.Equal([Ip("192.0.2.1"), Ip("2001:db8::1")], host.Usable);
        Assert.True(host.HasPath(Ip("192.0.2.1"), Ip("192.0.2.2")));
        Assert.True(host.HasPath(Ip("2001:db8::1"), Ip("2001:db8::2")));
        Assert.False(host.HasPath(Ip("192.0.2.1"), Ip("203.0.113.1")));
        Assert.False(host.HasPath(Ip("192.0.2.9"), Ip("192.0.2.2")));
        Assert.False(host.HasPath(Ip("192.0.2.1"), Ip("2001:db8::2")));

        // a second device that routing prefers: the path over the first one still is one
        TestNetwork.Run($"ip -n {net.A} link add other type veth peer name far");
        TestNetwork.Run($"ip -n {net.A} link set far up");
        TestNetwork.Run($"ip -n {net.A} addr add 198.51.100.1/24 dev other");
        TestNetwork.Run($"ip -n {net.A} link set other up");
        TestNetwork.Run($"ip -n {net.A} route add 203.0.113.0/24 dev wire metric 20");
        TestNetwork.Run($"ip -n {net.A} route add 203.0.113.0/24 dev other metric 10");
        while (!host.Usable.Contains(Ip("198.51.100.1"))) Assert.True(changes.TryTake(out _, 10_000));
        Assert.Equal(Ip("198.51.100.1"), host.SourceAddressFor(Ip("203.0.113.1")));
        Assert.True(host.HasPath(Ip("192.0.2.1"), Ip("203.0.113.1")));
        TestNetwork.Run($"ip -n {net.A} route del 203.0.113.0/24 dev wire");
        Assert.False(host.HasPath(Ip("192.0.2.1"), Ip("203.0.113.1")));

        // our own routes are no news
        while (changes.TryTake(out _, 500)) { }
        TestNetwork.Run($"ip -n {net.A} route add 10.7.0.0/16 dev wire table 220");
        Assert.False(changes.TryTake(out _, 500));
        host.TunnelDevice = "other";
        Assert.DoesNotContain(Ip("198.51.100.1"), host.Usable);
    }
}
