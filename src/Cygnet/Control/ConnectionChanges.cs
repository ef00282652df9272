// Which connections differ between two loaded states.
using Cygnet.Policy;

namespace Cygnet.Control;

/// <summary>
/// Removed and former ones in <see cref="Old"/>, added and changed ones in <see cref="New"/>. Found by identity from both ends of the list,
/// so that loading ten thousand connections one by one does not compare each with each.
/// </summary>
sealed class ConnectionChanges
{
    readonly Dictionary<string, Connection> _old, _new;

    public ConnectionChanges(LoadedState before, LoadedState after)
    {
        var a = before.Loaded.AsSpan();
        var b = after.Loaded.AsSpan();
        var same = 0;
        while (same < a.Length && same < b.Length && ReferenceEquals(a[same], b[same])) same++;
        a = a[same..];
        b = b[same..];
        same = 0;
        while (same < a.Length && same < b.Length && ReferenceEquals(a[^(same + 1)], b[^(same + 1)])) same++;
        a = a[..^same];
        b = b[..^same];
        // Names are unique, so what was cut off at the ends has no namesake in between.
        _old = new(a.Length, StringComparer.Ordinal);
        foreach (var loaded in a) _old.Add(loaded.Connection.Name, loaded.Connection);
        _new = new(b.Length, StringComparer.Ordinal);
        foreach (var loaded in b) _new.Add(loaded.Connection.Name, loaded.Connection);
    }

    public IEnumerable<Connection> Old => _old.Values;

    public IEnumerable<Connection> New => _new.Values;

    public Connection? FormerOf(string name) => _old.GetValueOrDefault(name);

    public Connection? SuccessorOf(string name) => _new.GetValueOrDefault(name);
}
