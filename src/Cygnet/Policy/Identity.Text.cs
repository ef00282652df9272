// Reading and printing identities: the forms of leftid, of ipsec.secrets selectors and of the logs.
using System.Formats.Asn1;
using System.Globalization;
using System.Text;

namespace Cygnet.Policy;

public sealed partial class Identity
{
    const string XmppAddressOid = "1.3.6.1.5.5.7.8.5";

    static readonly (string Text, IdentityKind Kind)[] s_prefixes =
    [
        ("ipv4:", IdentityKind.Ipv4), ("ipv6:", IdentityKind.Ipv6), ("ipv4net:", IdentityKind.Ipv4Subnet), ("ipv6net:", IdentityKind.Ipv6Subnet),
        ("ipv4range:", IdentityKind.Ipv4Range), ("ipv6range:", IdentityKind.Ipv6Range), ("rfc822:", IdentityKind.Rfc822), ("email:", IdentityKind.Rfc822),
        ("userfqdn:", IdentityKind.Rfc822), ("fqdn:", IdentityKind.Fqdn), ("dns:", IdentityKind.Fqdn), ("asn1dn:", IdentityKind.DistinguishedName),
        ("asn1gn:", IdentityKind.GeneralName), ("xmppaddr:", IdentityKind.GeneralName), ("keyid:", IdentityKind.KeyId),
    ];

    /// <summary>
    /// Reads any text form; the first that fits decides: type prefix, DN, any, address, subnet, range, <c>@#hex</c>, <c>@@mail</c>, <c>@name</c>,
    /// mail address, name. Nothing is refused: what fits no form is a KEY_ID of the literal text, as in the reference.
    /// </summary>
    public static Identity Parse(string text)
    {
        if (ParseTyped(text) is { } typed) return typed;
        if (text.Contains('='))
            return DistinguishedName.TryParse(text, out var der) ? new(IdentityKind.DistinguishedName, der) : Literal(IdentityKind.KeyId, text);
        if (text.Contains('@')) return ParseAt(text);
        if (text is "" or "%any" or "%any6" or "0.0.0.0" or "*" or "::" or "0::0") return Any;
        return ParseAddresses(text) ?? Literal(text.Contains(':') ? IdentityKind.KeyId : IdentityKind.Fqdn, text);
    }

    static Identity ParseAt(string text) => text switch
    {
        ['@', '#', .. var hex] when TryHex(hex, out var bytes) => new(IdentityKind.KeyId, bytes),
        ['@', '@', .. var mail] => Literal(IdentityKind.Rfc822, mail),
        ['@', .. var name] => Literal(IdentityKind.Fqdn, name),
        _ => Literal(IdentityKind.Rfc822, text),
    };

    static Identity Literal(IdentityKind kind, string text) => new(kind, Encoding.UTF8.GetBytes(text));

