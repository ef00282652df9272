// Traffic selectors as leftsubnet and local_ts write them. ipsec.conf(5).
using Cygnet.Policy;

namespace Cygnet.Tests.Policy;

public sealed class TrafficSelectorTextTests
{
    [Theory]
    [InlineData("10.1.0.0/16", "10.1.0.0/16")]
    [InlineData("10.1.2.3/16", "10.1.0.0/16")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("fec1::5/64", "fec1::/64")]
    [InlineData("::/0", "::/0")]
    [InlineData("fec1::1", "fec1::1/128")]
    [InlineData("10.1.0.3-10.1.0.9", "10.1.0.3..10.1.0.9")]
    [InlineData("10.1.0.0 - 10.1.0.255", "10.1.0.0/24")]
    [InlineData("%dynamic", "dynamic")]
    [InlineData("dynamic[tcp/http]", "dynamic[tcp/http]")]
    [InlineData("[udp]", "dynamic[udp]")]
    [InlineData("10.66.0.0/16[tcp/25]", "10.66.0.0/16[tcp/smtp]")]
    [InlineData("10.1.0.0/16[6/smtp]", "10.1.0.0/16[tcp/smtp]")]
    [InlineData("10.1.0.0/16[0x11/53]", "10.1.0.0/16[udp/domain]")]
    [InlineData("10.1.0.0/16[%any/%any]", "10.1.0.0/16")]
    [InlineData("10.1.0.0/16[]", "10.1.0.0/16")]
    [InlineData("10.1.0.0/16[/80]", "10.1.0.0/16[0/http]")]
    [InlineData("10.1.0.0/16[tcp/1024-65535]", "10.1.0.0/16[tcp/1024-65535]")]
    [InlineData("10.1.0.0/16[tcp/ftp-data]", "10.1.0.0/16[tcp/ftp-data]")]
    [InlineData("10.1.0.0/16[tcp/%opaque]", "10.1.0.0/16[tcp/OPAQUE]")]
    [InlineData("10.1.0.0/16[icmp/8]", "10.1.0.0/16[icmp/8]")]
    [InlineData("10.1.0.0/16[icmp/769]", "10.1.0.0/16[icmp/3(1)]")]
    [InlineData("10.1.0.0/16[icmp/3-5]", "10.1.0.0/16[icmp/3-5]")]
    [InlineData("10.1.0.0/16[icmp/300-400]", "10.1.0.0/16[icmp/1(44)-1(144)]")]
    [InlineData("10.1.0.0/16[icmp/0-255]", "10.1.0.0/16[icmp]")]
    [InlineData("fec1::/64[ipv6-icmp/128]", "fec1::/64[ipv6-icmp/128]")]
    [InlineData("10.1.0.0/16[250/7]", "10.1.0.0/16[250/7]")]
    public void Reads(string text, string printed)
    {
        Assert.True(TrafficSelectorText.TryParse(text, out var selector, out var error), error);
        Assert.Equal(printed, selector.ToString());
    }

    [Theory]
    [InlineData("10.1.0.0/33", "invalid subnet: 10.1.0.0/33")]
    [InlineData("10.1.0.0/", "invalid subnet: 10.1.0.0/")]
    [InlineData("10.1.0/24", "invalid subnet: 10.1.0/24")]
    [InlineData("office", "invalid subnet: office")]
    [InlineData("fec1::/129", "invalid subnet: fec1::/129")]
    [InlineData("10.1.0.9-10.1.0.3", "invalid subnet: 10.1.0.9-10.1.0.3")]
    [InlineData("10.1.0.9-fec1::1", "invalid subnet: 10.1.0.9-fec1::1")]
    [InlineData("10.1.0.0/16[tpc]", "invalid proto/port: tpc")]
    [InlineData("10.1.0.0/16[256]", "invalid proto/port: 256")]
    [InlineData("10.1.0.0/16[tcp/65536]", "invalid proto/port: tcp/65536")]
    [InlineData("10.1.0.0/16[tcp/nosuch]", "invalid proto/port: tcp/nosuch")]
    [InlineData("10.1.0.0/16[tcp/9-3]", "invalid proto/port: tcp/9-3")]
    [InlineData("10.1.0.0/16[tcp", "invalid proto/port: tcp")]
    public void Refuses(string text, string reason)
    {
        Assert.False(TrafficSelectorText.TryParse(text, out _, out var error));
        Assert.Equal(reason, error);
    }

    [Fact]
    public void An_icmp_type_stands_for_all_its_codes()
    {
        Assert.True(TrafficSelectorText.TryParse("10.1.0.0/16[icmp/3]", out var selector, out _));
        Assert.Equal((0x0300, 0x03ff), (selector.FromPort, selector.ToPort));
    }

    [Theory]
    [InlineData("http", 6, 80)]
    [InlineData("isakmp", 17, 500)]
    [InlineData("ipsec-nat-t", 0, 4500)]
    [InlineData("www", 6, 80)]
    public void Services_have_numbers(string name, byte protocol, ushort port)
    {
        Assert.True(ServiceNames.TryPort(name, protocol, out var found));
        Assert.Equal(port, found);
    }

    [Fact]
    public void Names_go_both_ways()
    {
        for (var number = 0; number < 256; number++)
            if (ServiceNames.Protocol((byte)number) is var name && !char.IsAsciiDigit(name[0]))
            {
                Assert.True(ServiceNames.TryProtocol(name, out var again), name);
                Assert.Equal(number, again);
            }
        var services = 0;
        foreach (byte protocol in (byte[])[6, 17, 132])
            for (var port = 0; port < 65536; port++)
                if (ServiceNames.Port((ushort)port, protocol) is var name && !char.IsAsciiDigit(name[0]))
                {
                    Assert.True(ServiceNames.TryPort(name, protocol, out var again), name);
                    Assert.Equal(port, again);
                    services++;
                }
        Assert.True(services >= 60);
    }
}
