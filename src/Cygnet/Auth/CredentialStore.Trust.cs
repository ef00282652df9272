// Which keys of a peer are trusted: its certificates against identity, trust anchors and the constraints of the round. RFC 4945 3.1, RFC 7296 2.15.
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Auth;

public sealed partial class CredentialStore
{
    // Of what a peer sends before it is authenticated, so many are parsed and so many are validated.
    const int MaxReceived = 32, MaxCandidates = 4;

    public IReadOnlyList<TrustResult> Trust(ICryptoDoor crypto, Identity peer, IReadOnlyList<byte[]> receivedCertificates, AuthRound constraints, DateTimeOffset now)
    {
        List<TrustResult> results = [];
        List<Certificate> received = [];
        foreach (var der in receivedCertificates.Take(MaxReceived))
        {
            if (KnownCertificates.Parse(der, out var reason) is { } certificate) received.Add(certificate);
            else results.Add(new(null, null, [], $"received certificate is refused: {reason}"));
        }
        List<Certificate> configured = [.. constraints.Certificates.Select(Parsed).OfType<Certificate>()];
        var caConstraints = constraints.CaCertificates.Select(Parsed).OfType<Certificate>().ToList();
        var chain = new TrustChain(crypto, [.. _authorities.Concat(caConstraints.Where(c => c.IsCa)).Distinct()],
            [.. received.Concat(Certificates.Where(c => c.Flags.HasFlag(CertificateFlags.Ca)).Select(c => c.Certificate)).Distinct()], now, _status);

        // Certificates configured for the peer first; they need no anchor, but the signature must be made with one of them.
        var pinned = constraints.Certificates.IsEmpty
            ? [.. Certificates.Where(c => c.Flags.HasFlag(CertificateFlags.Trusted) && !c.Flags.HasFlag(CertificateFlags.Ca)).Select(c => c.Certificate).Distinct()]
            : configured;
        List<TrustResult> trusted = [];
        foreach (var certificate in pinned.Where(c => c.Confirms(peer)).Take(MaxCandidates))
            trusted.Add(Constrain(chain.Validate(certificate, constraints.Revocation, isPinned: true), constraints, caConstraints));
        foreach (var certificate in received.Where(c => c.Confirms(peer) && !trusted.Any(t => c.Equals(t.Certificate))).Distinct().Take(MaxCandidates))
        {
            trusted.Add(constraints.Certificates.IsEmpty
                ? Constrain(chain.Validate(certificate, constraints.Revocation), constraints, caConstraints)
                : new(null, certificate, [], $"constraint check failed: \"{certificate}\" is none of the certificates in 'rightcert='"));
        }
        if (trusted.Count == 0 && received.Count > 0)
            results.Add(new(null, received[0], [], $"\"{received[0]}\" does not confirm identity '{peer}', neither as subject nor as subjectAltName"));
        foreach (var known in trusted.Where(t => t.Key is not null).SelectMany(t => t.Chain).Where(received.Contains)) KnownCertificates.Keep(known);
        return [.. trusted, .. results];
    }

    static TrustResult Constrain(TrustResult result, AuthRound constraints, List<Certificate> caConstraints)
    {
        if (result.Key is null) return result;
        var why = CaConstraint(result.Chain, constraints, caConstraints) ?? LooseIdentity(result.Certificate!, constraints)
            ?? SignatureConstraints.Parse(constraints.SignatureConstraints).CheckChain(result.Chain);
        return why is null ? result : result with { Key = null, Lines = [.. result.Lines, why], Reason = why };
    }

    static string? CaConstraint(IReadOnlyList<Certificate> chain, AuthRound constraints, List<Certificate> caConstraints)
    {
        if (!constraints.CaCertificates.IsEmpty && !chain.Skip(1).Any(caConstraints.Contains))
            return $"constraint check failed: peer not authenticated by CA '{caConstraints.FirstOrDefault()?.ToString() ?? "(unreadable certificate)"}'";
        return constraints.CaId is { } id && !chain.Skip(1).Any(c => c.Subject.Match(id) > 0)
            ? $"constraint check failed: peer not authenticated by CA '{id}'" : null;
    }

    static string? LooseIdentity(Certificate certificate, AuthRound constraints) =>
        constraints is { IsIdLoose: true, Id: { } id } && certificate.Match(id) == 0 ? $"constraint check failed: identity '{id}' required" : null;
}
