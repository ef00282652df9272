// The SA of each recent flow, in front of the SPD. RFC 4301 4.4.1 allows such caches.
namespace Cygnet.Esp;

/// <summary>Direct mapped, one worker's own. What was learnt under another generation of the SPD counts as absent.</summary>
sealed class FlowCache<T>(int slots) where T : class
{
    struct Entry
    {
        public FlowKey Key;
        public long Generation;
        public T? Value;
    }

    readonly Entry[] _entries = new Entry[slots];

    public T? Find(in FlowKey key, long generation)
    {
        ref var e = ref _entries[key.Slot(_entries.Length - 1)];
        return e.Generation == generation && e.Key == key ? e.Value : null;
    }

    public void Add(in FlowKey key, long generation, T value)
    {
        ref var e = ref _entries[key.Slot(_entries.Length - 1)];
        e.Key = key;
        e.Generation = generation;
        e.Value = value;
    }
}
