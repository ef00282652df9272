// Strict parsing of a PKCS#10 certificate request. RFC 2986; attributes: RFC 2985 5.4.
using System.Formats.Asn1;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Pki;

/// <summary>A parsed certificate request; immutable.</summary>
public sealed class Pkcs10Request
{
    const int MaxBytes = 1 << 16, MaxNames = 1000;
    const string What = "certificate request";

    Pkcs10Request(byte[] raw) => Raw = raw;

    public byte[] Raw { get; }
    public Identity Subject { get; private set; } = Identity.Any;
    public PublicKey PublicKey { get; private set; } = null!;
    public IReadOnlyList<Identity> AltNames { get; private set; } = [];
    public string? Profile { get; private set; }
    public string? ChallengePassword { get; private set; }
    SignatureScheme Scheme { get; set; }
    byte[] Signature { get; set; } = [];
    ReadOnlyMemory<byte> Tbs { get; set; }

    /// <summary>Parses DER or the first request of a PEM file. Null and a sentence why not; never an exception.</summary>
    public static Pkcs10Request? TryParse(ReadOnlySpan<byte> derOrPem, out string reason) =>
        SignedFrame.TryParse(derOrPem, What, ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"], MaxBytes, der => new Pkcs10Request(der), request => request.Read(), out reason);

    /// <summary>Whether the key in the request signed it: proof that the asker has the private key.</summary>
    public bool IsGenuine(ICryptoDoor crypto) =>
        SignatureAlgorithm.KindOf(Scheme) == PublicKey.Kind && crypto.Verify(PublicKey, Scheme, Tbs.Span, Signature);

    string? Read()
    {
        if (SignedFrame.Read(Raw, What, out var why) is not var (signed, body, _, scheme, signature)) return why;
        (Tbs, Scheme, Signature) = (signed, scheme, signature);
        if (!body.TryReadInt32(out var version) || version != 0) return "certificate request version is not 1";
        if (!Identity.TryFromDistinguishedName(body.ReadEncodedValue().Span, out var subject)) return "malformed subject name";
        Subject = subject;
        if (PublicKey.FromSubjectPublicKeyInfo(body.ReadEncodedValue().Span, out var refused) is not { } key) return refused ?? "public key is not supported";
        PublicKey = key;
        // Old tools leave the empty attributes out.
        if (!body.HasData) return null;
        var attributes = new AsnReader(body.ReadEncodedValue(), AsnEncodingRules.BER).ReadSetOf(skipSortOrderValidation: true, new Asn1Tag(TagClass.ContextSpecific, 0));
        body.ThrowIfNotEmpty();
        while (attributes.HasData)
            if (ReadAttribute(attributes.ReadSequence()) is { } wrong) return wrong;
        return null;
    }

    string? ReadAttribute(AsnReader attribute)
    {
        var oid = attribute.ReadObjectIdentifier();
        var values = attribute.ReadSetOf(skipSortOrderValidation: true);
        attribute.ThrowIfNotEmpty();
        switch (oid)
        {
            case Oids.ChallengePassword:
                ChallengePassword = ReadText(values);
                break;
            case Oids.ExtensionRequest:
                var extensions = values.ReadSequence();
                while (extensions.HasData)
                    if (ReadExtension(Extension.Read(extensions)) is { } wrong) return wrong;
                break;
        }
        return null;
    }

    string? ReadExtension(Extension extension)
    {
        if (extension.Oid == Oids.MsCertificateType) Profile = ReadText(extension.Open());
        if (extension.Oid != Oids.SubjectAltName) return null;
        var names = extension.Open().ReadSequence();
        List<Identity> list = [];
        while (names.HasData)
        {
            if (list.Count == MaxNames) return $"more than {MaxNames} subjectAltNames";
            if (!Certificate.TryReadGeneralName(names, out var name)) return "malformed subjectAltName";
            list.Add(name);
        }
        AltNames = list;
        return null;
    }

    static string? ReadText(AsnReader reader)
    {
        var tag = reader.PeekTag();
        if (tag.TagClass != TagClass.Universal || (UniversalTagNumber)tag.TagValue is not (UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString
            or UniversalTagNumber.IA5String or UniversalTagNumber.BMPString or UniversalTagNumber.T61String))
        {
            reader.ReadEncodedValue();
            return null;
        }
        return reader.ReadCharacterString((UniversalTagNumber)tag.TagValue);
    }
}
