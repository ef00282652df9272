// Traps and shunts: policies that stand without an SA, and the packets that meet a trap. RFC 4301 4.4.1.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Ike;

public sealed partial class IkeEngine
{
    readonly StandingPolicies _standing = new();

    /// <summary>The traps and shunts that are installed here, in the order of their installation: all, or those of a connection, or of children of that name.</summary>
    public IReadOnlyList<PolicySnapshot> Policies(string? connection = null, string? child = null) => [.. _standing.Named(connection, child).OrderBy(p => p.UniqueId).Select(p => p.Snapshot())];

    void Install(Wish.Install wish)
    {
        var say = Teller(wish.Connection, wish.Watcher);
        if (wish.Child.Mode is ChildMode.Pass or ChildMode.Drop) InstallShunt(wish, say);
        else InstallTrap(wish, say);
    }

    void InstallTrap(Wish.Install wish, Action<string> say)
    {
        var connection = wish.Connection;
        if (PeerConfigs.InitiatableRemote(connection) is not { } text)
        {
            Fail("remote address unknown", "it has no peer to initiate to", "'right=' must name one address or host");
            return;
        }
        if (Address.TryParse(text, out var literal))
        {
            Install(literal);
            return;
        }
        // An address is needed only where a selector is to become it; else the name is looked up again for each acquire.
        var lookup = Host.Lookup;
        Host.Start(new Work<Address[]>(int.MaxValue, () => lookup(text), () => true, found =>
        {
            if (found.Length > 0) Install(found[0]);
            else if (wish.Child.RemoteTs.Any(t => t.IsDynamic)) Fail("remote address unknown with dynamic traffic selector", $"'{text}' could not be resolved", "'rightsubnet=' or an address in 'right=' would do without");
            else Install(null);
        }, e => Fail("remote address unknown", $"resolving '{text}' failed: {e.Message}", "'right=' must be an address or a name that DNS knows")));

        void Install(Address? remote)
        {
            var from = remote is { } to ? LocalFor(connection, to) : null;
            if (from is null && (remote is not null || wish.Child.LocalTs.Any(t => t.IsDynamic)))
            {
                Fail("local address unknown", $"there is no route to {text} from an address that is allowed", $"'left={string.Join(',', connection.LocalAddrs)}' would have to allow another");
                return;
            }
            var local = from ?? default;
            ImmutableArray<TrafficSelector> localTs = [.. wish.Child.LocalTs.Select(t => t.Resolve(local))];
            ImmutableArray<TrafficSelector> remoteTs = [.. wish.Child.RemoteTs.Select(t => t.Resolve(remote ?? default))];
            var holds = wish.Child.Reqid == 0;
            var marks = ChildMarks.Of(wish.Child, Host.Shared);
            var reqid = holds ? Host.Shared.Reqids.Acquire(localTs, remoteTs, remote ?? default, marks) : wish.Child.Reqid;
            Replace(wish, new(connection, wish.Child, new()
            {
                Reqid = reqid, LocalTs = localTs, RemoteTs = remoteTs, Mode = wish.Child.Mode, IsTrap = true, LocalAddress = local, RemoteAddress = remote ?? default,
                Protocol = wish.Child.Proposals is [var first, ..] ? first.Protocol : SecurityProtocol.Esp, IsCompressed = wish.Child.IpComp, Priority = wish.Child.Priority, Interface = wish.Child.Interface,
                MarkIn = marks?.In ?? default, MarkOut = marks?.Out ?? default, IfIdIn = marks?.IfIdIn ?? 0, IfIdOut = marks?.IfIdOut ?? 0,
            }, Host.Shared.NextChildId(), holds), say);
        }

        void Fail(string reference, string why, string change)
        {
            say($"installing trap failed, {reference}");
            Refused(wish, RefusalKind.Peer, $"no trap for '{wish.Child.Name}': {why}", change);
        }
    }

