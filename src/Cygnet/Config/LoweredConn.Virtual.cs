// leftsourceip and leftdns: what we ask for as a client, the pools and servers that we have as a server. ipsec.conf(5), swanctl.conf(5).
using Cygnet.Control;
using Cygnet.Policy;
using Cygnet.Pools;

namespace Cygnet.Config;

sealed partial class LoweredConn
{
    static readonly string[] _anyFamily = ["%config", "%cfg", "%modeconfig", "%modecfg"];

    readonly List<LoadRequest> _pools = [];

    /// <summary>The pools that rightsourceip makes; conns with the same text share one.</summary>
    public IReadOnlyList<LoadRequest> Pools => _pools;

    void Virtual(ViciWriter section, string local, string remote)
    {
        var (ours, theirs) = (Split(_conn.Text(local, "sourceip")), Split(_conn.Text(remote, "sourceip")));
        if (ours.Length > 0 && theirs.Length > 0)
        {
            _plan.LogList.Add($"'{_conn.Name}' has both left- and rightsourceip, but IKE can negotiate one virtual IP only, ignoring local virtual IP");
            ours = [];
        }
        Add(section, "vips", ours.Select(word => Vip(word, local, remote)));
        Add(section, "pools", theirs.Select(word => PoolName(word, remote)));
        Add(section, "x-request_dns", Split(_conn.Text(local, "dns")).Select(word => Server(word, local, isRequest: true)));
        Add(section, "x-dns", Split(_conn.Text(remote, "dns")).Select(word => Server(word, remote, isRequest: false)));
    }

    static void Add(ViciWriter section, string key, IEnumerable<string?> items)
    {
        string[] list = [.. items.OfType<string>()];
        if (list.Length > 0) section.AddList(key, list.AsSpan());
    }

    /// <summary>An address to ask for; an unspecified one leaves the choice to the peer.</summary>
    string? Vip(string word, string local, string remote)
    {
        if (_anyFamily.Contains(word, StringComparer.OrdinalIgnoreCase)) return IsIPv4(local, remote) ? "0.0.0.0" : "::";
        if (word.Equals("%config4", StringComparison.OrdinalIgnoreCase)) return "0.0.0.0";
        if (word.Equals("%config6", StringComparison.OrdinalIgnoreCase)) return "::";
        if (Address.TryParse(word, out _)) return word;
        Warn($"ignored invalid subnet token: {word}", $"{local}sourceip", ConfigError.Expected(word, "an IP address, %config, %config4 or %config6"));
        return null;
    }

    /// <summary>The family of our subnets, else of the peer's, else of our address.</summary>
    bool IsIPv4(string local, string remote) =>
        (_conn.Text(local, "subnet") ?? _conn.Text(remote, "subnet")) is { } subnets ? subnets.Contains('.') : !Hosts(local)[0].Contains(':');

    string? PoolName(string word, string remote)
    {
        if (_anyFamily.Contains(word, StringComparer.OrdinalIgnoreCase) || word.ToLowerInvariant() is "%config4" or "%config6") return Pool(_conn.Name, "%config");
        // a pool that somebody else has: of swanctl.conf, or %radius
        if (word is ['%', .. var name]) return name;
        if (AddressRange.TryParse(word, out _, out _)) return Pool(word, word);
        Warn($"IP pool {word} invalid, ignored", $"{remote}sourceip", ConfigError.Expected(word, "<address>, <network>/<bits>, <from>-<to>, %config or %<pool>"));
        return null;
    }

    string Pool(string name, string addresses)
    {
        if (_pools.All(p => p.Label != name))
        {
            var message = new ViciSection();
            message.AddSection(name).Add("addrs", addresses).Add("x-source", Lowering.Source);
            _pools.Add(new("load-pool", message, name));
        }
        return name;
    }

    string? Server(string word, string side, bool isRequest)
    {
        if (isRequest && word is "%config" or "%config4") return "0.0.0.0";
        if (isRequest && word == "%config6") return "::";
        if (Address.TryParse(word, out _)) return word;
        Warn($"ignoring invalid DNS address '{word}'", $"{side}dns", ConfigError.Expected(word, isRequest ? "an IP address, %config4 or %config6" : "an IP address"));
        return null;
    }

    void Warn(string reference, string keyword, string detail) => _plan.ErrorList.Add(new(reference, _conn.Place(keyword), detail) { IsWarning = true });
}
