// Whether a name lies below another, as name constraints ask. RFC 5280 4.2.1.10, comparison 7.1.
using System.Text;

namespace Cygnet.Policy;

static partial class DistinguishedName
{
    /// <summary>
    /// Whether the name begins with all attributes of the prefix, whatever the string types, the case and the blanks. Null if it cannot be told: values
    /// differ, and are not plain ASCII on both sides, where this comparison stands for the string preparation of RFC 4518.
    /// </summary>
    public static bool? Covers(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name)
    {
        if (Read(prefix) is not { } left || Read(name) is not { } right) return null;
        if (left.Count > right.Count) return false;
        bool? covers = true;
        for (var i = 0; i < left.Count; i++)
        {
            if (!left[i].Oid.AsSpan().SequenceEqual(right[i].Oid)) return false;
            if (left[i].Tag == right[i].Tag && left[i].Value.AsSpan().SequenceEqual(right[i].Value)) continue;
            if (Folded(left[i]) is not { } a || Folded(right[i]) is not { } b) covers = null;
            else if (a == b) continue;
            else if (Ascii.IsValid(a) && Ascii.IsValid(b)) return false;
            else covers = null;
        }
        return covers;
    }

    // Null if it is no string.
    static string? Folded(in Attribute a)
    {
        var text = a.Tag switch
        {
            0x0c => Encoding.UTF8.GetString(a.Value),
            0x12 or 0x13 or 0x14 or 0x16 or 0x1a => Encoding.Latin1.GetString(a.Value),
            0x1c when a.Value.Length % 4 == 0 => new UTF32Encoding(bigEndian: true, byteOrderMark: false).GetString(a.Value),
            0x1e when a.Value.Length % 2 == 0 => Encoding.BigEndianUnicode.GetString(a.Value),
            _ => null,
        };
        return text is null ? null : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();
    }
}
