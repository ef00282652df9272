// The seam to revocation: OCSP (RFC 6960) and CRLs (RFC 5280 6.3) hang in here.
namespace Cygnet.Pki;

/// <summary>What is known of a certificate's revocation, worst last.</summary>
public enum CertificateStatus { Good, Skipped, Stale, Failed, Revoked }

/// <summary>Finds out whether a certificate is revoked. Runs inside a Work; adds its log lines.</summary>
public interface ICertificateStatus
{
    CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines);
}

/// <summary>No CRL and no OCSP response is at hand.</summary>
public sealed class NoCertificateStatus : ICertificateStatus
{
    public static readonly NoCertificateStatus Instance = new();

    public CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines)
    {
        lines.Add($"checking certificate status of \"{certificate}\"");
        lines.Add("certificate status is not available");
        return certificate.CrlLocations.Count + certificate.OcspUris.Count > 0 ? CertificateStatus.Failed : CertificateStatus.Skipped;
    }
}
