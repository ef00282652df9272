// The part of CRLs: known ones, then those of ca sections, then those that the certificate names; then deltas. RFC 5280 6.3.3.
using Cygnet.Policy;

namespace Cygnet.Pki.Revocation;

public sealed partial class StatusCheck
{
    /// <summary>The best list so far, what it says of the certificate, and whether a location was found at all.</summary>
    sealed class CrlSearch
    {
        public Crl? Best { get; set; }
        public CertificateStatus Status { get; set; } = CertificateStatus.Skipped;

        /// <summary>Revoked for the time being: a newer list may not say so any more.</summary>
        public bool IsOnHold { get; set; }
        public bool IsDecided => Status == CertificateStatus.Good || Status == CertificateStatus.Revoked && !IsOnHold;
    }

    CertificateStatus CheckCrls(Subject s, bool mayFetch = true)
    {
        var search = new CrlSearch();
        List<Identity> issuers = [.. s.Certificate.CrlLocations.Select(l => l.Issuer).OfType<Identity>().Distinct()];
        LookUp(search, s, c => IsFrom(c, s.Issuer), null);
        List<(string Uri, Identity? Issuer)> locations = !mayFetch ? [] :
        [
            .. LocationsOf(s.Issuer).SelectMany(l => l.CrlUris).Take(MaxUris).Select(u => (u, (Identity?)null)),
            .. s.Certificate.CrlLocations.Where(l => !StatusNeed.IsFile(l.Uri)).Take(MaxUris).Select(l => (l.Uri, l.Issuer)),
        ];
        foreach (var issuer in issuers)
            if (!search.IsDecided) LookUp(search, s, c => c.Issuer.Equals(issuer), null);
        if (Fetch(search, locations.Distinct(), s, null)) return CertificateStatus.Pending;
        if (search.Best is { } @base && (search.Status is CertificateStatus.Good or CertificateStatus.Stale || search.IsOnHold) && CheckDelta(search, @base, issuers, s, mayFetch)) return CertificateStatus.Pending;
        return search.Status == CertificateStatus.Skipped && locations.Count > 0 ? CertificateStatus.Failed : search.Status;
    }

    // True: something has to be fetched first.
    bool CheckDelta(CrlSearch search, Crl @base, List<Identity> issuers, Subject s, bool mayFetch)
    {
        var delta = new CrlSearch();
        LookUp(delta, s, c => IsFrom(c, s.Issuer) || issuers.Contains(c.Issuer), @base);
        if (mayFetch && Fetch(delta, @base.FreshestLocations.Where(l => !StatusNeed.IsFile(l.Uri)).Take(MaxUris).Select(l => (l.Uri, l.Issuer)), s, @base)) return true;
        // What the base says holds where the delta is silent: RFC 5280 5.2.4.
        if (delta.Best is not { } list) return false;
        if (list.Find(s.Certificate) is { Reason: RevocationReason.RemoveFromCrl }) (search.Status, search.IsOnHold) = (delta.Status, false);
        else if (delta.Status == CertificateStatus.Revoked || !search.IsOnHold) (search.Status, search.IsOnHold) = (delta.Status, delta.IsOnHold);
        return false;
    }

    void LookUp(CrlSearch search, Subject s, Func<Crl, bool> isWanted, Crl? @base)
    {
        foreach (var crl in credentials.Crls.Concat(round.Cached.Crls).Where(isWanted).OrderByDescending(c => c, Comparer<Crl>.Create((a, b) => a.CompareAge(b))))
        {
            if (!Consider(search, crl, s, @base, isFetched: false) || search.Status == CertificateStatus.Stale) continue;
            s.Lines.Add("  using cached crl");
            return;
        }
    }

