// X.501 names: DER to text and back, comparison and wildcards. RFC 5280 4.1.2.4 and 7.1.
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Text;

namespace Cygnet.Policy;

/// <summary>The codec of distinguished names; names themselves are <see cref="Identity"/>.</summary>
static partial class DistinguishedName
{
    // Deeper names are refused: the reference takes 20 too, and comparison is linear in it.
    const int MaxAttributes = 20;

    /// <summary>One attribute of a name: content bytes of the type OID, the value's tag number and bytes.</summary>
    internal readonly record struct Attribute(byte[] Oid, int Tag, byte[] Value)
    {
        public bool IsWildcard => Value is [(byte)'*'];
    }

    // The first row of an OID gives the printed word. Values of IA5 rows are IA5String; others PrintableString or UTF8String.
    static readonly (string Name, string Oid, bool IsIa5)[] s_words =
    [
        ("ND", "0.2.262.1.10.7.20", false), ("UID", "0.9.2342.19200300.100.1.1", false), ("DC", "0.9.2342.19200300.100.1.25", false),
        ("CN", "2.5.4.3", false), ("SN", "2.5.4.4", false), ("serialNumber", "2.5.4.5", false), ("C", "2.5.4.6", false), ("L", "2.5.4.7", false),
        ("ST", "2.5.4.8", false), ("STREET", "2.5.4.9", false), ("O", "2.5.4.10", false), ("OU", "2.5.4.11", false),
        ("organizationIdentifier", "2.5.4.97", false), ("T", "2.5.4.12", false), ("D", "2.5.4.13", false), ("postalAddress", "2.5.4.16", false),
        ("postalCode", "2.5.4.17", false), ("N", "2.5.4.41", false), ("G", "2.5.4.42", false), ("I", "2.5.4.43", false),
        ("dnQualifier", "2.5.4.46", false), ("dmdName", "2.5.4.54", false), ("pseudonym", "2.5.4.65", false), ("ID", "2.5.4.45", false),
        ("employeeNumber", "2.16.840.1.113730.3.1.3", false), ("EN", "2.16.840.1.113730.3.1.3", false), ("E", "1.2.840.113549.1.9.1", true),
        ("Email", "1.2.840.113549.1.9.1", true), ("emailAddress", "1.2.840.113549.1.9.1", true), ("unstructuredName", "1.2.840.113549.1.9.2", true),
        ("UN", "1.2.840.113549.1.9.2", true), ("unstructuredAddress", "1.2.840.113549.1.9.8", false), ("UA", "1.2.840.113549.1.9.8", false),
        ("TCGID", "1.3.6.1.4.1.1201.1.1.2.2.75", false),
    ];

    static readonly byte[][] s_oids = [.. s_words.Select(w => OidContent(w.Oid))];

    public static bool IsValid(ReadOnlySpan<byte> der) => Read(der) is not null;

    /// <summary>The attributes in order, relative names flattened; null if the bytes are not exactly one well-formed name.</summary>
    public static List<Attribute>? Read(ReadOnlySpan<byte> der)
    {
        try
        {
            var attributes = new List<Attribute>();
            // DER first; BER names exist in old certificates only, and two encodings of one name would defeat comparison.
            if (!TryTlv(der, out var outer, out var sequence, out var rest) || outer != 0x30 || rest.Length > 0) return null;
            while (sequence.Length > 0)
            {
                if (!TryTlv(sequence, out var setTag, out var set, out sequence) || setTag != 0x31 || set.Length == 0) return null;
                while (set.Length > 0)
                {
                    if (!TryTlv(set, out var pairTag, out var pair, out set) || pairTag != 0x30) return null;
                    if (!TryTlv(pair, out var oidTag, out var oid, out pair) || oidTag != 0x06 || oid.Length == 0) return null;
                    if (!TryTlv(pair, out var valueTag, out var value, out pair) || pair.Length > 0 || attributes.Count == MaxAttributes) return null;
                    attributes.Add(new(oid.ToArray(), valueTag, value.ToArray()));
                }
            }
            return attributes;
        }
        catch (AsnContentException) { return null; }
    }

    static bool TryTlv(ReadOnlySpan<byte> data, out int tag, out ReadOnlySpan<byte> content, out ReadOnlySpan<byte> rest)
    {
        tag = 0;
        content = rest = default;
        if (!AsnDecoder.TryReadEncodedValue(data, AsnEncodingRules.DER, out var t, out var offset, out var length, out var consumed)) return false;
        if (t.TagValue > 30) return false;
        tag = ((int)t.TagClass) | (t.IsConstructed ? 0x20 : 0) | t.TagValue;
        content = data.Slice(offset, length);
        rest = data[consumed..];
        return true;
    }

    /// <summary>The form <c>C=CH, O=x, CN=y</c>.</summary>
    public static string Format(ReadOnlySpan<byte> der)
    {
        if (Read(der) is not { } attributes) return "(invalid ID_DER_ASN1_DN)";
        var text = new StringBuilder();
        foreach (var a in attributes)
        {
            if (text.Length > 0) text.Append(", ");
            var row = Array.FindIndex(s_oids, o => o.AsSpan().SequenceEqual(a.Oid));
            text.Append(row < 0 ? Identity.ToHexPairs(a.Oid) : s_words[row].Name).Append('=').Append(Identity.Printable(a.Value));
        }
        return text.ToString();
    }

