// The configured connections: in load order, by name, by the names of their children, by the addresses of their peers. ipsec.conf(5), left and right.
using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>
/// Immutable; what a change does not touch is shared with the table before it, so that a change, a look-up and the first message of a peer cost
/// the same with ten connections and with ten thousand. Each connection has a digest of what loaded it, empty if nobody asks for one.
/// </summary>
[CollectionBuilder(typeof(ConnectionTable), nameof(Of))]
public sealed class ConnectionTable : IReadOnlyList<Connection>
{
    static readonly ImmutableSortedSet<Entry> s_none = ImmutableSortedSet.Create<Entry>(ByPlace.Instance);

    public static readonly ConnectionTable Empty = new();

    ImmutableSortedSet<Entry> _all = s_none;
    ImmutableDictionary<string, Entry> _byName = ImmutableDictionary<string, Entry>.Empty;
    ImmutableDictionary<string, ImmutableSortedSet<Entry>> _byChild = ImmutableDictionary<string, ImmutableSortedSet<Entry>>.Empty;

    /// <summary>Those whose peers have addresses, under each of these; the others have to be compared one by one.</summary>
    ImmutableDictionary<Address, ImmutableSortedSet<Entry>> _byPeer = ImmutableDictionary<Address, ImmutableSortedSet<Entry>>.Empty;
    ImmutableSortedSet<Entry> _forMany = s_none;
    long _next;

    ConnectionTable()
    {
    }

    ConnectionTable(ConnectionTable before) =>
        (_all, _byName, _byChild, _byPeer, _forMany, _next) = (before._all, before._byName, before._byChild, before._byPeer, before._forMany, before._next);

    /// <summary>For collection expressions.</summary>
    public static ConnectionTable Of(ReadOnlySpan<Connection> connections)
    {
        var table = Empty;
        foreach (var c in connections) table = table.Put(c);
        return table;
    }

    public int Count => _all.Count;

    /// <summary>In load order.</summary>
    public Connection this[int index] => _all[index].Connection;

    /// <summary>The connection of that name.</summary>
    public Connection? Find(string name) => _byName.GetValueOrDefault(name)?.Connection;

    /// <summary>The digest of the connection of that name.</summary>
    public string? DigestOf(string name) => _byName.GetValueOrDefault(name)?.Digest;

    /// <summary>Those with a child of that name, in load order.</summary>
    public IEnumerable<Connection> WithChild(string child) => _byChild.GetValueOrDefault(child)?.Select(e => e.Connection) ?? [];

    /// <summary>What a name means where either will do: those with such a child and the one of that name, in load order.</summary>
    public IEnumerable<Connection> Named(string name)
    {
        var with = _byChild.GetValueOrDefault(name);
        if (!_byName.TryGetValue(name, out var own)) return with?.Select(e => e.Connection) ?? [];
        return (with?.Add(own) ?? [own]).Select(e => e.Connection);
    }

    /// <summary>The first child of that name, in the connection that is named or in any; without a name of a child the connection alone.</summary>
    public (Connection? Connection, ChildConfig? Child) First(string? ike, string? child)
    {
        var within = ike is null ? child is null ? this : WithChild(child) : Find(ike) is { } one ? [one] : Enumerable.Empty<Connection>();
        foreach (var c in within)
        {
            if (child is null) return (c, null);
            foreach (var config in c.Children)
                if (config.Name == child) return (c, config);
        }
        return default;
    }

    /// <summary>With this connection: in the place of the one of the same name, else at the end.</summary>
    public ConnectionTable Put(Connection connection, string digest = "")
    {
        if (_byName.TryGetValue(connection.Name, out var old) && old.Digest == digest && old.Connection.Equals(connection)) return this;
        var entry = new Entry(old?.Place ?? _next, connection, digest);
        var table = old is null ? new(this) { _next = _next + 1 } : Without(old);
        table._all = table._all.Add(entry);
        table._byName = table._byName.SetItem(connection.Name, entry);
        foreach (var child in connection.Children) table._byChild = With(table._byChild, child.Name, entry);
        if (!entry.IsForPeers) return table;
        if (!entry.HasAddresses) table._forMany = table._forMany.Add(entry);
        else
            foreach (var pattern in entry.Remote) table._byPeer = With(table._byPeer, pattern.From, entry);
        return table;
    }

    /// <summary>Without the connection of that name.</summary>
    public ConnectionTable Remove(string name) => _byName.TryGetValue(name, out var old) ? Without(old) : this;

