// Which addresses a pool has: the forms of addrs=, usable counts, where giving away begins. Figures are those of strongSwan 5.9.8.
using Cygnet.Pools;

namespace Cygnet.Tests.Pools;

public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("10.3.0.0/28", "10.3.0.0", "10.3.0.1", 14)]
    [InlineData("10.5.0.0/30", "10.5.0.0", "10.5.0.1", 2)]
    [InlineData("10.6.0.0/31", "10.6.0.0", "10.6.0.0", 2)]
    [InlineData("10.6.0.1/31", "10.6.0.1", "10.6.0.1", 1)]
    [InlineData("10.7.0.7/32", "10.7.0.7", "10.7.0.7", 1)]
    [InlineData("10.7.0.9", "10.7.0.9", "10.7.0.9", 1)]
    [InlineData("10.4.0.3/29", "10.4.0.3", "10.4.0.3", 4)]
    [InlineData("10.9.0.15/28", "10.9.0.15", "10.9.0.15", 0)]
    [InlineData("10.8.0.5-10.8.0.9", "10.8.0.5", "10.8.0.5", 5)]
    [InlineData("10.8.0.5 - 10.8.0.5", "10.8.0.5", "10.8.0.5", 1)]
    [InlineData("10.8.0.0/30 ", "10.8.0.0", "10.8.0.1", 2)]
    [InlineData("fd03::/120", "fd03::", "fd03::1", 254)]
    [InlineData("fd05::ffff-fd05::1:5", "fd05::ffff", "fd05::ffff", 7)]
    [InlineData("fd04::/64", "fd04::", "fd04::1", 2147483646)]
    [InlineData("0.0.0.0/0", "%any", "0.0.0.1", 2147483646)]
    public void A_range_has_so_many_addresses(string text, string start, string first, uint size)
    {
        Assert.True(AddressRange.TryParse(text, out var range, out _));
        Assert.Equal((start, first, size), (range.Base.ToString(), range.First.ToString(), range.Size));
    }

    [Theory]
    [InlineData("")]
    [InlineData("bla")]
    [InlineData("%config")]
    [InlineData("10.1.1.1-10.1.1.0")]
    [InlineData("10.1.1.1-fd00::1")]
    [InlineData("10.1.1.1,10.1.1.2")]
    [InlineData("0.0.0.0-255.255.255.255")]
    [InlineData("fd00::1-fd00:1::5")]
    [InlineData("10.1.1.0/33")]
    [InlineData("fd00::/129")]
    [InlineData("10.1.1.0/-1")]
    [InlineData("10.1.1.0/")]
    [InlineData("10.1/16")]
    [InlineData("10.1.1.0 /24")]
    [InlineData("10.1.1.0/24x")]
    [InlineData("10.1.1.1-")]
    public void Nonsense_is_none(string text) => Assert.False(AddressRange.TryParse(text, out _, out _));

    [Fact]
    public void What_is_beyond_half_of_IPv4_is_not_used_and_said()
    {
        Assert.True(AddressRange.TryParse("fd04::/64", out _, out var note));
        Assert.Equal("virtual IP pool too large, limiting to fd04::/97", note);
        Assert.True(AddressRange.TryParse("fd04::/97", out _, out note));
        Assert.Null(note);
    }

    [Fact]
    public void Offsets_and_addresses_are_each_others_inverse()
    {
        Assert.True(AddressRange.TryParse("fd05::ffff-fd05::1:5", out var range, out _));
        for (uint i = 0; i < range.Size; i++) Assert.Equal(i, range.OffsetOf(range[i]));
        Assert.Equal("fd05::1:5", range[6].ToString());
        foreach (var outside in (string[])["fd05::fffe", "fd05::1:6", "0.0.255.255", "fd06::ffff"]) Assert.Null(range.OffsetOf(Cygnet.Policy.Address.Parse(outside)));
    }
}
