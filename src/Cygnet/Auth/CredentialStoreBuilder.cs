// Changing credentials: a builder makes the next immutable store. VICI load-cert, load-key, load-shared and their opposites.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.Auth;

/// <summary>Collects credentials and builds a <see cref="CredentialStore"/>. Not thread safe.</summary>
public sealed class CredentialStoreBuilder
{
    readonly List<StoredCertificate> _certificates;
    readonly List<StoredKey> _keys;
    readonly List<SharedSecret> _secrets;
    readonly List<AttributeCertificate> _attributes;
    readonly List<PublicKey> _publicKeys;
    readonly List<AuthorityLocations> _locations;
    ImmutableArray<Crl> _crls;

    /// <summary>Starts from what a store holds, or from nothing.</summary>
    public CredentialStoreBuilder(CredentialStore? from = null)
    {
        (_certificates, _keys, _secrets) = ([.. from?.Certificates ?? []], [.. from?.StoredKeys ?? []], [.. from?.Secrets ?? []]);
        (_attributes, _crls, _locations) = ([.. from?.AttributeCertificates ?? []], from?.Crls ?? [], [.. from?.Locations ?? []]);
        _publicKeys = [.. from?.PublicKeys ?? []];
    }

    /// <summary>Adds a certificate; whether it is a CA's, its basic constraints say. The same one of the same source again only gets further flags.</summary>
    public CredentialStoreBuilder Add(Certificate certificate, CertificateFlags flags = CertificateFlags.Trusted, string source = "")
    {
        flags = certificate.IsCa ? flags | CertificateFlags.Ca : flags & ~CertificateFlags.Ca;
        var stored = new StoredCertificate(certificate, flags, source);
        var at = _certificates.FindIndex(c => c.Source == source && c.Certificate.Equals(certificate));
        if (at < 0) _certificates.Add(stored);
        else _certificates[at] = stored with { Flags = flags | _certificates[at].Flags };
        return this;
    }

    /// <summary>Removes the certificates of a source, or (null) all; returns how many.</summary>
    public int RemoveCertificates(string? source) => _certificates.RemoveAll(c => source is null || c.Source == source);

    public int RemoveCertificates(Predicate<StoredCertificate> which) => _certificates.RemoveAll(which);

    /// <summary>Adds an attribute certificate; one that is there already stays as it is.</summary>
    public CredentialStoreBuilder Add(AttributeCertificate certificate)
    {
        if (!_attributes.Contains(certificate)) _attributes.Add(certificate);
        return this;
    }

    public void RemoveAttributeCertificates() => _attributes.Clear();

    /// <summary>Adds a CRL, unless there is one of its issuer that is as new; returns what became of it, if there was one.</summary>
    public string? Add(Crl crl)
    {
        _crls = CrlSet.With(_crls, crl, out var line);
        return line;
    }

    public void RemoveCrls() => _crls = [];

    public CredentialStoreBuilder Add(AuthorityLocations locations)
    {
        _locations.Add(locations);
        return this;
    }

    public void RemoveLocations(string source) => _locations.RemoveAll(l => l.Source == source);

    /// <summary>Adds a raw public key; one that is there already stays as it is.</summary>
    public CredentialStoreBuilder Add(PublicKey key)
    {
        if (!_publicKeys.Contains(key)) _publicKeys.Add(key);
        return this;
    }

    public void RemovePublicKeys() => _publicKeys.Clear();

    public CredentialStoreBuilder Add(PrivateKey key) => Add(new StoredKey(key));

    /// <summary>Adds a private key; one of the same source with the same public key is replaced.</summary>
    public CredentialStoreBuilder Add(StoredKey key)
    {
        _keys.RemoveAll(k => k.Source == key.Source && k.Key.Public.Equals(key.Key.Public));
        _keys.Add(key);
        return this;
    }

    /// <summary>Removes the source's key of that id (SHA-1 of the public key bits); false if there is none.</summary>
    public bool RemoveKey(ReadOnlySpan<byte> keyId, string source = "")
    {
        for (var i = 0; i < _keys.Count; i++)
        {
            if (_keys[i].Source != source || !_keys[i].Key.Public.KeyId.AsSpan().SequenceEqual(keyId)) continue;
            _keys.RemoveAt(i);
            return true;
        }
        return false;
    }

    /// <summary>Adds a shared secret; one of the same source and id is replaced in its place.</summary>
    public CredentialStoreBuilder Add(SharedSecret secret)
    {
        var at = secret.Id is null ? -1 : _secrets.FindIndex(s => s.Id == secret.Id && s.Source == secret.Source);
        if (at < 0) _secrets.Add(secret);
        else _secrets[at] = secret;
        return this;
    }

    public bool RemoveSecret(string id, string source = "") => _secrets.RemoveAll(s => s.Id == id && s.Source == source) > 0;

    /// <summary>Removes all private keys of a source; returns how many.</summary>
    public int RemoveKeys(string source = "") => _keys.RemoveAll(k => k.Source == source);

    /// <summary>Removes all shared secrets of a source; returns how many.</summary>
    public int RemoveSecrets(string source = "") => _secrets.RemoveAll(s => s.Source == source);

    public CredentialStore Build() => new([.. _certificates], [.. _keys], [.. _secrets], _crls, [.. _locations]) { AttributeCertificates = [.. _attributes], PublicKeys = [.. _publicKeys] };
}