    /// <summary>Connections for an address pair, best first, in load order among equals.</summary>
    public List<Connection> For(Address local, Address remote)
    {
        var matches = new PeerConfigs.Matches();
        var with = _byPeer.GetValueOrDefault(remote, s_none);
        foreach (var entry in _forMany.IsEmpty ? with : with.IsEmpty ? _forMany : _forMany.Union(with))
        {
            var mine = Score(entry.Local, local);
            var theirs = Score(entry.Remote, remote);
            // the remote side says more about a peer than the address it happened to reach us at
            if (mine > 0 && theirs > 0) matches.Add(theirs * 2 + mine, entry.Connection);
        }
        return matches.Best;
    }

    /// <summary>
    /// What differs: pairs of which the first is gone or replaced, the second new or in its place. All that is the same is passed over by identity.
    /// </summary>
    internal static IEnumerable<(Connection? Old, Connection? New)> Differences(ConnectionTable before, ConnectionTable after)
    {
        if (ReferenceEquals(before, after)) yield break;
        using var old = before._all.GetEnumerator();
        using var @new = after._all.GetEnumerator();
        bool hasOld = old.MoveNext(), hasNew = @new.MoveNext();
        while (hasOld || hasNew)
        {
            var order = !hasOld ? 1 : !hasNew ? -1 : old.Current.Place.CompareTo(@new.Current.Place);
            if (order < 0) yield return (old.Current.Connection, null);
            else if (order > 0) yield return (null, @new.Current.Connection);
            else if (!ReferenceEquals(old.Current, @new.Current)) yield return (old.Current.Connection, @new.Current.Connection);
            if (order <= 0) hasOld = old.MoveNext();
            if (order >= 0) hasNew = @new.MoveNext();
        }
    }

    public IEnumerator<Connection> GetEnumerator() => _all.Select(e => e.Connection).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    ConnectionTable Without(Entry old)
    {
        var table = new ConnectionTable(this) { _all = _all.Remove(old), _byName = _byName.Remove(old.Connection.Name), _forMany = _forMany.Remove(old) };
        foreach (var child in old.Connection.Children) table._byChild = Without(table._byChild, child.Name, old);
        foreach (var pattern in old.Remote) table._byPeer = Without(table._byPeer, pattern.From, old);
        return table;
    }

    static ImmutableDictionary<T, ImmutableSortedSet<Entry>> With<T>(ImmutableDictionary<T, ImmutableSortedSet<Entry>> index, T key, Entry entry) where T : notnull =>
        index.SetItem(key, index.GetValueOrDefault(key, s_none).Add(entry));

    static ImmutableDictionary<T, ImmutableSortedSet<Entry>> Without<T>(ImmutableDictionary<T, ImmutableSortedSet<Entry>> index, T key, Entry entry) where T : notnull
    {
        if (!index.TryGetValue(key, out var all)) return index;
        var rest = all.Remove(entry);
        return rest.IsEmpty ? index.Remove(key) : index.SetItem(key, rest);
    }

    static int Score(ImmutableArray<AddressPattern> patterns, Address address)
    {
        var best = 0;
        foreach (var pattern in patterns) best = Math.Max(best, pattern.Score(address));
        return best;
    }

    /// <summary>A connection, its place in load order, and its addresses, read once for all the peers that come.</summary>
    sealed class Entry(long place, Connection connection, string digest)
    {
        public long Place { get; } = place;
        public Connection Connection { get; } = connection;
        public string Digest { get; } = digest;
        public ImmutableArray<AddressPattern> Local { get; } = [.. connection.LocalAddrs.Select(AddressPattern.Parse)];
        public ImmutableArray<AddressPattern> Remote { get; } = [.. connection.RemoteAddrs.Select(AddressPattern.Parse)];

        /// <summary>Each word stands for one address.</summary>
        public bool HasAddresses => !Remote.IsEmpty && Remote.All(r => !r.IsName && r.From == r.To);

        // a connection of shunts alone is for no peer
        public bool IsForPeers => Connection.Version != IkeVersion.V1 && (Connection.Children.IsEmpty || !Connection.Children.All(k => k.Mode is ChildMode.Pass or ChildMode.Drop));
    }

    sealed class ByPlace : IComparer<Entry>
    {
        public static readonly ByPlace Instance = new();

        public int Compare(Entry? x, Entry? y) => x!.Place.CompareTo(y!.Place);
    }
}
