// How one end of a TLS connection is set up.
using Cygnet.Auth;
using Cygnet.Pki;

namespace Cygnet.Eap.Tls;

/// <summary>
/// <paramref name="Judge"/> is given what the other side sends, in DER, the end entity first, and says whether that end entity may be believed;
/// it is called before anything secret leaves. On a server it is called only if <paramref name="AsksForCertificate"/> says so.
/// </summary>
sealed record TlsOptions(bool IsServer, TlsVersion Minimum, TlsVersion Maximum, LocalCredential? Credential, bool AsksForCertificate,
    IReadOnlyList<Certificate> ClientCas, Func<IReadOnlyList<byte[]>, bool> Judge);
