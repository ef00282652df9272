// A firewall mark as strongswan.conf writes it: [!]value[/mask].
using System.Globalization;

namespace Cygnet.Linux;

/// <summary>Packets whose mark agrees with the value in the bits of the mask; inverted, those whose does not.</summary>
public readonly record struct PacketMark(uint Value, uint Mask = uint.MaxValue, bool IsInverted = false)
{
    /// <summary>Numbers are decimal, or hexadecimal behind 0x. Null if the text is none.</summary>
    public static PacketMark? Parse(string text)
    {
        text = text.Trim();
        var isInverted = text.StartsWith('!');
        if (isInverted) text = text[1..];
        var slash = text.IndexOf('/');
        if (!TryNumber(slash < 0 ? text : text[..slash], out var value)) return null;
        var mask = uint.MaxValue;
        if (slash >= 0 && !TryNumber(text[(slash + 1)..], out mask)) return null;
        return new(value & mask, mask, isInverted);
    }

    static bool TryNumber(string text, out uint number)
    {
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return uint.TryParse(isHex ? text[2..] : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
