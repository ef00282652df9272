// Routes into the tunnel: our table, the rule that leads there, and the source addresses. RFC 4301 4.4.1 has no word for it; strongSwan's layout.
using Cygnet.Esp;
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>
/// Keeps a route per remote subnet of the installed policies. The rule "not our mark" sends all packets but the tunnel's own to our table,
/// so that a remote selector may contain the peer itself. Thread safe.
/// </summary>
sealed class TunnelRoutes : IDisposable
{
    readonly Rtnetlink _netlink;
    readonly int _link;
    readonly uint _table;
    readonly Rule[] _rules;
    readonly Lock _lock = new();
    readonly List<PolicyParameters> _policies = [];
    readonly Dictionary<(Address Network, int Prefix), Route> _routes = [];
    bool _ruled;

    internal TunnelRoutes(Rtnetlink netlink, int link, TunOptions options, uint mark)
    {
        (_netlink, _link, _table) = (netlink, link, options.RoutingTable);
        var rule = new Rule(false, options.RulePriority, _table, mark, mark != 0);
        // A kernel without IPv6 knows no rules for it either.
        _rules = Directory.Exists("/proc/sys/net/ipv6") ? [rule, rule with { IsIPv6 = true }] : [rule];
        RemoveStale();
    }

    /// <summary>A process that crashed leaves its rule behind; its device took the routes along.</summary>
    void RemoveStale()
    {
        foreach (var rule in _rules)
            if (_netlink.Rules(rule.IsIPv6).Contains(rule) && _netlink.Routes(rule.IsIPv6, _table).Count == 0) _netlink.RemoveRule(rule);
    }

    /// <summary>Adds the routes of a policy; each call counts. Returns the reason on failure.</summary>
    internal string? Add(PolicyParameters policy)
    {
        lock (_lock)
        {
            _policies.Add(policy);
            try
            {
                Apply();
                return null;
            }
            catch (LinuxException e)
            {
                _policies.RemoveAt(_policies.Count - 1);
                TryApply();
                return e.Message;
            }
        }
    }

    /// <summary>Takes one call of <see cref="Add"/> back.</summary>
    internal void Remove(PolicyParameters policy)
    {
        lock (_lock)
        {
            var index = _policies.FindIndex(p => PolicyEquality.Instance.Equals(p, policy));
            if (index < 0) return;
            _policies.RemoveAt(index);
            TryApply();
        }
    }

    /// <summary>After our addresses changed: sources are chosen anew, and routes that went with an address come back.</summary>
    internal void Refresh()
    {
        lock (_lock)
        {
            if (_policies.Count == 0) return;
            _routes.Clear();
            foreach (var ipv6 in (bool[])[false, true])
                foreach (var route in _netlink.Routes(ipv6, _table))
                    if (route.LinkIndex == _link) _routes[(route.Network, route.Prefix)] = route;
            TryApply();
        }
    }

    void TryApply()
    {
        try
        {
            Apply();
        }
        catch (LinuxException)
        {
            // A route that will not go now is tried again with the next change of addresses; the device takes all of them along in the end.
        }
    }

    void Apply()
    {
        var wanted = Wanted();
        if (wanted.Count > 0 && !_ruled)
        {
            foreach (var rule in _rules) _netlink.AddRule(rule);
            _ruled = true;
        }
        foreach (var (key, route) in _routes.ToArray())
            if (!wanted.ContainsKey(key))
            {
                _netlink.RemoveRoute(route);
                _routes.Remove(key);
            }
        foreach (var (key, route) in wanted)
            if (!_routes.TryGetValue(key, out var installed) || installed.Source != route.Source)
            {
                // IPv6 keeps routes that differ in the source beside each other, and replaces only the metric's twin.
                if (installed is not null) _netlink.RemoveRoute(installed);
                _netlink.AddRoute(route);
                _routes[key] = route;
            }
    }

    Dictionary<(Address, int), Route> Wanted()
    {
        var wanted = new Dictionary<(Address, int), Route>();
        var ours = _policies.Count == 0 ? [] : _netlink.Addresses();
        foreach (var policy in _policies)
            foreach (var remote in policy.RemoteTs)
            {
                var source = SourceFor(policy, remote.IsIPv6, ours);
                foreach (var (network, prefix) in remote.ToSubnets())
                    if (!wanted.TryGetValue((network, prefix), out var other) || (other.Source is null && source is not null))
                        wanted[(network, prefix)] = new(network, prefix, _table, _link, Source: source);
            }
        return wanted;
    }

    /// <summary>One of our addresses inside the local selectors; the outer one if it is, as it is the one that peers know.</summary>
    static Address? SourceFor(PolicyParameters policy, bool ipv6, IReadOnlyList<InterfaceAddress> ours)
    {
        Address? first = null;
        foreach (var a in ours)
        {
            // 127.0.0.1 and fe80:: are inside 0.0.0.0/0 and ::/0, but nobody can answer them.
            if (a.Address.IsIPv6 != ipv6 || !a.IsGlobal || !a.IsUsable || !policy.LocalTs.Any(ts => ts.Contains(a.Address))) continue;
            if (a.Address == policy.LocalAddress) return a.Address;
            first ??= a.Address;
        }
        return first;
    }

    /// <summary>Removes every route and the rule.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _policies.Clear();
            TryApply();
            if (!_ruled) return;
            foreach (var rule in _rules)
                try
                {
                    _netlink.RemoveRule(rule);
                }
                catch (LinuxException)
                {
                    // Somebody else took it, or the next start will.
                }
            _ruled = false;
        }
    }
}
