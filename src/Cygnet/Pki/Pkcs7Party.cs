// How PKCS#7 / CMS names a signer or a recipient: by issuer and serial number, or by key id. RFC 5652 5.3 and 6.2.1.
using System.Formats.Asn1;
using Cygnet.Policy;

namespace Cygnet.Pki;

/// <summary>Whose certificate is meant.</summary>
public sealed record Pkcs7Party(Identity? Issuer, byte[] Id)
{
    internal static Pkcs7Party Read(AsnReader body)
    {
        var keyId = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (body.PeekTag() is { TagClass: TagClass.ContextSpecific, TagValue: 0 }) return new(null, body.ReadOctetString(keyId));
        var name = body.ReadSequence();
        if (!Identity.TryFromDistinguishedName(name.ReadEncodedValue().Span, out var issuer)) throw new AsnContentException("malformed issuer name");
        return new(issuer, name.ReadIntegerBytes().ToArray());
    }

    public bool Is(Certificate certificate) => Issuer is null
        ? Id.AsSpan().SequenceEqual(certificate.SubjectKeyId ?? certificate.PublicKey.KeyId)
        : Issuer.Equals(certificate.Issuer) && Id.AsSpan().TrimStart((byte)0).SequenceEqual(certificate.SerialNumber.AsSpan().TrimStart((byte)0));
}
