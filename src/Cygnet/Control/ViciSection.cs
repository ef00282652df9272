// A section of a VICI message, and the message itself, which is a section without a name.
using System.Globalization;
using System.Text;

namespace Cygnet.Control;

/// <summary>
/// An ordered sequence of values, lists and sections. Keys may repeat: a lookup takes the first, a walker sees each.
/// </summary>
public sealed class ViciSection(string name = "") : ViciElement(name)
{
    public List<ViciElement> Elements { get; } = [];

    public IEnumerable<ViciSection> Sections => Elements.OfType<ViciSection>();

    public IEnumerable<ViciList> Lists => Elements.OfType<ViciList>();

    public IEnumerable<ViciValue> Values => Elements.OfType<ViciValue>();

    /// <summary>Appends a text value and returns this section; null is not sent at all.</summary>
    public ViciSection Add(string key, string? value)
    {
        if (value is not null) Elements.Add(new ViciValue(key, Encoding.UTF8.GetBytes(value)));
        return this;
    }

    public ViciSection Add(string key, byte[] value)
    {
        Elements.Add(new ViciValue(key, value));
        return this;
    }

    public ViciSection Add(string key, long value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Numbers beyond a long (counters, SPIs) are text as well.</summary>
    public ViciSection Add(string key, ulong value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    public ViciSection Add(string key, bool value) => Add(key, value ? "yes" : "no");

    public ViciSection AddList(string key, IEnumerable<string> items)
    {
        Elements.Add(new ViciList(key, items));
        return this;
    }

    public ViciSection AddList(string key, IEnumerable<byte[]> items)
    {
        Elements.Add(new ViciList(key, items));
        return this;
    }

    /// <summary>Appends a section and returns the new one.</summary>
    public ViciSection AddSection(string key)
    {
        var section = new ViciSection(key);
        Elements.Add(section);
        return section;
    }

    public ViciSection Add(ViciElement element)
    {
        Elements.Add(element);
        return this;
    }

    /// <summary>The first value of that key as bytes, or null.</summary>
    public byte[]? Bytes(string key) => Value(key)?.Value;

    /// <summary>The first value of that key; absent too if it is not printable ASCII.</summary>
    public string? Text(string key) => Value(key)?.Text;

    /// <summary>The first value of that key as UTF-8, for texts that people read.</summary>
    public string? Utf8(string key) => Bytes(key) is { } b ? Encoding.UTF8.GetString(b) : null;

    public ViciSection? Section(string key)
    {
        foreach (var e in Elements)
            if (e is ViciSection found && e.Name == key) return found;
        return null;
    }

    /// <summary>The text items of the first list of that key; empty if there is none.</summary>
    public IReadOnlyList<string> List(string key)
    {
        foreach (var e in Elements)
            if (e is ViciList found && e.Name == key) return found.Items.Count == 0 ? [] : [.. found.Texts];
        return [];
    }

    public bool Has(string key)
    {
        foreach (var e in Elements)
            if (e.Name == key) return true;
        return false;
    }

    /// <summary>A number as C's strtol reads it with base 0: 0x for hexadecimal, a leading 0 for octal.</summary>
    public long Number(string key, long otherwise = 0) => Text(key) is { } t && Vici.TryNumber(t, out var n) ? n : otherwise;

    /// <summary>1 yes true enabled, 0 no false disabled, in any case; anything else is the default.</summary>
    public bool Boolean(string key, bool otherwise = false) => Text(key) is { } t && Vici.TryBoolean(t, out var b) ? b : otherwise;

    // Not one generic method for the three: shared code would have to find out at each element what its type argument is.
    ViciValue? Value(string key)
    {
        foreach (var e in Elements)
            if (e is ViciValue found && e.Name == key) return found;
        return null;
    }
}
