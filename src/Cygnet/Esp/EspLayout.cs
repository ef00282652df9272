// Where the parts of an SA's ESP packets lie. RFC 4303 2, 2.4.
using Cygnet.Crypto;

namespace Cygnet.Esp;

/// <summary>SPI and sequence number, IV, text (inner packet, padding, pad length, next header), ICV.</summary>
readonly struct EspLayout(PacketCipher cipher, bool isExtended)
{
    /// <summary>SPI and sequence number, bytes.</summary>
    public const int FixedBytes = 8;

    /// <summary>Pad length and next header, bytes.</summary>
    public const int TrailerBytes = 2;

    public readonly int IvBytes = cipher.IvBytes;
    public readonly int IcvBytes = cipher.IcvBytes;

    /// <summary>The text ends on 4 bytes whatever the cipher asks. RFC 4303 2.4.</summary>
    public readonly int AlignBytes = Math.Max(4, cipher.BlockBytes);
    public readonly bool NeedsRandomIv = cipher.NeedsRandomIv;
    public readonly bool IsAead = cipher.IsAead;
    public readonly bool IsExtended = isExtended;

    public int TextOffset => FixedBytes + IvBytes;

    public int TextBytes(int innerBytes) => (innerBytes + TrailerBytes + AlignBytes - 1) / AlignBytes * AlignBytes;

    public int EspBytes(int innerBytes) => TextOffset + TextBytes(innerBytes) + IcvBytes;
}
