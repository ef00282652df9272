// leftsourceip, rightsourceip, leftdns, rightdns: addresses and servers asked for, pools they come from. ipsec.conf(5).
using Cygnet.Policy;

namespace Cygnet.Tests.Config;

public sealed partial class LoweringTests
{
    [Fact]
    public void Pools_of_rightsourceip()
    {
        var plan = Plan("conn %default\n left=192.0.2.1\n right=%any\n auto=add\nconn a\n rightsourceip=10.3.0.0/28,fd03::/120,%radius\n rightdns=10.1.0.53,fd01::53\n"
            + "conn b\n leftid=@b\n rightsourceip=10.3.0.0/28, 10.4.0.1-10.4.0.9, 10.5.0.1\nconn c\n leftid=@c\n rightsourceip=%config\nconn d\n leftid=@d\n rightsourceip=%CONFIG6,bla\n");
        Assert.Equal(["10.3.0.0/28 10.3.0.0/28", "fd03::/120 fd03::/120", "10.4.0.1-10.4.0.9 10.4.0.1-10.4.0.9", "10.5.0.1 10.5.0.1", "c %config", "d %config"],
            plan.Pools.Select(p => $"{p.Label} {p.Message.Section(p.Label)!.Text("addrs")}"));
        Assert.All(plan.Pools, p => Assert.Equal("ipsec.conf", p.Message.Section(p.Label)!.Text("x-source")));
        Assert.Equal(["load-pool", "load-conn"], plan.Requests.Select(r => r.Command).Where(c => c != "load-cert").Distinct());
        var connections = plan.Connections.Select(Load).ToArray();
        Assert.Equal(["10.3.0.0/28,fd03::/120,radius", "10.3.0.0/28,10.4.0.1-10.4.0.9,10.5.0.1", "c", "d"], connections.Select(c => string.Join(',', c.Pools)));
        Assert.Equal("10.1.0.53,fd01::53", string.Join(',', connections[0].Dns));
        Assert.Empty(connections[0].Vips);
        Assert.Equal("IP pool bla invalid, ignored", plan.Errors.Single().Lines.First());
        Assert.False(plan.IsFatal);
    }

    [Theory]
    [InlineData("%config", "%any")]
    [InlineData("%cfg", "%any")]
    [InlineData("%modeconfig,%modecfg", "%any,%any")]
    [InlineData("%config4,%config6", "%any,%any6")]
    [InlineData("10.3.0.7, fd03::7", "10.3.0.7,fd03::7")]
    [InlineData("%config\nleftsubnet=fd01::/64", "%any6")]
    [InlineData("%config\nleftsubnet=10.1.0.0/16\nrightsubnet=fd01::/64", "%any")]
    [InlineData("%config\nrightsubnet=fd02::/64", "%any6")]
    public void Addresses_of_leftsourceip(string sourceip, string vips)
    {
        var c = One($"leftsourceip={sourceip}");
        Assert.Equal(vips, string.Join(',', c.Vips));
        Assert.Empty(c.Pools);
        Assert.Equal(ChildMode.Tunnel, c.Children[0].Mode);
    }

    [Fact]
    public void The_family_of_our_address_decides_last()
    {
        var plan = Plan("conn a\n left=2001:db8::1\n right=2001:db8::2\n auto=add\n leftsourceip=%config\n", "2001:db8::1");
        Assert.Equal(Address.Any6, Load(Assert.Single(plan.Connections)).Vips.Single());
    }

    [Fact]
    public void Servers_of_leftdns()
    {
        Assert.Equal("%any,%any6,10.2.0.53", string.Join(',', One("leftsourceip=%config\nleftdns=%config4,%config6,10.2.0.53").RequestedDns));
        var plan = Plan("conn a\n left=192.0.2.1\n right=192.0.2.2\n auto=add\n leftdns=bla\n rightdns=%config,10.1.0.53\n leftsourceip=blub\n");
        Assert.Equal(["ignored invalid subnet token: blub", "ignoring invalid DNS address 'bla'", "ignoring invalid DNS address '%config'"], plan.Errors.Select(e => e.Lines.First()));
        var c = Load(Assert.Single(plan.Connections));
        Assert.Empty(c.RequestedDns);
        Assert.Empty(c.Vips);
        Assert.Equal(["10.1.0.53"], c.Dns.Select(d => d.ToString()));
    }

    [Fact]
    public void With_both_ends_the_local_one_is_ignored()
    {
        var plan = Plan("conn a\n left=192.0.2.1\n right=%any\n auto=add\n leftsourceip=%config\n rightsourceip=10.3.0.0/28\n");
        Assert.Contains("'a' has both left- and rightsourceip, but IKE can negotiate one virtual IP only, ignoring local virtual IP", plan.Log);
        var c = Load(Assert.Single(plan.Connections));
        Assert.Empty(c.Vips);
        Assert.Equal(["10.3.0.0/28"], c.Pools.AsEnumerable());
    }

    [Fact]
    public void Swapped_ends_swap_the_addresses_too()
    {
        var c = One("leftsourceip=10.3.0.0/28\nrightsourceip=\nleftdns=10.1.0.53", "192.0.2.2");
        Assert.Equal(["10.3.0.0/28"], c.Pools.AsEnumerable());
        Assert.Equal(["10.1.0.53"], c.Dns.Select(d => d.ToString()));
    }
}
