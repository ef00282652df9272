// The seam between IKE and whatever carries the packets: control only, no packets. Nothing above it knows which plane runs.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

public enum SaDirection { Inbound, Outbound }

/// <summary>One direction of a CHILD_SA, with its keys. RFC 4301 4.4.2.</summary>
public sealed record SaParameters
{
    public required SaDirection Direction { get; init; }

    /// <summary>As on the wire. Inbound ones were reserved with <see cref="IDataPlane.TryReserveSpi"/>.</summary>
    public required uint Spi { get; init; }
    public SecurityProtocol Protocol { get; init; } = SecurityProtocol.Esp;

    /// <summary>Our and the peer's outer address; the ports count only with <see cref="UdpEncapsulation"/>.</summary>
    public required Endpoint Local { get; init; }
    public required Endpoint Remote { get; init; }
    public bool UdpEncapsulation { get; init; }
    public required uint Reqid { get; init; }

    /// <summary>Tunnel, transport or BEET. The inner addresses of BEET are those of the selectors, one on each side.</summary>
    public ChildMode Mode { get; init; } = ChildMode.Tunnel;

    /// <summary>The CPI under which the receiver takes compressed packets, reserved as SPIs are; 0: no IPComp. RFC 3173.</summary>
    public ushort Cpi { get; init; }

    /// <summary>The negotiated encryption transform (none for AH) and, unless it is an AEAD, integrity transform.</summary>
    public Transform? Encryption { get; init; }
    public Transform? Integrity { get; init; }

    /// <summary>Key material as derived: for counter modes and AEADs with the salt appended.</summary>
    public required byte[] EncryptionKey { get; init; }
    public byte[] IntegrityKey { get; init; } = [];

    /// <summary>HMAC-SHA-256 cut to 96 bits instead of 128, for peers that follow the draft (<c>sha256_96</c>).</summary>
    public bool Sha256_96 { get; init; }
    public bool ExtendedSequenceNumbers { get; init; }

    /// <summary>Packets; 0 turns replay protection off.</summary>
    public int ReplayWindow { get; init; } = 32;

    /// <summary>What may flow, seen from us: inbound packets go from Remote to Local. Enforced in both directions.</summary>
    public ImmutableArray<TrafficSelector> LocalTs { get; init; } = [];
    public ImmutableArray<TrafficSelector> RemoteTs { get; init; } = [];

    /// <summary>Limits after which an expire event is raised; 0 is off. Counted in bytes of inner packets and in packets.</summary>
    public ulong SoftBytes { get; init; }
    public ulong HardBytes { get; init; }
    public ulong SoftPackets { get; init; }
    public ulong HardPackets { get; init; }

    /// <summary>Outbound: length in bytes to pad inner packets to, -1: to the MTU. RFC 4303 2.7.</summary>
    public int TfcPadding { get; init; }

    /// <summary>Netfilter marks: the one that packets of this SA must have, and the one that it gives them.</summary>
    public Mark Mark { get; init; }
    public Mark SetMark { get; init; }

    /// <summary>XFRM interface, 0 for none.</summary>
    public uint IfId { get; init; }

    /// <summary>What of the inner header goes into the outer one, and back. RFC 4301 5.1.2, RFC 6040, RFC 2983.</summary>
    public bool CopyDf { get; init; } = true;
    public bool CopyEcn { get; init; } = true;
    public DscpCopy CopyDscp { get; init; }
}

/// <summary>
/// A policy pair (out, in and forward) of one CHILD_SA or trap: traffic between the selectors takes the newest outbound SA
/// of <see cref="Reqid"/>; without one it is dropped, and an acquire is raised if <see cref="IsTrap"/>. RFC 4301 4.4.1.
/// </summary>
public sealed record PolicyParameters
{
    public required uint Reqid { get; init; }
    public required ImmutableArray<TrafficSelector> LocalTs { get; init; }
    public required ImmutableArray<TrafficSelector> RemoteTs { get; init; }
    public ChildMode Mode { get; init; } = ChildMode.Tunnel;
    public bool IsTrap { get; init; }

    /// <summary>Of its SAs, with IPComp in front of them or without.</summary>
    public SecurityProtocol Protocol { get; init; } = SecurityProtocol.Esp;
    public bool IsCompressed { get; init; }

    /// <summary>Netfilter marks, XFRM interfaces and the network interface that the policies are restricted to.</summary>
    public Mark MarkIn { get; init; }
    public Mark MarkOut { get; init; }
    public uint IfIdIn { get; init; }
    public uint IfIdOut { get; init; }
    public string Interface { get; init; } = "";

    /// <summary>As configured; 0 lets the plane compute it from the selectors.</summary>
    public uint Priority { get; init; }

