// The SPIs that we choose: from the range that is configured, with the label, and so that the shard is found again.
using Cygnet.Ike;

namespace Cygnet.Tests.Ike;

public sealed class SpiTests
{
    const int Bits = 4;

    [Theory]
    [InlineData(0x100u, uint.MaxValue)]
    [InlineData(0xc0000000u, 0xcfffffffu)]
    [InlineData(0x12345u, 0x22345u)]
    public void SPIs_of_children_lie_in_the_range_and_name_their_shard(uint least, uint most)
    {
        var range = new EspSpiRange(least, most);
        Assert.True(range.IsUsable);
        for (var shard = 0; shard < 16; shard++)
            foreach (var random in (uint[])[0, 1, 0x7fffffff, 0xdeadbeef, uint.MaxValue])
            {
                var spi = range.Choose(shard, Bits, random);
                if (least != 0x100 || shard > 0 || random > 1) Assert.InRange(spi, least, most);
                Assert.Equal(shard, range.ShardOf(spi, Bits));
            }
        foreach (var stranger in (uint[])[0, 0xff, uint.MaxValue]) Assert.InRange(range.ShardOf(stranger, Bits), 0, 15);
    }

    [Theory]
    [InlineData(0x100u, 0x100feu)]
    [InlineData(0u, uint.MaxValue)]
    [InlineData(0x10000u, 0x100u)]
    public void Too_few_or_reserved_ones_are_no_range(uint least, uint most) => Assert.False(new EspSpiRange(least, most).IsUsable);

    [Theory]
    [InlineData(0ul, 0ul)]
    [InlineData(0xff00000000000000ul, 0x4200000000000000ul)]
    [InlineData(0x000000000000fffful, 0x1234ul)]
    [InlineData(0x0f0f0f0f00000000ul, 0x0102030400000000ul)]
    public void SPIs_of_IKE_SAs_have_the_label_and_name_their_shard(ulong mask, ulong label)
    {
        var form = new IkeSpiLabel(mask, label);
        Assert.True(form.IsUsable(Bits));
        for (var shard = 0; shard < 16; shard++)
            foreach (var random in (ulong[])[0, 0x0123456789abcdef, ulong.MaxValue])
            {
                var spi = form.Apply(random, shard, Bits);
                Assert.Equal((label, shard), (spi & mask, form.ShardOf(spi, Bits)));
            }
        Assert.Equal(0x0123456789abcdeful & ~mask | label, form.Apply(0x0123456789abcdef, 0, 0));
    }

    [Fact]
    public void A_label_leaves_enough_to_chance()
    {
        Assert.False(new IkeSpiLabel(ulong.MaxValue << 28, 0).IsUsable(Bits));
        Assert.True(new IkeSpiLabel(ulong.MaxValue << 36, 0).IsUsable(Bits));
        Assert.False(new IkeSpiLabel(0x1111111111111111, 0).IsUsable(Bits));
    }
}
