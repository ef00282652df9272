// Which configured connection serves a peer: first by addresses, then by identities. ike-behaviour "selecting a config".
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

static class PeerConfigs
{
    /// <summary>Connections for an address pair, best first, in load order among equals.</summary>
    public static List<Connection> ByAddress(ImmutableArray<Connection> connections, Address local, Address remote)
    {
        var matches = new List<(int Score, Connection Connection)>();
        foreach (var c in connections)
        {
            if (c.Version == IkeVersion.V1) continue;
            // a connection of shunts alone is for no peer
            if (!c.Children.IsEmpty && c.Children.All(k => k.Mode is ChildMode.Pass or ChildMode.Drop)) continue;
            var mine = Score(c.LocalAddrs, local);
            var theirs = Score(c.RemoteAddrs, remote);
            // the remote side says more about a peer than the address it happened to reach us at
            if (mine > 0 && theirs > 0) matches.Add((theirs * 2 + mine, c));
        }
        return Best(matches);
    }

    /// <summary>Of those, the ones whose identities fit what the peer claims (and, if it says so, whom it wants), best first.</summary>
    public static List<Connection> ByIdentity(List<Connection> candidates, Identity? me, Identity peer)
    {
        var matches = new List<(int Score, Connection Connection)>();
        foreach (var c in candidates)
        {
            var mine = me is null || c.Local is [] or [{ Id: null }, ..] ? 1 : Matches(me, c.Local[0].Id!);
            var theirs = c.Remote is [] or [{ Id: null }, ..] ? 1
                : c.Remote[0] is { IsIdLoose: true } ? 1 : Matches(peer, c.Remote[0].Id!);
            if (mine > 0 && theirs > 0) matches.Add((mine + theirs, c));
        }
        return Best(matches);
    }

    /// <summary>The first configured remote address that can be initiated to; a name (for DNS) if no literal comes before it.</summary>
    public static string? InitiatableRemote(Connection connection) => connection.RemoteAddrs.FirstOrDefault(a =>
        !a.StartsWith('%') && !a.Contains('/') && !IsRange(a));

    static List<Connection> Best(List<(int Score, Connection Connection)> matches) =>
        matches is [var only] ? [only.Connection] : [.. matches.OrderByDescending(m => m.Score).Select(m => m.Connection)];

    static int Matches(Identity actual, Identity configured) => configured.Kind == IdentityKind.Any ? 1 : actual.Match(configured);

    /// <summary>129 for the address itself, prefix length + 1 for a subnet, 1 for a range or any; 0: no match.</summary>
    static int Score(ImmutableArray<string> patterns, Address address)
    {
        var best = 0;
        foreach (var pattern in patterns) best = Math.Max(best, Score(pattern, address));
        return best;
    }

    static int Score(string pattern, Address address)
    {
        switch (pattern)
        {
            case "%any" or "%defaultroute": return 1;
            case "%any4" or "0.0.0.0": return address.IsIPv6 ? 0 : 1;
            case "%any6" or "::": return address.IsIPv6 ? 1 : 0;
        }
        if (Address.TryParse(pattern, out var single)) return single == address ? 129 : 0;
        var slash = pattern.IndexOf('/');
        if (slash > 0 && Address.TryParse(pattern.AsSpan(0, slash), out var net) && int.TryParse(pattern.AsSpan(slash + 1), out var prefix) && prefix >= 0 && prefix <= net.Width)
            return TrafficSelector.Subnet(net, prefix).Contains(address) ? prefix + 1 : 0;
        var dash = pattern.IndexOf('-');
        if (dash > 0 && Address.TryParse(pattern.AsSpan(0, dash), out var from) && Address.TryParse(pattern.AsSpan(dash + 1), out var to))
            return from.IsIPv6 == address.IsIPv6 && address.Bits >= from.Bits && address.Bits <= to.Bits ? 1 : 0;
        // a host name: who it is cannot be told here without asking; its identity decides
        return 1;
    }

    static bool IsRange(string pattern)
    {
        var dash = pattern.IndexOf('-');
        return dash > 0 && Address.TryParse(pattern.AsSpan(0, dash), out _);
    }
}
