// Paths of those who sign CRLs: their revocation is not looked at.
namespace Cygnet.Pki.Revocation;

sealed class SilentStatus : ICertificateStatus
{
    public static readonly SilentStatus Instance = new();

    public CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines) => CertificateStatus.Skipped;
}