    /// <summary>Outer addresses: routes to the remote selectors leave the tunnel's own peer out.</summary>
    public Address LocalAddress { get; init; }
    public Address RemoteAddress { get; init; }

    /// <summary>Whether the plane shall install routes for the remote selectors, with one of our addresses inside the local ones as source.</summary>
    public bool InstallRoutes { get; init; } = true;
}

/// <summary>Traffic that passed an SA. Bytes are those of inner packets; the time is the host's monotonic milliseconds, 0 for never.</summary>
public readonly record struct SaCounters(ulong Bytes, ulong Packets, long LastUsed);

/// <summary>
/// A data plane. All calls come from IKE shards, several at a time; they are short and never block on the network.
/// Calls that can fail return the reason, a sentence for the operator, or null on success.
/// </summary>
public interface IDataPlane
{
    /// <summary><c>tun</c>, <c>xfrm</c>, <c>fake</c>.</summary>
    string Name { get; }

    /// <summary>Whether the plane can carry the transform for that protocol; what it cannot is not offered.</summary>
    bool Supports(SecurityProtocol protocol, Transform transform);

    /// <summary>Whether the plane carries SAs of that mode.</summary>
    bool Supports(ChildMode mode);

    /// <summary>Whether SAs of that mode take packets with TFC padding off again; if not, the peer is told not to pad. RFC 7296 1.3.1.</summary>
    bool TakesTfcPadding(ChildMode mode);

    /// <summary>Whether the plane compresses and decompresses (IPComp with DEFLATE); if not, it is not offered.</summary>
    bool SupportsIpComp { get; }

    /// <summary>
    /// Which setting of the child the plane does not carry, and what to write instead; null if it carries all of it. What is refused here is not
    /// loaded: a child is never half of what was asked for.
    /// </summary>
    PlaneRefusal? Refuses(ChildConfig child);

    /// <summary>Whether the plane sends raw ESP (protocol 50); if not, IKE fakes a NAT to get UDP encapsulation.</summary>
    bool CanSendRawEsp { get; }

    /// <summary>Reserves an inbound SPI that IKE chose (its shard's number is inside); false if it is taken.</summary>
    bool TryReserveSpi(SecurityProtocol protocol, uint spi);

    /// <summary>Gives a reserved SPI back that no SA was installed for.</summary>
    void ReleaseSpi(SecurityProtocol protocol, uint spi);

    /// <summary>The same for a CPI of ours.</summary>
    bool TryReserveCpi(ushort cpi);

    void ReleaseCpi(ushort cpi);

    string? InstallSa(SaParameters sa);

    /// <summary>
    /// New outer endpoints of an installed SA (MOBIKE, NAT rebinding); keys, sequence numbers and window go on.
    /// <paramref name="peer"/> is the remote address up to now: outbound SPIs are the peer's, two peers may choose the same.
    /// </summary>
    string? UpdateSa(SaDirection direction, uint spi, Address peer, Endpoint local, Endpoint remote, bool udpEncapsulation, SecurityProtocol protocol = SecurityProtocol.Esp);

    /// <summary>
    /// What an SA carries changes with the outer addresses, where its selectors are these. Planes whose policies alone know selectors have nothing to do.
    /// </summary>
    string? UpdateSelectors(SaDirection direction, uint spi, Address peer, ImmutableArray<TrafficSelector> localTs, ImmutableArray<TrafficSelector> remoteTs) => null;

    /// <summary>Removes an SA, its keys are cleared. Unknown ones are ignored. Outbound SPIs are the peer's: remote address and SPI name the SA.</summary>
    void RemoveSa(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp);

    SaCounters Query(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp);

    /// <summary>Installs a policy pair with its routes. Installing an equal one again counts a reference.</summary>
    string? InstallPolicy(PolicyParameters policy);

    /// <summary>Takes one reference back; the last one removes policies, routes and source addresses.</summary>
    void RemovePolicy(PolicyParameters policy);
}

/// <summary>What a data plane tells IKE. Raised on any thread; the host queues them to the shard.</summary>
public interface IDataPlaneEvents
{
    /// <summary>A packet met a trap policy. The selectors are those of the packet, seen from us.</summary>
    void Acquire(uint reqid, TrafficSelector local, TrafficSelector remote);

    /// <summary>A byte or packet limit was reached, or the sequence numbers run out.</summary>
    void Expire(SaDirection direction, uint spi, Address remote, bool hard);

    /// <summary>Authenticated packets of an inbound UDP-encapsulated SA now come from another endpoint. RFC 3948, RFC 7296 2.23.</summary>
    void MappingChanged(uint spi, Endpoint remote);
}
