// Certificate policies along a path. RFC 5280 6.1.2 to 6.1.5, with the graph of RFC 9618 in place of the tree, which a CA could make grow exponentially.
namespace Cygnet.Pki;

/// <summary>
/// What the CAs of a path demand of the policies below them; with initial-policy-set any-policy and all initial flags off. Where the reference's
/// decision is stricter than RFC 5280 it is followed: a mapping or anyPolicy that a CA above has inhibited refuses the path, and does not just not count.
/// </summary>
sealed class PolicyValidation
{
    const int Unlimited = int.MaxValue;

    // Of the graph only the deepest level matters here: a node above lives as long as one of these hangs on it. Policy to what it is expected as below.
    Dictionary<string, HashSet<string>> _level = new() { [CertificatePolicy.Any] = [CertificatePolicy.Any] };
    int _explicit = Unlimited, _mapping = Unlimited, _any = Unlimited;

    /// <summary>Null if the path is acceptable, else the reason. End entity first, the anchor last.</summary>
    public static string? Violation(IReadOnlyList<Certificate> path)
    {
        var state = new PolicyValidation();
        // RFC 5280 6.2: what the anchor's certificate says of those below counts as if it had been configured.
        state.Constrain(path[^1]);
        for (var i = path.Count - 2; i >= 0; i--)
            if (state.Add(path[i], isLast: i == 0) is { } why) return why;
        return null;
    }

    string? Add(Certificate certificate, bool isLast)
    {
        if (certificate.PolicyMappings.Count > 0 && _mapping == 0)
            return $"found policyMapping in certificate '{certificate}', but inhibitPolicyMapping in effect";
        var anyCounts = _any > 0 || !isLast && certificate.IsSelfIssued;
        if (!anyCounts && certificate.Policies is { } policies && policies.Any(p => p.Oid == CertificatePolicy.Any))
            return $"found anyPolicy in certificate '{certificate}', but inhibitAnyPolicy in effect";
        _level = Next(certificate.Policies);
        if (!isLast)
        {
            Map(certificate.PolicyMappings);
            if (!certificate.IsSelfIssued) (_explicit, _mapping, _any) = (Less(_explicit), Less(_mapping), Less(_any));
            Constrain(certificate);
        }
        else
        {
            _explicit = Less(_explicit);
            // RFC 5280 6.1.5 (b): of the last certificate 0 alone counts
            if (certificate.RequireExplicitPolicy == 0) _explicit = 0;
        }
        return _explicit > 0 || _level.Count > 0 ? null
            : $"an issuer of \"{certificate}\" requires an explicit policy, and it asserts none that the chain allows";
    }

    // RFC 5280 6.1.3 (d), (e).
    Dictionary<string, HashSet<string>> Next(IReadOnlyList<CertificatePolicy>? policies)
    {
        Dictionary<string, HashSet<string>> next = [];
        if (policies is null) return next;
        var isAnyAbove = _level.ContainsKey(CertificatePolicy.Any);
        foreach (var policy in policies)
            if (policy.Oid != CertificatePolicy.Any && (isAnyAbove || _level.Values.Any(expected => expected.Contains(policy.Oid)))) next[policy.Oid] = [policy.Oid];
        if (!policies.Any(p => p.Oid == CertificatePolicy.Any)) return next;
        foreach (var expected in _level.Values)
            foreach (var oid in expected) next.TryAdd(oid, [oid]);
        return next;
    }

    // RFC 5280 6.1.4 (b): what is mapped is expected below under its new names.
    void Map(IReadOnlyList<(string Issuer, string Subject)> mappings)
    {
        foreach (var group in mappings.GroupBy(m => m.Issuer, m => m.Subject))
            if (_level.ContainsKey(group.Key) || _level.ContainsKey(CertificatePolicy.Any)) _level[group.Key] = [.. group];
    }

    void Constrain(Certificate ca)
    {
        _explicit = Math.Min(_explicit, ca.RequireExplicitPolicy ?? Unlimited);
        _mapping = Math.Min(_mapping, ca.InhibitPolicyMapping ?? Unlimited);
        _any = Math.Min(_any, ca.InhibitAnyPolicy ?? Unlimited);
    }

    static int Less(int count) => count is 0 or Unlimited ? count : count - 1;

    /// <summary>
    /// The policies that the end entity asserts and the whole path allows, by name or mapped: what <c>cert_policy</c> is compared with. As in the
    /// reference the anchor's own certificate limits them too, but only if it lists any (strongSwan 6.0).
    /// </summary>
    public static List<string> Asserted(IReadOnlyList<Certificate> path, List<string> lines)
    {
        List<string> asserted = [];
        foreach (var policy in path[0].Policies ?? [])
        {
            if (IsValid(path, policy.Oid)) asserted.Add(policy.Oid);
            else lines.Add($"certificate policy {policy.Oid} for '{path[0]}' not allowed by trustchain, ignored");
        }
        return asserted;
    }

    static bool IsValid(IReadOnlyList<Certificate> path, string oid)
    {
        HashSet<string> names = [oid];
        for (var i = 0; i < path.Count; i++)
        {
            var certificate = path[i];
            if (i == path.Count - 1 && i > 0 && certificate.IsSelfSigned && certificate.Policies is null) return true;
            // What a policy is called below this CA, and what it is mapped from.
            if (i > 0) names.UnionWith(certificate.PolicyMappings.Where(m => names.Contains(m.Subject)).Select(m => m.Issuer).ToList());
            if (certificate.Policies is not { } policies) return false;
            if (!policies.Any(p => p.Oid == CertificatePolicy.Any)) names.IntersectWith(policies.Select(p => p.Oid));
            if (names.Count == 0) return false;
        }
        return true;
    }
}
