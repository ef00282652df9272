// Going to another gateway because ours says so, and sending a client to another one. RFC 5685.
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    bool _isSentAway;

    /// <summary>The peer announced that it follows redirects. RFC 5685 3.</summary>
    public bool PeerFollowsRedirects { get; set; }

    /// <summary>Null unless we were redirected.</summary>
    public Redirection? Redirection { get; set; }

    /// <summary>Another gateway serves this peer, or serves us, from now on: nothing new comes onto this IKE_SA.</summary>
    public bool IsRedirected => _isSentAway || IsReplaced;

    /// <summary>The IKE_SA with the gateway that we were redirected to is there, or on its way.</summary>
    public bool IsReplaced => Redirection?.To is { IsAlive: true };

    /// <summary>As a client: whether we go where the gateway sends us; the reason is told if not.</summary>
    public bool MayFollow(Identity gateway)
    {
        Log(LogGroup.Ike, 1, $"redirected to {gateway}");
        if (!Engine.Settings.FollowRedirects)
        {
            Log(LogGroup.Ike, 1, $"server sent REDIRECT even though we disabled it");
            Refused(RefusalKind.Peer, RefusedBy.Us, $"the gateway redirects us to {gateway}", "charon.follow_redirects=yes would follow");
            return false;
        }
        if ((Redirection ??= new()).Count(Engine.Now)) return true;
        Log(LogGroup.Ike, 1, $"only {Redirection.Most} redirects are allowed within {(int)Redirection.Period.TotalSeconds} seconds");
        Refused(RefusalKind.Limit, RefusedBy.Us, $"the gateway {Remote.Address} redirects us to {gateway}, the {Redirection.Most + 1}th redirect in a row",
            "the gateways send clients in a circle: see 'redirect' of their configuration");
        return false;
    }

    /// <summary>Finds the gateway's address, then goes on, if <paramref name="alive"/> still holds; null if it has none that we could go to.</summary>
    public void Resolve(Identity gateway, Func<bool> alive, Action<Address?> then)
    {
        if (gateway.Address is { } known)
        {
            Found([known]);
            return;
        }
        var (lookup, name) = (Engine.Host.Lookup, gateway.ToString());
        Engine.Host.Start(new Work<Address[]>(int.MaxValue, () => lookup(name), () => IsAlive && alive(), Found, e => Found([])));

        void Found(Address[] addresses)
        {
            try
            {
                // nobody shall send us to ourselves, or have us call many at once
                foreach (var to in addresses)
                    if (Exchanges.Mobike.IsUnicast(to) && !Engine.Host.IsLocalAddress(to) && Engine.LocalFor(Connection!, to) is not null)
                    {
                        then(to);
                        return;
                    }
                Log(LogGroup.Ike, 1, $"unable to resolve gateway ID '{gateway}', redirect failed");
                Refused(RefusalKind.Peer, RefusedBy.Us, $"the gateway redirects us to '{gateway}', which is no address that we can reach");
                then(null);
            }
            catch (Exception e) { Engine.Fault(this, e); }
        }
    }

    /// <summary>In IKE_SA_INIT: the same attempt, with another gateway.</summary>
    public void FollowWhileConnecting(Exchange exchange, Identity gateway)
    {
        if (!MayFollow(gateway)) Destroy("the gateway redirects us elsewhere");
        else
            Resolve(gateway, () => Sending.Pending == exchange, to =>
            {
                if (to is not { } address)
                {
                    Destroy($"redirected to '{gateway}', which cannot be reached");
                    return;
                }
                Redirection!.Origin ??= Remote;
                Redirection.From = Remote.Address;
                Aim(new(address, 500));
                Restart(exchange);
            });
    }

    /// <summary>The established IKE_SA is to be replaced by one with another gateway; the client makes it first, then deletes this one.</summary>
    public void FollowRedirect(Identity gateway)
    {
        if (!IsOriginalInitiator) Log(LogGroup.Ike, 1, $"the client redirects us to {gateway}, ignored");
        else if (Phase is not (Phase.Established or Phase.Rekeying)) Log(LogGroup.Ike, 1, $"unable to handle redirect for IKE_SA in state {State.ToString().ToUpperInvariant()}");
        else if (IsReplaced) Log(LogGroup.Ike, 2, $"already on the way to another gateway");
        else if (MayFollow(gateway))
            Resolve(gateway, () => Current.Phase is Phase.Established or Phase.Rekeying && !Current.IsReplaced, to =>
            {
                if (to is { } address) Current.Replace(address);
            });
    }

    void Replace(Address gateway)
    {
        var children = Children.Where(c => c.State is ChildState.Installed or ChildState.Rekeying).Select(c => c.Config).Distinct().ToArray();
        var next = Engine.BeginElsewhere(this, gateway, children.Length > 0 ? new(children[0], null) : null);
        foreach (var child in children.Skip(1)) next.EnqueueLater(new Exchanges.CreateChild(next, new(child, null)));
        if (!LocalVips.IsEmpty) next.Virtual = new() { Wanted = LocalVips };
        next.EnqueueLater(new Exchanges.ReauthComplete(next, this, children));
        next.Pump();
    }

    /// <summary>In IKE_AUTH, the gateway being authenticated: a new attempt with the other one takes over what waits here.</summary>
    public void LeaveFor(Address gateway, ChildWish? wish)
    {
        var next = Engine.BeginElsewhere(this, gateway, wish);
        next.Virtual = Virtual is { Wanted: { IsEmpty: false } wanted } ? new() { Wanted = wanted } : null;
        (next._watchers, _watchers) = (_watchers, null);
        foreach (var exchange in TakeQueue())
            if (exchange.For(next) is { } moved) next.EnqueueLater(moved);
        next.Pump();
    }

    /// <summary>The gateway that we were redirected to does not answer: the next attempt begins where the configuration says.</summary>
    void ReturnToOrigin()
    {
        if (Redirection is not { Origin: { } origin, From: not null } redirection) return;
        redirection.From = null;
        Aim(origin);
    }

    /// <summary>The next IKE_SA_INIT goes there, from the address that is right for it.</summary>
    public void Aim(Endpoint remote)
    {
        SetRemote(remote);
        if (Engine.LocalFor(Connection!, remote.Address) is { } from) SetLocal(new(from, Engine.LocalPortFor(Connection!, remote.Port)));
    }

    /// <summary>As a gateway: the operator wants the client elsewhere. False, and why, in the log.</summary>
    public void SendAway(Identity gateway)
    {
        if (_isSentAway || HasTask<Exchanges.Redirect>(_ => true)) return;
        if (IsOriginalInitiator) Log(LogGroup.Ike, 1, $"unable to redirect IKE_SA as initiator");
        else if (Phase is not (Phase.Established or Phase.Rekeying)) Log(LogGroup.Ike, 1, $"unable to redirect IKE_SA in state {State.ToString().ToUpperInvariant()}");
        else if (!PeerFollowsRedirects)
        {
            Log(LogGroup.Ike, 1, $"client does not support IKE redirection");
            Refused(RefusalKind.Peer, RefusedBy.Peer, "the client has not announced that it follows redirects", "the client's 'charon.follow_redirects=yes', or what it has for it");
        }
        else Enqueue(new Exchanges.Redirect(this, gateway));
    }

    /// <summary>The client was told: no new child comes onto this IKE_SA, and if it does not close it, we do.</summary>
    public void BeSentAway()
    {
        _isSentAway = true;
        if (Phase is Phase.Established or Phase.Rekeying) ArmHalfOpen(Engine.Settings.HalfOpenTimeout);
    }
}
