// Asking a responder about one certificate. RFC 6960 4.1; nonces as RFC 8954 2.1.
using System.Formats.Asn1;

namespace Cygnet.Pki.Revocation;

/// <summary>Encodes OCSP requests, unsigned, as the reference sends them.</summary>
public static class OcspRequest
{
    /// <summary>Bytes of a nonce: what older responders take, and RFC 8954 allows (1 to 32).</summary>
    public const int NonceBytes = 16;

    /// <summary>DER of a request about that certificate, with the nonce and the one type of response that is understood.</summary>
    public static byte[] Encode(OcspCertId id, ReadOnlySpan<byte> nonce)
    {
        var inner = new AsnWriter(AsnEncodingRules.DER);
        inner.WriteOctetString(nonce);
        var types = new AsnWriter(AsnEncodingRules.DER);
        using (types.PushSequence()) types.WriteObjectIdentifier(Oids.OcspBasic);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            using (writer.PushSequence())
                id.Write(writer);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
            using (writer.PushSequence())
            {
                WriteExtension(writer, Oids.OcspNonce, inner.Encode());
                WriteExtension(writer, Oids.OcspAcceptable, types.Encode());
            }
        }
        return writer.Encode();
    }

    static void WriteExtension(AsnWriter writer, string oid, byte[] value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteOctetString(value);
        }
    }
}