    /// <summary>Reads <c>C=CH, O=x</c> or <c>/C=CH/O=x</c>; false if a word is unknown, a value has no word, or there are over 20.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out byte[]? der)
    {
        der = null;
        var separator = text.TrimStart() is ['/', ..] ? '/' : ',';
        var writer = new AsnWriter(AsnEncodingRules.DER);
        var count = 0;
        using (writer.PushSequence())
        {
            foreach (var part in text.Split(separator))
            {
                // "C=CH," and "/C=CH" have an empty part.
                if (string.IsNullOrWhiteSpace(part)) continue;
                if (part.IndexOf('=') is not (> 0 and var equals) || ++count > MaxAttributes) return false;
                var word = part[..equals].Trim();
                var row = Array.FindIndex(s_words, w => w.Name.Equals(word, StringComparison.OrdinalIgnoreCase));
                if (row < 0) return false;
                Write(writer, s_words[row].Oid, s_words[row].IsIa5, part[(equals + 1)..].Trim());
            }
        }
        if (count == 0) return false;
        der = writer.Encode();
        return true;
    }

    static void Write(AsnWriter writer, string oid, bool isIa5, string value)
    {
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteCharacterString(
                isIa5 && Ascii.IsValid(value) ? UniversalTagNumber.IA5String
                : value.All(IsPrintableStringChar) ? UniversalTagNumber.PrintableString : UniversalTagNumber.UTF8String, value);
        }
    }

    static bool IsPrintableStringChar(char c) => char.IsAsciiLetterOrDigit(c) || " '()+,-./:=?".Contains(c);

    public static bool HasWildcards(ReadOnlySpan<byte> der) => Read(der)?.Any(a => a.IsWildcard) ?? false;

    public static bool Equal(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (Read(a) is not { } left || Read(b) is not { } right || left.Count != right.Count) return false;
        for (var i = 0; i < left.Count; i++)
            if (!SameAttribute(left[i], right[i])) return false;
        return true;
    }

    /// <summary>The values of the mail address attributes.</summary>
    public static IEnumerable<Identity> MailAddresses(ReadOnlySpan<byte> der)
    {
        var oid = s_oids[Array.FindIndex(s_words, w => w.Name == "E")];
        List<Identity> mails = [];
        foreach (var a in Read(der) ?? [])
            if (a.Oid.AsSpan().SequenceEqual(oid) && Identity.TryFromWire(3, a.Value, out var mail)) mails.Add(mail);
        return mails;
    }

    /// <summary>
    /// 20 less one for every wildcard of the pattern, at least 2; 0 if an attribute differs. Order and number must agree, unless
    /// <paramref name="rdns"/> says otherwise; what the pattern does not name then costs as much as a wildcard.
    /// </summary>
    public static int Match(ReadOnlySpan<byte> name, ReadOnlySpan<byte> pattern, RdnMatching rdns = RdnMatching.Strict)
    {
        if (Read(name) is not { } left || Read(pattern) is not { } right) return Identity.NoMatch;
        if (rdns == RdnMatching.Relaxed ? left.Count < right.Count : left.Count != right.Count) return Identity.NoMatch;
        var score = Identity.ExactMatch - (left.Count - right.Count) - right.Count(a => a.IsWildcard);
        // Values before wildcards: a wildcard must not take what a value needs.
        foreach (var wanted in rdns == RdnMatching.Strict ? right : [.. right.OrderBy(a => a.IsWildcard)])
        {
            var at = rdns == RdnMatching.Strict ? Fits(left[0], wanted) ? 0 : -1 : left.FindIndex(a => Fits(a, wanted));
            if (at < 0) return Identity.NoMatch;
            left.RemoveAt(at);
        }
        return Math.Max(score, Identity.WidestMatch);

        static bool Fits(in Attribute a, in Attribute wanted) => wanted.IsWildcard ? a.Oid.AsSpan().SequenceEqual(wanted.Oid) : SameAttribute(a, wanted);
    }

    static bool SameAttribute(in Attribute a, in Attribute b)
    {
        const int printable = (int)UniversalTagNumber.PrintableString, ia5 = (int)UniversalTagNumber.IA5String, utf8 = (int)UniversalTagNumber.UTF8String;
        if (!a.Oid.AsSpan().SequenceEqual(b.Oid)) return false;
        if (a.Value.AsSpan().SequenceEqual(b.Value)) return a.Tag == b.Tag || (a.Tag is printable or ia5 or utf8 && b.Tag is printable or ia5 or utf8);
        return a.Tag is printable or ia5 && b.Tag is printable or ia5 && Ascii.EqualsIgnoreCase(a.Value, b.Value);
    }

    static byte[] OidContent(string oid)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(oid);
        return writer.Encode()[2..];
    }
}
