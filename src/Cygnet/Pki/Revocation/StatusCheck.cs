// Whether a certificate of a validated path is revoked: OCSP first, then CRLs. RFC 6960, RFC 5280 6.3; order and lines as the reference logs them.
using System.Globalization;
using Cygnet.Control;
using Cygnet.Crypto;

namespace Cygnet.Pki.Revocation;

/// <summary>Credentials that bear on revocation: trusted CAs, certificates that help to find a path, OCSP signers of the operator, CRLs, ca sections.</summary>
public sealed record StatusCredentials(IReadOnlyList<Certificate> Authorities, IReadOnlyList<Certificate> Untrusted, IReadOnlyList<Certificate> OcspSigners,
    IReadOnlyList<Crl> Crls, IReadOnlyList<AuthorityLocations> Locations)
{
    public static readonly StatusCredentials None = new([], [], [], [], []);
}

/// <summary>
/// A pure function of credentials, cache and answers; what it lacks, it notes in the round. It is asked only about certificates whose path to a trust
/// anchor was found valid, so that no URI is followed because a stranger says so.
/// </summary>
public sealed partial class StatusCheck(ICryptoDoor crypto, StatusCredentials credentials, StatusRound round) : ICertificateStatus
{
    // Of each certificate and each ca section so many are tried: they are tried one after another, and a peer waits.
    const int MaxUris = 4;

    // Signers of one name that are tried; every try costs a signature.
    const int MaxSigners = 4;

    public CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines)
    {
        lines.Add($"checking certificate status of \"{certificate}\"");
        var subject = new Subject(certificate, issuer, now, lines);
        var ocsp = round.Settings.UsesOcsp ? CheckOcsp(subject) : CertificateStatus.Skipped;
        switch (ocsp)
        {
            case CertificateStatus.Good: lines.Add("certificate status is good"); return ocsp;
            case CertificateStatus.Revoked or CertificateStatus.Pending: return ocsp;
            case CertificateStatus.Stale: lines.Add("ocsp information stale, fallback to crl"); break;
            case CertificateStatus.Failed: lines.Add("ocsp check failed, fallback to crl"); break;
        }
        if (!round.Settings.UsesCrls) return ocsp;
        var crl = CheckCrls(subject);
        switch (crl)
        {
            case CertificateStatus.Good: lines.Add("certificate status is good"); break;
            case CertificateStatus.Stale: lines.Add("certificate status is unknown, crl is stale"); break;
            case CertificateStatus.Failed or CertificateStatus.Skipped: lines.Add("certificate status is not available"); break;
        }
        // Without any CRL the responder's failure is what counts.
        return crl == CertificateStatus.Skipped ? ocsp : crl;
    }

    /// <summary>The current, rightly signed response about that certificate, whatever it says, to be shown to others; null: there is none, or not yet.</summary>
    public OcspResponse? Response(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines)
    {
        if (!round.Settings.UsesOcsp) return null;
        lines.Add($"checking OCSP status of \"{certificate}\"");
        var subject = new Subject(certificate, issuer, now, lines);
        return CheckOcsp(subject) is CertificateStatus.Good or CertificateStatus.Revoked ? subject.Response : null;
    }

    sealed record Subject(Certificate Certificate, Certificate Issuer, DateTimeOffset Now, List<string> Lines)
    {
        /// <summary>The response that was found current.</summary>
        public OcspResponse? Response { get; set; }

        // The host's wall clock says by its offset what local time is.
        public string Local(DateTimeOffset time) => time.ToOffset(Now.Offset).ToString("MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture);

        public void SayRevoked(DateTimeOffset at, RevocationReason reason) =>
            Lines.Add($"certificate was revoked on {at.UtcDateTime.ToString("MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture)}, reason: {CertificateLines.Word(reason)}");
    }

    IEnumerable<AuthorityLocations> LocationsOf(Certificate issuer) => credentials.Locations.Where(l => l.IsOf(issuer));
}
