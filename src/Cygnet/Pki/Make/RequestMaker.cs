// Making PKCS#10 certificate requests. RFC 2986; attributes: RFC 2985 5.4.
using System.Formats.Asn1;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Pki.Make;

/// <summary>What a request asks for.</summary>
public sealed record RequestContent(Identity Subject)
{
    public IReadOnlyList<Identity> AltNames { get; init; } = [];

    /// <summary>Name of a certificate profile: server, client, dual, ocsp, or what the CA understands.</summary>
    public string? Profile { get; init; }
    public string? ChallengePassword { get; init; }
}

/// <summary>Encodes and signs requests.</summary>
public static class RequestMaker
{
    public static byte[] Make(RequestContent content, PrivateKey key, SignatureScheme scheme, ICryptoDoor crypto)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            writer.WriteEncodedValue(content.Subject.Encoded);
            writer.WriteEncodedValue(key.Public.SubjectPublicKeyInfo);
            // Mandatory though it may be empty. A sequence and not a SET OF for the writer, as the reference does not sort its attributes either.
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) WriteAttributes(writer, content);
        }
        return Signed.Make(writer.Encode(), key, scheme, crypto);
    }

    static void WriteAttributes(AsnWriter writer, RequestContent content)
    {
        if (content.AltNames.Count > 0 || content.Profile is not null)
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.ExtensionRequest);
                using (writer.PushSetOf())
                using (writer.PushSequence())
                {
                    if (content.AltNames.Count > 0) CertificateExtensions.WriteAltNames(writer, content.AltNames);
                    if (content.Profile is { } profile)
                        Signed.WriteExtension(writer, Oids.MsCertificateType, false, w => w.WriteCharacterString(UniversalTagNumber.UTF8String, profile));
                }
            }
        }
        if (content.ChallengePassword is not { } password) return;
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Oids.ChallengePassword);
            using (writer.PushSetOf()) writer.WriteCharacterString(UniversalTagNumber.UTF8String, password);
        }
    }
}
