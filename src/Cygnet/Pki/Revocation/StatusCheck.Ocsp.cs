// The part of OCSP: cached responses, then responders of ca sections, then those that the certificate names. RFC 6960 3.2, 4.2.2.2.
namespace Cygnet.Pki.Revocation;

public sealed partial class StatusCheck
{
    // Clocks differ; a response from further ahead is not believed.
    static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(5);

    CertificateStatus CheckOcsp(Subject s)
    {
        var best = CertificateStatus.Skipped;
        foreach (var (response, isNew) in round.Cached.Responses.Select(r => (r, false)).Concat(round.Received.Select(r => (r, true))))
        {
            if (response.Find(s.Certificate, s.Issuer) is null) continue;
            best = Better(best, Judge(response, s, isNew));
            if (best == CertificateStatus.Pending) return best;
            if (best is not (CertificateStatus.Good or CertificateStatus.Revoked)) continue;
            s.Lines.Add("  using cached ocsp response");
            return best;
        }
        var configured = LocationsOf(s.Issuer).SelectMany(l => l.OcspUris).Take(MaxUris);
        List<string> uris = [.. configured.Concat(s.Certificate.OcspUris.Where(u => !StatusNeed.IsFile(u)).Take(MaxUris)).Distinct()];
        foreach (var uri in round.MayFetch ? uris : [])
        {
            s.Lines.Add($"  requesting ocsp status from '{uri}' ...");
            if (round.Ask(new(uri, OcspCertId.Of(s.Certificate, s.Issuer)), s.Now) is not { } answer) return CertificateStatus.Pending;
            if (Received(answer, uri, s.Lines) is not { } response) continue;
            best = Better(best, Judge(response, s, isNew: true));
            if (best is CertificateStatus.Good or CertificateStatus.Revoked or CertificateStatus.Pending) return best;
        }
        return best == CertificateStatus.Skipped && uris.Count > 0 ? CertificateStatus.Failed : best;
    }

    // Revoked counts, however old it is.
    static CertificateStatus Better(CertificateStatus old, CertificateStatus @new) =>
        @new == CertificateStatus.Failed || old is CertificateStatus.Good or CertificateStatus.Revoked ? old : @new;

    static OcspResponse? Received(StatusAnswer answer, string uri, List<string> lines)
    {
        if (answer.Failure is { } failure)
        {
            lines.Add($"  {failure}");
            lines.Add($"ocsp request to {uri} failed");
            return null;
        }
        if (answer.Response(out var reason) is not { } response)
        {
            lines.Add($"  {reason}");
            lines.Add("parsing ocsp response failed");
            return null;
        }
        // One without is from a responder that answers everybody the same, RFC 5019 4; its times limit what it is worth.
        if (response.Nonce is null || response.Nonce.AsSpan().SequenceEqual(answer.Nonce)) return response;
        lines.Add("nonce in ocsp response doesn't match");
        return null;
    }

    // Failed: the response is of no use. Pending: whether its signer is revoked has to be found out first.
    CertificateStatus Judge(OcspResponse response, Subject s, bool isNew)
    {
        if (response.UnknownCriticalExtensions is [var oid, ..])
        {
            s.Lines.Add($"  ocsp response has critical extension {oid}, which is not supported");
            return CertificateStatus.Failed;
        }
        if (JudgeSigner(response, s) is var signed and not CertificateStatus.Good) return signed;
        if (response.Find(s.Certificate, s.Issuer) is not { Status: not OcspStatus.Unknown } single)
        {
            s.Lines.Add("  ocsp response contains no status on our certificate");
            return CertificateStatus.Failed;
        }
        if (single.ThisUpdate > s.Now + _clockSkew)
        {
            s.Lines.Add($"  ocsp response is not valid yet: from {s.Local(single.ThisUpdate)}");
            return CertificateStatus.Failed;
        }
        if (single.Status == OcspStatus.Revoked) s.SayRevoked(single.RevokedAt, single.Reason);
        var until = response.UsableUntil(single);
        var isCurrent = s.Now < until;
        s.Lines.Add($"  ocsp response is {(isCurrent ? "valid: until" : "stale: since")} {s.Local(until)}");
        if (isCurrent && isNew) round.Learn(response);
        if (isCurrent) s.Response = response;
        return single.Status == OcspStatus.Revoked ? CertificateStatus.Revoked : isCurrent ? CertificateStatus.Good : CertificateStatus.Stale;
    }

    // The CA itself, or whom it has appointed with id-kp-OCSPSigning, or whom the operator has: RFC 6960 4.2.2.2.
    CertificateStatus JudgeSigner(OcspResponse response, Subject s)
    {
        var ours = credentials.OcspSigners.Where(c => response.IsNamed(c) && c.IsValidAt(s.Now)).Take(MaxSigners).ToList();
        var appointed = response.Certificates.Concat(credentials.OcspSigners).Where(c => !c.Equals(s.Issuer) && !ours.Contains(c) && response.IsNamed(c) && c.IsValidAt(s.Now)
            && c.ExtendedKeyUsages.Contains(Oids.OcspSigning) && c.UnknownCriticalExtensions.Count == 0 && c.Issuer.Equals(s.Issuer.Subject)).Distinct().Take(MaxSigners)
            .Where(c => c.IsSignedBy(s.Issuer, crypto));
        var isFound = false;
        foreach (var signer in (response.IsNamed(s.Issuer) ? [s.Issuer] : Array.Empty<Certificate>()).Concat(appointed).Concat(ours))
        {
            isFound = true;
            if (!response.IsSignedBy(signer, crypto))
            {
                s.Lines.Add("ocsp response verification failed, invalid signature");
                continue;
            }
            s.Lines.Add($"  ocsp response correctly signed by \"{signer}\"");
            return signer.Equals(s.Issuer) || ours.Contains(signer) ? CertificateStatus.Good : StatusOfAppointed(signer, s);
        }
        if (!isFound) s.Lines.Add($"ocsp response verification failed, no signer certificate '{response.Responder}' found");
        return CertificateStatus.Failed;
    }

    // RFC 6960 4.2.2.2.1: one with nocheck is trusted as long as it is valid; one whose certificate says where its status is, when that is good; of any other
    // what is known counts, and nothing is asked. By CRLs alone: what it says of itself would be worth nothing.
    CertificateStatus StatusOfAppointed(Certificate signer, Subject s)
    {
        if (signer.HasNoCheck || !round.Settings.UsesCrls) return CertificateStatus.Good;
        var hasLocation = signer.CrlLocations.Count > 0;
        s.Lines.Add($"checking certificate status of ocsp signer \"{signer}\"");
        switch (CheckCrls(new(signer, s.Issuer, s.Now, s.Lines), hasLocation))
        {
            case CertificateStatus.Pending: return CertificateStatus.Pending;
            case CertificateStatus.Revoked: break;
            case CertificateStatus.Good: return CertificateStatus.Good;
            default:
                if (!hasLocation) return CertificateStatus.Good;
                s.Lines.Add("ocsp response verification failed, whether its signer is revoked is unknown");
                return CertificateStatus.Failed;
        }
        s.Lines.Add("ocsp response verification failed, its signer is revoked");
        return CertificateStatus.Failed;
    }
}
