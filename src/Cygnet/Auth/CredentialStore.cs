// The credentials of a daemon: certificates, private keys, shared secrets. An immutable snapshot that all shards share.
using System.Collections.Immutable;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Eap.Sim;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Auth;

/// <summary>An immutable credential store; made by <see cref="CredentialStoreBuilder"/>.</summary>
public sealed partial class CredentialStore : ICredentials
{
    readonly ImmutableArray<Certificate> _authorities, _ocspSigners;

    public static readonly CredentialStore Empty = new([], [], [], [], []);

    internal CredentialStore(ImmutableArray<StoredCertificate> certificates, ImmutableArray<StoredKey> keys, ImmutableArray<SharedSecret> secrets,
        ImmutableArray<Crl> crls, ImmutableArray<AuthorityLocations> locations)
    {
        (Certificates, StoredKeys, Secrets, Crls, Locations) = (certificates, keys, secrets, crls, locations);
        Keys = [.. keys.Select(k => k.Key).DistinctBy(k => k.Public)];
        HasPpk = secrets.Any(s => s.Class == SecretClass.Ppk);
        const CertificateFlags trustedCa = CertificateFlags.Trusted | CertificateFlags.Ca;
        _authorities = [.. certificates.Where(c => (c.Flags & trustedCa) == trustedCa).Select(c => c.Certificate).Distinct()];
        _ocspSigners = [.. certificates.Where(c => c.Flags.HasFlag(CertificateFlags.Ocsp | CertificateFlags.Trusted)).Select(c => c.Certificate).Distinct()];
    }

    public ImmutableArray<StoredCertificate> Certificates { get; }

    /// <summary>In the order of loading; one that two have loaded is there twice.</summary>
    public ImmutableArray<StoredKey> StoredKeys { get; }

    public ImmutableArray<PrivateKey> Keys { get; }
    public ImmutableArray<SharedSecret> Secrets { get; }

    /// <summary>CRLs that were loaded; those that were fetched are in the cache of the daemon.</summary>
    public ImmutableArray<Crl> Crls { get; }

    public IReadOnlyList<Certificate> OcspSigners => _ocspSigners;

    /// <summary>The ca sections that say where CRLs and OCSP responders are.</summary>
    public ImmutableArray<AuthorityLocations> Locations { get; }

    /// <summary>Raw public keys that were loaded by themselves: each is trusted for the identity that names it, and for no other.</summary>
    public ImmutableArray<PublicKey> PublicKeys { get; init; } = [];

    /// <summary>For <c>has private key</c> in lists.</summary>
    public bool HasPrivateKey(Certificate certificate) => KeyFor(certificate) is not null;

    PrivateKey? KeyFor(Certificate certificate) =>
        Keys.FirstOrDefault(k => k.Public.Kind == certificate.PublicKey.Kind && k.Public.KeyId.AsSpan().SequenceEqual(certificate.PublicKey.KeyId));

    public IReadOnlyList<byte[]> SharedSecrets(Identity me, Identity peer) => SharedSecrets(SecretClass.Ike, me, peer);

    /// <summary>Secrets of a class, best first: by the peer's score, then by our own, then in the order of loading. A match on one side is enough.</summary>
    public IReadOnlyList<byte[]> SharedSecrets(SecretClass secretClass, Identity me, Identity peer)
    {
        (byte[] Value, int Me, int Peer)? first = null;
        List<(byte[] Value, int Me, int Peer)>? all = null;
        foreach (var secret in Secrets)
        {
            if (secret.Class != secretClass) continue;
            var (mine, theirs) = (secret.Match(me), secret.Match(peer));
            if (mine <= 0 && theirs <= 0) continue;
            if (first is null) first = (secret.Value, mine, theirs);
            else (all ??= [first.Value]).Add((secret.Value, mine, theirs));
        }
        return all is null ? first is { } only ? [only.Value] : [] : [.. all.OrderByDescending(s => s.Peer).ThenByDescending(s => s.Me).Select(s => s.Value)];
    }

    public byte[]? PpkFor(Identity id) =>
        (byte[]?)Secrets.Where(s => s.Class == SecretClass.Ppk && s.Match(id) > 0).MaxBy(s => s.Match(id))?.Value.Clone();

    public bool HasPpk { get; }

