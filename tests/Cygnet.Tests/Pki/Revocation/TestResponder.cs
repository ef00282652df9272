// Makes OCSP responses, with every defect that a test asks for. RFC 6960 4.2.1.
using System.Formats.Asn1;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.Tests.Pki.Revocation;

/// <summary>One answer; signed by <paramref name="Signer"/>.</summary>
sealed record TestResponder(TestAuthority Signer)
{
    public OcspStatus Status { get; init; }
    public RevocationReason? Reason { get; init; }
    public bool ByKey { get; init; }
    public bool EncloseSigner { get; init; }
    public byte[]? Nonce { get; init; }
    public bool BareNonce { get; init; }
    public DateTimeOffset ThisUpdate { get; init; } = RevocationLab.Now.AddMinutes(-1);
    public DateTimeOffset? NextUpdate { get; init; } = RevocationLab.Now.AddHours(1);
    public string? CriticalOid { get; init; }
    public TestAuthority? SignedBy { get; init; }

    public byte[] Respond(OcspCertId about)
    {
        var tbs = Tbs(about);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(tbs);
            using (writer.PushSequence()) writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
            writer.WriteBitString(RevocationLab.Crypto.Sign(RevocationLab.Key(SignedBy ?? Signer), SignatureScheme.EcdsaSha256Der, tbs));
            if (EncloseSigner)
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                using (writer.PushSequence())
                    writer.WriteEncodedValue(Signer.Certificate.Raw);
        }
        var outer = new AsnWriter(AsnEncodingRules.DER);
        using (outer.PushSequence())
        {
            outer.WriteEncodedValue([0x0a, 1, 0]);
            using (outer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (outer.PushSequence())
            {
                outer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.1");
                outer.WriteOctetString(writer.Encode());
            }
        }
        return outer.Encode();
    }

    byte[] Tbs(OcspCertId about)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, ByKey ? 2 : 1)))
                if (ByKey) writer.WriteOctetString(Signer.Certificate.PublicKey.KeyId);
                else writer.WriteEncodedValue(Signer.Certificate.Subject.Encoded);
            writer.WriteGeneralizedTime(ThisUpdate, true);
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                WriteId(writer, about);
                if (Status == OcspStatus.Revoked)
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
                    {
                        writer.WriteGeneralizedTime(RevocationLab.Now.AddDays(-1), true);
                        if (Reason is { } reason)
                            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) writer.WriteEnumeratedValue(reason);
                    }
                else writer.WriteNull(new Asn1Tag(TagClass.ContextSpecific, Status == OcspStatus.Good ? 0 : 2));
                writer.WriteGeneralizedTime(ThisUpdate, true);
                if (NextUpdate is { } next)
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) writer.WriteGeneralizedTime(next, true);
            }
            WriteExtensions(writer);
        }
        return writer.Encode();
    }

    static void WriteId(AsnWriter writer, OcspCertId about)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(about.Digest);
                writer.WriteNull();
            }
            writer.WriteOctetString(about.IssuerNameHash);
            writer.WriteOctetString(about.IssuerKeyHash);
            writer.WriteIntegerUnsigned(about.SerialNumber);
        }
    }

    void WriteExtensions(AsnWriter writer)
    {
        if (Nonce is null && CriticalOid is null) return;
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
        using (writer.PushSequence())
        {
            if (Nonce is { } nonce)
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.2");
                    writer.WriteOctetString(BareNonce ? nonce : [4, (byte)nonce.Length, .. nonce]);
                }
            if (CriticalOid is not { } oid) return;
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(oid);
                writer.WriteBoolean(true);
                writer.WriteOctetString([]);
            }
        }
    }
}
