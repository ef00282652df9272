// A certificate in the store, with what is known of it there.
using Cygnet.Pki;

namespace Cygnet.Auth;

/// <summary>The roles of a stored certificate. Trusted: it was configured, not received from a peer.</summary>
[Flags]
public enum CertificateFlags { None = 0, Trusted = 1, Ca = 2, Aa = 4, Ocsp = 8 }

/// <summary>A certificate, its roles, and where it came from: all of one source can be removed at once.</summary>
public sealed record StoredCertificate(Certificate Certificate, CertificateFlags Flags, string Source);
