// Authenticating anew: break before make, make before break. RFC 7296 2.8.3.
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    static readonly TimeSpan s_peersTurn = TimeSpan.FromSeconds(3);

    /// <summary>The IKE_SA that is to take this one's place once it is up: make before break.</summary>
    public IkeSa? Replacement { get; private set; }

    /// <summary>The time has come, or somebody wishes it.</summary>
    public void OnReauthDue()
    {
        if (Phase == Phase.Rekeying)
        {
            var delay = Collisions.RetryDelay(this);
            Log(LogGroup.Ike, 1, $"unable to reauthenticate in REKEYING state, delaying for {(int)delay.TotalSeconds}s");
            Engine.Timers.Set(_reauth, Engine.Now + delay);
            return;
        }
        if (Phase != Phase.Established || Replacement is { IsAlive: true } || HasTask<Exchanges.DeleteIke>(_ => true) || !MayReauthenticate()) return;
        Log(LogGroup.Ike, 0, $"reauthenticating IKE_SA {this}{(IsOriginalInitiator ? "" : " actively")}");
        var children = Reestablishable();
        if (children.Length == 0 && !Connection!.Children.IsEmpty)
        {
            Log(LogGroup.Ike, 1, $"unable to reauthenticate IKE_SA, no CHILD_SA to recreate");
            Delete(null);
        }
        else if (Engine.Settings.MakeBeforeBreak) MakeBeforeBreak(children);
        else BreakBeforeMake([.. children.Union(Coming())]);
    }

    /// <summary>The children that a new IKE_SA shall have.</summary>
    ChildConfig[] Reestablishable() => [.. Children.Where(c => c.State is ChildState.Installed or ChildState.Rekeying).Select(c => c.Config).Distinct()];

    /// <summary>Those that are on their way here while it breaks: they come up, go at once, and would be missing.</summary>
    IEnumerable<ChildConfig> Coming() => (_queue ?? []).Append(Sending.Pending).OfType<Exchanges.CreateChild>().Select(e => e.Wished).OfType<ChildConfig>();

    /// <summary>
    /// There where the peer is now: a name may lead elsewhere meanwhile, and to a client behind a NAT leads none. With MOBIKE it may have been heard from
    /// behind a new mapping of which it has not told us.
    /// </summary>
    Path PathOfSuccessor => HeardElsewhere is { } heard && HasPath(heard.Local.Address, heard.Remote.Address) ? heard
        : new(Engine.Host.HasPath(Local.Address, Remote.Address) ? Local : Local with { Address = Engine.Host.SourceAddressFor(Remote.Address) ?? Local.Address }, Remote);

    void BreakBeforeMake(ChildConfig[] children)
    {
        var (connection, vips) = (Connection!, LocalVips);
        // policies and scripts know the children by these: nobody else shall get them in between
        var held = Engine.Host.Shared.Reqids.Hold(Children.Select(c => c.Reqid));
        Delete(null, afterwards: isWanted =>
        {
            if (isWanted && Engine.Initiate(connection, children, vips, PathOfSuccessor) is { } made) made.EnqueueLater(new Exchanges.ReauthComplete(made, null, children) { Held = held });
            else held.Dispose();
        });
    }

    void MakeBeforeBreak(ChildConfig[] children)
    {
        Replacement = Engine.Initiate(Connection!, children, LocalVips, PathOfSuccessor);
        if (Replacement is { } made) made.EnqueueLater(new Exchanges.ReauthComplete(made, this, children));
        else OnReauthFailed(null);
    }

    /// <summary>The new one did not come up; the old one stays, and another attempt is made while it lives.</summary>
    public void OnReauthFailed(IkeSa? replacement)
    {
        if (Replacement != replacement) return; // that one was to go to another gateway
        Replacement = null;
        if (Phase is not (Phase.Established or Phase.Rekeying)) return;
        Log(LogGroup.Ike, 1, $"reauthenticating IKE_SA failed");
        Engine.Timers.Set(_reauth, Engine.Now + Collisions.RetryDelay(this));
    }

    /// <summary>It was rekeyed, or its gateway has sent us to another.</summary>
    public void OnReplacementMoved(IkeSa from, IkeSa to)
    {
        if (Replacement == from) Replacement = to;
    }

    /// <summary>The children that came up here after the new IKE_SA was begun.</summary>
    public ChildConfig[] Besides(ChildConfig[] known) => [.. Reestablishable().Except(known)];

    /// <summary>Rekeying proves nobody's identity: a reauthentication that is due stays due, and with it the end.</summary>
    void TakeReauthenticationOf(IkeSa old)
    {
        _authUntil = old._authUntil;
        if (_authUntil != Instant.Never && (!_expire.IsSet || _expire.Deadline > _authUntil)) Engine.Timers.Set(_expire, _authUntil);
        if (!old._reauth.IsSet) return;
        Engine.Timers.Set(_reauth, old._reauth.Deadline);
        if (old._expire.IsSet && (!_expire.IsSet || _expire.Deadline > old._expire.Deadline)) Engine.Timers.Set(_expire, old._expire.Deadline);
        if (_expire.IsSet)
            Log(LogGroup.Ike, 1, $"rescheduling reauthentication in {(long)(_reauth.Deadline - Engine.Now).TotalSeconds}s after rekeying, lifetime reduced to {(long)(_expire.Deadline - Engine.Now).TotalSeconds}s");
    }

    /// <summary>Another IKE_SA with the same peer stands: what is up or was to come up on this one, and is not there, goes on there.</summary>
    public void Yield()
    {
        var wishes = WithdrawChildren();
        foreach (var child in Reestablishable()) wishes.Add(new Wish.Initiate(Connection!, child, null));
        // the peer brings up its own on the other first: what is there by then is not begun twice
        Delete(null, afterwards: isWanted =>
        {
            if (isWanted) Later(s_peersTurn, () => Continue(Engine.Host.Shared.Peers.Between(PeerKey).Any(o => o.Connection == Name)));
            else Continue(false);
        });

        void Continue(bool isThere)
        {
            if (isThere) Forward(wishes);
            else
                foreach (var wish in wishes) (wish as Wish.Initiate)?.Watcher?.Done("the IKE_SA was deleted");
        }
    }

    /// <summary>The children that this IKE_SA was still to bring up.</summary>
    List<Wish> WithdrawChildren() =>
        [.. (_queue ?? []).Append(Sending.Pending).OfType<Exchanges.CreateChild>().Select(e => e.Withdraw()).OfType<Wish>()];

    /// <summary>Until then the peer may settle it itself which of several IKE_SAs stays.</summary>
    public void ArmUniqueness(TimeSpan after) => Engine.Timers.Set(_uniqueness, Engine.Now + after);
}
