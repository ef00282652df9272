// An inner packet into an ESP packet, in place. RFC 4303 3.3; RFC 4106 5 and 2.2.1 of RFC 4303 for the extended sequence number.
using System.Buffers.Binary;
using Cygnet.Crypto;

namespace Cygnet.Esp;

static class EspSeal
{
    /// <summary>
    /// The inner packet stands at the layout's text offset in <paramref name="esp"/>, which has exactly the layout's length for it. Everything else is written.
    /// </summary>
    public static void Seal(PacketCipher cipher, scoped in EspLayout layout, uint spi, ulong sequence, Span<byte> esp, int innerBytes, byte nextHeader, RandomIvs ivs)
    {
        BinaryPrimitives.WriteUInt32BigEndian(esp, spi);
        BinaryPrimitives.WriteUInt32BigEndian(esp[4..], (uint)sequence);
        var iv = esp.Slice(EspLayout.FixedBytes, layout.IvBytes);
        // Each number is used once under a key, whichever worker draws it: it makes a counter mode's IV. RFC 4106 3.1.
        if (layout.NeedsRandomIv) ivs.Fill(iv);
        else if (iv.Length == 8) BinaryPrimitives.WriteUInt64BigEndian(iv, sequence);

        var text = esp[layout.TextOffset..^layout.IcvBytes];
        var padBytes = text.Length - innerBytes - EspLayout.TrailerBytes;
        for (var i = 0; i < padBytes; i++) text[innerBytes + i] = (byte)(i + 1);
        text[^2] = (byte)padBytes;
        text[^1] = nextHeader;

        var icv = esp[^layout.IcvBytes..];
        if (!layout.IsExtended)
        {
            cipher.Seal(esp[..8], [], iv, text, icv);
            return;
        }
        Span<byte> high = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(high, (uint)(sequence >> 32));
        if (!layout.IsAead)
        {
            cipher.Seal(esp[..8], high, iv, text, icv);
            return;
        }
        Span<byte> aad = stackalloc byte[12];
        EspOpen.WriteAad(aad, esp, high);
        cipher.Seal(aad, [], iv, text, icv);
    }
}
