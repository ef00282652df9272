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
    const uint LastResort = uint.MaxValue - 1;

    readonly Rtnetlink _netlink;
    readonly Action<string>? _warn;
    readonly int _link;
    readonly uint _table, _mtu, _mss;
    readonly Rule[] _rules;
    readonly Lock _lock = new();
    readonly Dictionary<PolicyParameters, int> _references = new(PolicyEquality.Instance);
    readonly Dictionary<(Address Network, int Prefix), Destination> _destinations = [];

    /// <summary>Routes that a crashed process left; they stay until <see cref="Release"/>, so that nothing goes in clear before its tunnels are back.</summary>
    readonly HashSet<(Address Network, int Prefix)> _left = [];
    bool _ruled;

    /// <param name="isTakenOver">The device is that of a process that crashed, and so are the routes into it.</param>
    internal TunnelRoutes(Rtnetlink netlink, int link, TunOptions options, uint mark, Action<string>? warn, bool isTakenOver = false)
    {
        (_netlink, _warn, _link, _table) = (netlink, warn, link, options.RoutingTable);
        var only = options.RuleMark ?? new PacketMark(mark, IsInverted: mark != 0);
        var rule = new Rule(false, options.RulePriority, _table, only.Value, only.IsInverted) { Mask = only.Mask };
        (_mtu, _mss) = (options.RouteMtu, options.RouteMss);
        // A kernel without IPv6 knows no rules for it either.
        _rules = Directory.Exists("/proc/sys/net/ipv6") ? [rule, rule with { IsIPv6 = true }] : [rule];
        if (isTakenOver) TakeOver();
        if (_left.Count == 0) RemoveStale();
    }

    internal bool HasLeft
    {
        get
        {
            lock (_lock) return _left.Count > 0;
        }
    }

    void TakeOver()
    {
        foreach (var rule in _rules)
            foreach (var route in _netlink.Routes(rule.IsIPv6, _table).Where(r => r.LinkIndex == _link))
            {
                // The kernel takes a route away with its source, and a virtual address goes before the new tunnel brings one.
                var kept = rule.IsIPv6 ? route : route with { Source = null };
                if (kept != route) _netlink.AddRoute(kept);
                _left.Add((route.Network, route.Prefix));
            }
        if (_left.Count == 0) return;
        foreach (var rule in _rules)
        {
            _netlink.AddRule(rule);
            // who crashed may have had another mark: strongswan.conf has changed since
            foreach (var old in _netlink.Rules(rule.IsIPv6).Where(r => r != rule && r.Mark != 0 && r == rule with { Mark = r.Mark, Mask = r.Mask, IsInverted = r.IsInverted }))
                _netlink.RemoveRule(old);
        }
        _ruled = true;
    }

    /// <summary>Lets go of what a crashed process left and no policy has taken over.</summary>
    internal void Release()
    {
        lock (_lock)
        {
            RemoveLeft();
            if (_references.Count == 0) RemoveRules();
        }
    }

    void RemoveLeft()
    {
        foreach (var key in _left)
            if (!_destinations.ContainsKey(key) && Left(key) is { } route) TryRemove(route);
        _left.Clear();
    }

    /// <summary>As it stands now: when an address goes, the kernel leaves IPv6 routes that had it as their source without one.</summary>
    Route? Left((Address Network, int Prefix) key) => _left.Contains(key)
        ? _netlink.Routes(key.Network.IsIPv6, _table).FirstOrDefault(r => r.LinkIndex == _link && (r.Network, r.Prefix) == key) : null;

    void TryRemove(Route route)
    {
        try
        {
            _netlink.RemoveRoute(route);
        }
        catch (LinuxException e)
        {
            _warn?.Invoke(e.Message);
        }
    }

    /// <summary>A remote subnet, the policies that want it, and the route that stands there now.</summary>
    sealed class Destination
    {
        internal List<PolicyParameters> Policies { get; } = [];
        internal Route? Route { get; set; }
    }

    /// <summary>A process that crashed leaves its rule behind, and routes that need no device; its device took the others along.</summary>
    void RemoveStale()
    {
        foreach (var rule in _rules)
        {
            var routes = _netlink.Routes(rule.IsIPv6, _table);
            if (!_netlink.Rules(rule.IsIPv6).Contains(rule) || routes.Any(r => !r.IsThrow)) continue;
            foreach (var route in routes) _netlink.RemoveRoute(route);
            _netlink.RemoveRule(rule);
        }
    }

    /// <summary>Adds the routes of a policy; each call counts. Returns the reason on failure.</summary>
    internal string? Add(PolicyParameters policy)
    {
        lock (_lock)
        {
            if (_references.TryGetValue(policy, out var references))
            {
                _references[policy] = references + 1;
                return null;
            }
            _references.Add(policy, 1);
            try
            {
                if (!_ruled)
                {
                    foreach (var rule in _rules) _netlink.AddRule(rule);
                    _ruled = true;
                }
                foreach (var key in Keys(policy))
                {
                    if (!_destinations.TryGetValue(key, out var destination)) _destinations[key] = destination = new();
                    destination.Policies.Add(policy);
                }
                // The list is asked for each time: a virtual address may have come a moment ago, and its event be on the way.
                var ours = _netlink.Addresses();
                foreach (var key in Keys(policy)) Settle(key, ours);
                return null;
            }
            catch (LinuxException e)
            {
                Drop(policy);
                return e.Message;
            }
        }
    }

    static IEnumerable<(Address, int)> Keys(PolicyParameters policy) => policy.RemoteTs.SelectMany(ts => ts.ToSubnets()).Distinct();

    /// <summary>Takes one call of <see cref="Add"/> back.</summary>
    internal void Remove(PolicyParameters policy)
    {
        lock (_lock)
        {
            if (!_references.TryGetValue(policy, out var references)) return;
            if (references > 1) _references[policy] = references - 1;
            else Drop(policy);
        }
    }

    void Drop(PolicyParameters policy)
    {
        _references.Remove(policy);
        foreach (var key in Keys(policy))
            if (_destinations.TryGetValue(key, out var destination))
                destination.Policies.RemoveAll(p => PolicyEquality.Instance.Equals(p, policy));
        TrySettle(Keys(policy));
        if (_references.Count == 0 && _left.Count == 0) RemoveRules();
    }

    /// <summary>After our addresses changed: sources are chosen anew, and routes that went with an address come back.</summary>
    internal void Refresh()
    {
        lock (_lock)
        {
            if (_destinations.Count == 0) return;
            var standing = _rules.SelectMany(r => _netlink.Routes(r.IsIPv6, _table)).Where(r => r.IsThrow || r.LinkIndex == _link)
                .ToLookup(r => (r.Network, r.Prefix));
            foreach (var (key, destination) in _destinations) destination.Route = standing[key].FirstOrDefault();
            TrySettle([.. _destinations.Keys]);
        }
    }

    /// <summary>A route that will not go now is tried again with the next change of addresses; the device takes its routes along in the end.</summary>
    void TrySettle(IEnumerable<(Address, int)> keys)
    {
        IReadOnlyList<InterfaceAddress>? ours = null;
        foreach (var key in keys)
            try
            {
                Settle(key, ours ??= _netlink.Addresses());
            }
            catch (LinuxException e)
            {
                _warn?.Invoke(e.Message);
            }
    }

    void Settle((Address Network, int Prefix) key, IReadOnlyList<InterfaceAddress> ours)
    {
        if (!_destinations.TryGetValue(key, out var destination)) return;
        var standing = destination.Route ?? Left(key);
        if (Wanted(key, destination.Policies, ours) is not { } wanted)
        {
            if (standing is not null && !_left.Contains(key)) _netlink.RemoveRoute(standing);
            _destinations.Remove(key);
            return;
        }
        if (standing is null || standing.Source != wanted.Source || standing.IsThrow != wanted.IsThrow) Exchange(standing, wanted);
        destination.Route = wanted;
    }

    /// <summary>In between nothing may go where it went without a tunnel.</summary>
    void Exchange(Route? standing, Route wanted)
    {
        if (standing is null || !wanted.Network.IsIPv6)
        {
            _netlink.AddRoute(wanted); // replaces
            return;
        }
        // IPv6 keeps routes that differ in their source beside each other.
        var guard = new Route(wanted.Network, wanted.Prefix, _table, 0, Priority: LastResort) { IsBlackhole = true };
        _netlink.AddRoute(guard);
        try
        {
            _netlink.RemoveRoute(standing);
            _netlink.AddRoute(wanted);
        }
        finally
        {
            TryRemove(guard);
        }
    }

    Route? Wanted((Address Network, int Prefix) key, List<PolicyParameters> policies, IReadOnlyList<InterfaceAddress> ours)
    {
        if (policies.Count == 0) return null;
        Address? source = null;
        // a tunnel that is up knows its addresses better than the trap that asked for it
        foreach (var policy in policies.OrderBy(p => p.IsTrap))
            if ((source = SourceFor(policy, key.Network.IsIPv6, ours)) is not null) break;
        return new(key.Network, key.Prefix, _table, _link, Source: source) { Mtu = _mtu, Mss = _mss };
    }

    /// <summary>One of our addresses inside the local selectors; the outer one if it is, as it is the one that peers know.</summary>
    static Address? SourceFor(PolicyParameters policy, bool ipv6, IReadOnlyList<InterfaceAddress> ours)
    {
        Address? first = null, @virtual = null;
        foreach (var a in ours)
        {
            // 127.0.0.1 and fe80:: are inside 0.0.0.0/0 and ::/0, but nobody can answer them.
            if (a.Address.IsIPv6 != ipv6 || !a.IsGlobal || !policy.LocalTs.Any(ts => ts.Contains(a.Address))) continue;
            if (a.IsUsable && a.Address == policy.LocalAddress) return a.Address;
            if (a.IsUsable) first ??= a.Address;
            else if (a.IsDeprecated) @virtual ??= a.Address;
        }
        return first ?? @virtual;
    }

    /// <summary>Removes every route and the rule.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _references.Clear();
            foreach (var destination in _destinations.Values) destination.Policies.Clear();
            RemoveLeft();
            TrySettle([.. _destinations.Keys]);
            RemoveRules();
        }
    }

    void RemoveRules()
    {
        if (!_ruled) return;
        foreach (var rule in _rules)
            try
            {
                _netlink.RemoveRule(rule);
            }
            catch (LinuxException e)
            {
                _warn?.Invoke(e.Message);
            }
        _ruled = false;
    }
}
