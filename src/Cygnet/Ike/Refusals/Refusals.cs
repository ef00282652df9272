// The last refusals of each connection, in memory: what ipsec why prints.
namespace Cygnet.Ike;

/// <summary>
/// Thread safe; shared by all shards. However many packets come, it holds a bounded number of entries: the newest of each connection, and of one
/// unauthenticated address only a few, so that one peer does not push out what another did.
/// </summary>
public sealed class Refusals
{
    /// <summary>Entries kept: of one connection, of one unauthenticated address among them; and connections that have any.</summary>
    public const int MostPerConnection = 16, MostPerAddress = 4, MostConnections = 512;

    readonly Lock _lock = new();
    readonly Dictionary<string, List<RefusalEntry>> _entries = new(StringComparer.Ordinal);

    public void Add(RefusalEntry entry)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(entry.Connection, out var own))
            {
                if (_entries.Count >= MostConnections) _entries.Remove(_entries.MinBy(e => e.Value[^1].At).Key);
                _entries.Add(entry.Connection, own = []);
            }
            if (own.FindIndex(entry.IsSame) is >= 0 and var known)
            {
                entry = entry with { Times = own[known].Times + 1, First = own[known].First };
                own.RemoveAt(known);
            }
            else if (entry.IsStrangers && own.Count(e => IsFromSame(e, entry)) >= MostPerAddress) own.RemoveAt(own.FindIndex(e => IsFromSame(e, entry)));
            else if (own.Count >= MostPerConnection) own.RemoveAt(0);
            own.Add(entry);
        }
    }

    static bool IsFromSame(RefusalEntry a, RefusalEntry b) => a.IsStrangers && a.Remote.Address == b.Remote.Address;

    /// <summary>Those of one connection, or (null) all, oldest first.</summary>
    public IReadOnlyList<RefusalEntry> Of(string? connection)
    {
        lock (_lock)
            return connection is null ? [.. _entries.Values.SelectMany(e => e).OrderBy(e => e.At)]
                : _entries.TryGetValue(connection, out var own) ? [.. own] : [];
    }
}
