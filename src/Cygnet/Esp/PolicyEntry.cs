// One pair of selectors of a policy, as the SPD looks it up. RFC 4301 4.4.1.
using System.Numerics;
using Cygnet.Policy;

namespace Cygnet.Esp;

sealed class PolicyEntry(InstalledPolicy policy, TrafficSelector local, TrafficSelector remote)
{
    public InstalledPolicy Policy { get; } = policy;
    public TrafficSelector Local { get; } = local;
    public TrafficSelector Remote { get; } = remote;

    /// <summary>
    /// The SPD is ordered: shunts first, then the narrower selectors (addresses, then protocol, then ports), then what carries before what traps.
    /// </summary>
    readonly int _rank = ((policy.IsShunt ? 1000 : 0) + Narrowness(local) + Narrowness(remote)) * 8
        + (local.Protocol != 0 || remote.Protocol != 0 ? 4 : 0) + (local.AnyPort && remote.AnyPort ? 0 : 2) + (policy.Parameters.IsTrap ? 0 : 1);

    public bool Covers(in InnerHeader h) =>
        Selectors.Covers(Remote, h.Destination, h.DestinationPort, h) && Selectors.Covers(Local, h.Source, h.SourcePort, h);

    /// <summary>Whether this one rules over the other. Among equals, one that has an SA, then the newer.</summary>
    public bool RulesOver(PolicyEntry other)
    {
        if (_rank != other._rank) return _rank > other._rank;
        var hasSa = Policy.Sas.NewestFirst.Length > 0;
        var otherHasSa = other.Policy.Sas.NewestFirst.Length > 0;
        return hasSa != otherHasSa ? hasSa : Policy.Serial > other.Policy.Serial;
    }

    static int Narrowness(TrafficSelector ts) => (int)UInt128.LeadingZeroCount(ts.To - ts.From) - (ts.IsIPv6 ? 0 : 96);
}
