// VICI messages as the tests write them down: a.b=x is a value, a.b[]=x,y a list, a.b{} a section.
using System.Text;
using Cygnet.Control;

namespace Cygnet.Charon.Tests;

static class Notation
{
    /// <summary>A message of words with blanks between them; in values, <c>+</c> stands for a blank and <c>\xNN</c> for a byte.</summary>
    public static ViciSection Message(string words)
    {
        var root = new ViciSection();
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.IndexOf('=');
            var path = (equals < 0 ? word : word[..equals]).Split('.');
            var at = root;
            foreach (var name in path[..^1]) at = at.Section(name) ?? at.AddSection(name);
            var (last, value) = (path[^1], equals < 0 ? "" : word[(equals + 1)..]);
            if (last.EndsWith("{}", StringComparison.Ordinal)) at.AddSection(last[..^2]);
            else if (last.EndsWith("[]", StringComparison.Ordinal)) at.AddList(last[..^2], value.Length == 0 ? [] : value.Split(',').Select(Bytes));
            else at.Add(last, Bytes(value));
        }
        return root;
    }

    static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '\\') (_, i) = (Add(Convert.ToByte(text.Substring(i + 2, 2), 16)), i + 3);
            else bytes.AddRange(Encoding.UTF8.GetBytes($"{(text[i] == '+' ? ' ' : text[i])}"));
        return [.. bytes];

        int Add(byte b)
        {
            bytes.Add(b);
            return b;
        }
    }

    /// <summary>A message on one line, as <c>swanctl --raw</c> shows it.</summary>
    public static string Show(ViciSection s) => string.Join(' ', s.Elements.Select(e => e switch
    {
        ViciValue v => $"{v.Name}={v.Text ?? "0x" + Convert.ToHexStringLower(v.Value)}",
        ViciList l => $"{l.Name}=[{string.Join(' ', l.Items.Select(i => Encoding.UTF8.GetString(i)))}]",
        ViciSection inner => $"{inner.Name} {{{Show(inner)}}}",
        _ => "?",
    }));
}
