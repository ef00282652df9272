// The seam to revocation: OCSP (RFC 6960) and CRLs (RFC 5280 6.3) hang in here.
namespace Cygnet.Pki;

/// <summary>What is known of a certificate's revocation, worst last. Pending: something has to be fetched before it can be told.</summary>
public enum CertificateStatus { Good, Skipped, Stale, Failed, Revoked, Pending }

/// <summary>Finds out whether a certificate is revoked. Runs inside a Work; adds its log lines.</summary>
public interface ICertificateStatus
{
    CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines);
}
