// The load generator's credentials: everybody shares one secret.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Benchmarks.Load;

/// <summary>One pre-shared key for all identities, and no certificate.</summary>
sealed class OneSecret(string secret) : ICredentials
{
    readonly byte[] secret = System.Text.Encoding.ASCII.GetBytes(secret);

    public IReadOnlyList<byte[]> SharedSecrets(Identity me, Identity peer) => [secret];

    public IReadOnlyList<byte[]> SharedSecrets(SecretClass secretClass, Identity me, Identity peer) => [secret];

    public byte[]? PpkFor(Identity id) => null;

    public bool HasPpk => false;

    public LocalCredential? PrivateKeyFor(AuthRound local, Identity id, IReadOnlyList<byte[]> requestedCas) => null;

    public IReadOnlyList<Certificate> TrustAnchors(AuthRound? remote) => [];

    public Certificate? AuthorityByKeyHash(ReadOnlySpan<byte> keyHash) => null;

    public IReadOnlyList<TrustResult> Trust(ICryptoDoor crypto, Identity peer, IReadOnlyList<byte[]> receivedCertificates, AuthRound constraints, DateTimeOffset now) => [];
}
