// Which groups the holder of a certificate belongs to, as trusted attribute authorities say. RFC 5755 5; the lines of the reference's validator.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Auth;

public sealed partial class CredentialStore
{
    // Of the attribute certificates of one holder, so many are verified, and so many are sent.
    const int MaxAttributeCertificates = 8;

    /// <summary>Attribute certificates that were loaded, in that order; none is verified before it is needed.</summary>
    public ImmutableArray<AttributeCertificate> AttributeCertificates { get; init; } = [];

    public IReadOnlyList<AttributeCertificate> AttributeCertificatesOf(Certificate holder, DateTimeOffset now) =>
        [.. AttributeCertificates.Where(a => a.IsValidAt(now) && a.IsHeldBy(holder)).Take(MaxAttributeCertificates)];

    public Membership GroupsOf(ICryptoDoor crypto, Certificate holder, IReadOnlyList<AttributeCertificate> received, RevocationPolicy revocation, DateTimeOffset now,
        StatusRound? round = null)
    {
        List<string> groups = [], lines = [];
        foreach (var ac in received.Concat(AttributeCertificates).Where(a => a.IsHeldBy(holder)).Distinct().Take(MaxAttributeCertificates))
        {
            if (Distrust(ac, crypto, revocation, now, round ?? StatusRound.Offline, lines) is { } why)
            {
                lines.Add($"  attribute certificate {ac.SerialText} does not count: {why}");
                continue;
            }
            groups.AddRange(ac.Groups.Where(g => g.Form == GroupForm.Text && !groups.Contains(g.Value)).Select(g => g.Value));
        }
        return new(groups, lines);
    }

    // Null if the certificate counts.
    string? Distrust(AttributeCertificate ac, ICryptoDoor crypto, RevocationPolicy revocation, DateTimeOffset now, StatusRound round, List<string> lines)
    {
        if (!ac.IsValidAt(now)) return $"it is valid from {ac.NotBefore.UtcDateTime:yyyy-MM-dd HH:mm:ss} to {ac.NotAfter.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC";
        if (ac.UnknownCriticalExtensions is [var oid, ..])
            return oid == Oids.TargetInformation ? "it is meant for certain hosts (targetInformation), which is not supported" : $"critical extension {oid} is not supported";
        // Whether it was revoked since cannot be found out; who insists on knowing takes those only that are never revoked.
        if (revocation == RevocationPolicy.Strict && !ac.HasNoRevocation) return "it may have been revoked ('noRevAvail' is missing), and 'strictcrlpolicy=yes' wants to know";
        lines.Add($"verifying attribute certificate issued by \"{ac.Issuer}\"");
        var authorities = Certificates.Where(c => c.Flags.HasFlag(CertificateFlags.Aa) && c.Flags.HasFlag(CertificateFlags.Trusted) && ac.NamesAsIssuer(c.Certificate))
            .Select(c => c.Certificate).Distinct().Take(MaxCandidates).ToList();
        if (authorities.Count == 0) return $"no certificate of the attribute authority \"{ac.Issuer}\" is loaded; it belongs into ipsec.d/aacerts";
        List<Certificate> helpers = [.. Certificates.Where(IsHelpful).Select(c => c.Certificate).Distinct()];
        var chain = new TrustChain(crypto, _authorities, helpers, now, Status(crypto, _authorities, helpers, round));
        var reason = "";
        foreach (var authority in authorities)
        {
            var result = chain.Validate(authority, revocation, isPinned: true);
            lines.AddRange(result.Lines);
            if (result.Key is null) reason = result.Reason!;
            else if (!authority.IsValidAt(now)) reason = $"the certificate of the attribute authority \"{authority}\" is not valid now";
            else if (!ac.IsSignedBy(authority, crypto)) reason = $"its signature is not that of \"{authority}\"";
            else return null;
        }
        return reason;
    }
}
