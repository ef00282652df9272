// What was found wrong with a certificate or one above it, for those who watch the daemon. RFC 5280 6.1.
namespace Cygnet.Auth;

/// <summary>StatusUnknown alone need not be a refusal: whether the peer is trusted all the same is for the connection to say.</summary>
public enum CertificateFault
{
    /// <summary>Not valid now, or not yet.</summary>
    Expired,
    Revoked,
    /// <summary>Neither OCSP nor a CRL says that it is good.</summary>
    StatusUnknown,
    NoIssuer,
    /// <summary>The chain ends in a root that nobody has loaded here.</summary>
    UntrustedRoot,
    PathTooLong,
    /// <summary>Policies, names or addresses (RFC 3779) that a CA above does not allow.</summary>
    PolicyViolation,
}
