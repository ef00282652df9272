// Which addresses are ours, and which one goes towards a peer. RFC 7296 2.11 leaves the choice to routing.
using System.Collections.Frozen;
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
    volatile FrozenSet<Address> _local = FrozenSet<Address>.Empty;

    /// <param name="mark">The mark of our sockets: with it, routes into the tunnel are not followed.</param>
    /// <param name="changed">Told after the cache is renewed; on a thread of its own.</param>
    public HostAddresses(uint mark, Action<RouteChange>? changed = null)
    {
        (_mark, _changed) = (mark, changed);
        _netlink = new();
        try
        {
            _watch = new(OnChange);
            Refresh();
        }
        catch
        {
            _watch?.Dispose();
            _netlink.Dispose();
            throw;
        }
    }

    void OnChange(RouteChange change)
    {
        if ((change & (RouteChange.Addresses | RouteChange.Links)) != 0) Refresh();
        _changed?.Invoke(change);
    }

    void Refresh() => _local = _netlink.Addresses().Select(a => a.Address).ToFrozenSet();

    /// <summary>
    /// Our address towards the peer; null if there is no route. Asked of the kernel each time, some microseconds: it does not tell of the
    /// IPv4 routes that vanish with an address.
    /// </summary>
    public Address? SourceAddressFor(Address remote) => _netlink.Lookup(remote, _mark)?.Source;

    /// <summary>Whether the address is one of ours.</summary>
    public bool IsLocalAddress(Address address)
    {
        if (_local.Contains(address)) return true;
        // 127.0.0.2 is ours without being listed, and an event may still be on its way.
        return !address.IsAny && _netlink.Lookup(address, _mark)?.IsLocal == true;
    }

    /// <summary>Our addresses but those of the loopback device, in the kernel's order; as <c>ipsec statusall</c> lists them.</summary>
    public IReadOnlyList<InterfaceAddress> List()
    {
        var loopback = _netlink.Links().Where(l => l.IsLoopback || !l.IsUp).Select(l => l.Index).ToHashSet();
        return [.. _netlink.Addresses().Where(a => !loopback.Contains(a.LinkIndex))];
    }

    public void Dispose()
    {
        _watch.Dispose();
        _netlink.Dispose();
    }
}
