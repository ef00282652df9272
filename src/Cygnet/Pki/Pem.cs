// PEM: labels, the headers of OpenSSL's encrypted keys, base64. RFC 7468, RFC 1421 4.6.
using System.Buffers.Text;
using System.Text;

namespace Cygnet.Pki;

/// <summary>One PEM block: label, header lines (<c>Proc-Type: …</c>), decoded content.</summary>
public sealed record Pem(string Label, IReadOnlyList<string> Headers, byte[] Content)
{
    // A file of certificates may hold all CAs of a system; more than that is not a credential.
    const int MaxBlocks = 1000;

    public static bool Looks(ReadOnlySpan<byte> file) => file.IndexOf("-----BEGIN "u8) >= 0;

    /// <summary>Value of a header line, or null.</summary>
    public string? Header(string name) =>
        Headers.FirstOrDefault(h => h.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    /// <summary>All blocks in order; null and the reason if one is damaged. Text around the blocks is ignored.</summary>
    public static List<Pem>? Read(ReadOnlySpan<byte> file, out string reason)
    {
        reason = "";
        var blocks = new List<Pem>();
        string? label = null;
        List<string> headers = [];
        var body = new StringBuilder();
        foreach (var range in file.Split((byte)'\n'))
        {
            var line = Encoding.Latin1.GetString(file[range]).Trim();
            if (label is null)
            {
                if (!line.StartsWith("-----BEGIN ", StringComparison.Ordinal) || !line.EndsWith("-----", StringComparison.Ordinal) || line.Length < 17) continue;
                label = line[11..^5];
                headers = [];
                body.Clear();
                continue;
            }
            if (line.StartsWith("-----", StringComparison.Ordinal))
            {
                if (line != $"-----END {label}-----")
                {
                    reason = $"PEM block '{label}' has no end line";
                    return null;
                }
                if (Decode(body) is not { } content)
                {
                    reason = $"PEM block '{label}' is not base64";
                    return null;
                }
                if (blocks.Count == MaxBlocks)
                {
                    reason = $"more than {MaxBlocks} PEM blocks";
                    return null;
                }
                blocks.Add(new(label, headers, content));
                label = null;
            }
            else if (line.Contains(':')) headers.Add(line);
            else body.Append(line);
        }
        if (label is null) return blocks;
        reason = $"PEM block '{label}' has no end line";
        return null;
    }

    /// <summary>DER as it is, or the first block with one of the labels; null and the reason.</summary>
    public static byte[]? FirstOf(ReadOnlySpan<byte> derOrPem, string[] labels, out string reason)
    {
        reason = "";
        if (derOrPem is [0x30, ..]) return derOrPem.ToArray();
        if (!Looks(derOrPem))
        {
            reason = "neither DER nor PEM";
            return null;
        }
        if (Read(derOrPem, out reason) is not { } blocks) return null;
        if (blocks.FirstOrDefault(b => labels.Contains(b.Label)) is { } block) return block.Content;
        reason = $"no PEM block '{labels[0]}'";
        return null;
    }

    /// <summary>The text of a block, with lines of 64 characters: RFC 7468 2.</summary>
    public static string Write(string label, ReadOnlySpan<byte> content)
    {
        var text = new StringBuilder($"-----BEGIN {label}-----\n");
        var base64 = Convert.ToBase64String(content);
        for (var at = 0; at < base64.Length; at += 64) text.Append(base64.AsSpan(at, Math.Min(64, base64.Length - at))).Append('\n');
        return text.Append("-----END ").Append(label).Append("-----\n").ToString();
    }

    static byte[]? Decode(StringBuilder text)
    {
        var bytes = Encoding.Latin1.GetBytes(text.ToString());
        var content = new byte[Base64.GetMaxDecodedFromUtf8Length(bytes.Length)];
        return Base64.DecodeFromUtf8(bytes, content, out _, out var length) == System.Buffers.OperationStatus.Done ? content[..length] : null;
    }
}
