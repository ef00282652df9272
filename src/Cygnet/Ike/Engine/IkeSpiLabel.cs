// What our IKE SPIs have in common: a label that the operator chose, and the number of the shard beside it. strongswan.conf, spi_label and spi_mask.
namespace Cygnet.Ike;

/// <summary>Bits of the mask are those of the label, in every SPI of ours; the others are random. Bits of the label outside the mask count as part of it.</summary>
public readonly record struct IkeSpiLabel(ulong Mask, ulong Label)
{
    /// <summary>So much must stay random that nobody guesses an SPI, and none comes twice.</summary>
    const int FewestRandomBits = 32;

    /// <summary>Whoever divides the work among shards takes no more bits than these.</summary>
    public const int MostShardBits = 4;

    ulong Fixed => Mask | Label;

    public bool IsUsable(int shardBits) => 64 - System.Numerics.BitOperations.PopCount(Fixed) - shardBits >= FewestRandomBits && Shift(shardBits) >= 0;

    internal ulong Apply(ulong random, int shard, int shardBits)
    {
        if (shardBits > 0)
        {
            var shift = Shift(shardBits);
            random = (random & ~(((1UL << shardBits) - 1) << shift)) | ((ulong)shard << shift);
        }
        return (random & ~Fixed) | Label;
    }

    public int ShardOf(ulong spi, int shardBits) => (int)(spi >> Shift(shardBits)) & ((1 << shardBits) - 1);

    /// <summary>The highest place where the shard's number has room beside the label; -1 if there is none.</summary>
    int Shift(int shardBits)
    {
        var shift = 64 - shardBits;
        while (shift >= 0 && (Fixed >> shift & ((1UL << shardBits) - 1)) != 0) shift--;
        return shift;
    }
}
