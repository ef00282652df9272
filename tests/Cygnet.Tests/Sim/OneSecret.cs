// Credentials of the simulation: everybody shares one secret.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Tests.Sim;

public sealed class OneSecret(string secret = "correct horse") : ICredentials
{
    readonly byte[] _secret = System.Text.Encoding.ASCII.GetBytes(secret);

    public IReadOnlyList<byte[]> SharedSecrets(Identity me, Identity peer) => [_secret];

    public IReadOnlyList<byte[]> SharedSecrets(SecretClass secretClass, Identity me, Identity peer) => [_secret];

    /// <summary>A key of our own besides, for everybody who names one.</summary>
    public byte[]? Ppk { get; init; }

    public byte[]? PpkFor(Identity id) => (byte[]?)Ppk?.Clone();

    public bool HasPpk => Ppk is not null;

    public LocalCredential? PrivateKeyFor(AuthRound local, Identity id, IReadOnlyList<byte[]> requestedCas) => null;

    public IReadOnlyList<Certificate> TrustAnchors(AuthRound? remote) => [];

    public Certificate? AuthorityByKeyHash(ReadOnlySpan<byte> keyHash) => null;

    public IReadOnlyList<TrustResult> Trust(ICryptoDoor crypto, Identity peer, IReadOnlyList<byte[]> receivedCertificates, AuthRound constraints, DateTimeOffset now,
        StatusRound? round = null, TrustSettings? settings = null) => [];
}
