// From strongswan.conf's charon.x-redirect to the rules by which this gateway sends clients to others. docs/redirect.md.
using System.Collections.Immutable;
using Cygnet.Control;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Config;

static class RedirectRules
{
    static readonly string[] _keys = ["gateway", "at", "peer_ip", "peer_id", "ike", "above"];

    /// <summary>In the order of the file; a section that is wrong is none, and <paramref name="ignored"/> says why.</summary>
    public static ImmutableArray<RedirectRule> Read(StrongswanSettings conf, string daemon, ImmutableArray<string>.Builder ignored)
    {
        var rules = ImmutableArray.CreateBuilder<RedirectRule>();
        foreach (var name in conf.Sections($"{daemon}.x-redirect"))
        {
            var section = $"{daemon}.x-redirect.{name}";
            if (Read(name, conf.Values(section), out var why) is { } rule) rules.Add(rule);
            else ignored.Add($"{section} has no effect: {why}");
        }
        return rules.ToImmutable();
    }

    static RedirectRule? Read(string name, IReadOnlyDictionary<string, string> values, out string why)
    {
        why = "";
        string? Value(string key) => values.TryGetValue(key, out var text) && text.Trim() is { Length: > 0 } value ? value : null;
        if (values.Keys.FirstOrDefault(k => !_keys.Contains(k)) is { } unknown)
        {
            why = $"unknown key '{unknown}'{(Nearest.To(unknown, _keys) is { } near ? $", perhaps '{near}' is meant" : "")}";
            return null;
        }
        ImmutableArray<Identity> gateways = [.. (Value("gateway") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Identity.Parse)];
        var at = Value("at") ?? "init";
        TrafficSelector? ip = null;
        long above = 0;
        if (gateways.IsEmpty) why = "'gateway' is missing, the addresses or host names to which clients go";
        else if (gateways.FirstOrDefault(g => !GatewayIdentity.CanName(g)) is { } wrong) why = $"'gateway': '{wrong}' is no address and no host name";
        else if (at is not ("init" or "auth")) why = $"'at': '{at}' is neither 'init' nor 'auth'";
        else if (at == "init" && (Value("peer_id") ?? Value("ike")) is not null) why = "'peer_id' and 'ike' are not known before authentication; they need 'at = auth'";
        else if (Value("peer_ip") is { } peerIp && (!TrafficSelectorText.TryParse(peerIp, out ip, out _) || ip.IsDynamic)) why = $"'peer_ip': '{peerIp}' is no address, subnet or range";
        else if (Value("above") is { } most && !(Vici.TryNumber(most, out above) && above is >= 0 and <= int.MaxValue)) why = $"'above': '{most}' is no number";
        return why.Length > 0 ? null : new()
        {
            Name = name, Gateways = gateways, IsAfterAuthentication = at == "auth", PeerIp = ip, PeerId = Value("peer_id") is { } id ? Identity.Parse(id) : null,
            Connection = Value("ike"), Above = Value("above") is null ? null : (int)above,
        };
    }
}
