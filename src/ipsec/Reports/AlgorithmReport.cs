// The algorithms of IKE, each with the module that has it. ipsec(8), listalgs.
using System.Text.Json;
using Cygnet.Control;

namespace Cygnet.Command.Reports;

sealed class AlgorithmReport(IVici charon) : Report
{
    const int MostColumns = 120;
    const string Indent = "             ";

    /// <summary>The daemon's names of the sections and those of the text, where a colon and blanks fill up to <see cref="Indent"/>.</summary>
    static readonly (string Key, string Label)[] s_sections =
    [
        ("encryption", "encryption"), ("integrity", "integrity"), ("aead", "aead"), ("hasher", "hasher"), ("prf", "prf"), ("xof", "xof"), ("kdf", "kdf"), ("drbg", "drbg"),
        ("ke", "dh-group"), ("rng", "random-gen"), ("nonce-gen", "nonce-gen"),
    ];

    readonly ViciSection _algorithms = charon.Call("get-algorithms") ?? new();

    public override void Write(TextWriter to)
    {
        to.Write("\nList of registered IKE algorithms:\n");
        foreach (var (key, label) in s_sections)
        {
            to.Write($"\n  {label + ":",-11}");
            var length = Indent.Length;
            foreach (var algorithm in Of(key))
            {
                var text = key == "nonce-gen" ? $" [{algorithm.Text}]" : $" {algorithm.Name}[{algorithm.Text}]";
                if (length + text.Length > MostColumns)
                {
                    to.Write($"\n{Indent}");
                    length = Indent.Length;
                }
                to.Write(text);
                length += text.Length;
            }
        }
        to.Write('\n');
    }

    public override void Write(Utf8JsonWriter to)
    {
        to.WriteStartObject();
        foreach (var (key, label) in s_sections)
        {
            to.WriteStartArray(label);
            foreach (var algorithm in Of(key))
            {
                to.WriteStartObject();
                to.WriteString("name", algorithm.Name);
                to.WriteString("plugin", algorithm.Text);
                to.WriteEndObject();
            }
            to.WriteEndArray();
        }
        to.WriteEndObject();
    }

    // Other daemons name the key exchanges as the text does.
    IEnumerable<ViciValue> Of(string key) => (_algorithms.Section(key) ?? (key == "ke" ? _algorithms.Section("dh") : null))?.Values ?? [];
}
