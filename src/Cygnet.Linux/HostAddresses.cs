// Which addresses are ours, and which one goes towards a peer. RFC 7296 2.11 leaves the choice to routing.
using System.Collections.Frozen;
using System.Collections.Immutable;
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>Asks the kernel, and keeps the list of our addresses true by its events. Thread safe; never waits for the network.</summary>
public sealed class HostAddresses : IDisposable
{
    readonly Rtnetlink _netlink;
    readonly RouteWatch _watch;
    readonly uint _mark;
    readonly Action<RouteChange>? _changed;
    readonly HostAddressOptions _options;
    volatile Own _own = new([], false);
    volatile string? _tunnelDevice;

    /// <param name="mark">The mark of our sockets: with it, routes into the tunnel are not followed.</param>
    /// <param name="changed">Told after the cache is renewed; on a thread of its own. Addresses are told of only if those that peers may use changed.</param>
    public HostAddresses(uint mark, Action<RouteChange>? changed = null, HostAddressOptions? options = null)
    {
        (_mark, _changed, _options) = (mark, changed, options ?? new());
        _netlink = new();
        try
        {
            _watch = new(OnChange, _options.OwnTable, _options.FollowsRoutes, _options.FollowsRules);
            Refresh();
        }
        catch
        {
            _watch?.Dispose();
            _netlink.Dispose();
            throw;
        }
    }

    /// <summary>The device whose packets go through tunnels: its addresses are none that a peer could use.</summary>
    public string? TunnelDevice
    {
        get => _tunnelDevice;
        set
        {
            _tunnelDevice = value;
            Refresh();
        }
    }

    /// <summary>Addresses that are none of ours to tell a peer of.</summary>
    public Func<Address, bool> IsVirtual { get; set; } = _ => false;

    /// <summary>One of our addresses and the device that has it.</summary>
    readonly record struct Located(InterfaceAddress Address, string? Device, bool IsUp, bool IsLoopback, bool IsInside, bool IsIgnored);

    /// <summary>What the kernel said last, in its order.</summary>
    sealed class Own(ImmutableArray<Located> all, bool prefersTemporary)
    {
        public FrozenDictionary<Address, Located> ByAddress { get; } = all.GroupBy(a => a.Address.Address).ToFrozenDictionary(g => g.Key, g => g.First());

        /// <summary>Those that may be told to a peer: not ones of a tunnel, whose packets would go through it.</summary>
        public ImmutableArray<Address> Usable { get; } =
            [.. all.Where(a => a.IsUp && !a.IsLoopback && !a.IsInside && !a.IsIgnored && a.Address.IsGlobal && a.Address.IsUsable && IsPreferred(all, a, prefersTemporary))
                .Select(a => a.Address.Address).Distinct()];

        // A device without any of the preferred kind is reached by the other.
        static bool IsPreferred(ImmutableArray<Located> all, Located a, bool prefersTemporary) =>
            a.Address.IsTemporary == prefersTemporary || !a.Address.Address.IsIPv6 || !all.Any(b => b.Address.LinkIndex == a.Address.LinkIndex
                && b.Address is { IsGlobal: true, IsUsable: true, Address.IsIPv6: true } && b.Address.IsTemporary == prefersTemporary);
    }

    void OnChange(RouteChange change)
    {
        if ((change & (RouteChange.Addresses | RouteChange.Links)) != 0)
        {
            var before = _own.Usable;
            Refresh();
            change &= ~RouteChange.Addresses;
            if (!before.SequenceEqual(_own.Usable)) change |= RouteChange.Addresses;
        }
        if (change != 0) _changed?.Invoke(change);
    }

    void Refresh()
    {
        var links = _netlink.Links().ToDictionary(l => l.Index);
        _own = new([.. _netlink.Addresses().Select(a => links.TryGetValue(a.LinkIndex, out var link)
            ? new Located(a, link.Name, link.IsUp, link.IsLoopback, link.Name == TunnelDevice || IsVirtual(a.Address), !_options.Interfaces.IsUsable(link.Name))
            : new Located(a, null, false, false, false, false))], _options.PrefersTemporary);
    }

