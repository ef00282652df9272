// The leases of one pool of virtual addresses, in memory. RFC 7296 3.15.1.
using System.Runtime.InteropServices;
using Cygnet.Policy;

namespace Cygnet.Pools;

/// <summary>
/// Thread safe; shared by all shards. An address is online for one owner at most; several IKE_SAs of that owner may share it for a while
/// (reauthentication, replacement), each of them releases it once.
/// </summary>
public sealed class AddressPool
{
    readonly Lock _lock = new();
    readonly Dictionary<uint, Entry> _byOffset = [];
    readonly Dictionary<Identity, Holdings> _byOwner = [];
    readonly List<Entry> _byAge = []; // since the first allocation
    readonly LinkedList<Entry> _released = new(); // the longest released first
    uint _unused; // below it everything was given away once
    bool _isRetired;

    public AddressPool(AddressRange range) => Range = range;

    AddressPool() => IsEcho = true;

    /// <summary>The pool of <c>%config</c>: whatever the peer asks for is its own. Size 0.</summary>
    public static AddressPool Echo() => new();

    public bool IsEcho { get; }
    public AddressRange Range { get; }

    sealed class Entry(uint offset)
    {
        public uint Offset { get; } = offset;
        public required Identity Owner;
        public required Identity Us;
        public Endpoint Peer;
        public long Since;
        public int Uses;
        public LinkedListNode<Entry>? Held, Released;
    }

    /// <summary>The leases of one owner: the longest online and the longest released first. One identity may have very many.</summary>
    sealed class Holdings
    {
        public LinkedList<Entry> Online { get; } = new();
        public LinkedList<Entry> Offline { get; } = new();
    }

    public int OnlineCount
    {
        get
        {
            lock (_lock) return _byOffset.Count - _released.Count;
        }
    }

    public int OfflineCount
    {
        get
        {
            lock (_lock) return _released.Count;
        }
    }

    /// <summary>All leases by age.</summary>
    public IReadOnlyList<Lease> Leases()
    {
        lock (_lock) return [.. _byAge.Select(e => new Lease(Range[e.Offset], e.Owner, e.Uses > 0))];
    }

    /// <summary>An address for the request, or null; <paramref name="line"/> is for the log, null if there is nothing to say.</summary>
    public Address? Acquire(LeaseStep step, LeaseRequest request, out string? line)
    {
        line = null;
        if (IsEcho) return step == LeaseStep.Wanted && !request.Wanted.IsAny ? request.Wanted : null;
        if (request.Wanted.IsIPv6 != Range.First.IsIPv6) return null;
        lock (_lock)
        {
            if (_isRetired) return null;
            var entry = step switch
            {
                LeaseStep.Wanted => Wanted(request, out line),
                LeaseStep.Existing => Existing(request, out line),
                LeaseStep.New => Unused() is { } offset ? Add(offset, request, out line) : null,
                _ => Reassigned(request, out line),
            };
            return entry is null ? null : Range[entry.Offset];
        }
    }

    Entry? Wanted(LeaseRequest request, out string? line)
    {
        line = null;
        if (Range.OffsetOf(request.Wanted) is not { } offset) return null;
        if (!_byOffset.TryGetValue(offset, out var entry)) return Add(offset, request, out line);
        if (!entry.Owner.Equals(request.Owner)) return null;
        if (entry.Uses == 0) return Resume(entry, request, out line);
        return entry.Peer == request.Peer || IsReplaced(entry, request) ? Share(entry, request, out line) : null;
    }

    Entry? Existing(LeaseRequest request, out string? line)
    {
        line = null;
        if (!_byOwner.TryGetValue(request.Owner, out var own)) return null;
        if (own.Offline.First is { } free) return Resume(free.Value, request, out line);
        // what an SA that goes still has
        for (var node = own.Online.First; node is not null && request.Replaces > node.Value.Since; node = node.Next)
            if (IsReplaced(node.Value, request)) return Share(node.Value, request, out line);
        return null;
    }

    Entry? Reassigned(LeaseRequest request, out string? line)
    {
        line = null;
        if (_released.First is not { Value: var entry }) return null;
        var former = entry.Owner;
        Disown(entry);
        entry.Owner = request.Owner;
        GoOnline(entry, request);
        line = $"reassigning existing offline lease by '{former}' to '{request.Owner}'";
        return entry;
    }

    static bool IsReplaced(Entry entry, LeaseRequest request) => request.Replaces > entry.Since && entry.Us.Equals(request.Us);

    /// <summary>The lowest offset that was never given away.</summary>
    uint? Unused()
    {
        // what was wanted, and so given out of turn, is passed over
        while (_unused < Range.Size && _byOffset.ContainsKey(_unused)) _unused++;
        return _unused < Range.Size ? _unused : null;
    }

    Entry Add(uint offset, LeaseRequest request, out string line)
    {
        var entry = new Entry(offset) { Owner = request.Owner, Us = request.Us };
        _byOffset.Add(offset, entry);
        _byAge.Add(entry);
        GoOnline(entry, request);
        line = $"assigning new lease to '{request.Owner}'";
        return entry;
    }

    Entry Resume(Entry entry, LeaseRequest request, out string line)
    {
        Disown(entry);
        GoOnline(entry, request);
        line = $"reassigning offline lease to '{entry.Owner}'";
        return entry;
    }

    Entry Share(Entry entry, LeaseRequest request, out string line)
    {
        var uses = entry.Uses;
        Disown(entry);
        GoOnline(entry, request);
        entry.Uses += uses;
        line = $"reassigning online lease to '{entry.Owner}'";
        return entry;
    }

    void GoOnline(Entry entry, LeaseRequest request)
    {
        ref var own = ref CollectionsMarshal.GetValueRefOrAddDefault(_byOwner, entry.Owner, out _);
        entry.Held = (own ??= new()).Online.AddLast(entry);
        (entry.Us, entry.Peer, entry.Since, entry.Uses) = (request.Us, request.Peer, request.Now, 1);
    }

    void Disown(Entry entry)
    {
        var own = _byOwner[entry.Owner];
        entry.Held!.List!.Remove(entry.Held);
        if (own.Online.Count == 0 && own.Offline.Count == 0) _byOwner.Remove(entry.Owner);
        if (entry.Released is not null) _released.Remove(entry.Released);
        entry.Released = null;
    }

    /// <summary>Takes one acquisition back; true if the lease is offline now.</summary>
    public bool Release(Address address, Identity owner)
    {
        if (IsEcho || Range.OffsetOf(address) is not { } offset) return false;
        lock (_lock)
        {
            if (!_byOffset.TryGetValue(offset, out var entry) || entry.Uses == 0 || !entry.Owner.Equals(owner) || --entry.Uses > 0) return false;
            var own = _byOwner[owner];
            own.Online.Remove(entry.Held!);
            entry.Held = own.Offline.AddLast(entry);
            entry.Released = _released.AddLast(entry);
            return true;
        }
    }

    /// <summary>From now on nothing is given away; false, and nothing has changed, if a lease is online.</summary>
    public bool TryRetire()
    {
        lock (_lock)
        {
            if (_byOffset.Count > _released.Count) return false;
            return _isRetired = true;
        }
    }

    /// <summary>Takes <see cref="TryRetire"/> back.</summary>
    public void Reinstate()
    {
        lock (_lock) _isRetired = false;
    }
}
