// The traps and shunts of one engine, found by their names and by their request ids: there may be one for each of ten thousand conns. RFC 4301 4.4.1.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Belongs to one shard. What bears the names of another stands beside it until that is removed; the names then mean the new one.</summary>
sealed class StandingPolicies
{
    readonly HashSet<StandingPolicy> _all = [];
    readonly Dictionary<(string Connection, string Child), StandingPolicy> _byName = [];

    /// <summary>A configured request id may be that of several, in the order in which they came.</summary>
    readonly Dictionary<uint, List<StandingPolicy>> _traps = [];

    public int Count => _all.Count;

    /// <summary>A copy: they may be removed meanwhile.</summary>
    public StandingPolicy[] All => [.. _all];

    public void Add(StandingPolicy policy)
    {
        _all.Add(policy);
        _byName[Names(policy)] = policy;
        if (!policy.IsTrap) return;
        if (!_traps.TryGetValue(policy.Parameters.Reqid, out var same)) _traps.Add(policy.Parameters.Reqid, same = []);
        same.Add(policy);
    }

    public void Remove(StandingPolicy policy)
    {
        if (!_all.Remove(policy)) return;
        if (_byName.GetValueOrDefault(Names(policy)) == policy) _byName.Remove(Names(policy));
        if (!policy.IsTrap || !_traps.TryGetValue(policy.Parameters.Reqid, out var same)) return;
        same.Remove(policy);
        if (same.Count == 0) _traps.Remove(policy.Parameters.Reqid);
    }

    public StandingPolicy? Find(string connection, string child) => _byName.GetValueOrDefault((connection, child));

    /// <summary>Those of a connection, of a child of any connection, of both; without names all. In no order.</summary>
    public IEnumerable<StandingPolicy> Named(string? connection, string? child) => connection is not null && child is not null
        ? Find(connection, child) is { } one ? [one] : []
        : _all.Where(p => (connection is null || p.Connection.Name == connection) && (child is null || p.Child.Name == child));

    /// <summary>The trap that a packet of these selectors met.</summary>
    public StandingPolicy? Trap(uint reqid, TrafficSelector local, TrafficSelector remote) => _traps.GetValueOrDefault(reqid)?.Find(p => p.Traps(reqid, local, remote));

    static (string, string) Names(StandingPolicy policy) => (policy.Connection.Name, policy.Child.Name);
}
