// Which connections differ between two loaded states.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Control;

/// <summary>Removed and former ones in <see cref="Old"/>, added and changed ones in <see cref="New"/>; one that was taken away and loaded again is in both.</summary>
sealed class ConnectionChanges
{
    readonly Dictionary<string, Connection> _old = new(StringComparer.Ordinal), _new = new(StringComparer.Ordinal);

    public ConnectionChanges(LoadedState before, LoadedState after)
    {
        foreach (var (old, @new) in ConnectionTable.Differences(before.Connections, after.Connections))
        {
            if (old is not null) _old.Add(old.Name, old);
            if (@new is not null) _new.Add(@new.Name, @new);
        }
    }

    public IEnumerable<Connection> Old => _old.Values;

    public IEnumerable<Connection> New => _new.Values;

    public Connection? FormerOf(string name) => _old.GetValueOrDefault(name);

    public Connection? SuccessorOf(string name) => _new.GetValueOrDefault(name);
}
