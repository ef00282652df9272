// The policy extensions of a certificate. RFC 5280 4.2.1.4 (policies), 4.2.1.5 (mappings), 4.2.1.11 (constraints), 4.2.1.14 (inhibitAnyPolicy).
using System.Formats.Asn1;
using System.Text;

namespace Cygnet.Pki;

public sealed partial class Certificate
{
    // Real certificates have a handful; each costs work in every certificate of a path.
    const int MaxPolicies = 100;

    /// <summary>Null if the extension is absent, which is not the same as a list without anyPolicy: RFC 5280 6.1.3 (e).</summary>
    public IReadOnlyList<CertificatePolicy>? Policies { get; private set; }

    /// <summary>Policies of the issuer's domain, and what they are called in the subject's.</summary>
    public IReadOnlyList<(string Issuer, string Subject)> PolicyMappings { get; private set; } = [];

    /// <summary>How many more certificates may follow below before each must assert a policy; null: no such constraint.</summary>
    public int? RequireExplicitPolicy { get; private set; }

    /// <summary>How many more certificates may follow below before no policy may be mapped; null: no such constraint.</summary>
    public int? InhibitPolicyMapping { get; private set; }

    /// <summary>How many more certificates may follow below before anyPolicy counts no more; null: no such constraint.</summary>
    public int? InhibitAnyPolicy { get; private set; }

    // PolicyInformation ::= SEQUENCE { policyIdentifier OID, policyQualifiers SEQUENCE OF { OID, ANY } OPTIONAL }
    string ReadPolicies(AsnReader policies)
    {
        List<CertificatePolicy> list = [];
        while (policies.HasData)
        {
            if (list.Count == MaxPolicies) return $"more than {MaxPolicies} certificate policies";
            var policy = policies.ReadSequence();
            var read = new CertificatePolicy(policy.ReadObjectIdentifier());
            if (list.Exists(p => p.Oid == read.Oid)) return $"certificate policy {read.Oid} occurs twice";
            if (policy.HasData) read = ReadQualifiers(policy.ReadSequence(), read);
            policy.ThrowIfNotEmpty();
            list.Add(read);
        }
        if (list.Count == 0) return "certificatePolicies is empty";
        Policies = list;
        return "";
    }

    // They bind nobody here; only where the statement is to be found is shown.
    static CertificatePolicy ReadQualifiers(AsnReader qualifiers, CertificatePolicy policy)
    {
        while (qualifiers.HasData)
        {
            var qualifier = qualifiers.ReadSequence();
            var isStatement = qualifier.ReadObjectIdentifier() == Oids.PolicyStatement;
            var value = qualifier.ReadEncodedValue().Span;
            qualifier.ThrowIfNotEmpty();
            if (!isStatement || policy.StatementUri is not null) continue;
            AsnDecoder.ReadEncodedValue(value, AsnEncodingRules.DER, out var offset, out var length, out _);
            var text = value.Slice(offset, length);
            if (length > 0 && value[0] == 0x16 && !text.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e)) policy = policy with { StatementUri = Encoding.ASCII.GetString(text) };
        }
        return policy;
    }

    string ReadPolicyMappings(AsnReader mappings)
    {
        List<(string, string)> list = [];
        while (mappings.HasData)
        {
            if (list.Count == MaxPolicies) return $"more than {MaxPolicies} policy mappings";
            var mapping = mappings.ReadSequence();
            var (issuer, subject) = (mapping.ReadObjectIdentifier(), mapping.ReadObjectIdentifier());
            mapping.ThrowIfNotEmpty();
            // RFC 5280 6.1.4 (a): from or to anyPolicy would make any policy any other.
            if (issuer == CertificatePolicy.Any || subject == CertificatePolicy.Any) return "policyMappings maps anyPolicy";
            list.Add((issuer, subject));
        }
        if (list.Count == 0) return "policyMappings is empty";
        PolicyMappings = list;
        return "";
    }

    // PolicyConstraints ::= SEQUENCE { requireExplicitPolicy [0] INTEGER OPTIONAL, inhibitPolicyMapping [1] INTEGER OPTIONAL }, one of them at least
    string ReadPolicyConstraints(AsnReader body)
    {
        RequireExplicitPolicy = ReadSkip(body, 0);
        InhibitPolicyMapping = ReadSkip(body, 1);
        body.ThrowIfNotEmpty();
        return RequireExplicitPolicy is null && InhibitPolicyMapping is null ? "policyConstraints is empty" : "";
    }

    string ReadInhibitAnyPolicy(AsnReader value)
    {
        InhibitAnyPolicy = Skip(value.ReadIntegerBytes().Span);
        return "";
    }

    static int? ReadSkip(AsnReader body, int number)
    {
        // strongSwan's pki tags the numbers explicitly; nobody else reads them so, but its CAs shall not be turned away.
        if (Tagged(body, number) is { } wrapped)
        {
            var skip = Skip(wrapped.ReadIntegerBytes().Span);
            wrapped.ThrowIfNotEmpty();
            return skip;
        }
        var tag = new Asn1Tag(TagClass.ContextSpecific, number);
        return body.HasData && body.PeekTag() == tag ? Skip(body.ReadIntegerBytes(tag).Span) : null;
    }

    // SkipCerts ::= INTEGER (0..MAX): more than a path can hold is as good as none.
    static int Skip(ReadOnlySpan<byte> integer) =>
        (integer[0] & 0x80) != 0 ? throw new AsnContentException("a number of certificates to skip is negative") : integer.Length > 1 ? int.MaxValue : integer[0];
}