    static Identity? ParseTyped(string text)
    {
        if (text is ['{', .. var rest] && rest.IndexOf("}:", StringComparison.Ordinal) is > 0 and var end
            && byte.TryParse(rest.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var data = LiteralOrHex(rest[(end + 2)..]);
            return TryFromWire(number, data, out var known) ? known : new(IdentityKind.Other, data, number);
        }
        foreach (var (prefix, kind) in s_prefixes)
        {
            if (!text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) continue;
            var value = text[prefix.Length..];
            if (value is not ['#', ..])
            {
                if (prefix == "xmppaddr:") return new(IdentityKind.GeneralName, OtherName(XmppAddressOid, value));
                if (kind == IdentityKind.DistinguishedName && DistinguishedName.TryParse(value, out var der)) return new(kind, der);
                if (ParseAddresses(value) is { } parsed && parsed.Kind == kind) return parsed;
            }
            // Bytes that do not fit the type would reach code that trusts their form.
            var bytes = LiteralOrHex(value);
            var wire = new Identity(kind, bytes).WireType;
            return TryFromWire(wire, bytes, out var id) ? id : Literal(IdentityKind.KeyId, text);
        }
        return null;
    }

    static byte[] LiteralOrHex(string text) => text is ['#', .. var hex] && TryHex(hex, out var bytes) ? bytes : Encoding.UTF8.GetBytes(text);

    static bool TryHex(string hex, out byte[] bytes)
    {
        hex = hex.Replace(":", "", StringComparison.Ordinal);
        if (hex.Length % 2 == 1) hex = "0" + hex;
        bytes = new byte[hex.Length / 2];
        return Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    static byte[] OtherName(string oid, string value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        {
            writer.WriteObjectIdentifier(oid);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
        }
        return writer.Encode();
    }

    /// <summary>An address, <c>net/bits</c> or <c>from-to</c>; null if the text is none of these.</summary>
    static Identity? ParseAddresses(string text)
    {
        if (Policy.Address.TryParse(text, out var single))
            return new(single.IsIPv6 ? IdentityKind.Ipv6 : IdentityKind.Ipv4, single.ToBytes());
        if (text.IndexOf('/') is > 0 and var slash && Policy.Address.TryParse(text.AsSpan(0, slash), out var net)
            && byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) && prefix <= net.Width)
        {
            var mask = prefix == 0 ? 0 : UInt128.MaxValue << (net.Width - prefix);
            if (!net.IsIPv6) mask &= uint.MaxValue;
            return new(net.IsIPv6 ? IdentityKind.Ipv6Subnet : IdentityKind.Ipv4Subnet,
                [.. (net with { Bits = net.Bits & mask }).ToBytes(), .. (net with { Bits = mask }).ToBytes()]);
        }
        if (text.IndexOf('-') is > 0 and var dash && Policy.Address.TryParse(text.AsSpan(0, dash), out var from)
            && Policy.Address.TryParse(text.AsSpan(dash + 1), out var to) && from.IsIPv6 == to.IsIPv6 && from.Bits <= to.Bits)
            return new(from.IsIPv6 ? IdentityKind.Ipv6Range : IdentityKind.Ipv4Range, [.. from.ToBytes(), .. to.ToBytes()]);
        return null;
    }

    /// <summary>The form of logs and status output.</summary>
    public override string ToString()
    {
        switch (Kind)
        {
            case IdentityKind.Any: return "%any";
            case IdentityKind.Ipv4 or IdentityKind.Ipv6: return Policy.Address.Read(Encoded).ToString();
            case IdentityKind.Ipv4Subnet or IdentityKind.Ipv6Subnet when PrefixLength() is { } prefix:
                return $"{Policy.Address.Read(Encoded.AsSpan(0, Encoded.Length / 2)).ToIPAddress()}/{prefix}";
            case IdentityKind.Ipv4Range or IdentityKind.Ipv6Range when AddressRange() is var (from, to):
                return $"{from.ToIPAddress()}-{to.ToIPAddress()}";
            case IdentityKind.Ipv4Subnet or IdentityKind.Ipv6Subnet or IdentityKind.Ipv4Range or IdentityKind.Ipv6Range:
                return "(invalid address range)";
            case IdentityKind.Fqdn or IdentityKind.Rfc822: return Printable(Encoded);
            case IdentityKind.DistinguishedName: return DistinguishedName.Format(Encoded);
            case IdentityKind.GeneralName: return "(ASN.1 general name)";
            // 20 bytes are most likely the SHA-1 of a key, printable or not.
            case IdentityKind.KeyId: return Encoded.Length != 20 && !Encoded.AsSpan().ContainsAnyExceptInRange((byte)0x20, (byte)0x7e) ? Printable(Encoded) : ToHexPairs(Encoded);
            default: return $"(unknown ID type: {_otherType})";
        }
    }

    /// <summary>ASCII text in which every other byte is a question mark, so that a name cannot steer a terminal.</summary>
    internal static string Printable(ReadOnlySpan<byte> bytes) =>
        string.Create(bytes.Length, bytes, static (chars, from) =>
        {
            for (var i = 0; i < chars.Length; i++) chars[i] = from[i] is >= 0x20 and <= 0x7e ? (char)from[i] : '?';
        });

    /// <summary>Lower-case hexadecimal pairs with colons between.</summary>
    public static string ToHexPairs(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length * 3);
        foreach (var b in bytes) text.Append(text.Length > 0 ? ":" : "").Append(CultureInfo.InvariantCulture, $"{b:x2}");
        return text.ToString();
    }
}
