// What a gateway tells of its SAs, added up: what comes up goes down once, and not before. A script that opens the firewall lives by it. vici(7), *-updown and *-rekey.
using Cygnet.Ike;

namespace Cygnet.Tests.Sim;

/// <summary>The SAs that are up by the events of one boot.</summary>
sealed class StormLedger
{
    readonly HashSet<int> _sas = [];
    readonly HashSet<int> _children = [];

    /// <summary>The ids of the IKE_SAs and of the CHILD_SAs that are up, in order.</summary>
    public IEnumerable<int> Sas => _sas.Order();
    public IEnumerable<int> Children => _children.Order();

    /// <summary>Null, or what is wrong with an event that follows those so far.</summary>
    public string? Add(SaEvent e) => e switch
    {
        SaEvent.IkeUpDown(true, var ike) => _sas.Add(ike.UniqueId) ? null : $"IKE_SA {ike.UniqueId} comes up twice",
        SaEvent.IkeUpDown(false, var ike) => _sas.Remove(ike.UniqueId) ? null : $"IKE_SA {ike.UniqueId} goes down, but was not up", // its children follow
        SaEvent.IkeRekey(var old, var fresh) => _sas.Remove(old.UniqueId) & _sas.Add(fresh.UniqueId) ? null : $"IKE_SA {fresh.UniqueId} replaces {old.UniqueId}, which was not up",
        SaEvent.ChildUpDown(true, var ike, var child) => !_sas.Contains(ike.UniqueId) ? $"CHILD_SA {child.UniqueId} comes up on IKE_SA {ike.UniqueId}, which is not up"
            : _children.Add(child.UniqueId) ? null : $"CHILD_SA {child.UniqueId} comes up twice",
        SaEvent.ChildUpDown(false, _, var child) => _children.Remove(child.UniqueId) ? null : $"CHILD_SA {child.UniqueId} goes down, but was not up",
        SaEvent.ChildRekey(_, var old, var fresh) => _children.Remove(old.UniqueId) & _children.Add(fresh.UniqueId) ? null : $"CHILD_SA {fresh.UniqueId} replaces {old.UniqueId}, which was not up",
        _ => null,
    };
}
