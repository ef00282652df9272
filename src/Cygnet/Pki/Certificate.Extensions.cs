// The extensions of a certificate. RFC 5280 4.2.
using System.Formats.Asn1;
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Pki;

public sealed partial class Certificate
{
    const int UriTag = 6;

    string? ReadExtensions(AsnReader extensions)
    {
        var seen = new HashSet<string>();
        List<string> unknown = [];
        while (extensions.HasData)
        {
            var extension = Extension.Read(extensions);
            var (oid, value) = (extension.Oid, extension.Open());
            if (!seen.Add(oid)) return $"extension {oid} occurs twice";
            if (ReadExtension(oid, value) is not { } why)
            {
                if (extension.IsCritical) unknown.Add(oid);
                continue;
            }
            if (why.Length > 0) return why;
            value.ThrowIfNotEmpty();
        }
        UnknownCriticalExtensions = unknown;
        return null;
    }

    // Null: unknown; empty: read; else the reason to refuse the certificate.
    string? ReadExtension(string oid, AsnReader value)
    {
        switch (oid)
        {
            case Oids.SubjectKeyId: SubjectKeyId = value.ReadOctetString(); return "";
            case Oids.AuthorityKeyId: return ReadAuthorityKeyId(value.ReadSequence());
            case Oids.KeyUsage: return ReadKeyUsage(value);
            case Oids.BasicConstraints: return ReadBasicConstraints(value.ReadSequence());
            case Oids.SubjectAltName: return ReadSubjectAltNames(value.ReadSequence());
            case Oids.ExtendedKeyUsage: return ReadExtendedKeyUsages(value.ReadSequence());
            case Oids.CrlDistributionPoints: return ReadCrlLocations(value.ReadSequence());
            case Oids.AuthorityInfoAccess: return ReadAuthorityInfoAccess(value.ReadSequence());
            case Oids.NameConstraints:
                NameConstraints = NameConstraints.Read(value.ReadSequence());
                return "";
            case Oids.CertificatePolicies: return ReadPolicies(value.ReadSequence());
            case Oids.PolicyMappings: return ReadPolicyMappings(value.ReadSequence());
            case Oids.PolicyConstraints: return ReadPolicyConstraints(value.ReadSequence());
            case Oids.InhibitAnyPolicy: return ReadInhibitAnyPolicy(value);
            case Oids.OcspNoCheck:
                value.ReadNull();
                HasNoCheck = true;
                return "";
            case Oids.IpAddressBlocks:
                AddressBlocks = IpAddressBlocks.Read(value.ReadSequence());
                return "";
            default: return null;
        }
    }

    string ReadAuthorityKeyId(AsnReader body)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (body.HasData && body.PeekTag() == tag) AuthorityKeyId = body.ReadOctetString(tag);
        // Issuer and serial number may follow; the key id is what chains are built by.
        while (body.HasData) body.ReadEncodedValue();
        return "";
    }

    string ReadKeyUsage(AsnReader value)
    {
        var bits = value.ReadBitString(out _);
        var usage = KeyUsages.None;
        for (var i = 0; i < 9 && i / 8 < bits.Length; i++)
            if ((bits[i / 8] & (0x80 >> (i % 8))) != 0) usage |= (KeyUsages)(1 << i);
        KeyUsage = usage;
        return "";
    }

    string ReadBasicConstraints(AsnReader body)
    {
        IsCa = body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && body.ReadBoolean();
        if (body.HasData)
        {
            if (!body.TryReadInt32(out var length) || length < 0) return "path length constraint is negative or too large";
            PathLength = length;
        }
        body.ThrowIfNotEmpty();
        return "";
    }

    string ReadSubjectAltNames(AsnReader names)
    {
        List<Identity> list = [];
        while (names.HasData)
        {
            if (list.Count == MaxNames) return $"more than {MaxNames} subjectAltNames";
            if (!TryReadGeneralName(names, out var name)) return "malformed subjectAltName";
            list.Add(name);
        }
        SubjectAltNames = list;
        return "";
    }

    string ReadExtendedKeyUsages(AsnReader usages)
    {
        List<string> list = [];
        while (usages.HasData) list.Add(usages.ReadObjectIdentifier());
        ExtendedKeyUsages = list;
        return "";
    }

    // DistributionPoint ::= SEQUENCE { distributionPoint [0] { fullName [0] GeneralNames }, reasons [1], cRLIssuer [2] GeneralNames }
    string ReadCrlLocations(AsnReader points)
    {
        CrlLocations = ReadCrlLocationList(points);
        return "";
    }

    internal static List<CrlLocation> ReadCrlLocationList(AsnReader points)
    {
        List<CrlLocation> list = [];
        while (points.HasData)
        {
            var point = points.ReadSequence();
            List<string> uris = [];
            if (Tagged(point, 0) is { } name && Tagged(name, 0) is { } full)
                while (full.HasData)
                    if (ReadUri(full) is { } uri) uris.Add(uri);
            if (point.HasData && point.PeekTag() == new Asn1Tag(TagClass.ContextSpecific, 1)) point.ReadEncodedValue();
            Identity? issuer = null;
            if (Tagged(point, 2) is { } issuers)
                while (issuers.HasData)
                    if (TryReadGeneralName(issuers, out var id) && id.Kind == IdentityKind.DistinguishedName) issuer ??= id;
            point.ThrowIfNotEmpty();
            list.AddRange(uris.Select(u => new CrlLocation(u, issuer)));
        }
        return list;
    }

    string ReadAuthorityInfoAccess(AsnReader descriptions)
    {
        List<string> list = [];
        while (descriptions.HasData)
        {
            var description = descriptions.ReadSequence();
            var method = description.ReadObjectIdentifier();
            if (ReadUri(description) is { } uri && method == Oids.Ocsp) list.Add(uri);
            description.ThrowIfNotEmpty();
        }
        OcspUris = list;
        return "";
    }

    // A GeneralName that is a URI of printable ASCII; it is skipped if it is something else.
    internal static string? ReadUri(AsnReader names)
    {
        var tag = names.PeekTag();
        var whole = names.ReadEncodedValue().Span;
        AsnDecoder.ReadEncodedValue(whole, AsnEncodingRules.DER, out var offset, out var length, out _);
        var content = whole.Slice(offset, length);
        return tag == new Asn1Tag(TagClass.ContextSpecific, UriTag) && !content.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e)
            ? Encoding.ASCII.GetString(content) : null;
    }
}
