// Raw public keys as people have them: PEM and DER, RFC 3110 (DNSKEY), RFC 4253 6.6, RFC 5656 and RFC 8709 (SSH), hexadecimal and base64.
using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Text;
using Cygnet.Crypto;

namespace Cygnet.Pki;

/// <summary>Reads public keys outside of certificates.</summary>
public static class PublicKeyFile
{
    const int MaxBytes = 1 << 14;

    /// <summary>A file: PEM of SubjectPublicKeyInfo or PKCS#1, the same in DER, or a line of SSH. Null and the reason; never an exception.</summary>
    public static PublicKey? Read(ReadOnlySpan<byte> file, out string reason)
    {
        if (file.Length > MaxBytes) return Refuse($"a public key has at most {MaxBytes} bytes", out reason);
        if (file is [0x30, ..]) return Der(file, out reason);
        if (Pem.Looks(file)) return Pem.FirstOf(file, ["PUBLIC KEY", "RSA PUBLIC KEY"], out reason) is { } der ? Der(der, out reason) : null;
        var words = Encoding.Latin1.GetString(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 2 && Base64(words[1]) is { } blob ? Ssh(blob, out reason) : Refuse("neither DER nor PEM nor a public key of SSH", out reason);
    }

    /// <summary>Whether the value of <c>leftsigkey</c> holds the key itself, and is not the name of a file.</summary>
    public static bool IsInline(string text) => Body(text, out _) is not null;

    /// <summary>The value of <c>leftsigkey</c>: <c>0x</c> or <c>0s</c> with PKCS#1 or SubjectPublicKeyInfo, after <c>dns:</c> RFC 3110, after <c>ssh:</c> SSH.</summary>
    public static PublicKey? Parse(string text, out string reason)
    {
        if (Body(text, out var form) is not { } body) return Refuse("neither 0x… nor 0s…", out reason);
        var bytes = body[1] is 's' or 'S' ? Base64(body[2..]) : Hex(body[2..]);
        if (bytes is null or []) return Refuse($"not {(body[1] is 's' or 'S' ? "base64" : "hexadecimal")}", out reason);
        if (bytes.Length > MaxBytes) return Refuse($"a public key has at most {MaxBytes} bytes", out reason);
        return form switch { "dns:" => Dns(bytes, out reason), "ssh:" => Ssh(bytes, out reason), _ => Der(bytes, out reason) };
    }

    static string? Body(string text, out string form)
    {
        form = text.StartsWith("dns:", StringComparison.OrdinalIgnoreCase) ? "dns:" : text.StartsWith("ssh:", StringComparison.OrdinalIgnoreCase) ? "ssh:" : "";
        var body = text[form.Length..];
        return body.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || body.StartsWith("0s", StringComparison.OrdinalIgnoreCase) ? body : null;
    }

    static PublicKey? Der(ReadOnlySpan<byte> der, out string reason)
    {
        try
        {
            var body = new AsnReader(der.ToArray(), AsnEncodingRules.DER).ReadSequence();
            // PKCS#1 begins with a number, SubjectPublicKeyInfo with the algorithm.
            if (body.PeekTag() == Asn1Tag.Integer) return Rsa(der, out reason);
        }
        catch (AsnContentException)
        {
            return Refuse("the public key is malformed", out reason);
        }
        return Info(der, out reason);
    }

    // RFC 3110 2: length of the exponent in one byte, or zero and two bytes; exponent; modulus.
    static PublicKey? Dns(ReadOnlySpan<byte> key, out string reason)
    {
        var (length, at) = key is [0, var high, var low, ..] ? (high << 8 | low, 3) : (key[0], 1);
        if (length == 0 || at + length >= key.Length) return Refuse("the RFC 3110 key is cut short", out reason);
        return Rsa(key[(at + length)..], key.Slice(at, length), out reason);
    }

    static PublicKey? Ssh(ReadOnlySpan<byte> blob, out string reason)
    {
        List<byte[]> parts = [];
        while (blob.Length >= 4 && parts.Count < 3)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(blob);
            if (length > blob.Length - 4) return Refuse("the SSH key is cut short", out reason);
            parts.Add(blob.Slice(4, (int)length).ToArray());
            blob = blob[(4 + (int)length)..];
        }
        if (!blob.IsEmpty || parts.Count < 2) return Refuse("the SSH key is malformed", out reason);
        switch (Encoding.Latin1.GetString(parts[0]))
        {
            case "ssh-rsa" when parts.Count == 3: return Rsa(parts[2], parts[1], out reason);
            case "ssh-ed25519" when parts.Count == 2: return Wrapped(Oids.Ed25519, null, parts[1], out reason);
            case "ssh-ed448" when parts.Count == 2: return Wrapped(Oids.Ed448, null, parts[1], out reason);
            case "ecdsa-sha2-nistp256" when parts.Count == 3: return Wrapped(Oids.EcPublicKey, "1.2.840.10045.3.1.7", parts[2], out reason);
            case "ecdsa-sha2-nistp384" when parts.Count == 3: return Wrapped(Oids.EcPublicKey, "1.3.132.0.34", parts[2], out reason);
            case "ecdsa-sha2-nistp521" when parts.Count == 3: return Wrapped(Oids.EcPublicKey, "1.3.132.0.35", parts[2], out reason);
            default: return Refuse("SSH keys of this type are not supported; rsa, ecdsa, ed25519 and ed448 are", out reason);
        }
    }

    static PublicKey? Rsa(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, out string reason)
    {
        modulus = modulus.TrimStart((byte)0);
        exponent = exponent.TrimStart((byte)0);
        if (modulus.IsEmpty || exponent.IsEmpty) return Refuse("the RSA key has an empty number", out reason);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(modulus);
            writer.WriteIntegerUnsigned(exponent);
        }
        return Rsa(writer.Encode(), out reason);
    }

    static PublicKey? Rsa(ReadOnlySpan<byte> pkcs1, out string reason)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.RsaEncryption);
                writer.WriteNull();
            }
            writer.WriteBitString(pkcs1);
        }
        return Info(writer.Encode(), out reason);
    }

    static PublicKey? Wrapped(string algorithm, string? curve, ReadOnlySpan<byte> key, out string reason)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(algorithm);
                if (curve is not null) writer.WriteObjectIdentifier(curve);
            }
            writer.WriteBitString(key);
        }
        return Info(writer.Encode(), out reason);
    }

    static PublicKey? Info(ReadOnlySpan<byte> der, out string reason)
    {
        var key = PublicKey.FromSubjectPublicKeyInfo(der, out var why);
        reason = why ?? "";
        return key;
    }

    static byte[]? Base64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var count) ? bytes[..count] : null;
    }

    static byte[]? Hex(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal);
        return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }

    static PublicKey? Refuse(string why, out string reason)
    {
        reason = why;
        return null;
    }
}
