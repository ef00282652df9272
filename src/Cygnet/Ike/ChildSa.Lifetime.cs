// The life of a CHILD_SA: soft limits start its rekeying, hard ones end it. ipsec-conf section "rekey time"; RFC 7296 2.8.
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class ChildSa
{
    void ArmLifetimes()
    {
        var (rekey, life) = (Config.Lifetimes.Rekey, Config.Lifetimes.Life);
        if (rekey > TimeSpan.Zero)
        {
            var at = rekey - Ike.Engine.RandomUpTo(Config.Lifetimes.Rand);
            // a margin as long as the life leaves no time to rekey in: such an SA is never rekeyed
            if (at > TimeSpan.Zero) Ike.Engine.Timers.Set(_rekey, Installed + at);
        }
        if (life > TimeSpan.Zero) Ike.Engine.Timers.Set(_expire, Installed + life);
    }

    void CancelLifetimes()
    {
        Timers.Cancel(_rekey);
        Timers.Cancel(_expire);
    }

    (ulong Bytes, ulong Packets) SoftLimits()
    {
        ulong Less(ulong limit, ulong rand) => limit == 0 ? 0 : limit - Math.Min(limit - 1, rand == 0 ? 0 : Ike.Engine.RandomUpTo(rand));
        var l = Config.Lifetimes;
        return (Less(l.RekeyBytes, l.RandBytes), Less(l.RekeyPackets, l.RandPackets));
    }

    /// <summary>A refused or failed rekeying is tried again a little later.</summary>
    public void RetryRekey(TimeSpan delay)
    {
        if (State is not (ChildState.Installed or ChildState.Rekeying)) return;
        State = ChildState.Installed;
        Ike.Log(LogGroup.Ike, 1, $"CHILD_SA rekeying failed, trying again in {(int)delay.TotalSeconds} seconds");
        Ike.Engine.Timers.Set(_rekey, Ike.Engine.Now + delay);
    }

    public void OnRekeyDue()
    {
        if (State == ChildState.Installed) Ike.Enqueue(new Exchanges.RekeyChild(Ike, this));
    }

    /// <summary>A limit in time, bytes or packets was reached.</summary>
    public void OnExpired(bool hard)
    {
        if (!hard)
        {
            OnRekeyDue();
            return;
        }
        if (State is ChildState.Deleting or ChildState.Deleted or ChildState.Destroying) return;
        Ike.Log(LogGroup.Ike, 1, $"closing expired CHILD_SA {Name} with SPIs {SpiIn:x8}_i {SpiOut:x8}_o and TS {string.Join(' ', LocalTs)} === {string.Join(' ', RemoteTs)}");
        Ike.Enqueue(new Exchanges.DeleteChild(Ike, this));
    }
}
