// Revocation by the CRLs that the operator hands in. RFC 5280 6.3.3.
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.PkiTool;

/// <summary>Checks against base CRLs and the delta CRLs that add to them, as the daemon does, and remembers how it went. Nothing is fetched.</summary>
sealed class CrlStatus(IReadOnlyList<Certificate> authorities, IReadOnlyList<Crl> crls, ICryptoDoor crypto) : ICertificateStatus
{
    readonly StatusCheck _check = new(crypto, new(authorities, [], [], crls, []),
        new(StatusPicture.Empty, new Dictionary<StatusNeed, StatusAnswer>(), mayFetch: false) { Settings = new(UsesOcsp: false) });

    /// <summary>The worst that was found out of any certificate; null if none was asked for.</summary>
    public CertificateStatus? Worst { get; private set; }

    public CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines)
    {
        if (crls.Count == 0) return CertificateStatus.Skipped;
        var status = _check.Check(certificate, issuer, now, lines);
        if (Worst is null || status > Worst) Worst = status;
        return status;
    }
}
