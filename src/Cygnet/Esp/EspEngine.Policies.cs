// The SPD and what ties it to SAs: policies with references, request ids. RFC 4301 4.4.1.
using Cygnet.Policy;

namespace Cygnet.Esp;

public sealed partial class EspEngine
{
    readonly Dictionary<uint, ReqidSas> _reqids = [];
    readonly Dictionary<PolicyParameters, InstalledPolicy> _policies = new(PolicyEquality.Instance);
    Spd _spd = Spd.Empty;
    long _serial;

    internal Spd Spd => Volatile.Read(ref _spd);

    public string? InstallPolicy(PolicyParameters policy)
    {
        if (policy.Mode is not (ChildMode.Pass or ChildMode.Drop) && !Modes.Contains(policy.Mode)) return $"the user-space data plane carries {string.Join(", ", Modes)} mode only, not {policy.Mode}";
        if (policy.LocalTs.IsDefaultOrEmpty || policy.RemoteTs.IsDefaultOrEmpty) return "the policy has no traffic selectors";
        lock (_control)
        {
            if (_policies.TryGetValue(policy, out var held))
            {
                held.References++;
                return null;
            }
            var sas = Reqid(policy.Reqid);
            var installed = new InstalledPolicy(policy, sas, ++_serial);
            _policies.Add(policy, installed);
            sas.Policies++;
            if (policy.IsTrap) sas.Traps++;
            Publish(_spd.With(installed));
            return null;
        }
    }

    public void RemovePolicy(PolicyParameters policy)
    {
        lock (_control)
        {
            if (!_policies.TryGetValue(policy, out var installed) || --installed.References > 0) return;
            _policies.Remove(policy);
            installed.Sas.Policies--;
            if (policy.IsTrap) installed.Sas.Traps--;
            Forget(installed.Sas);
            Publish(_spd.Without(installed));
        }
    }

    /// <summary>The packets that a trap kept until there was an SA of its request id, oldest first; once.</summary>
    public KeptPacket[] TakeKept(uint reqid, long now)
    {
        ReqidSas? sas;
        lock (_control)
            if (!_reqids.TryGetValue(reqid, out sas) || !sas.HasTrap) return [];
        return sas.Kept.Take(now);
    }

    void AddToReqid(OutboundSa sa)
    {
        Reqid(sa.Reqid).Add(sa);
        Publish(_spd);
    }

    void RemoveFromReqid(OutboundSa sa)
    {
        var sas = Reqid(sa.Reqid);
        sas.Remove(sa);
        Forget(sas);
        Publish(_spd);
    }

    ReqidSas Reqid(uint reqid)
    {
        if (!_reqids.TryGetValue(reqid, out var sas)) _reqids.Add(reqid, sas = new(reqid));
        return sas;
    }

    void Forget(ReqidSas sas)
    {
        if (sas.IsUnused) _reqids.Remove(sas.Reqid);
    }

    // First the new state, then its number: a worker that reads the old number looks its flow up again, one that reads the new sees the new state.
    void Publish(Spd spd)
    {
        Volatile.Write(ref _spd, spd);
        Interlocked.Increment(ref _generation);
    }
}
