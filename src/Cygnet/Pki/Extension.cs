// One extension of a certificate, CRL, attribute certificate, OCSP response or request. RFC 5280 4.1, 5.1; RFC 5755 4.1; RFC 6960 4.4; RFC 2985 5.4.2.
using System.Formats.Asn1;

namespace Cygnet.Pki;

/// <summary>What it holds is not read yet.</summary>
readonly record struct Extension(string Oid, bool IsCritical, byte[] Content)
{
    /// <summary>Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }: the next of the list.</summary>
    /// <exception cref="AsnContentException">It is none, or something follows in it.</exception>
    public static Extension Read(AsnReader extensions)
    {
        var extension = extensions.ReadSequence();
        var oid = extension.ReadObjectIdentifier();
        var isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
        var content = extension.ReadOctetString();
        extension.ThrowIfNotEmpty();
        return new(oid, isCritical, content);
    }

    /// <summary>A reader of the content, at its beginning.</summary>
    public AsnReader Open() => new(Content, AsnEncodingRules.DER);
}
