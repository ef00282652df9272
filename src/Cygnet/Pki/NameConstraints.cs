// Name constraints of a CA: which names may occur below it. RFC 5280 4.2.1.10.
using System.Formats.Asn1;
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Pki;

/// <summary>Permitted and excluded subtrees of DNS names, mail addresses, URIs, distinguished names and IP addresses.</summary>
public sealed class NameConstraints
{
    // DNS, mail and URI: the text; DN: the prefix; IP: a subnet. Form -1: malformed, or limited by minimum or maximum.
    sealed record Subtree(int Form, byte[] Text, Identity? Name, bool IsEvaluated = true)
    {
        public Identity? Shown { get; init; }
    }

    const int MailForm = 1, DnsForm = 2, DirectoryForm = 4, UriForm = 6, AddressForm = 7, MaxSubtrees = 1000;

    readonly List<Subtree> _permitted, _excluded;

    NameConstraints(List<Subtree> permitted, List<Subtree> excluded) => (_permitted, _excluded) = (permitted, excluded);

    internal static NameConstraints Read(AsnReader body)
    {
        var permitted = ReadSubtrees(body, 0);
        var excluded = ReadSubtrees(body, 1);
        body.ThrowIfNotEmpty();
        return new(permitted, excluded);
    }

    // GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }
    static List<Subtree> ReadSubtrees(AsnReader body, int number)
    {
        List<Subtree> list = [];
        var tag = new Asn1Tag(TagClass.ContextSpecific, number, isConstructed: true);
        if (!body.HasData || body.PeekTag() != tag) return list;
        var subtrees = body.ReadSequence(tag);
        while (subtrees.HasData)
        {
            if (list.Count == MaxSubtrees) throw new AsnContentException("too many name constraints");
            var subtree = subtrees.ReadSequence();
            var form = subtree.PeekTag();
            var whole = subtree.ReadEncodedValue().Span;
            AsnDecoder.ReadEncodedValue(whole, AsnEncodingRules.DER, out var offset, out var length, out _);
            var content = whole.Slice(offset, length);
            // minimum and maximum must not be used, RFC 5280; one that is makes the subtree one that we cannot evaluate.
            var isPlain = !subtree.HasData && form.TagClass == TagClass.ContextSpecific;
            var read = isPlain ? Plain(form.TagValue, content) : new(-1, [], null, false);
            list.Add(read with { Shown = read.Name ?? (Certificate.TryReadGeneralName(new(whole.ToArray(), AsnEncodingRules.DER), out var name) ? name : null) });
        }
        return list;
    }

