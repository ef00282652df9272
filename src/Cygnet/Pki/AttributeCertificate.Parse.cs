// Strict DER parsing of an attribute certificate. RFC 5755 4.1 to 4.4. Peers send these before they are authenticated.
using System.Formats.Asn1;
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Pki;

public sealed partial class AttributeCertificate
{
    const int MaxBytes = 1 << 16, MaxGroups = 1000;
    const string What = "attribute certificate";

    /// <summary>Parses DER or the first attribute certificate of a PEM file. Null and a sentence why not; never an exception.</summary>
    public static AttributeCertificate? TryParse(ReadOnlySpan<byte> derOrPem, out string reason) =>
        SignedFrame.TryParse(derOrPem, What, ["ATTRIBUTE CERTIFICATE"], MaxBytes, der => new AttributeCertificate(der), ac => ac.Read(), out reason);

    // AttributeCertificate ::= SEQUENCE { acinfo, signatureAlgorithm, signatureValue }
    string? Read()
    {
        if (SignedFrame.Read(Raw, What, out var why) is not var (signed, body, algorithm, scheme, signature)) return why;
        (_tbs, _scheme, _signature) = (signed, scheme, signature);
        return ReadBody(body, algorithm);
    }

    string? ReadBody(AsnReader body, ReadOnlyMemory<byte> algorithm)
    {
        if (!body.PeekTag().HasSameClassAndValue(Asn1Tag.Integer) || !body.TryReadInt32(out var version) || version != 1) return "attribute certificate version is not 2";
        if (ReadHolder(body.ReadSequence()) is { } wrongHolder) return wrongHolder;
        if (ReadIssuer(body.ReadSequence(Context(0))) is { } wrongIssuer) return wrongIssuer;
        if (!body.ReadEncodedValue().Span.SequenceEqual(algorithm.Span)) return "signature algorithms inside and outside the signed part differ";
        SerialNumber = body.ReadIntegerBytes().ToArray();
        var validity = body.ReadSequence();
        NotBefore = validity.ReadGeneralizedTime();
        NotAfter = validity.ReadGeneralizedTime();
        validity.ThrowIfNotEmpty();
        if (ReadAttributes(body.ReadSequence()) is { } wrongGroups) return wrongGroups;
        if (body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tag.PrimitiveBitString)) body.ReadEncodedValue();
        if (body.HasData) ReadExtensions(body.ReadSequence());
        body.ThrowIfNotEmpty();
        return null;
    }

    // Holder ::= SEQUENCE { baseCertificateID [0] IssuerSerial, entityName [1] GeneralNames, objectDigestInfo [2] }, all optional
    string? ReadHolder(AsnReader holder)
    {
        if (Tagged(holder, 0) is { } id)
        {
            if (DirectoryName(id.ReadSequence()) is not { } issuer) return "the holder's certificate is named by no distinguished name of its issuer";
            HolderIssuer = issuer;
            HolderSerialNumber = id.ReadIntegerBytes().ToArray();
            if (id.HasData) id.ReadBitString(out _);
            id.ThrowIfNotEmpty();
        }
        if (Tagged(holder, 1) is { } names && !ReadHolderName(names)) return "malformed name of the holder";
        // A digest of the holder's key: RFC 5755 7.3; one who is named by nothing else is nobody here.
        if (holder.HasData && holder.PeekTag() == Context(2)) holder.ReadEncodedValue();
        holder.ThrowIfNotEmpty();
        return null;
    }

    bool ReadHolderName(AsnReader names)
    {
        while (names.HasData)
        {
            if (!Certificate.TryReadGeneralName(names, out var name)) return false;
            if (HolderName is null || HolderName.Kind != IdentityKind.DistinguishedName && name.Kind == IdentityKind.DistinguishedName) HolderName = name;
        }
        return HolderName is not null;
    }

    // V2Form ::= [0] SEQUENCE { issuerName GeneralNames OPTIONAL, … }: one distinguished name and nothing else, RFC 5755 4.2.3.
    string? ReadIssuer(AsnReader form)
    {
        if (!form.HasData || !form.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) || DirectoryName(form.ReadSequence()) is not { } name)
            return "the issuer of the attribute certificate is no distinguished name";
        form.ThrowIfNotEmpty();
        Issuer = name;
        return null;
    }

    static Identity? DirectoryName(AsnReader names)
    {
        Identity? name = null;
        var isName = names.HasData && Certificate.TryReadGeneralName(names, out name) && name.Kind == IdentityKind.DistinguishedName;
        return isName && !names.HasData ? name : null;
    }

    string? ReadAttributes(AsnReader attributes)
    {
        List<AttributeGroup> groups = [];
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            var isGroup = attribute.ReadObjectIdentifier() == Oids.Groups;
            var values = attribute.ReadSetOf(skipSortOrderValidation: true);
            attribute.ThrowIfNotEmpty();
            while (values.HasData)
            {
                if (!isGroup) values.ReadEncodedValue();
                else if (!TryReadGroups(values.ReadSequence(), groups)) return $"more than {MaxGroups} groups";
            }
        }
        Groups = groups;
        return null;
    }

    // IetfAttrSyntax ::= SEQUENCE { policyAuthority [0] GeneralNames OPTIONAL, values SEQUENCE OF CHOICE { octets, oid, string } }
    static bool TryReadGroups(AsnReader syntax, List<AttributeGroup> groups)
    {
        if (syntax.HasData && syntax.PeekTag() == Context(0)) syntax.ReadEncodedValue();
        var values = syntax.ReadSequence();
        syntax.ThrowIfNotEmpty();
        while (values.HasData)
        {
            if (groups.Count == MaxGroups) return false;
            var tag = values.PeekTag();
            groups.Add(tag.HasSameClassAndValue(Asn1Tag.PrimitiveOctetString) ? new(GroupForm.Octets, Identity.ToHexPairs(values.ReadOctetString()))
                : tag.HasSameClassAndValue(Asn1Tag.ObjectIdentifier) ? new(GroupForm.Oid, values.ReadObjectIdentifier())
                : new(GroupForm.Text, values.ReadCharacterString(UniversalTagNumber.UTF8String)));
        }
        return true;
    }

    void ReadExtensions(AsnReader extensions)
    {
        HashSet<string> seen = [];
        List<string> unknown = [];
        while (extensions.HasData)
        {
            var extension = Extension.Read(extensions);
            if (!seen.Add(extension.Oid)) throw new AsnContentException($"extension {extension.Oid} occurs twice");
            if (extension.Oid == Oids.AuthorityKeyId) AuthorityKeyId = ReadKeyId(extension.Open().ReadSequence());
            else if (extension.Oid == Oids.NoRevocationAvailable) HasNoRevocation = true;
            else if (extension.IsCritical) unknown.Add(extension.Oid);
        }
        UnknownCriticalExtensions = unknown;
    }

    static byte[]? ReadKeyId(AsnReader body)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
        return body.HasData && body.PeekTag() == tag ? body.ReadOctetString(tag) : null;
    }

    static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);

    static AsnReader? Tagged(AsnReader reader, int number) => reader.HasData && reader.PeekTag() == Context(number) ? reader.ReadSequence(Context(number)) : null;
}
