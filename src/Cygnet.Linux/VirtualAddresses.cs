// Virtual addresses on this host's devices, as a server assigns them. RFC 7296 2.19; rtnetlink(7).
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>
/// Each address is counted and stands as /32 or /128 on the device of the outer address, or on the one that the configuration names. Thread
/// safe; each call takes some microseconds of the kernel's time.
/// </summary>
public sealed class VirtualAddresses : IDisposable
{
    readonly Rtnetlink _netlink = new();
    readonly Lock _lock = new();
    readonly Dictionary<Address, Installed> _installed = [];
    readonly HostState _state;
    readonly bool _installs;
    readonly string? _device;

    sealed record Installed(string Device, int LinkIndex, bool IsOurs)
    {
        public int Uses { get; set; } = 1;
    }

    /// <param name="state">Remembers what stands, for a process that crashes.</param>
    /// <param name="installs">False: addresses are counted alone, and somebody else puts them where they belong.</param>
    /// <param name="device">The device for all of them; null is that of the outer address.</param>
    public VirtualAddresses(HostState state, bool installs = true, string? device = null)
    {
        (_state, _installs, _device) = (state, installs, device);
    }

    /// <summary>Takes away what a process that crashed left.</summary>
    public void RemoveLeft()
    {
        foreach (var (name, address) in _state.LeftAddresses)
            try
            {
                if (_netlink.FindLink(name) is { } link) _netlink.RemoveAddress(link.Index, address, address.Width);
            }
            catch (LinuxException)
            {
                // without the right to remove it there is none to add others either, and that is said when it is tried
            }
    }

    /// <summary>Whether the address is one of these; a peer must not be told of it.</summary>
    public bool Contains(Address address)
    {
        lock (_lock) return _installed.ContainsKey(address);
    }

    /// <summary>Null, or the reason why the address cannot be installed. Each success needs a <see cref="Remove"/>.</summary>
    public string? Add(Address address, Address outer)
    {
        lock (_lock)
        {
            if (_installed.TryGetValue(address, out var known))
            {
                known.Uses++;
                return null;
            }
            if (!_installs)
            {
                _installed.Add(address, new("", 0, IsOurs: false));
                return null;
            }
            try
            {
                if (DeviceFor(outer) is not { } link)
                    return _device is null ? $"no device has the address {outer}" : $"there is no device '{_device}' as charon.install_virtual_ip_on says";
                // what an administrator has put there stays there
                var isOurs = _netlink.Addresses().All(a => a.Address != address);
                _installed.Add(address, new(link.Name, link.Index, isOurs)); // first: the kernel's event finds it here
                if (!isOurs) return null;
                _state.Add(link.Name, address);
                _netlink.AddAddress(link.Index, address, address.Width, isPreferred: false);
                return null;
            }
            catch (LinuxException e)
            {
                if (_installed.Remove(address, out var failed)) _state.Remove(failed.Device, address);
                return e.Message;
            }
        }
    }

    Link? DeviceFor(Address outer)
    {
        if (_device is not null) return _netlink.FindLink(_device);
        var index = _netlink.Addresses().FirstOrDefault(a => a.Address == outer)?.LinkIndex;
        return index is null ? null : _netlink.Links().FirstOrDefault(l => l.Index == index);
    }

    /// <summary>Takes one <see cref="Add"/> back; the reason if the address cannot be taken away.</summary>
    public string? Remove(Address address)
    {
        lock (_lock)
        {
            if (!_installed.TryGetValue(address, out var known) || --known.Uses > 0) return null;
            return TakeAway(address, known);
        }
    }

    string? TakeAway(Address address, Installed known)
    {
        try
        {
            if (known.IsOurs) _netlink.RemoveAddress(known.LinkIndex, address, address.Width);
            return null;
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
        finally
        {
            _installed.Remove(address);
            if (known.IsOurs) _state.Remove(known.Device, address);
        }
    }

    /// <summary>Takes every address away that is left.</summary>
    public void Dispose()
    {
        lock (_lock)
            foreach (var (address, known) in _installed.ToArray()) TakeAway(address, known);
        _netlink.Dispose();
    }
}
