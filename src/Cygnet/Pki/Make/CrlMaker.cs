// Making CRLs, base and delta, in the reference's order of extensions. RFC 5280 5.1.
using System.Formats.Asn1;
using Cygnet.Crypto;

namespace Cygnet.Pki.Make;

/// <summary>The fields of a CRL before it is signed.</summary>
public sealed record CrlContent(Policy.Identity Issuer, byte[] AuthorityKeyId)
{
    public required byte[] Number { get; init; }

    /// <summary>Makes it a delta CRL to the base of that number.</summary>
    public byte[]? BaseNumber { get; init; }
    public required DateTimeOffset ThisUpdate { get; init; }
    public required DateTimeOffset NextUpdate { get; init; }
    public IReadOnlyList<RevokedCertificate> Revoked { get; init; } = [];
    public IReadOnlyList<CrlLocation> FreshestLocations { get; init; } = [];

    /// <summary>Further critical extensions, with the DER of their values.</summary>
    public IReadOnlyList<(string Oid, byte[] Value)> CriticalExtensions { get; init; } = [];
}

/// <summary>Encodes and signs CRLs.</summary>
public static class CrlMaker
{
    public static byte[] Make(CrlContent content, PrivateKey issuerKey, SignatureScheme scheme, ICryptoDoor crypto)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteEncodedValue(SignatureAlgorithm.Encode(scheme));
            writer.WriteEncodedValue(content.Issuer.Encoded);
            Signed.WriteTime(writer, content.ThisUpdate);
            Signed.WriteTime(writer, content.NextUpdate);
            // An empty list must be absent: RFC 5280 5.1.2.6.
            if (content.Revoked.Count > 0)
                using (writer.PushSequence())
                    foreach (var entry in content.Revoked) WriteEntry(writer, entry);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            {
                Signed.WriteAuthorityKeyId(writer, content.AuthorityKeyId);
                Signed.WriteExtension(writer, Oids.CrlNumber, false, w => Signed.WriteSerialNumber(w, content.Number));
                if (content.FreshestLocations.Count > 0) Signed.WriteCrlLocations(writer, Oids.FreshestCrl, content.FreshestLocations);
                if (content.BaseNumber is { } number) Signed.WriteExtension(writer, Oids.DeltaCrlIndicator, true, w => Signed.WriteSerialNumber(w, number));
                foreach (var (oid, value) in content.CriticalExtensions) Signed.WriteExtension(writer, oid, true, value.Length == 0 ? null : w => w.WriteEncodedValue(value));
            }
        }
        return Signed.Make(writer.Encode(), issuerKey, scheme, crypto);
    }

    static void WriteEntry(AsnWriter writer, RevokedCertificate entry)
    {
        using (writer.PushSequence())
        {
            Signed.WriteSerialNumber(writer, entry.SerialNumber);
            Signed.WriteTime(writer, entry.Date);
            // Unspecified is said by saying nothing: RFC 5280 5.3.1.
            if (entry is { Reason: RevocationReason.Unspecified, Issuer: null }) return;
            using (writer.PushSequence())
            {
                if (entry.Reason != RevocationReason.Unspecified) Signed.WriteExtension(writer, Oids.ReasonCode, false, w => w.WriteEnumeratedValue(entry.Reason));
                if (entry.Issuer is not { } issuer) return;
                Signed.WriteExtension(writer, Oids.CertificateIssuer, true, w =>
                {
                    using (w.PushSequence()) GeneralNames.Write(w, issuer);
                });
            }
        }
    }
}
