// A certificate that a peer only names, asked of the host. RFC 7296 3.6.
namespace Cygnet.Pki.Revocation;

/// <summary>
/// By HTTP from that URL, which a stranger has given. <paramref name="IsConfigured"/>: it lies below a place that the operator has named; any other may not be
/// inside the operator's network.
/// </summary>
public sealed record CertificateNeed(string Url, bool IsConfigured);

/// <summary>What was there, or a sentence why nothing was.</summary>
public sealed record FetchedCertificate(byte[]? Der, string? Failure)
{
    public static FetchedCertificate Failed(string why) => new(null, why);
}