    void InstallShunt(Wish.Install wish, Action<string> say) => Replace(wish, new(wish.Connection, wish.Child, new()
    {
        Reqid = 0, LocalTs = Anywhere(wish.Child.LocalTs), RemoteTs = Anywhere(wish.Child.RemoteTs), Mode = wish.Child.Mode,
    }, Host.Shared.NextPolicyOrder(), false), say);

    /// <summary>A shunt has no ends that a dynamic selector could stand for: it is any address.</summary>
    static ImmutableArray<TrafficSelector> Anywhere(ImmutableArray<TrafficSelector> selectors) => [.. selectors.SelectMany(t => t.IsDynamic
        ? new[] { t with { IsDynamic = false }, new(true, 0, UInt128.MaxValue, t.Protocol, t.FromPort, t.ToPort) } : [t])];

    /// <summary>The new policy first, then the old one of the same names goes: nothing leaves in clear meanwhile.</summary>
    void Replace(Wish.Install wish, StandingPolicy policy, Action<string> say)
    {
        var old = _standing.Find(policy.Connection.Name, policy.Child.Name);
        if (old is not null) say($"updating already routed CHILD_SA '{policy.Child.Name}'");
        if (Host.DataPlane.InstallPolicy(policy.Parameters) is { } why)
        {
            if (policy.HoldsReqid) Host.Shared.Reqids.Release(policy.Parameters.Reqid);
            Refused(wish, RefusalKind.DataPlane, $"the data plane '{Host.DataPlane.Name}' does not install the {(policy.IsTrap ? "trap" : "shunt")} '{policy.Child.Name}': {why}");
            return;
        }
        _standing.Add(policy);
        if (old is not null) Remove(old);
        wish.Watcher?.Done(null);
    }

    /// <summary>Said in the log, kept for ipsec why, and told to who waits.</summary>
    void Refused(Wish.Install wish, RefusalKind kind, string reason, string? change = null)
    {
        var text = change is null ? reason : $"{reason}; {change}";
        Teller(wish.Connection, wish.Watcher)(text);
        Host.Shared.Refusals.Add(new() { Connection = wish.Connection.Name, Kind = kind, By = RefusedBy.Us, Reason = reason, Change = change, At = Host.WallTime, First = Host.WallTime, WeInitiated = true });
        wish.Watcher?.Done(text);
    }

    void Uninstall(Wish.Uninstall wish)
    {
        var found = _standing.Find(wish.Connection, wish.Child);
        if (found is not null) Remove(found);
        wish.Watcher?.Done(found is null ? $"policy '{wish.Child}' not found" : null);
    }

    void Remove(StandingPolicy policy)
    {
        _standing.Remove(policy);
        Host.DataPlane.RemovePolicy(policy.Parameters);
        if (policy.HoldsReqid) Host.Shared.Reqids.Release(policy.Parameters.Reqid);
    }

    /// <summary>A packet met a trap: whichever shard has an IKE_SA to its peer gets the wish, else this one makes one.</summary>
    public bool Acquire(uint reqid, TrafficSelector local, TrafficSelector remote, Instant now)
    {
        Now = now;
        if (_standing.Trap(reqid, local, remote) is not { } trap) return false;
        var say = Teller(trap.Connection, null, LogGroup.Knl);
        say($"creating acquire job for policy {local} === {remote} with reqid {{{reqid}}}");
        if (trap.TryBegin()) Host.Forward(new Wish.Initiate(trap.Connection, trap.Child, trap) { Acquired = new(reqid, local, remote) });
        else Teller(trap.Connection, null)("ignoring acquire, connection attempt pending");
        return true;
    }

    /// <summary>Log lines about a connection that belong to no SA.</summary>
    Action<string> Teller(Connection connection, IWatcher? watcher, LogGroup group = LogGroup.Cfg) => text =>
    {
        var line = new LogLine(group, 1, connection.Name, 0, text);
        Host.Log(line);
        watcher?.Log(line);
    };
}
