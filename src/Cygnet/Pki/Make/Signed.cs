// What certificates, CRLs and requests share: SEQUENCE { tbs, algorithm, signature }, times, serial numbers. RFC 5280 4.1.
using System.Formats.Asn1;
using Cygnet.Crypto;

namespace Cygnet.Pki.Make;

/// <summary>Parts of signed objects.</summary>
static class Signed
{
    public static byte[] Make(byte[] tbs, PrivateKey key, SignatureScheme scheme, ICryptoDoor crypto)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(tbs);
            writer.WriteEncodedValue(SignatureAlgorithm.Encode(scheme));
            writer.WriteBitString(crypto.Sign(key, scheme, tbs));
        }
        return writer.Encode();
    }

    /// <summary>An unsigned number as INTEGER; nothing is 0.</summary>
    public static void WriteSerialNumber(AsnWriter writer, ReadOnlySpan<byte> number)
    {
        number = number.TrimStart((byte)0);
        if (number.IsEmpty) writer.WriteInteger(0);
        else writer.WriteIntegerUnsigned(number);
    }

    // Two-digit years end with 2049: RFC 5280 4.1.2.5.
    public static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        if (time.UtcDateTime.Year is >= 1950 and < 2050) writer.WriteUtcTime(time, 2049);
        else writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
    }

    /// <summary>Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING }.</summary>
    public static void WriteExtension(AsnWriter writer, string oid, bool isCritical, Action<AsnWriter>? value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (isCritical) writer.WriteBoolean(true);
            using (writer.PushOctetString()) value?.Invoke(writer);
        }
    }

    public static void WriteAuthorityKeyId(AsnWriter writer, byte[] id) => WriteExtension(writer, Oids.AuthorityKeyId, false, w =>
    {
        using (w.PushSequence()) w.WriteOctetString(id, new Asn1Tag(TagClass.ContextSpecific, 0));
    });

    /// <summary>CRLDistributionPoints, and FreshestCRL which has the same form: RFC 5280 4.2.1.13, 5.2.6.</summary>
    public static void WriteCrlLocations(AsnWriter writer, string oid, IReadOnlyList<CrlLocation> locations) => WriteExtension(writer, oid, false, w =>
    {
        using (w.PushSequence())
        {
            foreach (var location in locations)
            {
                using (w.PushSequence())
                {
                    using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                    using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                        GeneralNames.WriteUri(w, location.Uri);
                    if (location.Issuer is null) continue;
                    using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2))) GeneralNames.Write(w, location.Issuer);
                }
            }
        }
    });
}
