// What servers configure on a simulated gateway: counted, so that tests see what is installed and that all of it goes again.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Sim;

public sealed class ConfiguredHost : IHostConfiguration
{
    readonly Dictionary<Address, int> _addresses = [], _servers = [];

    public IEnumerable<string> Addresses => Now(_addresses);

    public IEnumerable<string> NameServers => Now(_servers);

    /// <summary>Addresses as they came and went, +10.3.0.1 and -10.3.0.1.</summary>
    public List<string> History { get; } = [];

    /// <summary>Refuses every address with this reason.</summary>
    public string? Refusal { get; set; }

    public bool UsesNameServers { get; set; } = true;

    public string? AddAddress(Address address, Address outer)
    {
        if (Refusal is not null) return Refusal;
        if ((_addresses[address] = _addresses.GetValueOrDefault(address) + 1) == 1) History.Add($"+{address}");
        return null;
    }

    public void RemoveAddress(Address address)
    {
        Assert.True(_addresses[address] > 0, $"{address} was removed too often");
        if (--_addresses[address] == 0) History.Add($"-{address}");
    }

    public string? AddNameServer(Address server)
    {
        _servers[server] = _servers.GetValueOrDefault(server) + 1;
        return $"installing DNS server {server} to resolv.conf";
    }

    public string? RemoveNameServer(Address server)
    {
        Assert.True(_servers[server] > 0, $"{server} was removed too often");
        _servers[server]--;
        return $"removing DNS server {server} from resolv.conf";
    }

    static IEnumerable<string> Now(Dictionary<Address, int> counted) => counted.Where(c => c.Value > 0).Select(c => c.Key.ToString()).Order(StringComparer.Ordinal);
}
