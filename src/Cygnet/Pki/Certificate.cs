// A parsed X.509 certificate. RFC 5280.
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Pki;

/// <summary>The bits of the key usage extension, RFC 5280 4.2.1.3.</summary>
[Flags]
public enum KeyUsages
{
    None = 0, DigitalSignature = 1, NonRepudiation = 2, KeyEncipherment = 4, DataEncipherment = 8, KeyAgreement = 16, KeyCertSign = 32, CrlSign = 64,
    EncipherOnly = 128, DecipherOnly = 256,
}

/// <summary>Where a CRL is, and who signs it if not the issuer of the certificate. RFC 5280 4.2.1.13.</summary>
public sealed record CrlLocation(string Uri, Identity? Issuer);

/// <summary>A parsed X.509 certificate; immutable. Nothing in it is verified: <see cref="TrustChain"/> does that.</summary>
public sealed partial class Certificate : IEquatable<Certificate>
{
    Certificate(byte[] raw) => Raw = raw;

    /// <summary>The whole DER.</summary>
    public byte[] Raw { get; }

    /// <summary>The signed part, with its tag and length.</summary>
    public ReadOnlyMemory<byte> Tbs { get; private set; }

    public int Version { get; private set; } = 1;

    /// <summary>Serial number as in the certificate, leading zero bytes included.</summary>
    public byte[] SerialNumber { get; private set; } = [];
    public Identity Issuer { get; private set; } = Identity.Any;
    public Identity Subject { get; private set; } = Identity.Any;
    public DateTimeOffset NotBefore { get; private set; }
    public DateTimeOffset NotAfter { get; private set; }
    public PublicKey PublicKey { get; private set; } = null!;
    public SignatureScheme SignatureScheme { get; private set; }
    public byte[] Signature { get; private set; } = [];

    public IReadOnlyList<Identity> SubjectAltNames { get; private set; } = [];

    /// <summary>Basic constraints: may issue certificates, and how many CAs may follow below (null: any number).</summary>
    public bool IsCa { get; private set; }
    public int? PathLength { get; private set; }

    /// <summary>Null if the extension is absent: then every use is allowed.</summary>
    public KeyUsages? KeyUsage { get; private set; }

    /// <summary>Extended key usages in dotted form.</summary>
    /// <summary>SHA-1 of the DER: what IKE names it by. RFC 7296 3.6.</summary>
    public byte[] Fingerprint => _fingerprint ??= System.Security.Cryptography.SHA1.HashData(Raw);

    byte[]? _fingerprint;

    public IReadOnlyList<string> ExtendedKeyUsages { get; private set; } = [];

    /// <summary>id-pkix-ocsp-nocheck: whether this signer of OCSP responses was revoked need not be asked. RFC 6960 4.2.2.2.1.</summary>
    public bool HasNoCheck { get; private set; }
    public byte[]? SubjectKeyId { get; private set; }
    public byte[]? AuthorityKeyId { get; private set; }
    public IReadOnlyList<CrlLocation> CrlLocations { get; private set; } = [];
    public IReadOnlyList<string> OcspUris { get; private set; } = [];
    public NameConstraints? NameConstraints { get; private set; }

    /// <summary>The addresses that its holder may speak for, RFC 3779; null if the extension is absent.</summary>
    public IpAddressBlocks? AddressBlocks { get; private set; }

    /// <summary>Critical extensions, in dotted form, that are not evaluated here; with one of them the certificate is not valid (RFC 5280 4.2).</summary>
    public IReadOnlyList<string> UnknownCriticalExtensions { get; private set; } = [];

    /// <summary>SHA-1 of the SubjectPublicKeyInfo: what a CERTREQ payload names, RFC 7296 3.7.</summary>
    public byte[] KeyHash { get; private set; } = [];

    /// <summary>The issuer has the name of the subject. Its signature is not looked at.</summary>
    public bool IsSelfIssued => Subject.Equals(Issuer);

    /// <summary>Self-issued, and nothing says that another key signed it.</summary>
    public bool IsSelfSigned => IsSelfIssued && (AuthorityKeyId is null || SubjectKeyId is null || AuthorityKeyId.AsSpan().SequenceEqual(SubjectKeyId));

    /// <summary>May sign certificates: a CA, and keyCertSign if usages are listed.</summary>
    public bool CanIssue => IsCa && (KeyUsage is not { } usage || usage.HasFlag(KeyUsages.KeyCertSign));

    /// <summary>May sign for IKE: digitalSignature or nonRepudiation, if usages are listed. RFC 4945 5.1.3.2.</summary>
    public bool MaySign => KeyUsage is not { } usage || (usage & (KeyUsages.DigitalSignature | KeyUsages.NonRepudiation)) != 0;

    public bool IsValidAt(DateTimeOffset now) => now >= NotBefore && now <= NotAfter;

    /// <summary>Whether subject or a subjectAltName is that identity; a KEY_ID names the key by its id or by its SubjectPublicKeyInfo.</summary>
    public bool Confirms(Identity id)
    {
        if (Subject.Equals(id) || SubjectAltNames.Contains(id)) return true;
        return id.Kind == IdentityKind.KeyId
            && (id.Encoded.AsSpan().SequenceEqual(PublicKey.KeyId) || id.Encoded.AsSpan().SequenceEqual(KeyHash)
                || (SubjectKeyId is { Length: > 0 } ski && id.Encoded.AsSpan().SequenceEqual(ski)));
    }

    /// <summary>The best score with which subject or a subjectAltName matches a configured pattern, see <see cref="Identity.Match"/>.</summary>
    public int Match(Identity pattern, RdnMatching rdns = RdnMatching.Strict)
    {
        if (Confirms(pattern)) return Identity.ExactMatch;
        var best = Subject.Match(pattern, rdns);
        foreach (var name in SubjectAltNames) best = Math.Max(best, name.Match(pattern, rdns));
        return best;
    }

    /// <summary>The authority key id is that issuer's. It orders candidates and excludes none: a CA renewed with the same key may carry another id.</summary>
    internal bool NamesKeyOf(Certificate issuer) =>
        AuthorityKeyId is not null && issuer.SubjectKeyId is not null && AuthorityKeyId.AsSpan().SequenceEqual(issuer.SubjectKeyId);

    public bool IsSignedBy(Certificate issuer, ICryptoDoor crypto)
    {
        if (issuer.Equals(_signer)) return true;
        if (SignatureAlgorithm.KindOf(SignatureScheme) != issuer.PublicKey.Kind || !crypto.Verify(issuer.PublicKey, SignatureScheme, Tbs.Span, Signature)) return false;
        _signer = issuer;
        return true;
    }

    // Neither certificate changes, so neither does this.
    Certificate? _signer;

    public bool Equals(Certificate? other) => other is not null && Raw.AsSpan().SequenceEqual(other.Raw);

    public override bool Equals(object? obj) => Equals(obj as Certificate);

    // The signature is as good as a digest; of short ones all bytes.
    public override int GetHashCode()
    {
        var h = new HashCode();
        h.AddBytes(Signature.AsSpan(0, Math.Min(32, Signature.Length)));
        return h.ToHashCode();
    }

    public override string ToString() => Subject.ToString();
}
