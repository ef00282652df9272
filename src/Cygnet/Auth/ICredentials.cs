// What IKE asks of the credential store: an immutable snapshot, shared by all shards. ipsec.secrets(5).
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Eap.Sim;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Auth;

/// <summary>The end entity certificate and private key that authenticate us, with the intermediates to send along.</summary>
public sealed record LocalCredential(PrivateKey Key, Certificate? Certificate, IReadOnlyList<Certificate> Intermediates);

/// <summary>Outcome of checking a peer's certificate: the key to verify AUTH with, or the reason why not. Lines are log lines (CFG 1).</summary>
public sealed record TrustResult(PublicKey? Key, Certificate? Certificate, IReadOnlyList<string> Lines, string? Reason)
{
    /// <summary>Whole validated chain, end entity first, root last.</summary>
    public IReadOnlyList<Certificate> Chain { get; init; } = [];

    /// <summary>What would change the refusal, as a sentence for the operator; null where nothing on this host would.</summary>
    public string? Change { get; init; }

    /// <summary>Policies, in dotted form, that the end entity asserts and the whole chain allows. RFC 5280 6.1.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>The addresses to which the certificate limits its holder's traffic selectors; null: it does not. RFC 3779.</summary>
    public IReadOnlyList<TrafficSelector>? AddressBlocks { get; init; }

    /// <summary>What was found wrong with the certificates of the path, for those who watch; not all of it needs to be a refusal.</summary>
    public IReadOnlyList<CertificateFault> Faults { get; init; } = [];

    /// <summary>Neither trusted nor refused before the needs of the <see cref="StatusRound"/> are answered.</summary>
    public bool IsPending { get; init; }
}

/// <summary>The groups of a certificate's holder, by name, and the log lines (CFG 1) that say how that was found out.</summary>
public sealed record Membership(IReadOnlyList<string> Groups, IReadOnlyList<string> Lines)
{
    public static readonly Membership None = new([], []);
}

/// <summary>An immutable store of secrets, keys and certificates. Lookups are cheap; <see cref="Trust"/> verifies signatures and runs inside a Work.</summary>
public interface ICredentials
{
    /// <summary>Secrets of class IKE that match, best first (ipsec.secrets(5)). Empty if none.</summary>
    IReadOnlyList<byte[]> SharedSecrets(Identity me, Identity peer);

    /// <summary>The same for any class: EAP secrets (XAuth's are the same), NT hashes.</summary>
    IReadOnlyList<byte[]> SharedSecrets(SecretClass secretClass, Identity me, Identity peer);

    /// <summary>A copy of the post-quantum pre-shared key with that id, or null. RFC 8784.</summary>
    byte[]? PpkFor(Identity id);

    /// <summary>Whether any such key is loaded.</summary>
    bool HasPpk { get; }

    /// <summary>GSM triplets that belong to the identity, for EAP-SIM; none where nothing of the kind is stored.</summary>
    ImmutableArray<SimTriplet> SimTriplets(Identity subscriber) => [];

    /// <summary>
    /// Certificate and key for our side: the configured certificates first, preferring issuers the peer asked for
    /// (SHA-1 of the CA's SubjectPublicKeyInfo, RFC 7296 3.7), else by identity. Null if there is no private key.
    /// </summary>
    LocalCredential? PrivateKeyFor(AuthRound local, Identity id, IReadOnlyList<byte[]> requestedCas);

    /// <summary>Attribute certificates of that holder that are valid now: what we send along with our certificate.</summary>
    IReadOnlyList<AttributeCertificate> AttributeCertificatesOf(Certificate holder, DateTimeOffset now) => [];

    /// <summary>
    /// The groups of a holder who has proven to have the key, by the attribute certificates that came with its own and by those that are loaded.
    /// Verifies signatures, and runs inside a Work.
    /// </summary>
    Membership GroupsOf(ICryptoDoor crypto, Certificate holder, IReadOnlyList<AttributeCertificate> received, RevocationPolicy revocation, DateTimeOffset now,
        StatusRound? round = null) => Membership.None;

    /// <summary>CA certificates whose names we send as CERTREQ: those of the round's constraint or all trust anchors.</summary>
    IReadOnlyList<Certificate> TrustAnchors(AuthRound? remote);

    /// <summary>A loaded certificate by the SHA-1 of its DER.</summary>
    Certificate? CertificateByHash(ReadOnlySpan<byte> sha1) => null;

    /// <summary>Where the issuer's ca section says that its certificates lie (<c>certuribase</c>); null: it does not.</summary>
    string? CertificateBaseOf(Certificate certificate) => null;

    /// <summary>Whether a URL lies below what some ca section says.</summary>
    bool IsBelowCertificateBase(string url) => false;

    /// <summary>Certificates of those who may sign OCSP responses for every CA.</summary>
    IReadOnlyList<Certificate> OcspSigners => [];

    /// <summary>
    /// What responders say of our own certificate and of the CAs above it, as far as it is known; each with whom it is about. Verifies signatures, and runs
    /// inside a Work; <paramref name="round"/> collects what is missing, <paramref name="lines"/> what there is to log.
    /// </summary>
    IReadOnlyList<(Certificate About, OcspResponse Response)> StatusOf(ICryptoDoor crypto, Certificate own, DateTimeOffset now, StatusRound round, List<string> lines) => [];

    /// <summary>A loaded CA certificate by SHA-1 of its SubjectPublicKeyInfo, for "received cert request".</summary>
    Certificate? AuthorityByKeyHash(ReadOnlySpan<byte> keyHash);

    /// <summary>
    /// Candidate keys for an identity: from the received certificates, and from loaded trusted ones. Each is validated to a trust anchor
    /// and against the constraints of the round. Verify signatures through <paramref name="crypto"/>.
    /// <paramref name="round"/>: what is known of revocation beside what is loaded; it collects what is missing. Null: nothing is, and nothing is asked for.
    /// </summary>
    IReadOnlyList<TrustResult> Trust(ICryptoDoor crypto, Identity peer, IReadOnlyList<byte[]> receivedCertificates, AuthRound constraints, DateTimeOffset now,
        StatusRound? round = null, TrustSettings? settings = null);
}
