// Making attribute certificates, in the encoding of the reference. RFC 5755 4.
using System.Formats.Asn1;
using Cygnet.Crypto;

namespace Cygnet.Pki.Make;

/// <summary>What an attribute certificate to be made shall say.</summary>
public sealed record AttributeContent(Certificate Holder, Certificate Issuer)
{
    /// <summary>Serial number, unsigned and big-endian; leading zero bytes do not matter.</summary>
    public required byte[] SerialNumber { get; init; }
    public required DateTimeOffset NotBefore { get; init; }
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Names of the groups that the holder belongs to.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
}

/// <summary>Encodes and signs attribute certificates.</summary>
public static class AttributeCertificateMaker
{
    public static byte[] Make(AttributeContent content, PrivateKey issuerKey, SignatureScheme scheme, ICryptoDoor crypto)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            WriteHolder(writer, content.Holder);
            using (writer.PushSequence(Context(0)))
            using (writer.PushSequence()) GeneralNames.Write(writer, content.Issuer.Subject);
            writer.WriteEncodedValue(SignatureAlgorithm.Encode(scheme));
            Signed.WriteSerialNumber(writer, content.SerialNumber);
            using (writer.PushSequence())
            {
                writer.WriteGeneralizedTime(content.NotBefore, omitFractionalSeconds: true);
                writer.WriteGeneralizedTime(content.NotAfter, omitFractionalSeconds: true);
            }
            using (writer.PushSequence()) WriteGroups(writer, content.Groups);
            using (writer.PushSequence())
            {
                Signed.WriteExtension(writer, Oids.AuthorityKeyId, false, w => WriteAuthority(w, content.Issuer));
                Signed.WriteExtension(writer, Oids.NoRevocationAvailable, false, w => w.WriteNull());
            }
        }
        return Signed.Make(writer.Encode(), issuerKey, scheme, crypto);
    }

    // By issuer and serial number, which RFC 5755 4.2.2 recommends, and by name for people.
    static void WriteHolder(AsnWriter writer, Certificate holder)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Context(0)))
            {
                using (writer.PushSequence()) GeneralNames.Write(writer, holder.Issuer);
                Signed.WriteSerialNumber(writer, holder.SerialNumber);
            }
            using (writer.PushSequence(Context(1))) GeneralNames.Write(writer, holder.Subject);
        }
    }

    static void WriteGroups(AsnWriter writer, IReadOnlyList<string> groups)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Oids.Groups);
            using (writer.PushSetOf())
            using (writer.PushSequence())
            using (writer.PushSequence())
                foreach (var group in groups) writer.WriteCharacterString(UniversalTagNumber.UTF8String, group);
        }
    }

    static void WriteAuthority(AsnWriter writer, Certificate issuer)
    {
        using (writer.PushSequence())
        {
            writer.WriteOctetString(issuer.PublicKey.KeyId, new Asn1Tag(TagClass.ContextSpecific, 0));
            using (writer.PushSequence(Context(1))) GeneralNames.Write(writer, issuer.Issuer);
            writer.WriteIntegerUnsigned(issuer.SerialNumber.AsSpan().TrimStart((byte)0) is { IsEmpty: false } serial ? serial : [0], new Asn1Tag(TagClass.ContextSpecific, 2));
        }
    }

    static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
