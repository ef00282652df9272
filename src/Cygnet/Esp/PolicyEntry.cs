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
    /// The SPD is ordered as the reference has the kernel order it: what passes, what has SAs, what traps, and what drops as the last resort;
    /// within each the narrower selectors (addresses, then protocol, then ports) first.
    /// </summary>
    readonly int _rank = (Class(policy.Parameters) * 1000 + Narrowness(local) + Narrowness(remote)) * 4
        + (local.Protocol != 0 || remote.Protocol != 0 ? 2 : 0) + (local.AnyPort && remote.AnyPort ? 0 : 1);

    static int Class(PolicyParameters p) => p.Mode switch { ChildMode.Pass => 3, ChildMode.Drop => 0, _ => p.IsTrap ? 1 : 2 };

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
