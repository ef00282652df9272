// The inputs of the engine of one shard, as the daemon calls them; the daemon's own tests put a scripted engine behind it.
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Called on one thread only, the shard's.</summary>
public interface IEngine
{
    /// <summary>A datagram, without the non-ESP marker.</summary>
    void Receive(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, Instant now);

    void Tick(Instant now);

    void Accept(Wish wish, Instant now);

    void Finished(Work work, Instant now);

    void Configure(Configuration configuration);

    /// <summary>A packet met a trap policy; false if this engine has no such trap.</summary>
    bool Acquire(uint reqid, TrafficSelector local, TrafficSelector remote, Instant now);

    void Expire(SaDirection direction, uint spi, Address remote, bool hard, Instant now);

    /// <summary>Our addresses or routes changed.</summary>
    void Roam(bool addressesChanged, Instant now);

    void MappingChanged(uint spi, Endpoint remote, Instant now);

    /// <summary>Pictures of SAs by ascending unique id, from one on; the size of the page bounds how long the shard is held.</summary>
    SnapshotPage Snapshots(int after, int most);

    /// <summary>The picture of one IKE_SA; null if it does not live here.</summary>
    IkeSnapshot? Snapshot(int uniqueId);

    /// <summary>The traps and shunts that are installed here; those alone of a connection or of a child that is named.</summary>
    IReadOnlyList<PolicySnapshot> Policies(string? connection, string? child);

    int IkeCount { get; }

    int HalfOpenCount { get; }

    /// <summary>Whether the SA of a wish lives here.</summary>
    bool HasIke(int uniqueId);

    bool HasChild(int uniqueId);

    /// <summary>Whether an SA of this connection is here that a new child can go onto.</summary>
    bool Serves(Connection connection);

    Settings Settings { set; }

    Counters Counters { get; }
}

public sealed partial class IkeEngine : IEngine;