    static Subtree Plain(int form, ReadOnlySpan<byte> content)
    {
        Identity? name = null;
        var isKnown = form switch
        {
            MailForm or DnsForm or UriForm => !content.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e),
            DirectoryForm => Identity.TryFromDistinguishedName(content, out name),
            AddressForm => Identity.TryFromWire(content.Length == 8 ? (byte)4 : (byte)6, content, out name) && name.AddressRange() is not null,
            _ => true,
        };
        if (form is not (MailForm or DnsForm or DirectoryForm or UriForm or AddressForm)) return new(form, [], null, false);
        return isKnown ? new(form, content.ToArray(), name) : new(-1, [], null, false);
    }

    /// <summary>The bases of the subtrees, for people.</summary>
    public IEnumerable<Identity> Permitted => _permitted.Select(s => s.Shown).OfType<Identity>();

    public IEnumerable<Identity> Excluded => _excluded.Select(s => s.Shown).OfType<Identity>();

    /// <summary>Whether there is a subtree that cannot be read, so that no certificate below can be accepted.</summary>
    public bool IsUnreadable => _permitted.Concat(_excluded).Any(s => s.Form < 0);

    /// <summary>The first name of the certificate that the constraints do not allow, or null.</summary>
    public Identity? Violation(Certificate certificate)
    {
        if (certificate.Subject.Encoded.Length > 2 && !Allows(certificate.Subject)) return certificate.Subject;
        var hasMail = false;
        foreach (var name in certificate.SubjectAltNames)
        {
            hasMail |= name.Kind == IdentityKind.Rfc822;
            if (!Allows(name)) return name;
        }
        if (hasMail) return null;
        // Old certificates carry the mail address in the subject: RFC 5280 4.2.1.10.
        foreach (var mail in DistinguishedName.MailAddresses(certificate.Subject.Encoded))
            if (!Allows(mail)) return mail;
        return null;
    }

    bool Allows(Identity name)
    {
        var form = name.Kind switch
        {
            IdentityKind.Rfc822 => MailForm,
            IdentityKind.Fqdn => DnsForm,
            IdentityKind.DistinguishedName => DirectoryForm,
            IdentityKind.Ipv4 or IdentityKind.Ipv6 => AddressForm,
            // A form that is not compared: a constraint on it forbids every name of it, RFC 5280 4.2.1.10.
            IdentityKind.GeneralName => name.Encoded[0] & 0x1f,
            _ => -1,
        };
        if (_permitted.Concat(_excluded).Any(s => s.Form == form && !s.IsEvaluated)) return false;
        // What cannot be told from an excluded name counts as it, and as none that is permitted.
        if (_excluded.Any(s => s.Form == form && Covers(s, name) is not false)) return false;
        var permitted = _permitted.Where(s => s.Form == form);
        return !permitted.Any() || permitted.Any(s => Covers(s, name) is true);
    }

    static bool? Covers(Subtree subtree, Identity name)
    {
        switch (subtree.Form)
        {
            case DnsForm: return CoversHost(subtree.Text, name.Encoded, withSubdomains: true);
            case MailForm when subtree.Text.Contains((byte)'@'): return CoversHost(subtree.Text, name.Encoded, withSubdomains: false);
            case MailForm:
                var at = name.Encoded.AsSpan().LastIndexOf((byte)'@');
                return at >= 0 ? CoversHost(subtree.Text, name.Encoded.AsSpan(at + 1), withSubdomains: false) : null;
            case UriForm: return Host(name.Encoded) is { Length: > 0 } host ? CoversHost(subtree.Text, host, withSubdomains: false) : null;
            case DirectoryForm: return DistinguishedName.Covers(subtree.Name!.Encoded, name.Encoded);
            default: return name.Match(subtree.Name!) > 0;
        }
    }

    // scheme://[user@]host[:port]/…; an address is no host that a constraint could cover: RFC 5280 4.2.1.10. Empty if there is none.
    static ReadOnlySpan<byte> Host(byte[] generalName)
    {
        if (generalName[0] != 0x86) return [];
        AsnDecoder.ReadEncodedValue(generalName, AsnEncodingRules.DER, out var offset, out var length, out _);
        var uri = generalName.AsSpan(offset, length);
        if (uri.IndexOf("://"u8) is not (>= 0 and var scheme)) return [];
        uri = uri[(scheme + 3)..];
        if (uri.IndexOfAny("/?#"u8) is >= 0 and var end) uri = uri[..end];
        uri = uri[(uri.LastIndexOf((byte)'@') + 1)..];
        if (uri is [(byte)'[', ..]) return [];
        if (uri.IndexOf((byte)':') is >= 0 and var port) uri = uri[..port];
        return Address.TryParse(Encoding.Latin1.GetString(uri), out _) ? [] : uri;
    }

    // A leading dot stands for subdomains only; DNS constraints without one cover the host and all below it.
    static bool CoversHost(ReadOnlySpan<byte> constraint, ReadOnlySpan<byte> host, bool withSubdomains)
    {
        if (constraint.Length == 0) return true;
        // The root of the DNS may be written or not.
        if (host is [.. var bare, (byte)'.']) host = bare;
        if (constraint[0] == '.') return host.Length > constraint.Length && Ascii.EqualsIgnoreCase(host[^constraint.Length..], constraint);
        if (Ascii.EqualsIgnoreCase(host, constraint)) return true;
        return withSubdomains && host.Length > constraint.Length && host[^(constraint.Length + 1)] == '.'
            && Ascii.EqualsIgnoreCase(host[^constraint.Length..], constraint);
    }
}
