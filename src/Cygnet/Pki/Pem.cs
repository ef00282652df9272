// PEM: labels, the headers of OpenSSL's encrypted keys, base64. RFC 7468, RFC 1421 4.6.
using System.Buffers.Text;
using System.Text;

namespace Cygnet.Pki;

/// <summary>One PEM block: label, header lines (<c>Proc-Type: …</c>), decoded content.</summary>
sealed record Pem(string Label, IReadOnlyList<string> Headers, byte[] Content)
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

    static byte[]? Decode(StringBuilder text)
    {
        var bytes = Encoding.Latin1.GetBytes(text.ToString());
        var content = new byte[Base64.GetMaxDecodedFromUtf8Length(bytes.Length)];
        return Base64.DecodeFromUtf8(bytes, content, out _, out var length) == System.Buffers.OperationStatus.Done ? content[..length] : null;
    }
}
