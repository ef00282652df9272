// What servers configure on this host while we are their client: the core's door, on Linux.
using Cygnet.Charon.Logging;
using Cygnet.Ike;
using Cygnet.Linux;
using Cygnet.Policy;

namespace Cygnet.Charon;

/// <summary>Settings install_virtual_ip, install_virtual_ip_on, plugins.resolve and plugins.updown.dns_handler (scripts have the servers in PLUTO_DNS4_1 and so on). What is left at the end goes with it.</summary>
sealed class HostConfiguration : IHostConfiguration, IDisposable
{
    /// <summary>By this line a file is there as long as a daemon runs, and afterwards only if it crashed.</summary>
    const string Running = "running";

    readonly HostState _state;
    readonly VirtualAddresses _addresses;
    readonly Resolver? _resolver;
    readonly bool _scriptsHandleDns;
    readonly Log _log;

    public HostConfiguration(DaemonConf conf, string stateFile, Log log)
    {
        _log = log;
        _state = new(stateFile, text => log.Write(LogGroup.Knl, 1, text));
        _state.AddText(Running);
        _addresses = new(_state, conf.Boolean("install_virtual_ip", true), conf.Text("install_virtual_ip_on"));
        _scriptsHandleDns = conf.Boolean("plugins.updown.dns_handler");
        if (_scriptsHandleDns || !conf.Boolean("plugins.resolve.load", true)) return;
        var options = new ResolverOptions();
        _resolver = new(options with
        {
            File = conf.Text("plugins.resolve.file") ?? options.File,
            Resolvconf = conf.Text("plugins.resolve.resolvconf.path") ?? options.Resolvconf,
            InterfacePrefix = conf.Text("plugins.resolve.resolvconf.iface_prefix") ?? options.InterfacePrefix,
        }, _state, text => log.Write(LogGroup.Ike, 1, text));
    }

    /// <summary>Takes away the addresses that a daemon left that crashed. Not before its routes are held: they would go along.</summary>
    public void RemoveLeft() => _addresses.RemoveLeft();

    /// <summary>What this daemon leaves if it crashes, and what the one before it left.</summary>
    public HostState State => _state;

    /// <summary>Whether the address is virtual: no peer is to be told of it.</summary>
    public bool IsVirtual(Address address) => _addresses.Contains(address);

    public string? AddAddress(Address address, Address outer) => _addresses.Add(address, outer);

    public void RemoveAddress(Address address)
    {
        if (_addresses.Remove(address) is { } reason) _log.Write(LogGroup.Knl, 1, $"deleting virtual IP {address} failed: {reason}");
    }

    public bool UsesNameServers => _scriptsHandleDns || _resolver is not null;

    public string? AddNameServer(Address server) => _resolver?.Add(server);

    public string? RemoveNameServer(Address server) => _resolver?.Remove(server);

    public void Dispose()
    {
        _addresses.Dispose();
        _resolver?.Dispose();
        _state.RemoveText(Running);
        _state.Dispose();
    }
}
