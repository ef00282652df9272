// Which configured connections are for a pair of addresses. ike-behaviour "selecting a config".
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>The addresses of connections, read once for all the peers that come.</summary>
sealed class PeerAddresses(ImmutableArray<Connection> connections)
{
    readonly ImmutableArray<Entry> _entries = [.. from c in connections where IsForPeers(c) select new Entry(c, [.. c.LocalAddrs.Select(AddressPattern.Parse)], [.. c.RemoteAddrs.Select(AddressPattern.Parse)])];

    sealed record Entry(Connection Connection, ImmutableArray<AddressPattern> Local, ImmutableArray<AddressPattern> Remote);

    /// <summary>Best first, in load order among equals.</summary>
    public List<Connection> Of(Address local, Address remote)
    {
        var matches = new PeerConfigs.Matches();
        foreach (var entry in _entries)
        {
            var mine = Score(entry.Local, local);
            var theirs = Score(entry.Remote, remote);
            // the remote side says more about a peer than the address it happened to reach us at
            if (mine > 0 && theirs > 0) matches.Add(theirs * 2 + mine, entry.Connection);
        }
        return matches.Best;
    }

    // a connection of shunts alone is for no peer
    static bool IsForPeers(Connection c) => c.Version != IkeVersion.V1 && (c.Children.IsEmpty || !c.Children.All(k => k.Mode is ChildMode.Pass or ChildMode.Drop));

    static int Score(ImmutableArray<AddressPattern> patterns, Address address)
    {
        var best = 0;
        foreach (var pattern in patterns) best = Math.Max(best, pattern.Score(address));
        return best;
    }
}
