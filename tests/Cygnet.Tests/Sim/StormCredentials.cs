// Certificates for a storm: one authority, a certificate for each gateway and each second identity, made with whatever crypto the storm runs on.
using System.Security.Cryptography;
using System.Text;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Make;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Tests.Sim;

/// <summary>What one gateway of a storm has: the secret that all share, and a key with a certificate of its own for each of its names.</summary>
sealed class StormCredentials : ICredentials
{
    static readonly Identity _authority = Identity.Parse("C=CH, O=storm, CN=authority");

    readonly OneSecret _secrets;
    readonly CredentialStore _store;

    public StormCredentials(ICryptoDoor crypto, byte[] ppk, params string[] names)
    {
        _secrets = new() { Ppk = ppk };
        var authority = KeyOf("authority");
        var builder = new CredentialStoreBuilder().Add(Make(_authority, authority, authority, crypto));
        foreach (var name in names)
        {
            var key = KeyOf(name);
            builder.Add(key).Add(Make(Identity.Parse($"C=CH, O=storm, CN={name}"), key, authority, crypto, Identity.Parse("@" + name)));
        }
        _store = builder.Build();
    }

    public bool HasPpk => _secrets.HasPpk;

    public byte[]? PpkFor(Identity id) => _secrets.PpkFor(id);

    public IReadOnlyList<byte[]> SharedSecrets(Identity me, Identity peer) => _secrets.SharedSecrets(me, peer);

    public IReadOnlyList<byte[]> SharedSecrets(SecretClass secretClass, Identity me, Identity peer) => _secrets.SharedSecrets(secretClass, me, peer);

    public LocalCredential? PrivateKeyFor(AuthRound local, Identity id, IReadOnlyList<byte[]> requestedCas) => _store.PrivateKeyFor(local, id, requestedCas);

    public IReadOnlyList<Certificate> TrustAnchors(AuthRound? remote) => _store.TrustAnchors(remote);

    public Certificate? AuthorityByKeyHash(ReadOnlySpan<byte> keyHash) => _store.AuthorityByKeyHash(keyHash);

    public IReadOnlyList<TrustResult> Trust(ICryptoDoor crypto, Identity peer, IReadOnlyList<byte[]> receivedCertificates, AuthRound constraints, DateTimeOffset now, StatusRound? round = null, TrustSettings? settings = null) =>
        _store.Trust(crypto, peer, receivedCertificates, constraints, now, round);

    // Ed25519, because nothing of it is drawn: keys are made from names, signatures from keys. RFC 8410 7.
    static SoftwareKey KeyOf(string name) =>
        SoftwareKey.FromPkcs8([0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20, .. SHA256.HashData(Encoding.ASCII.GetBytes(name))]);

    static Certificate Make(Identity subject, PrivateKey key, PrivateKey authority, ICryptoDoor crypto, params Identity[] names)
    {
        // the clock of the simulation begins with the epoch
        var content = new CertificateContent
        {
            Subject = subject, Issuer = _authority, PublicKey = key.Public, SerialNumber = [1], IsCa = key == authority, AltNames = names,
            NotBefore = DateTimeOffset.UnixEpoch, NotAfter = DateTimeOffset.UnixEpoch.AddYears(10), AuthorityKeyId = key == authority ? null : authority.Public.KeyId,
        };
        return Certificate.TryParse(CertificateMaker.Make(content, authority, SignatureScheme.Ed25519, crypto), out var reason) ?? throw new InvalidOperationException(reason);
    }
}
