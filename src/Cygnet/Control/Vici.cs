// The VICI codec: elements of a message, and the text forms of their values. Big-endian; lengths are checked against what is left.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Cygnet.Control;

/// <summary>Limits and encoding of the VICI protocol, used by the daemon and by its clients.</summary>
public static class Vici
{
    /// <summary>The longest segment in either direction, its length field not counted.</summary>
    public const int MaxSegment = 512 * 1024;

    /// <summary>Length of the length in front of each segment.</summary>
    public const int LengthBytes = 4;

    internal const byte SectionStart = 1, SectionEnd = 2, KeyValue = 3, ListStart = 4, ListItem = 5, ListEnd = 6, End = 7;

    /// <summary>
    /// Appends what the message holds to <paramref name="into"/>. False where the message breaks off; what was read until then is kept.
    /// Sections and lists that are still open at the end count as closed.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> message, ViciSection into)
    {
        // An own stack: a stranger decides how deep sections nest.
        var open = new Stack<ViciSection>();
        var section = into;
        ViciList? list = null;
        while (!message.IsEmpty)
        {
            var type = message[0];
            message = message[1..];
            if (list is not null && type is not (ListItem or ListEnd)) return false;
            switch (type)
            {
                case SectionStart:
                    if (!TryName(ref message, out var name)) return false;
                    open.Push(section);
                    section = section.AddSection(name);
                    break;
                case SectionEnd:
                    if (!open.TryPop(out var outer)) return false;
                    section = outer;
                    break;
                case KeyValue:
                    if (!TryName(ref message, out name) || !TryValue(ref message, out var value)) return false;
                    section.Add(name, value);
                    break;
                case ListStart:
                    if (!TryName(ref message, out name)) return false;
                    section.Add(list = new ViciList(name, Array.Empty<byte[]>()));
                    break;
                case ListItem:
                    if (list is null || !TryValue(ref message, out value)) return false;
                    list.Items.Add(value);
                    break;
                case ListEnd:
                    if (list is null) return false;
                    list = null;
                    break;
                case End when open.Count == 0:
                    return true;
                default:
                    return false;
            }
        }
        return true;
    }

    /// <summary>What a message holds as the protocol encodes it, no segment around it; null with the reason if a name or a value is too long for the protocol.</summary>
    public static byte[]? Encode(ViciSection message, out string? reason)
    {
        var encoded = new byte[LengthOf(message)];
        Span<byte> to = encoded;
        reason = null;
        return TryWrite(message, ref to, ref reason) ? encoded : null;
    }

    /// <summary>Writes the elements of a message to the front of <paramref name="to"/>, where <see cref="LengthOf"/> bytes have room, and cuts these off.</summary>
    internal static bool TryWrite(ViciSection message, ref Span<byte> to, ref string? reason)
    {
        foreach (var element in message.Elements)
        {
            switch (element)
            {
                case ViciValue v:
                    if (!TryWriteName(ref to, KeyValue, v.Name, ref reason) || !TryWriteValue(ref to, v.Name, v.Value, ref reason)) return false;
                    break;
                case ViciList l:
                    if (!TryWriteName(ref to, ListStart, l.Name, ref reason)) return false;
                    foreach (var item in l.Items)
                    {
                        Write(ref to, ListItem);
                        if (!TryWriteValue(ref to, l.Name, item, ref reason)) return false;
                    }
                    Write(ref to, ListEnd);
                    break;
                case ViciSection s:
                    if (!TryWriteName(ref to, SectionStart, s.Name, ref reason) || !TryWrite(s, ref to, ref reason)) return false;
                    Write(ref to, SectionEnd);
                    break;
                case ViciEncoded e:
                    if (!TryWriteName(ref to, SectionStart, e.Name, ref reason)) return false;
                    e.Content.CopyTo(to);
                    to = to[e.Content.Length..];
                    Write(ref to, SectionEnd);
                    break;
            }
        }
        return true;
    }

    /// <summary>How many bytes <see cref="Encode"/> makes of a message that the protocol can carry.</summary>
    public static int LengthOf(ViciSection message)
    {
        var length = 0;
        foreach (var element in message.Elements)
        {
            length += element.Name.Length;
            switch (element)
            {
                case ViciValue v:
                    length += 4 + v.Value.Length;
                    break;
                case ViciList l:
                    length += 3;
                    foreach (var item in l.Items) length += 3 + item.Length;
                    break;
                case ViciSection s:
                    length += 3 + LengthOf(s);
                    break;
                case ViciEncoded e:
                    length += 3 + e.Content.Length;
                    break;
            }
        }
        return length;
    }

    /// <summary>A number as C's strtol reads it with base 0; the whole text must match.</summary>
    public static bool TryNumber(string text, out long number)
    {
        number = 0;
        var digits = text.AsSpan().TrimStart();
        var negative = digits.StartsWith("-");
        if (negative || digits.StartsWith("+")) digits = digits[1..];
        var radix = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? 16 : digits.Length > 1 && digits[0] == '0' ? 8 : 10;
        if (radix == 16) digits = digits[2..];
        if (digits.IsEmpty) return false;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 16;
            if (digit >= radix || number > (long.MaxValue - digit) / radix) return false;
            number = number * radix + digit;
        }
        if (negative) number = -number;
        return true;
    }

    public static bool TryBoolean(string text, out bool value)
    {
        value = text.ToLowerInvariant() is "1" or "yes" or "true" or "enabled";
        return value || text.ToLowerInvariant() is "0" or "no" or "false" or "disabled";
    }

    static bool IsPrintable(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e);

    internal static string? PrintableText(ReadOnlySpan<byte> bytes) => IsPrintable(bytes) ? Encoding.ASCII.GetString(bytes) : null;

    internal static bool TryName(ref ReadOnlySpan<byte> from, out string name)
    {
        name = "";
        if (from.IsEmpty || from.Length - 1 < from[0] || PrintableText(from.Slice(1, from[0])) is not { } text) return false;
        name = text;
        from = from[(1 + from[0])..];
        return true;
    }

    static bool TryValue(ref ReadOnlySpan<byte> from, out byte[] value)
    {
        value = [];
        if (from.Length < 2) return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(from);
        if (from.Length - 2 < length) return false;
        value = from.Slice(2, length).ToArray();
        from = from[(2 + length)..];
        return true;
    }

    static void Write(ref Span<byte> to, byte type)
    {
        to[0] = type;
        to = to[1..];
    }

    /// <summary>A byte of type, and the name behind its length.</summary>
    internal static bool TryWriteName(ref Span<byte> to, byte type, string name, ref string? reason)
    {
        // An unprintable name would make the whole message unreadable for its receiver.
        if (name.Length > byte.MaxValue || name.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            reason = $"'{name}' cannot be the name of an element";
            return false;
        }
        to[0] = type;
        to[1] = (byte)name.Length;
        Encoding.ASCII.GetBytes(name, to[2..]);
        to = to[(2 + name.Length)..];
        return true;
    }

    internal static string TooLong(string name, int length) =>
        string.Create(CultureInfo.InvariantCulture, $"value of '{name}' has {length} bytes, at most {ushort.MaxValue} are possible");

    static bool TryWriteValue(ref Span<byte> to, string name, byte[] value, ref string? reason)
    {
        if (value.Length > ushort.MaxValue)
        {
            reason = TooLong(name, value.Length);
            return false;
        }
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)value.Length);
        value.CopyTo(to[2..]);
        to = to[(2 + value.Length)..];
        return true;
    }
}
