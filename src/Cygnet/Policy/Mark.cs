// A Netfilter mark as configured. swanctl.conf(5).
using Cygnet.Control;

namespace Cygnet.Policy;

/// <summary>
/// A Netfilter mark with its mask. <c>%unique</c>: one of its own for each CHILD_SA, <c>%unique-dir</c>: for each direction; <c>%same</c>, for
/// marks that are set: the one that the policies have.
/// </summary>
public readonly record struct Mark(uint Value, uint Mask)
{
    public bool IsUnique { get; init; }
    public bool IsUniquePerDirection { get; init; }
    public bool IsSame { get; init; }
    public bool IsSet => Mask != 0 || IsUnique || IsUniquePerDirection || IsSame;

    /// <summary><c>value[/mask]</c>, in C's notation, or one of the words; the mask is all ones if left out.</summary>
    public static bool TryParse(string text, bool isSet, out Mark mark)
    {
        mark = default;
        var slash = text.IndexOf('/');
        var (value, maskText) = slash < 0 ? (text, "") : (text[..slash], text[(slash + 1)..]);
        var mask = uint.MaxValue;
        if (maskText.Length > 0)
        {
            if (!Vici.TryNumber(maskText, out var m) || m is < int.MinValue or > uint.MaxValue) return false;
            mask = unchecked((uint)m);
        }
        if (value is "%unique" or "%unique-dir" && !isSet) mark = new(0, mask) { IsUnique = value == "%unique", IsUniquePerDirection = value != "%unique" };
        else if (value == "%same" && isSet) mark = new(0, mask) { IsSame = true };
        else if (Vici.TryNumber(value, out var v) && v is >= int.MinValue and <= uint.MaxValue) mark = new(unchecked((uint)v) & mask, slash < 0 && v == 0 ? 0 : mask);
        else return false;
        return true;
    }
}
