// Which established IKE_SAs serve the same peer: for uniqueids and INITIAL_CONTACT. RFC 7296 2.4.
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Who speaks with whom: our identity, the account of the peer (its EAP identity if it has one), and over which family.</summary>
public readonly record struct PeerKey(Identity Local, Identity Remote, bool IsIPv6);

/// <summary>
/// An established IKE_SA as the others see it. What tells it apart from others is that of the first of the series, whoever rekeyed it since;
/// <paramref name="Host"/> is a hash of the peer's endpoint.
/// </summary>
public readonly record struct PeerEntry(int UniqueId, bool WeBegan, ulong FirstSpi, Instant Begun, Instant Authenticated, ulong Host, string Connection)
{
    /// <summary>Both were under way at the same time, begun by one end each, which did not know of the other's.</summary>
    public bool Collides(in PeerEntry other) => WeBegan != other.WeBegan && Begun <= other.Authenticated && other.Begun <= Authenticated;

    /// <summary>Small, and the same in every run; for telling endpoints apart, not to keep anybody from making equal ones.</summary>
    public static ulong Hash(Endpoint endpoint)
    {
        var h = ((ulong)endpoint.Address.Bits ^ 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
        h = (h ^ h >> 29 ^ (ulong)(endpoint.Address.Bits >> 64)) * 0x94d049bb133111eb;
        return (h ^ h >> 32 ^ endpoint.Port) * 0x9e3779b97f4a7c15;
    }
}

/// <summary>Thread safe; shared by all shards.</summary>
public sealed class PeerTable
{
    readonly Lock _lock = new();
    int _count;
    readonly Dictionary<PeerKey, ImmutableArray<PeerEntry>> _entries = [];

    /// <summary>Established IKE_SAs of the daemon.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Add(PeerKey key, PeerEntry entry)
    {
        lock (_lock)
        {
            ref var all = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, key, out var others);
            all = others ? all.Add(entry) : [entry];
            _count++;
        }
    }

    public void Remove(PeerKey key, int uniqueId)
    {
        lock (_lock)
        {
            var all = Between(key);
            var left = all.RemoveAll(e => e.UniqueId == uniqueId);
            _count -= all.Length - left.Length;
            if (left.IsEmpty) _entries.Remove(key);
            else _entries[key] = left;
        }
    }

    /// <summary>The SAs between the two, oldest first.</summary>
    public ImmutableArray<PeerEntry> Between(PeerKey key)
    {
        lock (_lock) return _entries.GetValueOrDefault(key, []);
    }
}
