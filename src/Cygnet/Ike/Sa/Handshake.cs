// What the first exchanges leave behind for IKE_AUTH: nonces and the two IKE_SA_INIT messages as sent. RFC 7296 2.15.
namespace Cygnet.Ike;

sealed class Handshake : IDisposable
{
    public byte[] Ni = [];
    public byte[] Nr = [];

    /// <summary>The IKE_SA_INIT request and response, from the header on, without the non-ESP marker.</summary>
    public byte[] InitRequest = [];
    public byte[] InitResponse = [];

    /// <summary>Additional key exchanges that are still to be done, before IKE_AUTH. RFC 9370 2.2.2.</summary>
    public Queue<Crypto.Transform> Rounds { get; } = new();

    /// <summary>Both ends announced IKE_INTERMEDIATE, RFC 9242 3.1.</summary>
    public bool HasIntermediate;

    /// <summary>What AUTH covers of the exchanges between IKE_SA_INIT and IKE_AUTH.</summary>
    public IntermediateAuth Intermediate { get; } = new();

    /// <summary>SHA-1 hashes of CA keys that the peer asked for, RFC 7296 3.7.</summary>
    public List<byte[]> RequestedCas = [];

    /// <summary>We asked for what responders say of the peer's certificates; the peer asked for ours. RFC 4806.</summary>
    public bool AsksForOcsp, PeerAsksForOcsp;

    /// <summary>We have said that we fetch certificates that are only named; the peer has. RFC 7296 3.10.1.</summary>
    public bool LooksUpCertificates, PeerLooksUpCertificates;

    /// <summary>The session that goes on by a ticket; null: the ends have to authenticate. RFC 5723.</summary>
    public ResumedSession? Session;

    /// <summary>Counted by the responder against cookies and half-open limits.</summary>
    public bool CountsAsHalfOpen;

    /// <summary>The address it is counted for; the SA may move while it is half open.</summary>
    public Policy.Address HalfOpenAddress;

    /// <summary>Responder: connections that the addresses and the chosen proposal allow, best first.</summary>
    public List<Policy.Connection> Candidates = [];

    /// <summary>With which hashes the peer checks signatures; null if it announced none. RFC 7427 4.</summary>
    public ushort[]? PeerHashes;

    /// <summary>By which methods the peer lets us authenticate, if it said so. RFC 9593.</summary>
    public Auth.AuthAnnouncement? Announced;

    /// <summary>Responder: the authentication under way.</summary>
    public Exchanges.IkeAuth? Authentication;

    public void Dispose()
    {
        Authentication?.Abandon(null);
        Authentication = null;
    }
}