    bool Fetch(CrlSearch search, IEnumerable<(string Uri, Identity? Issuer)> locations, Subject s, Crl? @base)
    {
        foreach (var (uri, designated) in round.MayFetch ? locations : [])
        {
            if (search.IsDecided) return false;
            s.Lines.Add($"  fetching crl from '{uri}' ...");
            if (round.Ask(new(uri), s.Now) is not { } answer) return true;
            if (answer.Failure is { } failure)
            {
                s.Lines.Add($"  {failure}");
                s.Lines.Add("crl fetching failed");
                continue;
            }
            if (answer.Crl(out var reason) is not { } crl)
            {
                s.Lines.Add($"  {reason}");
                s.Lines.Add("crl fetched successfully but parsing failed");
                continue;
            }
            if (!(designated is null ? IsFrom(crl, s.Issuer) : crl.Issuer.Equals(designated)))
            {
                s.Lines.Add($"issuer of fetched {(@base is null ? "" : "delta ")}CRL '{crl.Issuer}' does not match certificate's {(designated is null ? "" : "CRL ")}issuer '{designated ?? s.Issuer.Subject}'");
                continue;
            }
            Consider(search, crl, s, @base, isFetched: true);
        }
        return false;
    }

    static bool IsFrom(Crl crl, Certificate issuer) =>
        crl.Issuer.Equals(issuer.Subject) || crl.AuthorityKeyId is { } id && issuer.SubjectKeyId is { } key && id.AsSpan().SequenceEqual(key);

    // Whether the list becomes the best one.
    bool Consider(CrlSearch search, Crl crl, Subject s, Crl? @base, bool isFetched)
    {
        if (@base is null ? crl.BaseNumber is not null : !crl.Extends(@base)) return false;
        if (Unusable(crl, s) is { } why)
        {
            s.Lines.Add(why);
            return false;
        }
        var isCurrent = crl.NextUpdate is not { } next || s.Now <= next;
        var entry = crl.Find(s.Certificate);
        var isRevoked = entry is not null and not { Reason: RevocationReason.RemoveFromCrl };
        if (!isRevoked && search.Best is { } best && crl.CompareAge(best) <= 0) return false;
        (search.Best, search.IsOnHold) = (crl, isRevoked && entry!.Reason == RevocationReason.CertificateHold);
        search.Status = isRevoked ? CertificateStatus.Revoked : isCurrent ? CertificateStatus.Good : CertificateStatus.Stale;
        s.Lines.Add(crl.NextUpdate is not { } until ? "  crl is valid" : $"  crl is {(isCurrent ? "valid: until" : "stale: since")} {s.Local(until)}");
        if (isCurrent && isFetched) round.Learn(crl);
        if (isRevoked) s.SayRevoked(entry!.Date, entry.Reason);
        return true;
    }

    string? Unusable(Crl crl, Subject s)
    {
        if (crl.UnknownCriticalExtensions is [var oid, ..]) return $"  crl has critical extension {oid}, which is not supported";
        if (crl.Scope?.Excludes(s.Certificate) is { } scope) return $"  crl is of no use here: {scope}";
        if (!IsSignedRightly(crl, s)) return "crl response verification failed";
        return crl.ThisUpdate > s.Now ? $"  crl is not valid: until {s.Local(crl.ThisUpdate)}" : null;
    }

    // Who signs has to be trusted itself, and allowed to sign CRLs: RFC 5280 6.3.3 (f). Its own status is not asked for, or there would be no end.
    bool IsSignedRightly(Crl crl, Subject s)
    {
        var candidates = new[] { s.Issuer }.Concat(credentials.Authorities).Concat(credentials.Untrusted).Where(c => crl.Issuer.Equals(c.Subject)
            && (crl.AuthorityKeyId is not { } id || c.SubjectKeyId is not { } key || id.AsSpan().SequenceEqual(key))).Distinct().Take(MaxSigners);
        foreach (var signer in candidates)
        {
            if (signer.KeyUsage is { } usage ? !usage.HasFlag(KeyUsages.CrlSign) : !signer.IsCa)
            {
                s.Lines.Add($"  \"{signer}\" may not sign CRLs: cRLSign is missing among its key usages");
                continue;
            }
            if (!crl.IsSignedBy(signer, crypto)) continue;
            var path = new TrustChain(crypto, credentials.Authorities, credentials.Untrusted, s.Now, SilentStatus.Instance).Validate(signer, isPinned: credentials.Authorities.Contains(signer));
            s.Lines.AddRange(path.Lines);
            if (path.Key is null) continue;
            s.Lines.Add($"  crl correctly signed by \"{signer}\"");
            return true;
        }
        return false;
    }
}
