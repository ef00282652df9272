// The virtual addresses of an IKE_SA: those that we have from the peer, and those that the peer has from us. RFC 7296 2.19, 3.15.1.
using System.Collections.Immutable;
using Cygnet.Policy;
using Cygnet.Pools;

namespace Cygnet.Ike;

/// <summary>Most IKE_SAs have none of it. A rekeyed one hands the whole to its successor; the end of the last gives everything back.</summary>
sealed class VirtualAddresses
{
    /// <summary>What an earlier IKE_SA with this peer had, to be asked for again.</summary>
    public ImmutableArray<Address> Wanted { get; init; } = [];

    /// <summary>We asked the peer, so its reply counts.</summary>
    public bool HasAsked { get; set; }

    /// <summary>Ours, installed on this host.</summary>
    public ImmutableArray<Address> Local { get; private set; } = [];

    /// <summary>Name servers that this host asks because of this IKE_SA.</summary>
    public ImmutableArray<Address> NameServers { get; private set; } = [];

    /// <summary>The peer's, from our pools.</summary>
    public ImmutableArray<VirtualLease> Leases { get; private set; } = [];

    public ImmutableArray<Address> Remote => [.. Leases.Select(l => l.Address)];

    public void Add(VirtualLease lease) => Leases = Leases.Add(lease);

    public void Install(IkeSa ike, Address address)
    {
        if (Local.Contains(address)) return;
        ike.Log(LogGroup.Ike, 1, $"installing new virtual IP {address}");
        if (ike.Engine.Host.HostConfiguration?.AddAddress(address, ike.Local.Address) is { } why) ike.Log(LogGroup.Ike, 1, $"installing virtual IP {address} failed: {why}");
        else Local = Local.Add(address);
    }

    public void AddNameServer(IkeSa ike, Address server)
    {
        if (NameServers.Contains(server) || ike.Engine.Host.HostConfiguration is not { UsesNameServers: true } host) return;
        if (host.AddNameServer(server) is { } line) ike.Log(LogGroup.Ike, 1, $"{line}");
        NameServers = NameServers.Add(server);
    }

    /// <summary>Gives everything back; idempotent.</summary>
    public void Release(IkeSa ike)
    {
        var (leases, local, servers, host) = (Leases, Local, NameServers, ike.Engine.Host.HostConfiguration);
        (Leases, Local, NameServers) = ([], [], []);
        foreach (var lease in leases.Reverse())
            if (lease.Release()) ike.Log(LogGroup.Cfg, 1, $"lease {lease.Address} by '{lease.Owner}' went offline");
        foreach (var address in local.Reverse()) host?.RemoveAddress(address);
        foreach (var server in servers.Reverse())
            if (host?.RemoveNameServer(server) is { } line) ike.Log(LogGroup.Ike, 1, $"{line}");
    }
}
