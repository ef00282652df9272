// Which configured connection serves a peer: first by addresses, then by identities. ipsec.conf(5), left and right.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

static class PeerConfigs
{
    /// <summary>Of those, the ones whose identities fit what the peer claims (and, if it says so, whom it wants), best first.</summary>
    public static List<Connection> ByIdentity(List<Connection> candidates, Identity? me, Identity peer, RdnMatching rdns)
    {
        var matches = new Matches();
        foreach (var c in candidates)
        {
            var mine = me is null || c.Local is [] or [{ Id: null }, ..] ? 1 : Score(me, c.Local[0].Id!, rdns);
            var theirs = c.Remote is [] or [{ Id: null }, ..] ? 1
                : c.Remote[0] is { IsIdLoose: true } ? 1 : Score(peer, c.Remote[0].Id!, rdns);
            if (mine > 0 && theirs > 0) matches.Add(mine + theirs, c);
        }
        return matches.Best;
    }

    /// <summary>The first configured remote address that can be initiated to; a name (for DNS) if no literal comes before it.</summary>
    public static string? InitiatableRemote(Connection connection) => connection.RemoteAddrs.FirstOrDefault(a =>
        !a.StartsWith('%') && !a.Contains('/') && !IsRange(a));

    static int Score(Identity actual, Identity configured, RdnMatching rdns) => configured.Kind == IdentityKind.Any ? 1 : actual.Match(configured, rdns);

    static bool IsRange(string pattern)
    {
        var dash = pattern.IndexOf('-');
        return dash > 0 && Address.TryParse(pattern.AsSpan(0, dash), out _);
    }

    /// <summary>Connections with their scores; mostly there is one, which takes no sorting.</summary>
    internal struct Matches
    {
        List<Connection>? _found;
        List<int>? _scores;
        int _first;

        public void Add(int score, Connection connection)
        {
            if (_found is null) (_found, _first) = ([connection], score);
            else
            {
                (_scores ??= [_first]).Add(score);
                _found.Add(connection);
            }
        }

        /// <summary>By descending score, and in the order in which they were added.</summary>
        public readonly List<Connection> Best =>
            _scores is { } scores ? [.. _found!.Zip(scores).OrderByDescending(m => m.Second).Select(m => m.First)] : _found ?? [];
    }
}
