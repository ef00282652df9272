// The life of a CHILD_SA: soft limits start its rekeying, hard ones end it. ipsec-conf section "rekey time"; RFC 7296 2.8.
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class ChildSa
{
    Instant _idleSince;
    ChildSa? _heir;

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
        Timers.Cancel(_idle);
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
        Ike.Enqueue(new Exchanges.DeleteChild(Ike, this) { IsExpired = true });
    }

    /// <summary>When traffic last passed in either direction; rekeying does not make an idle tunnel busy.</summary>
    Instant LastUsed => new(Math.Max(_idleSince.Milliseconds, Math.Max(Counters(SaDirection.Inbound).LastUsed, Counters(SaDirection.Outbound).LastUsed)));

    void ArmInactivity(ChildSa? rekeyed)
    {
        if (rekeyed is not null) rekeyed._heir = this;
        _idleSince = rekeyed?.LastUsed ?? Installed;
        if (Config.Inactivity > TimeSpan.Zero) Ike.Engine.Timers.Set(_idle, _idleSince + Config.Inactivity);
    }

    /// <summary>What still came through the old SA while its successor was there already.</summary>
    void BequeathLastUse()
    {
        if (_heir is { } heir && LastUsed > heir._idleSince) heir._idleSince = LastUsed;
    }

    void OnIdle()
    {
        var until = LastUsed + Config.Inactivity;
        if (until > Ike.Engine.Now || State != ChildState.Installed)
        {
            // while it is being rekeyed its successor inherits the question
            Ike.Engine.Timers.Set(_idle, until > Ike.Engine.Now ? until : Ike.Engine.Now + TimeSpan.FromSeconds(1));
            return;
        }
        var seconds = (long)Config.Inactivity.TotalSeconds;
        if (Ike.Engine.Settings.InactivityCloseIke && Ike.Children.Count(c => c.State is ChildState.Installed or ChildState.Rekeying) == 1)
        {
            Ike.Log(LogGroup.Job, 1, $"deleting IKE_SA after {seconds} seconds of CHILD_SA inactivity");
            Ike.Delete(null);
            return;
        }
        Ike.Log(LogGroup.Job, 1, $"deleting CHILD_SA after {seconds} seconds of inactivity");
        Ike.Enqueue(new Exchanges.DeleteChild(Ike, this));
    }
}
