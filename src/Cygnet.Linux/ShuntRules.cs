// Shunts of the user-space data plane, as rules of the kernel's routing: what passes goes past the tunnels, what drops goes nowhere.
// RFC 4301 4.4.1 (BYPASS, DISCARD); ip-rule(8).
using Cygnet.Esp;
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>
/// A route knows the destination alone; a rule knows source, protocol and ports too. Those that pass stand before the rule that leads into the
/// tunnels, those that drop behind it: they are the last resort, for what no tunnel takes. Thread safe.
/// </summary>
sealed class ShuntRules : IDisposable
{
    const uint MainTable = 254;
    const int MostRules = 1024;

    /// <summary>A number that no routing daemon has: by it the rules of a process that crashed are known.</summary>
    const byte Owner = 220;

    readonly Rtnetlink _netlink;
    readonly Action<string>? _warn;
    readonly uint _tunnels, _mark;
    readonly Lock _lock = new();
    readonly Dictionary<PolicyParameters, int> _references = new(PolicyEquality.Instance);

    /// <summary>Rules that a crashed process left; they stay until <see cref="Release"/>.</summary>
    readonly HashSet<Rule> _left = [];

    internal ShuntRules(Rtnetlink netlink, TunOptions options, uint mark, Action<string>? warn, bool isTakenOver = false)
    {
        (_netlink, _warn, _tunnels, _mark) = (netlink, warn, options.RulePriority, mark);
        foreach (var ipv6 in Families())
            foreach (var stale in _netlink.Rules(ipv6).Where(r => r.Owner == Owner && (r.Priority == _tunnels - 1 || r.Priority == _tunnels || r.Priority == _tunnels + 1)))
                if (isTakenOver) _left.Add(Comparable(stale));
                else TryRemove(stale);
    }

    internal bool HasLeft
    {
        get
        {
            lock (_lock) return _left.Count > 0;
        }
    }

    /// <summary>Lets go of what a crashed process left and no shunt has taken over.</summary>
    internal void Release()
    {
        lock (_lock)
        {
            var wanted = _references.Keys.SelectMany(Rules).Concat(_references.Keys.Any(p => p.Mode == ChildMode.Drop) ? Exemptions() : []).Select(Comparable).ToHashSet();
            foreach (var stale in _left.Where(r => !wanted.Contains(r))) TryRemove(stale);
            _left.Clear();
        }
    }

    // The kernel does not tell the network of an empty prefix.
    static Rule Comparable(Rule rule) => rule with { From = rule.From.Prefix == 0 ? default : rule.From, To = rule.To.Prefix == 0 ? default : rule.To };

    static bool[] Families() => Directory.Exists("/proc/sys/net/ipv6") ? [false, true] : [false];

    /// <summary>Adds the rules of a shunt; each call counts. Returns the reason on failure.</summary>
    internal string? Add(PolicyParameters policy)
    {
        if (Refusal(policy) is { } refusal) return refusal;
        lock (_lock)
        {
            _references[policy] = _references.GetValueOrDefault(policy) + 1;
            if (_references[policy] > 1) return null;
            try
            {
                if (policy.Mode == ChildMode.Drop) AddExemptions();
                foreach (var rule in Rules(policy)) _netlink.AddRule(rule);
                return null;
            }
            catch (LinuxException e)
            {
                Drop(policy);
                return e.Message;
            }
        }
    }

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

    static string? Refusal(PolicyParameters policy)
    {
        var all = policy.LocalTs.Concat(policy.RemoteTs).ToList();
        if (all.Any(t => t.IsOpaque || !t.AnyPort && t.Protocol is 1 or 58)) return "the kernel's routing rules know neither ICMP types nor opaque ports; leave them out of the selectors";
        return Rules(policy, 0).Take(MostRules + 1).Count() > MostRules ? $"the selectors come to more than {MostRules} routing rules; use subnets instead of ranges" : null;
    }

    IEnumerable<Rule> Rules(PolicyParameters policy) => Rules(policy, _tunnels);

    static IEnumerable<Rule> Rules(PolicyParameters policy, uint tunnels)
    {
        foreach (var local in policy.LocalTs)
            foreach (var remote in policy.RemoteTs)
            {
                if (local.IsIPv6 != remote.IsIPv6 || local.Protocol != 0 && remote.Protocol != 0 && local.Protocol != remote.Protocol) continue;
                foreach (var from in local.ToSubnets())
                    foreach (var to in remote.ToSubnets())
                        yield return new Rule(local.IsIPv6, policy.Mode == ChildMode.Pass ? tunnels - 1 : tunnels + 1, policy.Mode == ChildMode.Pass ? MainTable : 0, 0, false)
                        {
                            From = from, To = to, Protocol = local.Protocol != 0 ? local.Protocol : remote.Protocol, Owner = Owner,
                            SourcePorts = (local.FromPort, local.ToPort), DestinationPorts = (remote.FromPort, remote.ToPort), IsBlackhole = policy.Mode == ChildMode.Drop,
                        };
            }
    }

    /// <summary>IKE and ESP of our own are no subject of a shunt.</summary>
    void AddExemptions()
    {
        foreach (var rule in Exemptions()) _netlink.AddRule(rule);
    }

    IEnumerable<Rule> Exemptions() => _mark == 0 ? [] : Families().Select(ipv6 => new Rule(ipv6, _tunnels, MainTable, _mark, false) { Owner = Owner });

    void Drop(PolicyParameters policy)
    {
        _references.Remove(policy);
        foreach (var rule in Rules(policy)) TryRemove(rule);
        if (!_references.Keys.Any(p => p.Mode == ChildMode.Drop))
            foreach (var rule in Exemptions()) TryRemove(rule);
    }

    void TryRemove(Rule rule)
    {
        try
        {
            _netlink.RemoveRule(rule);
        }
        catch (LinuxException e)
        {
            _warn?.Invoke(e.Message);
        }
    }

    /// <summary>Removes every rule.</summary>
    public void Dispose()
    {
        lock (_lock)
            foreach (var policy in _references.Keys.ToArray()) Drop(policy);
        Release();
    }
}
