// Which keys of a peer are trusted: its certificates against identity, trust anchors and the constraints of the round. RFC 4945 3.1, RFC 7296 2.15.
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Auth;

public sealed partial class CredentialStore
{
    // Of what a peer sends before it is authenticated, so many are parsed and so many are validated.
    const int MaxReceived = 32, MaxCandidates = 4;

    public IReadOnlyList<TrustResult> Trust(ICryptoDoor crypto, Identity peer, IReadOnlyList<byte[]> receivedCertificates, AuthRound constraints, DateTimeOffset now,
        StatusRound? round = null, TrustSettings? settings = null)
    {
        settings ??= new();
        List<TrustResult> results = [];
        List<Certificate> received = [];
        foreach (var der in receivedCertificates.Take(MaxReceived))
        {
            if (KnownCertificates.Parse(der, out var reason) is { } certificate) received.Add(certificate);
            else results.Add(new(null, null, [], $"received certificate is refused: {reason}") { Change = "its CA has to issue another one" });
        }
        List<Certificate> configured = [.. constraints.Certificates.Select(Parsed).OfType<Certificate>()];
        var caConstraints = constraints.CaCertificates.Select(Parsed).OfType<Certificate>().ToList();
        List<Certificate> authorities = [.. _authorities.Concat(caConstraints.Where(c => c.IsCa)).Distinct()];
        List<Certificate> untrusted = [.. received.Concat(Certificates.Where(IsHelpful).Select(c => c.Certificate)).Distinct()];
        var chain = new TrustChain(crypto, authorities, untrusted, now, Status(crypto, authorities, untrusted, round ?? StatusRound.Offline)) { EnforcesCritical = settings.EnforceCritical };

        // Certificates configured for the peer first; they need no anchor, but the signature must be made with one of them.
        var isPinned = !constraints.Certificates.IsEmpty || !constraints.PublicKeys.IsEmpty;
        var pinned = !isPinned
            ? [.. Certificates.Where(c => c.Flags.HasFlag(CertificateFlags.Trusted) && !c.Flags.HasFlag(CertificateFlags.Ca)).Select(c => c.Certificate).Distinct()]
            : configured;
        var rawKeys = isPinned ? constraints.PublicKeys.AsEnumerable() : PublicKeys.Where(k => Names(peer, k)).Select(k => k.SubjectPublicKeyInfo);
        List<TrustResult> trusted = [.. rawKeys.Take(MaxCandidates).Select(k => RawKey(k, peer, constraints, settings.RdnMatching))];
        foreach (var certificate in pinned.Where(c => c.Confirms(peer)).Take(MaxCandidates))
            trusted.Add(Validate(chain, certificate, isPinned: true, constraints, caConstraints, settings.RdnMatching));
        foreach (var certificate in received.Where(c => c.Confirms(peer) && !trusted.Any(t => c.Equals(t.Certificate))).Distinct().Take(MaxCandidates))
        {
            trusted.Add(!isPinned
                ? Validate(chain, certificate, isPinned: false, constraints, caConstraints, settings.RdnMatching)
                : new(null, certificate, [], $"constraint check failed: \"{certificate}\" is none of the certificates in 'rightcert='") { Change = "'rightcert=' may list it, or be left out" });
        }
        if (trusted.Count == 0 && received.Count > 0)
            results.Add(new(null, received[0], [], $"\"{received[0]}\" does not confirm identity '{peer}', neither as subject nor as subjectAltName") { Change = "the peer's 'leftid=' has to be one of the names in its certificate" });
        foreach (var known in trusted.Where(t => t.Key is not null).SelectMany(t => t.Chain).Where(received.Contains)) KnownCertificates.Keep(known);
        return [.. trusted, .. results];
    }

    // No CA vouches for it: what a CA would have to show is not shown.
    static TrustResult RawKey(byte[] info, Identity peer, AuthRound constraints, RdnMatching rdns)
    {
        List<string> lines = [$"  using trusted certificate \"{peer}\""];
        if (PublicKey.FromSubjectPublicKeyInfo(info, out var why) is not { } key) return new(null, null, lines, why);
        var result = new TrustResult(key, null, lines, null);
        if (constraints is { IsIdLoose: true, Id: { } id } && peer.Match(id, rdns) == 0)
            return Refused(result, $"constraint check failed: identity '{id}' required", "a raw public key holds no identity but the one of 'rightid='");
        if (constraints.CertPolicies is [var policy, ..]) return Refused(result, $"constraint requires cert policy {policy}", "a raw public key asserts none: 'rightcertpolicy=' needs a certificate");
        if (constraints.CaId is not null || !constraints.CaCertificates.IsEmpty)
            return Refused(result, $"constraint check failed: peer not authenticated by CA '{constraints.CaId?.ToString() ?? "of 'cacerts'"}'", "no CA vouches for a raw public key: 'rightca=' needs a certificate");
        return SignatureConstraints.Parse(constraints.SignatureConstraints).CheckKey(key, $"{peer}") is { } weak ? Refused(result, weak, "'rightauth=' says which keys are good enough") : result;
    }

