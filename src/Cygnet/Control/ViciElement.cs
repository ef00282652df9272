// The elements of a VICI message: a value, a list, a section that is encoded already. What a section holds: ViciSection.
using System.Text;

namespace Cygnet.Control;

/// <summary>One named element of a <see cref="ViciSection"/>.</summary>
public abstract class ViciElement(string name)
{
    public string Name { get; } = name;
}

/// <summary>A key with its value: text or, for certificates, keys and secrets, arbitrary bytes.</summary>
public sealed class ViciValue(string name, byte[] value) : ViciElement(name)
{
    public byte[] Value { get; } = value;

    /// <summary>The value as text, or null if a byte of it is not printable ASCII.</summary>
    public string? Text => Vici.PrintableText(Value);
}

/// <summary>A list of values; it may be empty.</summary>
public sealed class ViciList(string name, IEnumerable<byte[]> items) : ViciElement(name)
{
    public ViciList(string name, IEnumerable<string> items) : this(name, items.Select(Encoding.UTF8.GetBytes)) { }

    public List<byte[]> Items { get; } = [.. items];

    /// <summary>The items that are text.</summary>
    public IEnumerable<string> Texts => Items.Select(i => Vici.PrintableText(i)).OfType<string>();
}

/// <summary>
/// A section whose content has been encoded before, by <see cref="Vici.Encode"/>: to be sent, where thousands wait for that and would take ten times the
/// memory as objects. What is received holds none.
/// </summary>
public sealed class ViciEncoded(string name, byte[] content) : ViciElement(name)
{
    public byte[] Content { get; } = content;
}
