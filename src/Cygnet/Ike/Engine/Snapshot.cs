// What status shows: immutable pictures of SAs, made on their shard. The keys are those of docs/vici.md.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Ike;

public enum IkeState { Created, Connecting, Established, Passive, Rekeying, Rekeyed, Deleting, Destroying }
public enum ChildState { Created, Routed, Installing, Installed, Updating, Rekeying, Rekeyed, Retrying, Deleting, Deleted, Destroying }

public sealed record IkeSnapshot
{
    public required string Name { get; init; }
    public required int UniqueId { get; init; }
    public int Version { get; init; } = 2;
    public required IkeState State { get; init; }
    public Endpoint Local { get; init; }
    public Endpoint Remote { get; init; }
    public Identity? LocalId { get; init; }
    public Identity? RemoteId { get; init; }

    /// <summary>Who the peer is to EAP or XAuth; null without.</summary>
    public Identity? RemoteEapId { get; init; }
    public bool IsInitiator { get; init; }
    public ulong InitiatorSpi { get; init; }
    public ulong ResponderSpi { get; init; }
    public bool NatLocal { get; init; }
    public bool NatRemote { get; init; }
    public bool NatFake { get; init; }

    /// <summary>The XFRM interfaces of the connection; 0: none.</summary>
    public uint IfIdIn { get; init; }
    public uint IfIdOut { get; init; }

    /// <summary>Its keys depend on a post-quantum pre-shared key. RFC 8784.</summary>
    public bool UsesPpk { get; init; }
    public Proposal? Proposal { get; init; }
    public Instant? Established { get; init; }
    public Instant? RekeyAt { get; init; }
    public Instant? ReauthAt { get; init; }

    /// <summary>Virtual addresses: ours from the peer, the peer's from us.</summary>
    public ImmutableArray<Address> LocalVips { get; init; } = [];
    public ImmutableArray<Address> RemoteVips { get; init; } = [];

    /// <summary>Name servers that the peer assigned to us.</summary>
    public ImmutableArray<Address> NameServers { get; init; } = [];

    /// <summary>Our authentication rounds, for "public key reauthentication in".</summary>
    public ImmutableArray<AuthClass> LocalAuth { get; init; } = [];
    public ImmutableArray<string> TasksQueued { get; init; } = [];
    public ImmutableArray<string> TasksActive { get; init; } = [];
    public ImmutableArray<string> TasksPassive { get; init; } = [];
    public ImmutableArray<ChildSnapshot> Children { get; init; } = [];

    /// <summary>What an authentication server granted the peer; null without one.</summary>
    public Eap.EapGrant? Grant { get; init; }
}

public sealed record ChildSnapshot
{
    public required string Name { get; init; }
    public required int UniqueId { get; init; }
    public required uint Reqid { get; init; }
    public required ChildState State { get; init; }
    public ChildMode Mode { get; init; }
    public SecurityProtocol Protocol { get; init; } = SecurityProtocol.Esp;
    public bool UdpEncapsulation { get; init; }

    /// <summary>Compression parameter indexes, 0 without IPComp.</summary>
    public ushort CpiIn { get; init; }
    public ushort CpiOut { get; init; }

    /// <summary>Null without marks and XFRM interfaces.</summary>
    public ChildMarks? Marks { get; init; }
    public uint SpiIn { get; init; }
    public uint SpiOut { get; init; }
    public Proposal? Proposal { get; init; }

    /// <summary>The key exchange done for this SA alone, 0 if its keys come from the IKE_SA's.</summary>
    public ushort KeMethod { get; init; }
    public bool ExtendedSequenceNumbers { get; init; }
    public SaCounters In { get; init; }
    public SaCounters Out { get; init; }
    public Instant? RekeyAt { get; init; }
    public Instant? ExpiresAt { get; init; }
    public Instant Installed { get; init; }
    public ImmutableArray<TrafficSelector> LocalTs { get; init; } = [];
    public ImmutableArray<TrafficSelector> RemoteTs { get; init; } = [];

    /// <summary>The command to run when it comes up and when it goes down (<c>leftupdown</c>); null: none.</summary>
    public string? Updown { get; init; }

    /// <summary>The script is to let the peer reach this host itself too (<c>lefthostaccess</c>).</summary>
    public bool HostAccess { get; init; }
}

/// <summary>A trap or shunt that is installed. Shunts have no reqid; their ids only order them.</summary>
public sealed record PolicySnapshot(string Connection, string Child, int UniqueId, uint Reqid, bool IsTrap, ChildMode Mode,
    ImmutableArray<TrafficSelector> LocalTs, ImmutableArray<TrafficSelector> RemoteTs);

/// <summary>Some of a shard's SAs. <paramref name="Next"/> is what to ask with for those that follow; -1: there are none.</summary>
public sealed record SnapshotPage(IReadOnlyList<IkeSnapshot> Sas, int Next);

/// <summary>A state change that VICI publishes.</summary>
public abstract record SaEvent
{
    public sealed record IkeUpDown(bool Up, IkeSnapshot Ike) : SaEvent;
    public sealed record ChildUpDown(bool Up, IkeSnapshot Ike, ChildSnapshot Child) : SaEvent;
    public sealed record IkeRekey(IkeSnapshot Old, IkeSnapshot New) : SaEvent;
    public sealed record ChildRekey(IkeSnapshot Ike, ChildSnapshot Old, ChildSnapshot New) : SaEvent;

    /// <summary>The IKE_SA, as it was, moves to these endpoints.</summary>
    public sealed record IkeUpdate(IkeSnapshot Old, Endpoint Local, Endpoint Remote) : SaEvent;

    /// <summary>Something went wrong: one of <see cref="AlertType"/>; null: it concerns no IKE_SA.</summary>
    public sealed record Alert(string Type, IkeSnapshot? Ike) : SaEvent;
}
