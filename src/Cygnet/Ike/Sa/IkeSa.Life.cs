// The life of an IKE_SA: rekeying, reauthentication, expiry, liveness, NAT keepalives. RFC 7296 2.4, 2.8, 2.23.
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    void ArmLifetimes()
    {
        if (Connection is not { } c) return;
        if (c.RekeyTime > TimeSpan.Zero && Soft(c.RekeyTime) is { } rekey)
        {
            Engine.Timers.Set(_rekey, rekey);
            Log(LogGroup.Ike, 1, $"scheduling rekeying in {(long)(rekey - Engine.Now).TotalSeconds}s");
            ExpireBy(rekey + c.OverTime);
        }
        if (c.ReauthTime > TimeSpan.Zero && Soft(c.ReauthTime) is { } reauth && (!_reauth.IsSet || _reauth.Deadline > reauth))
        {
            Engine.Timers.Set(_reauth, reauth);
            Log(LogGroup.Ike, 1, $"scheduling reauthentication in {(long)(reauth - Engine.Now).TotalSeconds}s");
            ExpireBy(reauth + c.OverTime);
        }
        // by the AUTH_LIFETIME of the answer that establishes us
        else if (_reauth.IsSet) Log(LogGroup.Ike, 1, $"reauthentication already scheduled in {(long)(_reauth.Deadline - Engine.Now).TotalSeconds}s");
        if (_expire.IsSet) Log(LogGroup.Ike, 1, $"maximum IKE_SA lifetime {(long)(_expire.Deadline - Engine.Now).TotalSeconds}s");

        Instant? Soft(TimeSpan limit)
        {
            var after = limit - Engine.RandomUpTo(c.RandTime);
            return after > TimeSpan.Zero ? Engine.Now + after : null;
        }

        void ExpireBy(Instant limit)
        {
            if (!_expire.IsSet || _expire.Deadline > limit) Engine.Timers.Set(_expire, limit);
        }
    }

    /// <summary>A refused rekeying is tried again a little later.</summary>
    public void RetryRekey(TimeSpan delay)
    {
        if (Phase == Phase.Rekeying) (Phase, State) = (Phase.Established, IkeState.Established);
        Log(LogGroup.Ike, 1, $"IKE_SA rekeying failed, trying again in {(int)delay.TotalSeconds} seconds");
        Engine.Timers.Set(_rekey, Engine.Now + delay);
    }

    public void OnRekeyDue()
    {
        if (Phase == Phase.Established && !HasTask<Exchanges.RekeyIke>(_ => true)) Enqueue(new Exchanges.RekeyIke(this));
    }

    void OnExpire()
    {
        Log(LogGroup.Ike, 1, $"IKE_SA {this} reached its maximum lifetime, deleting it");
        Alert(AlertType.IkeSaExpired);
        Delete(null);
    }

    /// <summary>The peer began and never came to an end, or a ghost has served its time.</summary>
    void OnHalfOpenTimeout()
    {
        if (Phase == Phase.Ghost)
        {
            Destroy(null);
            return;
        }
        if (Phase is Phase.Rekeyed)
        {
            // the initiator of the rekeying should have deleted this one long ago
            Delete(null);
            return;
        }
        if (_isSentAway && Phase >= Phase.Established)
        {
            Log(LogGroup.Ike, 1, $"the client was redirected and keeps its IKE_SA, deleting it");
            Delete(null);
            return;
        }
        Alert(AlertType.HalfOpenTimeout);
        Log(LogGroup.Job, 1, $"deleting half open IKE_SA with {Remote.Address} after timeout");
        Destroy("half-open time-out");
    }

    public void ArmHalfOpen(TimeSpan after) => Engine.Timers.Set(_halfOpen, Engine.Now + after);

    /// <summary>
    /// Deletes the IKE_SA with a word to the peer; what waits in the queue is given up. RFC 7296 1.4.1. What was to follow a delete that is under
    /// way already is not wanted any more.
    /// </summary>
    public void Delete(IWatcher? watcher, Action<bool>? afterwards = null)
    {
        if (watcher is not null) Watchers.Add(watcher);
        if (Phase < Phase.Established || Outgoing is null)
        {
            DestroyUntold();
            afterwards?.Invoke(true);
            return;
        }
        if (Phase == Phase.Deleting)
        {
            if (Sending.Pending is not Exchanges.DeleteIke running) return;
            running.CancelAfterwards();
            running.Afterwards = afterwards;
            return;
        }
        foreach (var waiting in (_queue ?? []).OfType<Exchanges.DeleteIke>().ToArray()) waiting.CancelAfterwards();
        RevokeTicket();
        AbandonQueue("the IKE_SA is being deleted");
        Timers.Cancel(_rekey);
        Timers.Cancel(_reauth);
        Timers.Cancel(_expire);
        var delete = new Exchanges.DeleteIke(this) { Afterwards = afterwards };
        // an unanswered request keeps the window: the delete waits for it, at most until it is given up
        Enqueue(delete);
    }

    /// <summary>
    /// Deletes the IKE_SA at once: the peer of an established one is told, unless another request is on its way, but nobody waits for its answer.
    /// </summary>
    public void DeleteByForce(IWatcher? watcher)
    {
        if (Phase is Phase.Deleting)
        {
            if (watcher is not null) Watchers.Add(watcher);
            DestroyUntold();
            return;
        }
        Delete(watcher);
        Destroy(null);
    }

    void DestroyUntold()
    {
        Log(LogGroup.Ike, 1, $"destroying IKE_SA in state {State.ToString().ToUpperInvariant()} without notification");
        Destroy(null);
    }

    void ArmLiveness()
    {
        if (Connection is { DpdDelay: var delay } && delay > TimeSpan.Zero) Engine.Timers.Set(_liveness, Engine.Now + delay);
    }

    /// <summary>Nothing heard for dpddelay, neither IKE nor ESP: ask. RFC 7296 2.4.</summary>
    void OnLiveness()
    {
        var delay = Connection!.DpdDelay;
        var heard = LastInbound;
        foreach (var child in Children)
            if (child.State is ChildState.Installed or ChildState.Rekeying && child.Counters(SaDirection.Inbound).LastUsed is > 0 and var used && used > heard.Milliseconds)
                heard = new(used);
        if (Engine.Now - heard >= delay && Phase == Phase.Established && Sending.Pending is null && !StillWaitsForPath())
        {
            Log(LogGroup.Ike, 1, $"sending DPD request");
            // RFC 4555 3.8: behind a NAT it is we who notice that the mapping has changed
            Enqueue(UsesMobike && IsOriginalInitiator && LocalBehindNat ? new Exchanges.Mobike(this, Exchanges.MobikeKind.Check) : new Exchanges.Liveness(this));
            heard = Engine.Now;
        }
        // while an exchange is unanswered its retransmissions are the check; look again in a second
        var next = heard + delay;
        Engine.Timers.Set(_liveness, next > Engine.Now ? next : Engine.Now + TimeSpan.FromSeconds(1));
    }

    void ArmKeepalive()
    {
        if (!LocalBehindNat) Timers.Cancel(_keepalive);
        else if (!_keepalive.IsSet && Engine.Settings.KeepAlive > TimeSpan.Zero) Engine.Timers.Set(_keepalive, Engine.Now + Engine.Settings.KeepAlive);
    }

    /// <summary>Keeps our NAT's mapping alive, unless something was sent anyhow. RFC 3948 4.</summary>
    void OnKeepalive()
    {
        var sent = LastOutbound;
        foreach (var child in Children)
            if (child.Counters(SaDirection.Outbound).LastUsed is > 0 and var used && used > sent.Milliseconds)
                sent = new(used);
        var silent = Engine.Now - sent;
        if (Engine.Settings.KeepAliveDpdMargin > TimeSpan.Zero && silent > Engine.Settings.KeepAlive + Engine.Settings.KeepAliveDpdMargin)
        {
            if (Phase == Phase.Established && Sending.Pending is null)
            {
                Log(LogGroup.Ike, 1, $"sending DPD instead of keep alive {silent.TotalSeconds:0}s after last outbound message");
                Enqueue(new Exchanges.Liveness(this));
            }
            sent = Engine.Now;
        }
        else if (silent >= Engine.Settings.KeepAlive)
        {
            Log(LogGroup.Ike, 1, $"sending keep alive to {Remote}");
            Engine.Host.SendKeepalive(Local, Remote);
            sent = LastOutbound = Engine.Now;
        }
        Engine.Timers.Set(_keepalive, sent + Engine.Settings.KeepAlive);
    }

    /// <summary>
    /// The new SA of a rekeying: same peer, same connection, own keys and windows. It stays without children until
    /// <see cref="HandOverTo"/>. A reauthentication that is due stays due: rekeying proves nobody's identity.
    /// </summary>
    public void TakeAfter(IkeSa old)
    {
        (Connection, LocalId, RemoteId, RemoteEapId, Grant) = (old.Connection, old.LocalId, old.RemoteId, old.RemoteEapId, old.Grant);
        (PeerAddressBlocks, _ifIds, UsesPpk) = (old.PeerAddressBlocks, old._ifIds, old.UsesPpk);
        (PeerFragments, PeerIsChildless, PeerIsStrongSwan) = (old.PeerFragments, old.PeerIsChildless, old.PeerIsStrongSwan);
        (LocalBehindNat, RemoteBehindNat, NatFaked) = (old.LocalBehindNat, old.RemoteBehindNat, old.NatFaked);
        (GivenTicket, OwnTicket) = (old.GivenTicket, old.OwnTicket);
        (PeerFollowsRedirects, Redirection) = (old.PeerFollowsRedirects, old.Redirection);
        TakePathsOf(old);
        Engine.Register(this);
        (_firstSpi, _begun, _authenticated) = (old._firstSpi, old._begun, old._authenticated);
        BecomeEstablished(announce: false);
        TakeReauthenticationOf(old);
        if (old._uniqueness.IsSet) Engine.Timers.Set(_uniqueness, old._uniqueness.Deadline);
    }

    /// <summary>The redundant SA of a collision, or one that was rekeyed: its delete comes from the peer; if not, from us.</summary>
    public void AwaitDelete(IkeSa successor)
    {
        Successor = successor;
        Phase = Phase.Rekeyed;
        State = IkeState.Rekeyed;
        LeavePeerTable();
        foreach (var timer in (Alarm[])[_rekey, _reauth, _expire, _liveness, _keepalive, _uniqueness]) Timers.Cancel(timer);
        ArmHalfOpen(TimeSpan.FromSeconds(90));
    }

    /// <summary>The successor of a rekeying takes over: children, what waits, wishes. RFC 7296 2.18.</summary>
    public void HandOverTo(IkeSa successor)
    {
        Awaited?.Drop();
        RekeyedByPeer = null;
        successor.Contested = null;
        (successor.Replacement, Replacement) = (Replacement, null);
        if (successor.Phase == Phase.Rekeying) successor.Phase = Phase.Established;
        AwaitDelete(successor);
        (successor.Virtual, Virtual) = (Virtual, null);
        if (_isSentAway) successor.BeSentAway();
        successor.FollowMovesOf(this);
        foreach (var child in Children.ToArray()) child.MoveTo(successor);
        if (successor.IsConfirmed) PassRoamingTo(successor);
        // who waits comes first: an exchange may be over as soon as it is moved
        if (_watchers is not null) successor.Watchers.AddRange(_watchers);
        _watchers = null;
        foreach (var exchange in TakeQueue())
            if (exchange is Exchanges.Mobike)
            {
                // where the peer does not know the successor yet, it can be told on this SA only
                if (!successor.IsConfirmed) EnqueueLater(exchange);
            }
            else if (exchange.For(successor) is { } moved) successor.Enqueue(moved);
        Log(LogGroup.Ike, 0, $"IKE_SA {this} rekeyed between {Local.Address}[{LocalId}]...{Remote.Address}[{RemoteId}]");
        TellReplacedBy(successor);
        successor.SendToken();
    }
}
