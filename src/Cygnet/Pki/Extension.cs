// One extension of a certificate, CRL or attribute certificate. RFC 5280 4.1, 5.1; RFC 5755 4.1.
using System.Formats.Asn1;

namespace Cygnet.Pki;

static class Extension
{
    /// <summary>Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }: the next of the list. What it holds is not read yet.</summary>
    /// <exception cref="AsnContentException">It is none, or something follows in it.</exception>
    public static (string Oid, bool IsCritical, AsnReader Value) Read(AsnReader extensions)
    {
        var extension = extensions.ReadSequence();
        var oid = extension.ReadObjectIdentifier();
        var isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
        var value = new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER);
        extension.ThrowIfNotEmpty();
        return (oid, isCritical, value);
    }
}
