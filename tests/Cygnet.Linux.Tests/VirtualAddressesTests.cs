// Virtual addresses on a device: /32 and /128, counted, taken away at the end and after a crash; never those of an administrator.
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Linux.Tests;

public sealed class VirtualAddressesTests : IDisposable
{
    readonly TestNetwork _net = new();
    readonly string _state = Path.GetTempFileName();

    public void Dispose()
    {
        _net.Dispose();
        File.Delete(_state);
    }

    static Address Ip(string text) => Address.Parse(text);

    VirtualAddresses Open(HostState? state = null, bool installs = true, string? device = null) =>
        TestNetwork.Enter(_net.A, () => new VirtualAddresses(state ?? new HostState(null), installs, device));

    string Show(string device = "wire") => TestNetwork.Run($"ip -n {_net.A} addr show {device}");

    [RootFact]
    public void Stand_on_the_device_of_the_outer_address()
    {
        using var addresses = Open();
        Assert.Null(addresses.Add(Ip("10.3.0.1"), Ip("192.0.2.1")));
        Assert.Null(addresses.Add(Ip("fd03::1"), Ip("192.0.2.1")));
        Assert.Contains("inet 10.3.0.1/32", Show());
        Assert.Matches(@"inet6 fd03::1/128 scope global .*deprecated", Show());
        Assert.True(addresses.Contains(Ip("10.3.0.1")));
        Assert.Null(addresses.Add(Ip("10.3.0.1"), Ip("192.0.2.1")));
        Assert.Null(addresses.Remove(Ip("10.3.0.1")));
        Assert.Contains("10.3.0.1", Show());
        Assert.Null(addresses.Remove(Ip("10.3.0.1")));
        Assert.DoesNotContain("10.3.0.1", Show());
        Assert.False(addresses.Contains(Ip("10.3.0.1")));
        addresses.Dispose();
        Assert.DoesNotContain("fd03::1", Show());
    }

    [RootFact]
    public void Stand_where_the_configuration_says()
    {
        using (var addresses = Open(device: "lo"))
        {
            Assert.Null(addresses.Add(Ip("10.3.0.1"), Ip("192.0.2.1")));
            Assert.Contains("10.3.0.1/32", Show("lo"));
        }
        using var nowhere = Open(device: "nosuch0");
        Assert.Equal("there is no device 'nosuch0' as charon.install_virtual_ip_on says", nowhere.Add(Ip("10.3.0.1"), Ip("192.0.2.1")));
        using var lost = Open();
        Assert.Equal("no device has the address 203.0.113.9", lost.Add(Ip("10.3.0.1"), Ip("203.0.113.9")));
        Assert.False(lost.Contains(Ip("10.3.0.1")));
    }

    [RootFact]
    public void Are_left_alone_where_others_install_them()
    {
        using (var addresses = Open(installs: false))
        {
            Assert.Null(addresses.Add(Ip("10.3.0.1"), Ip("192.0.2.1")));
            Assert.True(addresses.Contains(Ip("10.3.0.1")));
            Assert.DoesNotContain("10.3.0.1", Show());
        }
        TestNetwork.Run($"ip -n {_net.A} addr add 10.3.0.2/24 dev wire");
        using (var addresses = Open())
        {
            Assert.Null(addresses.Add(Ip("10.3.0.2"), Ip("192.0.2.1")));
            Assert.Null(addresses.Remove(Ip("10.3.0.2")));
        }
        Assert.Contains("10.3.0.2/24", Show());
    }

    [RootFact]
    public void Are_taken_away_after_a_crash()
    {
        using (var crashed = new HostState(_state))
        {
            var addresses = Open(crashed);
            addresses.Add(Ip("10.3.0.1"), Ip("192.0.2.1"));
            addresses.Add(Ip("fd03::1"), Ip("192.0.2.1"));
        }
        Assert.Equal(2, File.ReadAllLines(_state).Length);
        using (var next = new HostState(_state))
        using (var addresses = Open(next))
        {
            addresses.RemoveLeft();
            Assert.DoesNotContain("10.3.0.1", Show());
            Assert.DoesNotContain("fd03::1", Show());
        }
        Assert.False(File.Exists(_state));
    }

    /// <summary>A route into the tunnel takes the virtual address for its source, of both families, and peers are told of neither.</summary>
    [RootFact]
    public void Are_the_source_of_routes_and_told_to_nobody()
    {
        using var addresses = Open();
        using var own = TestNetwork.Enter(_net.A, () => new HostAddresses(0) { IsVirtual = addresses.Contains });
        addresses.Add(Ip("10.3.0.1"), Ip("192.0.2.1"));
        addresses.Add(Ip("fd03::1"), Ip("192.0.2.1"));
        using var netlink = TestNetwork.Enter(_net.A, () => new Rtnetlink());
        var wire = netlink.FindLink("wire")!;
        using (var routes = new TunnelRoutes(netlink, wire.Index, new(), 0, null))
        {
            Assert.Null(routes.Add(new()
            {
                Reqid = 1, LocalTs = [TrafficSelector.Single(Ip("10.3.0.1")), TrafficSelector.Single(Ip("fd03::1"))],
                RemoteTs = [TrafficSelector.Subnet(Ip("10.1.0.0"), 16), TrafficSelector.Subnet(Ip("fd01::"), 64)], LocalAddress = Ip("192.0.2.1"), RemoteAddress = Ip("192.0.2.2"),
            }));
            Assert.Contains("10.1.0.0/16 dev wire proto static scope link src 10.3.0.1", TestNetwork.Run($"ip -n {_net.A} route show table 220"));
            Assert.Contains("fd01::/64 dev wire proto static src fd03::1", TestNetwork.Run($"ip -n {_net.A} -6 route show table 220"));
        }
        Assert.True(SpinWait.SpinUntil(() => own.IsLocalAddress(Ip("fd03::1")), TimeSpan.FromSeconds(30)));
        Assert.DoesNotContain(own.Usable, a => a == Ip("10.3.0.1") || a == Ip("fd03::1"));
        Assert.DoesNotContain(own.List(), a => a.Address == Ip("10.3.0.1") || a.Address == Ip("fd03::1"));
        Assert.Contains(own.List(), a => a.Address == Ip("192.0.2.1"));
        Assert.Equal(Ip("192.0.2.1"), own.SourceAddressFor(Ip("192.0.2.2")));
        Assert.Equal(Ip("2001:db8::1"), own.SourceAddressFor(Ip("2001:db8::2")));
    }
}
