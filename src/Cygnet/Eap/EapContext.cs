// What an EAP conversation needs from outside: whom it is about, secrets and trust, randomness, settings.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>
/// For the client. <paramref name="Round"/> is our own round: the method word (<c>eap</c>, <c>eap-mschapv2</c>, <c>eap-25</c>, <c>eap-7-9</c>), EAP identity,
/// AAA identity, certificates. <paramref name="Server"/> is the server's round: what its certificate inside EAP has to satisfy.
/// </summary>
public sealed record EapPeerContext(AuthRound Round, AuthRound Server, Identity Me, Identity Peer, EapSurroundings Surroundings)
{
    /// <summary>The server has proved who it is in IKE_AUTH. Otherwise only methods that authenticate it too are used (RFC 5998 4).</summary>
    public bool IsServerAuthenticated { get; init; } = true;
}

/// <summary>
/// For the server. <paramref name="Round"/> is the client's round: the method word, the EAP identity (any: ask for it), constraints for its certificate.
/// <paramref name="Own"/> is our round: certificates for EAP-TLS and its kin.
/// </summary>
public sealed record EapServerContext(AuthRound Round, AuthRound Own, Identity Me, Identity Peer, EapSurroundings Surroundings)
{
    /// <summary>What stands behind <c>eap-radius</c>; null: nothing.</summary>
    public EapServerFactory? Radius { get; init; }

    /// <summary>The IKE_SA, for an authentication server that wants to know; null: none.</summary>
    public EapSa? Sa { get; init; }
}

/// <summary>What both sides take from the daemon. <paramref name="Now"/> is the wall clock as the conversation begins, for certificates.</summary>
public sealed record EapSurroundings(ICredentials Credentials, ICryptoDoor Crypto, IRandom Random, DateTimeOffset Now, EapSettings Settings)
{
    /// <summary>What is known of revocation; null: what is loaded, and nothing is fetched.</summary>
    public EapStatus? Status { get; init; }

    /// <summary>How strictly certificates are looked at: as outside EAP.</summary>
    public TrustSettings Trust { get; init; } = new();

    internal byte RandomByte()
    {
        Span<byte> one = stackalloc byte[1];
        Random.Fill(one);
        return one[0];
    }
}
