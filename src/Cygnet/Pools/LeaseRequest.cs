// What a peer that wants a virtual address is, to a pool. RFC 7296 2.19.
using Cygnet.Policy;

namespace Cygnet.Pools;

/// <summary>Who asks for an address, and for which; an unspecified one is any of its family.</summary>
/// <param name="Owner">The peer's EAP identity, else its IKE identity: what leases are kept by.</param>
/// <param name="Us">Our own identity towards the peer.</param>
/// <param name="Peer">Where the peer's IKE_SA comes from: the same endpoint asking for its own address again is reauthenticating.</param>
public sealed record LeaseRequest(Identity Owner, Identity Us, Endpoint Peer, Address Wanted)
{
    /// <summary>Moment of the host's monotonic clock in milliseconds.</summary>
    public required long Now { get; init; }

    /// <summary>
    /// Leases of this owner with us that are online since before this moment belong to IKE_SAs which the new one replaces (INITIAL_CONTACT,
    /// uniqueids=yes); null: it replaces none. It takes them over: a client that lost its state would find its own address taken.
    /// </summary>
    public long? Replaces { get; init; }
}
