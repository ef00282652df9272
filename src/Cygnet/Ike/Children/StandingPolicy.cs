// A trap or shunt policy: it stands without an SA until somebody takes it away. RFC 4301 4.4.1.
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Belongs to its connection's home shard; only <see cref="Done"/> is called from others, by the SA that an acquire led to.</summary>
sealed class StandingPolicy(Connection connection, ChildConfig child, PolicyParameters parameters, int uniqueId, bool holdsReqid) : IWatcher
{
    int _isPending;

    public Connection Connection { get; } = connection;
    public ChildConfig Child { get; } = child;
    public PolicyParameters Parameters { get; } = parameters;

    /// <summary>Counts with the CHILD_SAs; shunts have one too, to be listed in the order of their installation.</summary>
    public int UniqueId { get; } = uniqueId;

    /// <summary>Its reqid comes from the table, and goes back there.</summary>
    public bool HoldsReqid { get; } = holdsReqid;
    public bool IsTrap => Parameters.IsTrap;

    /// <summary>Whether a packet of these selectors met this trap; a configured reqid may be that of several.</summary>
    public bool Traps(uint reqid, TrafficSelector local, TrafficSelector remote) => IsTrap && Parameters.Reqid == reqid
        && Parameters.LocalTs.Any(t => t.Contains(local)) && Parameters.RemoteTs.Any(t => t.Contains(remote));

    /// <summary>True if nothing is under way for this trap; from now on something is.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref _isPending, 1) == 0;

    public bool WantsLog => false;

    public void Log(in LogLine line) { }

    /// <summary>The CHILD_SA is up, or will not be: the next packet may ask again.</summary>
    public void Done(string? error) => Volatile.Write(ref _isPending, 0);

    /// <summary>A trap with the addresses that it was installed with, a shunt as it is configured: dynamic is any address there.</summary>
    public PolicySnapshot Snapshot() => new(Connection.Name, Child.Name, UniqueId, Parameters.Reqid, IsTrap, Parameters.Mode,
        IsTrap ? Parameters.LocalTs : Child.LocalTs, IsTrap ? Parameters.RemoteTs : Child.RemoteTs);
}
