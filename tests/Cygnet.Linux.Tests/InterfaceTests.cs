// Devices that IKE has nothing to do with, marks as strongswan.conf writes them, and metrics of routes.
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Linux.Tests;

public sealed class InterfaceTests
{
    static Address Ip(string text) => Address.Parse(text);

    [Theory]
    [InlineData(null, null, "eth0", true)]
    [InlineData("eth0, eth1", null, "eth1", true)]
    [InlineData("eth0,eth1", null, "eth2", false)]
    [InlineData(null, "eth0", "eth0", false)]
    [InlineData("eth0", "eth0", "eth0", true)]
    public void Devices_to_use_count_before_those_to_ignore(string? use, string? ignore, string device, bool isUsable) =>
        Assert.Equal(isUsable, new InterfaceFilter(use, ignore).IsUsable(device));

    [Fact]
    public void Marks_are_read_as_they_are_written()
    {
        Assert.Equal(new PacketMark(0x42), PacketMark.Parse("0x42"));
        Assert.Equal(new PacketMark(0x2, 0xf, true), PacketMark.Parse("!0x42/0xf"));
        Assert.Equal(new PacketMark(10, uint.MaxValue, true), PacketMark.Parse(" !10 "));
        foreach (var none in (string[])["", "!", "x", "1/", "0x1/0xg", "-1", "4294967296"]) Assert.Null(PacketMark.Parse(none));
    }

    [RootFact]
    public void Addresses_of_an_ignored_device_are_none()
    {
        using var net = new TestNetwork();
        TestNetwork.Run($"ip -n {net.A} link add other type veth peer name far");
        TestNetwork.Run($"ip -n {net.A} link set far up");
        TestNetwork.Run($"ip -n {net.A} addr add 198.51.100.1/24 dev other");
        TestNetwork.Run($"ip -n {net.A} link set other up");
        TestNetwork.Run($"ip -n {net.A} route add 203.0.113.0/24 dev other");
        TestNetwork.Run($"ip -n {net.A} route add 203.0.113.0/24 via 192.0.2.2 dev wire metric 20");
        using var host = TestNetwork.Enter(net.A, () => new HostAddresses(0xdc, options: new() { Interfaces = new(ignore: "other") }));
        Assert.DoesNotContain(Ip("198.51.100.1"), host.Usable);
        Assert.DoesNotContain(host.List(), a => a.Address == Ip("198.51.100.1"));
        Assert.True(host.IsIgnored(Ip("198.51.100.1")));
        Assert.False(host.IsIgnored(Ip("192.0.2.1")));
        Assert.False(host.HasPath(Ip("198.51.100.1"), Ip("198.51.100.2")));
        // routing would take the ignored device: the next best route over another one counts
        Assert.Equal(Ip("192.0.2.1"), host.SourceAddressFor(Ip("203.0.113.1")));
        Assert.Null(host.SourceAddressFor(Ip("198.51.100.2")));
    }

    [RootTheory]
    [InlineData(false), InlineData(true)]
    public void Temporary_addresses_are_taken_if_they_are_preferred(bool prefersTemporary)
    {
        using var net = new TestNetwork();
        TestNetwork.In(net.A, "sysctl -qw net.ipv6.conf.wire.use_tempaddr=2 net.ipv6.conf.wire.accept_dad=0");
        TestNetwork.Run($"ip -n {net.A} addr del 2001:db8::1/64 dev wire");
        TestNetwork.Run($"ip -n {net.A} addr add 2001:db8:5::1/64 dev wire mngtmpaddr nodad");
        TestNetwork.Run($"ip -n {net.B} addr add 2001:db8:5::2/64 dev wire nodad");
        string? temporary = null;
        Assert.True(SpinWait.SpinUntil(() => (temporary = TestNetwork.Run($"ip -n {net.A} -6 -o addr show dev wire temporary").Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(w => w.StartsWith("2001:db8:5", StringComparison.Ordinal))) is not null
            && !TestNetwork.Run($"ip -n {net.A} -6 -o addr show dev wire").Contains("tentative", StringComparison.Ordinal), TimeSpan.FromMinutes(1)), "the kernel has made a temporary address");
        var (permanent, shortLived) = (Ip("2001:db8:5::1"), Ip(temporary!.Split('/')[0]));
        using var host = TestNetwork.Enter(net.A, () => new HostAddresses(0xdc, options: new() { PrefersTemporary = prefersTemporary }));
        Assert.Equal(prefersTemporary ? shortLived : permanent, host.SourceAddressFor(Ip("2001:db8:5::2")));
        Assert.Equal(prefersTemporary, host.Usable.Contains(shortLived));
        Assert.Equal(!prefersTemporary, host.Usable.Contains(permanent));
        // A device that has none of the preferred kind is used all the same.
        Assert.Contains(Ip("192.0.2.1"), host.Usable);
    }

    [RootFact]
    public void Routes_carry_an_MTU_and_rules_a_mask()
    {
        using var net = new TestNetwork();
        using var netlink = TestNetwork.Enter(net.A, () => new Rtnetlink());
        var wire = netlink.FindLink("wire")!.Index;
        netlink.AddRoute(new(Ip("203.0.113.0"), 24, 220, wire) { Mtu = 1300, Mss = 1200 });
        Assert.Matches("203.0.113.0/24 .*mtu 1300 advmss 1200", TestNetwork.Run($"ip -n {net.A} route show table 220"));
        netlink.RemoveRoute(new(Ip("203.0.113.0"), 24, 220, wire) { Mtu = 1300, Mss = 1200 });
        Assert.DoesNotContain("203.0.113.0", TestNetwork.Run($"ip -n {net.A} route show table 220"));
        var rule = new Rule(false, 220, 220, 0x2, true) { Mask = 0xf };
        netlink.AddRule(rule);
        Assert.Contains("not from all fwmark 0x2/0xf lookup 220", TestNetwork.Run($"ip -n {net.A} rule show"));
        Assert.Contains(rule, netlink.Rules(false));
    }
}