    /// <summary>
    /// Our address towards the peer; null if there is no route. Asked of the kernel each time, some microseconds: it does not tell of the
    /// IPv4 routes that vanish with an address.
    /// </summary>
    public Address? SourceAddressFor(Address remote)
    {
        var own = _own;
        if (_netlink.Lookup(remote, _mark)?.Source is not { } source) return null;
        if (own.ByAddress.TryGetValue(source, out var found) && found.IsIgnored) return OverUsableDevice(own, remote);
        if (!source.IsIPv6 || found.Address is not { } address || address.IsTemporary == _options.PrefersTemporary) return source;
        // The kernel's choice between the two kinds is that of the device; ours is for the daemon.
        foreach (var other in own.ByAddress.Values)
            if (other.Address.LinkIndex == address.LinkIndex && other.Address is { IsGlobal: true, IsUsable: true, Address.IsIPv6: true }
                && other.Address.IsTemporary == _options.PrefersTemporary && TrafficSelector.Subnet(source, address.Prefix).Contains(other.Address.Address)) return other.Address.Address;
        return source;
    }

    /// <summary>By the most specific route of the main table over a device that may be used: its source, or an address of the device.</summary>
    Address? OverUsableDevice(Own own, Address remote)
    {
        foreach (var route in _netlink.Routes(remote.IsIPv6).OrderByDescending(r => r.Prefix).ThenBy(r => r.Priority))
        {
            if (route.IsThrow || !TrafficSelector.Subnet(route.Network, route.Prefix).Contains(remote)) continue;
            foreach (var a in own.ByAddress.Values.OrderByDescending(a => a.Address.Address == route.Source))
                if (a.Address.LinkIndex == route.LinkIndex && a.IsUp && !a.IsIgnored && !a.IsInside && a.Address is { IsGlobal: true, IsUsable: true }
                    && a.Address.Address.IsIPv6 == remote.IsIPv6) return a.Address.Address;
        }
        return null;
    }

    /// <summary>Whether the address is on a device that IKE has nothing to do with.</summary>
    public bool IsIgnored(Address address) => _own.ByAddress.TryGetValue(address, out var own) && own.IsIgnored;

    /// <summary>
    /// Whether packets from that address of ours can go to the peer: it is there, and a route over its device. That routing would now prefer
    /// another device is no reason to leave a path that works.
    /// </summary>
    public bool HasPath(Address local, Address remote)
    {
        if (!_own.ByAddress.TryGetValue(local, out var own) || !own.IsUp || own.IsIgnored || local.IsIPv6 != remote.IsIPv6) return false;
        if (_netlink.Lookup(remote, _mark, local) is not { } way) return false;
        if (own.IsLoopback || way.LinkIndex == own.Address.LinkIndex || way.IsLocal) return true;
        return _netlink.Routes(remote.IsIPv6).Any(r => r.LinkIndex == own.Address.LinkIndex && !r.IsThrow
            && TrafficSelector.Subnet(r.Network, r.Prefix).Contains(remote));
    }

    /// <summary>The addresses by which peers may reach us, in the kernel's order.</summary>
    public IReadOnlyList<Address> Usable => _own.Usable;

    /// <summary>The device that has an address of ours; null if none has.</summary>
    public string? DeviceOf(Address address) => _own.ByAddress.TryGetValue(address, out var own) ? own.Device : null;

    /// <summary>Whether the address is one of ours.</summary>
    public bool IsLocalAddress(Address address)
    {
        if (_own.ByAddress.ContainsKey(address)) return true;
        // 127.0.0.2 is ours without being listed, and an event may still be on its way.
        return !address.IsAny && _netlink.Lookup(address, _mark)?.IsLocal == true;
    }

    /// <summary>Our addresses but virtual ones, those of the loopback device and IPv6's link-local ones, in the kernel's order; as <c>ipsec statusall</c> lists them.</summary>
    public IReadOnlyList<InterfaceAddress> List()
    {
        var loopback = _netlink.Links().Where(l => l.IsLoopback || !l.IsUp || !_options.Interfaces.IsUsable(l.Name)).Select(l => l.Index).ToHashSet();
        return [.. _netlink.Addresses().Where(a => !loopback.Contains(a.LinkIndex) && !IsVirtual(a.Address) && !(a.Address.IsIPv6 && a.IsLink))];
    }

    public void Dispose()
    {
        _watch.Dispose();
        _netlink.Dispose();
    }
}
