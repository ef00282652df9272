// Which end is ours, where both are, what they protect, and who they are without a certificate. ipsec.conf(5), left and right.
using Cygnet.Policy;

namespace Cygnet.Tests.Config;

public sealed partial class LoweringTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("192.0.2.2", "192.0.2.2", "192.0.2.1")]
    [InlineData("10.0.0.1", "192.0.2.1", "192.0.2.2")]
    public void The_local_end_is_found(string ours, string local, string remote)
    {
        var c = One("leftid=@left\nrightid=@right\nleftsubnet=10.1.0.0/16\nrightikeport=4500", ours);
        Assert.Equal([local], c.LocalAddrs.AsEnumerable());
        Assert.Equal([remote], c.RemoteAddrs.AsEnumerable());
        var swapped = ours == "192.0.2.2";
        Assert.Equal(swapped ? "right" : "left", c.Local[0].Id!.ToString());
        Assert.Equal(swapped ? "dynamic" : "10.1.0.0/16", c.Children[0].LocalTs[0].ToString());
        Assert.Equal(swapped ? (4500, 500) : (500, 4500), (c.LocalPort, c.RemotePort));
    }

    [Fact]
    public void An_end_that_is_nobodys_is_said()
    {
        Assert.Contains("left nor right host is our side, assuming left=local", Plan("conn a\n left=192.0.2.8\n right=192.0.2.9\n auto=add\n").Log);
        Assert.DoesNotContain("left nor right host is our side, assuming left=local", Plan("conn a\n right=192.0.2.9\n auto=add\n").Log);
    }

    [Theory]
    [InlineData("right=%any", "%any")]
    [InlineData("right=gw.example.org\nrightallowany=yes", "gw.example.org,0.0.0.0/0,::/0")]
    [InlineData("right=%gw.example.org", "gw.example.org,0.0.0.0/0,::/0")]
    [InlineData("right=\"192.0.2.9, 192.0.3.0/24,192.0.4.1-192.0.4.9\"", "192.0.2.9,192.0.3.0/24,192.0.4.1-192.0.4.9")]
    [InlineData("right=%defaultroute", "%any")]
    [InlineData("right=", "%any")]
    public void Addresses(string setting, string addresses) => Assert.Equal(addresses, string.Join(',', One(setting).RemoteAddrs));

    [Theory]
    [InlineData("leftsubnet=10.1.0.0/16,10.3.0.0/16[tcp/http]", "10.1.0.0/16,10.3.0.0/16[tcp/http]")]
    [InlineData("leftsubnet=10.1.0.0/16,10.3.0.0/16[tcp/http]\nleftprotoport=udp/53", "10.1.0.0/16[udp/domain],10.3.0.0/16[tcp/http]")]
    [InlineData("leftprotoport=udp", "dynamic[udp]")]
    [InlineData("leftsubnet=%dynamic", "dynamic")]
    [InlineData("leftsubnetwithin=10.1.0.0/16", "10.1.0.0/16")]
    public void Selectors(string setting, string selectors) => Assert.Equal(selectors, string.Join(',', One(setting).Children[0].LocalTs));

    [Fact]
    public void A_bad_subnet_is_skipped_and_named()
    {
        var plan = Plan("conn a\n left=192.0.2.1\n leftsubnet=10.1.0.0/16,nonsense,10.2.0.0/16[tpc]\n auto=add\n");
        Assert.Equal(["invalid subnet: nonsense, skipped", "invalid proto/port: tpc, skipped subnet"], plan.Errors.Select(e => e.Reference));
        Assert.Equal("10.1.0.0/16", Assert.Single(Load(plan.Connections[0]).Children[0].LocalTs).ToString());
    }

    [Fact]
    public void A_percent_is_loose_whatever_follows() => Assert.True(One("rightid=%alice").Remote[0].IsIdLoose);

    /// <summary>Without rightid the peer has to be what right says; of a net an address in it will do.</summary>
    [Theory]
    [InlineData("192.0.2.2", "192.0.2.2", true)]
    [InlineData("%192.0.2.2", "192.0.2.2", true)]
    [InlineData("192.0.2.0/24", "192.0.2.77", true)]
    [InlineData("192.0.2.0/24", "192.0.3.77", false)]
    [InlineData("192.0.2.0/24", "@sun", false)]
    [InlineData("192.0.2.2-192.0.2.9", "192.0.2.9", true)]
    [InlineData("192.0.2.2-192.0.2.9", "192.0.2.10", false)]
    [InlineData("my-peer.example.org", "my-peer.example.org", true)]
    [InlineData("my-peer.example.org", "other.example.org", false)]
    [InlineData("192.0.2.2,192.0.2.3", "192.0.2.2", false)]
    [InlineData("192.0.2.2,192.0.2.3", "192.0.2.2,192.0.2.3", true)]
    public void Who_the_peer_has_to_be_by_its_address(string right, string claimed, bool isHim)
    {
        var id = One($"right={right}").Remote[0].Id;
        Assert.NotNull(id);
        Assert.Equal(isHim, Identity.Parse(claimed).Match(id) > 0);
    }

    [Theory]
    [InlineData("%any")]
    [InlineData("%any6")]
    [InlineData("%defaultroute")]
    public void A_peer_anywhere_may_be_anybody(string right) => Assert.Null(One($"right={right}").Remote[0].Id);

    [Fact]
    public void Our_name_may_hold_a_hyphen() => Assert.Equal("my-self.example.org", One("left=my-self.example.org").Local[0].Id?.ToString());

    [Fact]
    public void A_name_that_is_no_distinguished_name_is_pointed_at()
    {
        var error = Assert.Single(Plan("conn a\n left=192.0.2.1\n right=192.0.2.2\n rightid=\"C=CH, BOGUS=y\"\n auto=add\n").Errors);
        Assert.True(error.IsWarning);
        Assert.Equal(("", 4, 10), (error.Reference, error.At!.Value.Line, error.At.Value.Column));
        Assert.Empty(Plan("conn a\n left=192.0.2.1\n right=192.0.2.2\n rightid=\"C=CH, CN=y\"\n leftid=\"keyid:a=b\"\n auto=add\n").Errors);
    }

    [Fact]
    public void Any_is_any() => Assert.Null(One("rightid=%any").Remote[0].Id);
}
