// Revocation by the CRLs that the operator hands in, and with --online by what CRLs and OCSP responders say. RFC 5280 6.3.3, RFC 6960.
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.PkiTool;

/// <summary>One round of a validation: checks as the daemon does, notes what is missing, and remembers how it went.</summary>
sealed class OperatorStatus(IReadOnlyList<Certificate> authorities, IReadOnlyList<Crl> crls, StatusRound round, ICryptoDoor crypto) : ICertificateStatus
{
    readonly StatusCheck _check = new(crypto, new(authorities, [], [], crls, []), round);

    /// <summary>The worst that was found out of any certificate; null if none was asked for.</summary>
    public CertificateStatus? Worst { get; private set; }

    public CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines)
    {
        // Who hands in no CRL and does not ask for the network wants to know of the path alone.
        if (crls.Count == 0 && !round.MayFetch) return CertificateStatus.Skipped;
        var status = _check.Check(certificate, issuer, now, lines);
        if (Worst is null || status > Worst) Worst = status;
        return status;
    }
}
