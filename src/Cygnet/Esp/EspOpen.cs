// An ESP packet into its content, in place. RFC 4303 3.4.
using System.Buffers.Binary;
using Cygnet.Crypto;

namespace Cygnet.Esp;

static class EspOpen
{
    /// <summary>Whether the packet can be one of that layout: long enough for the fixed parts and one trailer, text in whole blocks.</summary>
    public static bool Fits(in EspLayout layout, int espBytes)
    {
        var text = espBytes - layout.TextOffset - layout.IcvBytes;
        return text >= layout.AlignBytes && text % layout.AlignBytes == 0;
    }

    /// <summary>Authenticates and decrypts a packet that fits; the text is then plain. <paramref name="sequence"/> is the whole number.</summary>
    public static bool Open(PacketCipher cipher, scoped in EspLayout layout, ulong sequence, Span<byte> esp, out Span<byte> text)
    {
        text = esp[layout.TextOffset..^layout.IcvBytes];
        var iv = esp.Slice(EspLayout.FixedBytes, layout.IvBytes);
        var icv = esp[^layout.IcvBytes..];
        if (!layout.IsExtended) return cipher.Open(esp[..8], [], iv, text, icv);
        Span<byte> high = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(high, (uint)(sequence >> 32));
        if (!layout.IsAead) return cipher.Open(esp[..8], high, iv, text, icv);
        Span<byte> aad = stackalloc byte[12];
        WriteAad(aad, esp, high);
        return cipher.Open(aad, [], iv, text, icv);
    }

    /// <summary>Takes padding and trailer off. False if the padding is not what RFC 4303 2.4 prescribes.</summary>
    public static bool TryUnpad(ReadOnlySpan<byte> text, out int contentBytes, out byte nextHeader)
    {
        nextHeader = text[^1];
        contentBytes = text.Length - EspLayout.TrailerBytes - text[^2];
        if (contentBytes < 0) return false;
        var padding = text[contentBytes..^2];
        for (var i = 0; i < padding.Length; i++)
            if (padding[i] != (byte)(i + 1)) return false;
        return true;
    }

    // SPI, then all 64 bits of the sequence number. RFC 4106 5.
    internal static void WriteAad(Span<byte> aad, ReadOnlySpan<byte> esp, ReadOnlySpan<byte> high)
    {
        esp[..4].CopyTo(aad);
        high.CopyTo(aad[4..]);
        esp.Slice(4, 4).CopyTo(aad[8..]);
    }
}
