// What a certificate demands of those below it, for people: names, policies, addresses. ipsec(8); RFC 5280 4.2, RFC 3779.
using Cygnet.Pki;

namespace Cygnet.Control;

/// <summary>The lines of constraints, in the reference's layout.</summary>
static class ConstraintLines
{
    public static void Write(TextWriter to, Certificate c)
    {
        Block("permitted nameConstraints", 11, c.NameConstraints?.Permitted.Select(n => $"{n}"));
        Block("excluded nameConstraints", 11, c.NameConstraints?.Excluded.Select(n => $"{n}"));
        Block("certificatePolicies", 13, c.Policies?.SelectMany(p => p.StatementUri is { } uri ? (string[])[p.Oid, $"CPS: {uri}"] : [p.Oid]));
        Block("policyMappings", 11, c.PolicyMappings.Select(m => $"{m.Issuer} => {m.Subject}"));
        Block("policyConstraints", 11, new[]
        {
            ("requireExplicitPolicy", c.RequireExplicitPolicy), ("inhibitPolicyMapping", c.InhibitPolicyMapping), ("inhibitAnyPolicy", c.InhibitAnyPolicy),
        }.Where(l => l.Item2 is not null).Select(l => $"{l.Item1}: {l.Item2}"));
        if (c.AddressBlocks is { } blocks) to.Write($"  addresses: {string.Join(", ", blocks.Ranges)}\n");

        void Block(string title, int indent, IEnumerable<string>? lines)
        {
            var isFirst = true;
            foreach (var line in lines ?? [])
            {
                if (isFirst) to.Write($"  {title}:\n");
                isFirst = false;
                to.Write($"{new string(' ', indent)}{line}\n");
            }
        }
    }
}
