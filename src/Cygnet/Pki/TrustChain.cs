// Building and validating a path from a certificate to a trust anchor. RFC 5280 6.1, RFC 4158; lines as the reference logs them.
using System.Globalization;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Pki;

/// <summary>
/// One validation: the trusted CA certificates, certificates that may help (received, untrusted), and the moment.
/// Searches depth first, trusted issuers first, and reports the path found, or the first path that failed.
/// </summary>
public sealed class TrustChain(ICryptoDoor crypto, IReadOnlyList<Certificate> authorities, IReadOnlyList<Certificate> untrusted, DateTimeOffset now,
    ICertificateStatus status)
{
    public const int MaxPathLength = 7;

    // A peer chooses the certificates it sends: without a limit, many of one name would buy it time on our processor.
    const int MaxVerifications = 50;

    // And that many can still be joined in thousands of ways.
    const int MaxSteps = 2000;

    /// <summary>Whether a critical extension that nobody here knows makes a certificate unusable. RFC 5280 4.2.</summary>
    public bool EnforcesCritical { get; init; } = true;

    readonly Dictionary<(Certificate, Certificate), bool> _verified = [];
    int _steps;
    List<string>? _failedLines;
    string _reason = "";
    string? _change;
    CertificateFault? _fault;
    Func<IReadOnlyList<Certificate>, bool>? _accepts;
    bool _isViolated;

    /// <summary>
    /// Validates the certificate. A pinned one was configured itself as trusted, and needs no anchor. With <paramref name="accepts"/> a path that it
    /// does not take (end entity first, anchor last) is passed over for another.
    /// </summary>
    public TrustResult Validate(Certificate subject, RevocationPolicy revocation = RevocationPolicy.Relaxed, bool isPinned = false,
        Func<IReadOnlyList<Certificate>, bool>? accepts = null)
    {
        _accepts = accepts;
        (_failedLines, _reason, _change, _fault, _steps, _isViolated) = (null, "", null, null, 0, false);
        List<string> lines = [isPinned ? $"  using trusted certificate \"{subject}\"" : $"  using certificate \"{subject}\""];
        List<Certificate> path = [subject];
        // What was configured itself is trusted as it is; its chain is built only to satisfy constraints.
        if (isPinned && subject.IsSelfSigned && subject.UnknownCriticalExtensions.Count == 0) return Alone(subject, lines);
        if (!Extend(path, lines))
        {
            // Trusted as it is, unless what is known of its chain speaks against it: as in the reference.
            return isPinned && !_isViolated && subject.UnknownCriticalExtensions.Count == 0 && IsInside(subject, "subject", [])
                ? Alone(subject, [lines[0]])
                : new(null, subject, _failedLines ?? lines, _reason) { Change = _change, Faults = _fault is { } fault ? [fault] : [] };
        }
        List<CertificateFault> faults = [];
        for (var i = 0; i + 1 < path.Count; i++)
        {
            var result = status.Check(path[i], path[i + 1], now, lines);
            if (result == CertificateStatus.Pending) return Pending(path, i, lines);
            if (result != CertificateStatus.Good) faults.Add(result == CertificateStatus.Revoked ? CertificateFault.Revoked : CertificateFault.StatusUnknown);
            if (Unacceptable(result, revocation, path[i]) is not { } why) continue;
            lines.Add(why);
            return new(null, subject, lines, $"{why}{(why.Contains('"') ? "" : $" for \"{path[i]}\"")}") { Change = result == CertificateStatus.Revoked ? Renew : LookElsewhere, Faults = faults };
        }
        return new(subject.PublicKey, subject, lines, null) { Chain = path, Policies = PolicyValidation.Asserted(path, lines), AddressBlocks = IpAddressBlocks.Validate(path, out _), Faults = faults };
    }

    const string Renew = "the CA has to issue another certificate; if it has taken the revocation back, 'ipsec purgecrls' and 'ipsec purgeocsp' make us ask again";

    const string LookElsewhere = "'crluri=' or 'ocspuri=' in a ca section, or a CRL in ipsec.d/crls, tells its status; 'strictcrlpolicy=no' goes without";

    // No CA vouches for policies; what it says of addresses still limits its holder.
    static TrustResult Alone(Certificate pinned, List<string> lines) =>
        new(pinned.PublicKey, pinned, lines, null) { Chain = [pinned], AddressBlocks = pinned.AddressBlocks?.Ranges };

    // The lines stop where the answer is missing; what the CAs above need is found out along with it, so that all is fetched at once.
    TrustResult Pending(List<Certificate> path, int at, List<string> lines)
    {
        for (var i = at + 1; i + 1 < path.Count; i++) status.Check(path[i], path[i + 1], now, []);
        return new(null, path[0], lines, $"whether \"{path[at]}\" is revoked is not known yet") { IsPending = true };
    }

    static string? Unacceptable(CertificateStatus status, RevocationPolicy policy, Certificate certificate) => (status, policy) switch
    {
        (CertificateStatus.Revoked, _) => $"certificate \"{certificate}\" is revoked",
        (CertificateStatus.Good, _) or (_, RevocationPolicy.Relaxed) or (CertificateStatus.Skipped, RevocationPolicy.IfUri) => null,
        (_, RevocationPolicy.Strict) => $"constraint check failed: RULE_CRL_VALIDATION is {status.ToString().ToUpperInvariant()}, but requires at least GOOD",
        _ => $"constraint check failed: RULE_CRL_VALIDATION is {status.ToString().ToUpperInvariant()}, but requires at least SKIPPED",
    };

    bool Extend(List<Certificate> path, List<string> lines)
    {
        var current = path[^1];
        var written = lines.Count;
        var hint = "";
        foreach (var (issuer, isTrusted) in Issuers(current))
        {
            lines.RemoveRange(written, lines.Count - written);
            if (_steps++ == MaxSteps) break;
            var isAnchor = isTrusted && issuer.IsSelfSigned;
            // Name and key a second time is a loop, RFC 4158 2.4.2; only an anchor may end its own path, where the peer uses the root itself.
            if (path.Any(c => c.Subject.Equals(issuer.Subject) && c.PublicKey.Equals(issuer.PublicKey)) && !(isAnchor && path.Count == 1)) continue;
            if (!issuer.CanIssue)
            {
                hint = $"; \"{issuer}\" is no CA: basicConstraints or keyCertSign is missing";
                continue;
            }
            if (!IsSigned(current, issuer))
            {
                hint = $"; the signature is not that of the key of \"{issuer}\"";
                continue;
            }
            lines.Add($"  using {(isAnchor ? "trusted ca" : isTrusted ? "trusted intermediate ca" : "untrusted intermediate")} certificate \"{issuer}\"");
            if (path.Count - 1 > MaxPathLength)
            {
                Fail(lines, $"maximum path length of {MaxPathLength} exceeded", "a shorter chain of CAs is needed", CertificateFault.PathTooLong);
                continue;
            }
            if (!IsAcceptable(path, issuer, isAnchor, lines)) continue;
            if (isAnchor)
            {
                lines.Add($"  reached self-signed root ca with a path length of {path.Count - 1}");
                if (!issuer.Equals(current)) path.Add(issuer);
                return true;
            }
            path.Add(issuer);
            if (Extend(path, lines)) return true;
            path.RemoveAt(path.Count - 1);
        }
        lines.RemoveRange(written, lines.Count - written);
        if (_failedLines is not null) return false;
        if (current.IsSelfSigned)
        {
            KeepFirst(lines, $"  self-signed certificate \"{current}\" is not trusted", CaBelongs(current), CertificateFault.UntrustedRoot);
            return false;
        }
        lines.Add($"no issuer certificate found for \"{current}\"");
        KeepFirst(lines, $"  issuer is \"{current.Issuer}\"", CaBelongs(current), CertificateFault.NoIssuer);
        _reason = $"no issuer certificate found for \"{current}\", issuer is \"{current.Issuer}\"{hint}";
        return false;
    }

    string CaBelongs(Certificate current) => current.IsSelfSigned && current.IsCa ? "if it is to be trusted, it belongs into ipsec.d/cacerts"
        : "the CA that signed the peer's certificate belongs into ipsec.d/cacerts, or the certificate itself into 'rightcert='; intermediate CAs the peer may send";

    // Trusted before untrusted, roots before intermediates, and in each the one whose key id fits first.
    IEnumerable<(Certificate Issuer, bool IsTrusted)> Issuers(Certificate current) =>
        authorities.Where(c => current.Issuer.Equals(c.Subject)).OrderByDescending(c => c.IsSelfSigned).ThenByDescending(current.NamesKeyOf).Select(c => (c, true))
            .Concat(untrusted.Where(c => current.Issuer.Equals(c.Subject) && !authorities.Contains(c)).OrderByDescending(current.NamesKeyOf).Select(c => (c, false)));

    bool IsSigned(Certificate current, Certificate issuer)
    {
        if (_verified.TryGetValue((current, issuer), out var known)) return known;
        if (_verified.Count >= MaxVerifications) return false;
        return _verified[(current, issuer)] = current.IsSignedBy(issuer, crypto);
    }

    bool IsAcceptable(List<Certificate> path, Certificate issuer, bool isAnchor, List<string> lines)
    {
        var current = path[^1];
        if (!IsInside(current, "subject", lines)) return false;
        if (isAnchor && !issuer.Equals(current) && !IsInside(issuer, "issuer", lines)) return false;
        foreach (var certificate in isAnchor ? [current, issuer] : new[] { current })
        {
            if (EnforcesCritical && certificate.UnknownCriticalExtensions is [var oid, ..])
                return Fail(lines, $"certificate \"{certificate}\" has critical extension {oid}, which is not supported", "its CA has to issue one without, or with the extension not critical", null);
        }
        // Self-issued certificates (a CA that changes its key) do not count: RFC 5280 6.1.4 (l).
        var below = path.Skip(1).Count(c => !c.IsSelfIssued);
        if (!issuer.Equals(current) && issuer.PathLength is { } allowed && below > allowed)
            return Fail(lines, $"path length of {below} violates constraint of {allowed}",
                $"\"{issuer}\" may have {allowed} CA{(allowed == 1 ? "" : "s")} below it (basicConstraints), \"{current}\" is one too many", CertificateFault.PathTooLong);
        // Names are compared when the path is whole: a stranger shall not make us work on constraints of a CA that nobody trusts.
        return !isAnchor || IsWholeAcceptable(issuer.Equals(current) ? path : [.. path, issuer], lines);
    }

    bool IsWholeAcceptable(List<Certificate> whole, List<string> lines)
    {
        if (!AreNamesAllowed(whole, lines)) return false;
        if (PolicyValidation.Violation(whole) is { } violated)
            return Fail(lines, violated, "the certificates have to be issued with the policies that the CAs above them allow and require", CertificateFault.PolicyViolation);
        IpAddressBlocks.Validate(whole, out var why);
        return why.Length == 0 ? _accepts?.Invoke(whole) ?? true : Fail(lines, why, "a certificate may only hold addresses that its issuer's holds (RFC 3779)", CertificateFault.PolicyViolation);
    }

    bool AreNamesAllowed(List<Certificate> whole, List<string> lines)
    {
        for (var i = 1; i < whole.Count; i++)
        {
            if (whole[i].NameConstraints is not { } constraints) continue;
            if (constraints.IsUnreadable) return Fail(lines, $"name constraints of \"{whole[i]}\" cannot be evaluated", "that CA's certificate has to be issued anew", CertificateFault.PolicyViolation);
            foreach (var certificate in whole.Take(i).Where((c, at) => at == 0 || !c.IsSelfIssued))
            {
                if (constraints.Violation(certificate) is { } name)
                    return Fail(lines, $"'{name}' of \"{certificate}\" violates the name constraints of \"{whole[i]}\"",
                        "that CA may not issue certificates for this name; another name, or another CA, is needed", CertificateFault.PolicyViolation);
            }
        }
        return true;
    }

    bool IsInside(Certificate certificate, string label, List<string> lines) =>
        certificate.IsValidAt(now) || Fail(lines, $"{label} certificate invalid (valid from {Local(certificate.NotBefore)} to {Local(certificate.NotAfter)})",
            $"\"{certificate}\" has to be issued anew, or this host's clock be set: it says {Local(now)}", CertificateFault.Expired);

    // The host's wall clock says by its offset what local time is.
    string Local(DateTimeOffset time) => time.ToOffset(now.Offset).ToString("MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture);

    bool Fail(List<string> lines, string line, string change, CertificateFault? fault)
    {
        _isViolated = true;
        KeepFirst(lines, line, change, fault);
        return false;
    }

    // The first failure is that of the path one would expect; later candidates only add noise.
    void KeepFirst(List<string> lines, string line, string change, CertificateFault? fault)
    {
        lines.Add(line);
        if (_failedLines is null) (_failedLines, _reason, _change, _fault) = ([.. lines], line.Trim(), change, fault);
    }
}
