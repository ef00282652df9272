// What a data plane takes over from one that crashed: routes whose virtual source has gone meanwhile, rules under another mark.
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Linux.Tests;

public sealed class TakeoverTests
{
    /// <summary>The mark may be another one by then: strongswan.conf was changed, and the daemon killed afterwards.</summary>
    [RootTheory]
    [InlineData(0x42u, 0x42u)]
    [InlineData(0x42u, UdpSocketOptions.DefaultMark)]
    [InlineData(UdpSocketOptions.DefaultMark, 0x42u)]
    public void A_mark_of_ones_own_leaves_no_rule_behind(uint before, uint after)
    {
        using var net = TunDataPlaneTests.Network();
        var (policy, drop) = (Gateway.Policy(1, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16"], ["10.2.0.0/16"]), Gateway.Policy(0, "192.0.2.1", "192.0.2.2", ["10.1.3.0/24"], ["10.4.0.0/16"]) with { Mode = ChildMode.Drop });
        TestNetwork.Run($"ip -n {net.A} rule add fwmark 0x77 lookup 221 priority 220");
        foreach (var isStarted in (bool[])[false, true])
        {
            var crashed = new Gateway(net.A, sockets: new() { Mark = before });
            Assert.Null(crashed.Plane.InstallPolicy(policy));
            Assert.Null(crashed.Plane.InstallPolicy(drop));
            crashed.Plane.Abandon();
            crashed.Sockets.Dispose();
            Assert.Contains($"not from all fwmark 0x{before:x} lookup 220", TestNetwork.Run($"ip -n {net.A} rule"));
            if (!isStarted) Assert.True(TestNetwork.Enter(net.A, () => TunDataPlane.RemoveLeft(new(), after, null)));
            else
                using (var next = new Gateway(net.A, sockets: new() { Mark = after }))
                    next.Plane.Release();
            // what somebody else has put there is none of ours
            Assert.Equal("220:\tfrom all fwmark 0x77 lookup 221", Assert.Single(TestNetwork.Run($"ip -n {net.A} rule").Split('\n'), l => l.StartsWith("22", StringComparison.Ordinal) || l.StartsWith("219", StringComparison.Ordinal)).Trim());
            Assert.DoesNotContain("220", TestNetwork.Run($"ip -n {net.A} -6 rule"));
            Assert.DoesNotContain("ipsec", TestNetwork.Run($"ip -n {net.A} -o link"));
        }
    }

    [RootTheory]
    [InlineData("10.3.0.1", 32, "10.2.0.0/16")]
    [InlineData("fd03::1", 128, "fd02::/16")]
    public void A_virtual_address_that_comes_back_is_the_source_again(string address, int prefix, string remote)
    {
        using var net = TunDataPlaneTests.Network();
        var family = address.Contains(':') ? "-6" : "-4";
        var policy = Gateway.Policy(1, "192.0.2.1", "192.0.2.2", [$"{address}/{prefix}"], [remote]);
        TestNetwork.Run($"ip -n {net.A} addr add {address}/{prefix} dev wire{(family == "-6" ? " nodad" : "")}");
        var crashed = new Gateway(net.A);
        Assert.Null(crashed.Plane.InstallPolicy(policy));
        Assert.Contains($"src {address} ", Routes());
        crashed.Plane.Abandon();
        crashed.Sockets.Dispose();

        using var next = new Gateway(net.A);
        TestNetwork.Run($"ip -n {net.A} addr del {address}/{prefix} dev wire");
        Assert.Contains($"{remote} dev ipsec0", Routes());
        Assert.DoesNotContain("src", Routes());
        TestNetwork.Run($"ip -n {net.A} addr add {address}/{prefix} dev wire{(family == "-6" ? " nodad" : "")}");
        Assert.Null(next.Plane.InstallPolicy(policy));
        next.Plane.Release();
        Assert.Contains($"src {address} ", Assert.Single(Routes().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        next.Plane.RemovePolicy(policy);
        Assert.Empty(Routes());

        string Routes() => TestNetwork.Run($"ip -n {net.A} {family} route show table 220");
    }
}
