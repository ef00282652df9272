// Reading PKCS#7 / CMS containers: data, signed-data, enveloped-data. RFC 5652 3, 5 and 6. DER and BER, for tools that stream write lengths later.
using System.Formats.Asn1;

namespace Cygnet.Pki;

/// <summary>What a container is.</summary>
public enum Pkcs7Kind { Data, SignedData, EnvelopedData }

/// <summary>A parsed container; immutable. Nothing in it is verified: <see cref="Pkcs7Signer.WhyNotGenuine"/> does that.</summary>
public sealed class Pkcs7Container
{
    const int MaxBytes = 1 << 26, MaxItems = 1000;

    Pkcs7Container(Pkcs7Kind kind) => Kind = kind;

    public Pkcs7Kind Kind { get; }

    /// <summary>The content of data and of signed-data; null where it is encrypted, or elsewhere (a detached signature).</summary>
    public byte[]? Content { get; private set; }

    /// <summary>Certificates that a signed container brings along.</summary>
    public IReadOnlyList<Certificate> Certificates { get; private set; } = [];
    public IReadOnlyList<Pkcs7Signer> Signers { get; private set; } = [];
    public IReadOnlyList<Pkcs7Recipient> Recipients { get; private set; } = [];

    /// <summary>Encrypted content, its cipher in dotted form, and the initialization vector.</summary>
    public byte[] Encrypted { get; private set; } = [];
    public string Cipher { get; private set; } = "";
    public byte[] Iv { get; private set; } = [];

    /// <summary>Parses DER, BER or PEM. Null and a sentence why not; never an exception.</summary>
    public static Pkcs7Container? TryParse(ReadOnlySpan<byte> file, out string reason)
    {
        if (Pem.FirstOf(file, ["PKCS7", "CMS"], out reason) is not { } der) return null;
        if (der.Length > MaxBytes)
        {
            reason = $"PKCS#7 container of {der.Length} bytes; at most {MaxBytes} are taken";
            return null;
        }
        try
        {
            return Read(der, out reason);
        }
        catch (AsnContentException e)
        {
            reason = $"malformed PKCS#7 container: {e.Message}";
            return null;
        }
    }

    // ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT }
    static Pkcs7Container? Read(byte[] der, out string reason)
    {
        reason = "";
        var file = new AsnReader(der, AsnEncodingRules.BER);
        var info = file.ReadSequence();
        file.ThrowIfNotEmpty();
        var type = info.ReadObjectIdentifier();
        var content = info.ReadSequence(Context(0));
        switch (type)
        {
            case Oids.CmsData: return new(Pkcs7Kind.Data) { Content = content.ReadOctetString() };
            case Oids.CmsSignedData:
                var signed = new Pkcs7Container(Pkcs7Kind.SignedData);
                signed.ReadSigned(content.ReadSequence());
                return signed;
            case Oids.CmsEnvelopedData:
                var enveloped = new Pkcs7Container(Pkcs7Kind.EnvelopedData);
                enveloped.ReadEnveloped(content.ReadSequence());
                return enveloped;
            default:
                reason = $"PKCS#7 content of type {type} is not supported; data, signed-data and enveloped-data are";
                return null;
        }
    }

    // SignedData ::= SEQUENCE { version, digestAlgorithms, encapContentInfo, certificates [0], crls [1], signerInfos }
    void ReadSigned(AsnReader body)
    {
        body.ReadInteger();
        body.ReadEncodedValue();
        var encapsulated = body.ReadSequence();
        var contentType = encapsulated.ReadObjectIdentifier();
        if (encapsulated.HasData)
        {
            var content = encapsulated.ReadSequence(Context(0));
            // PKCS#7 of old allows any type here, CMS wraps all in an OCTET STRING: RFC 5652 5.2.1.
            if (content.PeekTag().HasSameClassAndValue(Asn1Tag.PrimitiveOctetString)) Content = content.ReadOctetString();
            else throw new AsnContentException("content that is no octet string");
        }
        if (body.HasData && body.PeekTag() == Context(0)) ReadCertificates(body.ReadSetOf(skipSortOrderValidation: true, Context(0)));
        if (body.HasData && body.PeekTag() == Context(1)) body.ReadEncodedValue();
        List<Pkcs7Signer> signers = [];
        var infos = body.ReadSetOf(skipSortOrderValidation: true);
        body.ThrowIfNotEmpty();
        while (infos.HasData)
        {
            if (signers.Count == MaxItems) throw new AsnContentException($"more than {MaxItems} signers");
            signers.Add(Pkcs7Signer.Read(infos.ReadSequence(), contentType));
        }
        Signers = signers;
    }

    // Certificates of other kinds, and those that we do not understand, are nobody's here.
    void ReadCertificates(AsnReader set)
    {
        List<Certificate> certificates = [];
        while (set.HasData)
        {
            if (certificates.Count == MaxItems) throw new AsnContentException($"more than {MaxItems} certificates");
            if (Certificate.TryParse(set.ReadEncodedValue().Span, out _) is { } certificate) certificates.Add(certificate);
        }
        Certificates = certificates;
    }

    // EnvelopedData ::= SEQUENCE { version, originatorInfo [0], recipientInfos, encryptedContentInfo, unprotectedAttrs [1] }
    void ReadEnveloped(AsnReader body)
    {
        body.ReadInteger();
        if (body.PeekTag() == Context(0)) body.ReadEncodedValue();
        List<Pkcs7Recipient> recipients = [];
        var infos = body.ReadSetOf(skipSortOrderValidation: true);
        while (infos.HasData)
        {
            if (recipients.Count == MaxItems) throw new AsnContentException($"more than {MaxItems} recipients");
            // Those with key agreement, a shared key or a passphrase are tagged: RFC 5652 6.2.
            if (infos.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)) recipients.Add(Pkcs7Recipient.Read(infos.ReadSequence()));
            else infos.ReadEncodedValue();
        }
        Recipients = recipients;
        var info = body.ReadSequence();
        info.ReadObjectIdentifier();
        var algorithm = info.ReadSequence();
        Cipher = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData && algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.PrimitiveOctetString)) Iv = algorithm.ReadOctetString();
        Encrypted = info.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, 0));
    }

    internal static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