    // The path that one would expect, and if the constraints turn it down another that they do not: a CA may be signed by several.
    static TrustResult Validate(TrustChain chain, Certificate certificate, bool isPinned, AuthRound constraints, List<Certificate> caConstraints, RdnMatching rdns)
    {
        var first = chain.Validate(certificate, constraints.Revocation, isPinned);
        var constrained = Constrain(first, constraints, caConstraints, rdns);
        if (first.Key is null || constrained.Key is not null) return constrained;
        var other = chain.Validate(certificate, constraints.Revocation, isPinned, path =>
            Constrain(first with { Chain = path, Policies = PolicyValidation.Asserted(path, []) }, constraints, caConstraints, rdns).Key is not null);
        return other.IsPending ? other : other.Key is null ? constrained : Constrain(other, constraints, caConstraints, rdns);
    }

    public IReadOnlyList<(Certificate About, OcspResponse Response)> StatusOf(ICryptoDoor crypto, Certificate own, DateTimeOffset now, StatusRound round, List<string> lines)
    {
        List<Certificate> path = [own, .. PathByNames(own)];
        var check = Status(crypto, _authorities, path, round);
        List<(Certificate, OcspResponse)> found = [];
        for (var i = 0; i + 1 < path.Count; i++)
            // Lines stop where an answer is missing; what the others need is found out along with it.
            if (check.Response(path[i], path[i + 1], now, round.Needs.Count > 0 ? [] : lines) is { } response) found.Add((path[i], response));
        return found;
    }

    public Certificate? CertificateByHash(ReadOnlySpan<byte> sha1)
    {
        foreach (var stored in Certificates)
            if (stored.Certificate.Fingerprint.AsSpan().SequenceEqual(sha1)) return stored.Certificate;
        return null;
    }

    public string? CertificateBaseOf(Certificate certificate) => Locations.FirstOrDefault(l => l.CertificateBase is not null && certificate.Issuer.Equals(l.Authority.Subject))?.CertificateBase;

    public bool IsBelowCertificateBase(string url) => Locations.Any(l => l.IsAbove(url));

    // Issuers of certificates and of CRLs.
    static bool IsHelpful(StoredCertificate c) => c.Flags.HasFlag(CertificateFlags.Ca) || c.Certificate.KeyUsage?.HasFlag(KeyUsages.CrlSign) == true;

    StatusCheck Status(ICryptoDoor crypto, IReadOnlyList<Certificate> authorities, IReadOnlyList<Certificate> helpers, StatusRound round) =>
        new(crypto, new(authorities, helpers, _ocspSigners, Crls, Locations), round);

    static TrustResult Constrain(TrustResult result, AuthRound constraints, List<Certificate> caConstraints, RdnMatching rdns)
    {
        if (result.Key is null) return result;
        return CaConstraint(result, constraints, caConstraints, rdns) ?? LooseIdentity(result, constraints, rdns) ?? PolicyConstraint(result, constraints)
            ?? (SignatureConstraints.Parse(constraints.SignatureConstraints).CheckChain(result.Chain) is { } weak ? Refused(result, weak, "'rightauth=' says which keys and signatures are good enough") : result);
    }

    static TrustResult Refused(TrustResult result, string why, string change) => result with { Key = null, Lines = [.. result.Lines, why], Reason = why, Change = change };

    static TrustResult? CaConstraint(TrustResult result, AuthRound constraints, List<Certificate> caConstraints, RdnMatching rdns)
    {
        var chain = result.Chain;
        string? missing = null;
        if (!constraints.CaCertificates.IsEmpty && !chain.Skip(1).Any(caConstraints.Contains)) missing = caConstraints.FirstOrDefault()?.ToString() ?? "(unreadable certificate)";
        else if (constraints.CaId is { } id && !chain.Skip(1).Any(c => c.Match(id, rdns) > 0)) missing = id.ToString();
        return missing is null ? null : Refused(result, $"constraint check failed: peer not authenticated by CA '{missing}'",
            chain.Count > 1 ? $"'rightca=' asks for it; the chain of \"{result.Certificate}\" has {string.Join(", ", chain.Skip(1).Select(c => $"\"{c}\""))}"
                : $"'rightca=' asks for it; no CA in the chain of \"{result.Certificate}\" is known");
    }

    static TrustResult? LooseIdentity(TrustResult result, AuthRound constraints, RdnMatching rdns) =>
        constraints is { IsIdLoose: true, Id: { } id } && result.Certificate!.Match(id, rdns) == 0
            ? Refused(result, $"constraint check failed: identity '{id}' required", $"\"{result.Certificate}\" must hold it as subject or subjectAltName, or 'rightid=' name another") : null;

    // Whose fault it is, too: that of the certificate or that of a CA.
    static TrustResult? PolicyConstraint(TrustResult result, AuthRound constraints)
    {
        if (constraints.CertPolicies.FirstOrDefault(p => !result.Policies.Contains(p)) is not { } missing) return null;
        var isAsserted = result.Certificate!.Policies?.Any(p => p.Oid == missing) ?? false;
        return Refused(result, $"constraint requires cert policy {missing}",
            isAsserted ? $"'rightcertpolicy=' asks for it; \"{result.Certificate}\" asserts it, but not all CAs of its chain allow it"
                : $"'rightcertpolicy=' asks for it; \"{result.Certificate}\" does not assert it");
    }
}
