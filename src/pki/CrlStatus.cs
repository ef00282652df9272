// Revocation by the CRLs that the operator hands in. RFC 5280 6.3.3; lines as the reference logs them.
using System.Globalization;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.PkiTool;

/// <summary>Checks against base CRLs and the delta CRLs that add to them. Nothing is fetched.</summary>
sealed class CrlStatus(IReadOnlyList<Crl> crls, ICryptoDoor crypto) : ICertificateStatus
{
    /// <summary>Whether a valid CRL was found for every certificate that was asked for, and there was one.</summary>
    public bool SawAll { get; private set; } = true;
    public bool SawAny { get; private set; }

    public CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines)
    {
        if (crls.Count == 0) return CertificateStatus.Skipped;
        lines.Add($"checking certificate status of \"{certificate}\"");
        var usable = crls.Where(c => c.Issuer.Equals(certificate.Issuer) && IsUsable(c, issuer, now, lines)).ToList();
        var newest = Newest(usable.Where(c => c.BaseNumber is null));
        if (newest is null)
        {
            lines.Add("certificate status is not available");
            SawAll = false;
            return CertificateStatus.Skipped;
        }
        SawAny = true;
        // A delta of an older base holds all that a newer base has, and more: RFC 5280 5.2.4.
        var delta = Newest(usable.Where(c => c.BaseNumber is { } of && Compare(of, newest.Number) <= 0 && Compare(c.Number, newest.Number) > 0));
        var entry = delta?.Find(certificate.SerialNumber) ?? newest.Find(certificate.SerialNumber);
        if (entry is null or { Reason: RevocationReason.RemoveFromCrl })
        {
            lines.Add("  using cached crl");
            lines.Add("certificate status is good");
            return CertificateStatus.Good;
        }
        lines.Add($"certificate was revoked on {entry.Date.UtcDateTime.ToString("MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture)}, reason: {CertificateLines.Word(entry.Reason)}");
        lines.Add("  using cached crl");
        return CertificateStatus.Revoked;
    }

    bool IsUsable(Crl crl, Certificate issuer, DateTimeOffset now, List<string> lines)
    {
        if (!issuer.IsCa && !(issuer.KeyUsage?.HasFlag(KeyUsages.CrlSign) ?? false) || !crl.IsSignedBy(issuer, crypto))
        {
            lines.Add($"  crl is not signed by \"{issuer}\"");
            return false;
        }
        lines.Add($"  crl correctly signed by \"{issuer}\"");
        if (crl.UnknownCriticalExtensions is [var oid, ..])
        {
            lines.Add($"  crl has critical extension {oid}, which is not supported");
            return false;
        }
        if (crl.ThisUpdate > now)
        {
            lines.Add($"  crl is not valid yet: from {Local(crl.ThisUpdate, now)}");
            return false;
        }
        if (crl.NextUpdate is { } next && next < now)
        {
            lines.Add($"  crl is stale: since {Local(next, now)}");
            return false;
        }
        lines.Add(crl.NextUpdate is { } until ? $"  crl is valid: until {Local(until, now)}" : "  crl is valid");
        return true;
    }

    static Crl? Newest(IEnumerable<Crl> crls) => crls.Aggregate((Crl?)null, (best, c) => best is null || Compare(c.Number, best.Number) > 0 ? c : best);

    static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        a = a.TrimStart((byte)0);
        b = b.TrimStart((byte)0);
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
    }

    static string Local(DateTimeOffset time, DateTimeOffset now) => time.ToOffset(now.Offset).ToString("MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture);
}
