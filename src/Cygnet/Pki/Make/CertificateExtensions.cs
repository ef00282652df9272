// The extensions of a certificate to be made, in the order in which the reference writes them. RFC 5280 4.2.
using System.Formats.Asn1;
using Cygnet.Policy;

namespace Cygnet.Pki.Make;

static class CertificateExtensions
{
    public static void Write(AsnWriter writer, CertificateContent c)
    {
        if (!HasAny(c)) return;
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
        using (writer.PushSequence())
        {
            if (c.IsCa) Signed.WriteExtension(writer, Oids.BasicConstraints, true, w => WriteBasicConstraints(w, c.PathLength));
            if (c.IsCa || c.IsCrlSigner) Signed.WriteExtension(writer, Oids.KeyUsage, true, w => w.WriteBitString(c.IsCa ? [0x06] : [0x02], 1));
            if (NamesOwnKey(c)) Signed.WriteExtension(writer, Oids.SubjectKeyId, false, w => w.WriteOctetString(c.PublicKey.KeyId));
            if (c.AuthorityKeyId is { } authority) Signed.WriteAuthorityKeyId(writer, authority);
            if (c.AltNames.Count > 0) WriteAltNames(writer, c.AltNames);
            if (c.ExtendedKeyUsages.Count > 0) Signed.WriteExtension(writer, Oids.ExtendedKeyUsage, false, w => WriteOids(w, c.ExtendedKeyUsages));
            if (c.CrlLocations.Count > 0) Signed.WriteCrlLocations(writer, Oids.CrlDistributionPoints, c.CrlLocations);
            if (c.OcspUris.Count > 0) Signed.WriteExtension(writer, Oids.AuthorityInfoAccess, false, w => WriteOcsp(w, c.OcspUris));
            if (c.PermittedNames.Count + c.ExcludedNames.Count > 0) Signed.WriteExtension(writer, Oids.NameConstraints, false, w => WriteConstraints(w, c));
            if (c.Policies.Count > 0) Signed.WriteExtension(writer, Oids.CertificatePolicies, false, w => WritePolicies(w, c.Policies));
            if (c.PolicyMappings.Count > 0) Signed.WriteExtension(writer, Oids.PolicyMappings, false, w => WriteMappings(w, c.PolicyMappings));
            if (c.RequireExplicitPolicy is not null || c.InhibitPolicyMapping is not null)
                Signed.WriteExtension(writer, Oids.PolicyConstraints, true, w => WritePolicyConstraints(w, c));
            if (c.InhibitAnyPolicy is { } any) Signed.WriteExtension(writer, Oids.InhibitAnyPolicy, true, w => w.WriteInteger(any));
            if (c.AddressBlocks.Count > 0) Signed.WriteExtension(writer, Oids.IpAddressBlocks, false, w => AddressBlocks.Write(w, c.AddressBlocks));
            foreach (var oid in c.CriticalOids) Signed.WriteExtension(writer, oid, true, null);
        }
    }

    // Only what signs something is looked for by its key.
    static bool NamesOwnKey(CertificateContent c) => c.IsCa || c.IsCrlSigner || c.ExtendedKeyUsages.Contains(Oids.OcspSigning);

    static bool HasAny(CertificateContent c) =>
        NamesOwnKey(c) || c.AuthorityKeyId is not null || c.RequireExplicitPolicy is not null || c.InhibitPolicyMapping is not null || c.InhibitAnyPolicy is not null
        || c.AltNames.Count + c.ExtendedKeyUsages.Count + c.CrlLocations.Count + c.OcspUris.Count + c.PermittedNames.Count + c.ExcludedNames.Count
            + c.Policies.Count + c.PolicyMappings.Count + c.AddressBlocks.Count + c.CriticalOids.Count > 0;

    static void WriteBasicConstraints(AsnWriter writer, int? pathLength)
    {
        using (writer.PushSequence())
        {
            writer.WriteBoolean(true);
            if (pathLength is { } length) writer.WriteInteger(length);
        }
    }

    internal static void WriteAltNames(AsnWriter writer, IReadOnlyList<Identity> names) => Signed.WriteExtension(writer, Oids.SubjectAltName, false, w =>
    {
        using (w.PushSequence())
            foreach (var name in names) GeneralNames.Write(w, name);
    });

    static void WriteOids(AsnWriter writer, IReadOnlyList<string> oids)
    {
        using (writer.PushSequence())
            foreach (var oid in oids) writer.WriteObjectIdentifier(oid);
    }

    static void WriteOcsp(AsnWriter writer, IReadOnlyList<string> uris)
    {
        using (writer.PushSequence())
        {
            foreach (var uri in uris)
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Oids.Ocsp);
                    GeneralNames.WriteUri(writer, uri);
                }
            }
        }
    }

    static void WriteConstraints(AsnWriter writer, CertificateContent c)
    {
        using (writer.PushSequence())
        {
            WriteSubtrees(writer, 0, c.PermittedNames);
            WriteSubtrees(writer, 1, c.ExcludedNames);
        }
    }

    static void WriteSubtrees(AsnWriter writer, int number, IReadOnlyList<Identity> names)
    {
        if (names.Count == 0) return;
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, number)))
            foreach (var name in names)
                using (writer.PushSequence()) GeneralNames.Write(writer, name, isConstraint: true);
    }

    static void WritePolicies(AsnWriter writer, IReadOnlyList<CertificatePolicy> policies)
    {
        using (writer.PushSequence())
        {
            foreach (var policy in policies)
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(policy.Oid);
                    if (policy.StatementUri is null && policy.UserNotice is null) continue;
                    using (writer.PushSequence()) WriteQualifiers(writer, policy);
                }
            }
        }
    }

    static void WriteQualifiers(AsnWriter writer, CertificatePolicy policy)
    {
        if (policy.StatementUri is { } uri)
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.PolicyStatement);
                writer.WriteCharacterString(UniversalTagNumber.IA5String, uri);
            }
        }
        if (policy.UserNotice is not { } notice) return;
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Oids.PolicyUserNotice);
            using (writer.PushSequence())
                writer.WriteCharacterString(notice.All(c => c is >= ' ' and <= '~') ? UniversalTagNumber.VisibleString : UniversalTagNumber.UTF8String, notice);
        }
    }

    static void WriteMappings(AsnWriter writer, IReadOnlyList<(string Issuer, string Subject)> mappings)
    {
        using (writer.PushSequence())
            foreach (var (issuer, subject) in mappings) WriteOids(writer, [issuer, subject]);
    }

    static void WritePolicyConstraints(AsnWriter writer, CertificateContent c)
    {
        using (writer.PushSequence())
        {
            if (c.RequireExplicitPolicy is { } required) writer.WriteInteger(required, new Asn1Tag(TagClass.ContextSpecific, 0));
            if (c.InhibitPolicyMapping is { } inhibited) writer.WriteInteger(inhibited, new Asn1Tag(TagClass.ContextSpecific, 1));
        }
    }
}
