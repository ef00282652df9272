// Making certificates: the signed part, extensions in the reference's order, signature. RFC 5280 4.1.
using System.Formats.Asn1;
using Cygnet.Crypto;

namespace Cygnet.Pki.Make;

/// <summary>Encodes and signs certificates.</summary>
public static class CertificateMaker
{
    /// <summary>The DER of a certificate that the key signs.</summary>
    public static byte[] Make(CertificateContent content, PrivateKey issuerKey, SignatureScheme scheme, ICryptoDoor crypto) =>
        Signed.Make(Tbs(content, scheme), issuerKey, scheme, crypto);

    /// <summary>TBSCertificate, version 3.</summary>
    public static byte[] Tbs(CertificateContent content, SignatureScheme scheme)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) writer.WriteInteger(2);
            Signed.WriteSerialNumber(writer, content.SerialNumber);
            writer.WriteEncodedValue(SignatureAlgorithm.Encode(scheme));
            writer.WriteEncodedValue(content.Issuer.Encoded);
            using (writer.PushSequence())
            {
                Signed.WriteTime(writer, content.NotBefore);
                Signed.WriteTime(writer, content.NotAfter);
            }
            writer.WriteEncodedValue(content.Subject.Encoded);
            writer.WriteEncodedValue(content.PublicKey.SubjectPublicKeyInfo);
            CertificateExtensions.Write(writer, content);
        }
        return writer.Encode();
    }
}