    public ImmutableArray<SimTriplet> SimTriplets(Identity subscriber) =>
        [.. Secrets.Where(s => s.Class == SecretClass.SimTriplet && s.Match(subscriber) > 0).Select(s => SimTriplet.FromBytes(subscriber, s.Value)).OfType<SimTriplet>()];

    public LocalCredential? PrivateKeyFor(AuthRound local, Identity id, IReadOnlyList<byte[]> requestedCas)
    {
        var configured = local.Certificates.Select(Parsed).OfType<Certificate>().Where(HasPrivateKey).ToList();
        if (configured.Count == 0 && local.PublicKeys.Select(RawKeyFor).FirstOrDefault(k => k is not null) is { } own) return new(own, null, []);
        if (configured.Count == 0 && local.Certificates.IsEmpty && local.PublicKeys.IsEmpty)
            configured = [.. Certificates.Where(c => c.Flags.HasFlag(CertificateFlags.Trusted) && c.Certificate.Confirms(id)).Select(c => c.Certificate).Where(HasPrivateKey)];
        if (configured.Count > 0)
        {
            var best = configured.FirstOrDefault(c => IsRequested(c, requestedCas)) ?? configured[0];
            return new(KeyFor(best)!, best, IntermediatesOf(best));
        }
        // A raw public key: the identity names the key itself.
        return Keys.FirstOrDefault(k => Names(id, k.Public)) is { } raw ? new(raw, null, []) : null;
    }

    /// <summary>Whether the identity is the hash of the key.</summary>
    internal static bool Names(Identity id, PublicKey key) => id.Kind == IdentityKind.KeyId
        && (id.Encoded.AsSpan().SequenceEqual(key.KeyId) || id.Encoded.AsSpan().SequenceEqual(SHA1.HashData(key.SubjectPublicKeyInfo)));

    PrivateKey? RawKeyFor(byte[] info) => Keys.FirstOrDefault(k => k.Public.SubjectPublicKeyInfo.AsSpan().SequenceEqual(info));

    bool IsRequested(Certificate certificate, IReadOnlyList<byte[]> requestedCas) =>
        requestedCas.Count > 0 && PathByNames(certificate).Any(c => requestedCas.Any(h => h.AsSpan().SequenceEqual(c.KeyHash)));

    IReadOnlyList<Certificate> IntermediatesOf(Certificate certificate) => [.. PathByNames(certificate).Where(c => !c.IsSelfSigned)];

    // Our own chain, by names and key ids: the peer verifies it, we only pick what to send.
    IEnumerable<Certificate> PathByNames(Certificate certificate)
    {
        var current = certificate;
        for (var i = 0; i <= TrustChain.MaxPathLength && !current.IsSelfSigned; i++)
        {
            var issuer = Certificates.Where(c => c.Flags.HasFlag(CertificateFlags.Ca) && current.Issuer.Equals(c.Certificate.Subject))
                .OrderByDescending(c => current.NamesKeyOf(c.Certificate)).ThenByDescending(c => c.Flags.HasFlag(CertificateFlags.Trusted))
                .Select(c => c.Certificate).FirstOrDefault();
            if (issuer is null || issuer.Equals(current)) yield break;
            yield return issuer;
            current = issuer;
        }
    }

    public IReadOnlyList<Certificate> TrustAnchors(AuthRound? remote)
    {
        if (remote is null) return _authorities;
        if (!remote.CaCertificates.IsEmpty) return [.. remote.CaCertificates.Select(Parsed).OfType<Certificate>()];
        // It may be an intermediate CA that only the peer has: then any anchor may be above it, and a peer that is asked for nothing sends nothing.
        return remote.CaId is { } id && _authorities.Where(c => c.Match(id) > 0).ToList() is { Count: > 0 } named ? named : _authorities;
    }

    public Certificate? AuthorityByKeyHash(ReadOnlySpan<byte> keyHash)
    {
        foreach (var authority in _authorities)
            if (authority.KeyHash.AsSpan().SequenceEqual(keyHash)) return authority;
        return null;
    }

    // Configured certificates are mostly loaded too; then the parsed object is shared.
    Certificate? Parsed(byte[] der) =>
        Certificates.FirstOrDefault(c => c.Certificate.Raw.AsSpan().SequenceEqual(der))?.Certificate ?? Certificate.TryParse(der, out _);
}
