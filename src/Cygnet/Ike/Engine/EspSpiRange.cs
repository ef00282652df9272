// Which SPIs we choose for CHILD_SAs: a range, and in it a part for each shard. RFC 4303 2.1; strongswan.conf, spi_min and spi_max.
namespace Cygnet.Ike;

/// <summary>Both ends belong to it. A shard's part is found again from the SPI alone.</summary>
public readonly record struct EspSpiRange(uint Least, uint Most)
{
    /// <summary>Whatever is not reserved.</summary>
    public static EspSpiRange All { get; } = new(0x100, uint.MaxValue);

    /// <summary>With fewer, SPIs would soon come again.</summary>
    public const uint Fewest = 1 << 16;

    public bool IsUsable => Least >= All.Least && Most >= Least && Most - Least >= Fewest - 1;

    // Without a setting the parts go by the topmost bits: easy to read in a trace.
    uint Start => Least == All.Least ? 0 : Least;

    ulong Part(int shardBits) => ((ulong)Most - Start + 1) >> shardBits;

    /// <summary>An SPI of the shard's part; one below <see cref="Least"/> is to be drawn again.</summary>
    internal uint Choose(int shard, int shardBits, uint random) => (uint)(Start + (ulong)shard * Part(shardBits) + random % Part(shardBits));

    /// <summary>The shard of an SPI that we chose; some shard for any other.</summary>
    public int ShardOf(uint spi, int shardBits) => spi < Start ? 0 : (int)Math.Min((spi - Start) / Part(shardBits), (1UL << shardBits) - 1);
}
