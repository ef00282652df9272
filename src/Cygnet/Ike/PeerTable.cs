// Which established IKE_SAs serve the same pair of identities: for uniqueids and INITIAL_CONTACT. RFC 7296 2.4.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>An established IKE_SA as the others see it.</summary>
public readonly record struct PeerEntry(int UniqueId, bool WeInitiated, ulong InitiatorSpi, Instant Established);

/// <summary>Thread safe; shared by all shards.</summary>
public sealed class PeerTable
{
    readonly Lock _lock = new();
    int _count;
    readonly Dictionary<(Identity Local, Identity Remote), ImmutableArray<PeerEntry>> _entries = [];

    /// <summary>Established IKE_SAs of the daemon.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Add(Identity local, Identity remote, PeerEntry entry)
    {
        lock (_lock)
        {
            _entries[(local, remote)] = [.. Between(local, remote), entry];
            _count++;
        }
    }

    public void Remove(Identity local, Identity remote, int uniqueId)
    {
        lock (_lock)
        {
            var all = Between(local, remote);
            var left = all.RemoveAll(e => e.UniqueId == uniqueId);
            _count -= all.Length - left.Length;
            if (left.IsEmpty) _entries.Remove((local, remote));
            else _entries[(local, remote)] = left;
        }
    }

    /// <summary>The SAs between the two, oldest first.</summary>
    public ImmutableArray<PeerEntry> Between(Identity local, Identity remote)
    {
        lock (_lock) return _entries.GetValueOrDefault((local, remote), []);
    }
}
