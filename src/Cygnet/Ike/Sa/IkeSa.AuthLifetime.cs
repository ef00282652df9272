// How long a peer's authentication counts: AUTH_LIFETIME, and what an authentication server grants. RFC 4478.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(10);

    Instant _authUntil = Instant.Never;

    /// <summary>In how long the peer has to authenticate again; null: never.</summary>
    public TimeSpan? ReauthenticationIn => _reauth.IsSet ? _reauth.Deadline - Engine.Now : null;

    /// <summary>
    /// A client of ours by EAP, or one that has a virtual address of us, has to call again itself: we cannot. It was told when (AUTH_LIFETIME); if
    /// it does nothing, the IKE_SA ends a little later.
    /// </summary>
    bool MayReauthenticate()
    {
        if (IsOriginalInitiator || !DependsOnItsClient) return true;
        Log(LogGroup.Ike, 1, $"initiator did not reauthenticate as requested");
        if (_expire.IsSet) Log(LogGroup.Ike, 1, $"IKE_SA {this} will timeout in {(long)(_expire.Deadline - Engine.Now).TotalSeconds}s");
        return false;
    }

    /// <summary>Only its client can authenticate anew.</summary>
    public bool DependsOnItsClient => !RemoteVips.IsEmpty || Connection is { } c && c.Remote.Any(r => r.Class is AuthClass.Eap or AuthClass.XAuth) && !c.Local.Any(r => r.Class is AuthClass.Eap or AuthClass.XAuth);

    /// <summary>The IKE_SA ends after that time, unless it is authenticated again before; never later than the connection has it.</summary>
    public void LimitAuthentication(TimeSpan lifetime)
    {
        var over = Connection?.OverTime ?? default;
        // in a short life the usual margin would leave nothing
        var margin = lifetime > over ? over : lifetime / 5;
        _authUntil = Engine.Now + lifetime;
        if (!_reauth.IsSet || _reauth.Deadline > _authUntil) Engine.Timers.Set(_reauth, Engine.Now + (lifetime - margin));
        if (!_expire.IsSet || _expire.Deadline > _authUntil) Engine.Timers.Set(_expire, _authUntil);
    }

    /// <summary>The other end says how long our authentication counts there.</summary>
    public void OnAuthLifetime(TimeSpan lifetime)
    {
        if (DependsOnItsClient) return; // only the one that was called says so, RFC 4478 3
        var seconds = (long)lifetime.TotalSeconds;
        // what ends before it has begun would only begin again
        if (lifetime < s_shortest) lifetime = s_shortest;
        var due = _reauth.IsSet ? _reauth.Deadline : Instant.Never;
        LimitAuthentication(lifetime);
        if (due <= _reauth.Deadline) Log(LogGroup.Ike, 1, $"received AUTH_LIFETIME of {seconds}s, reauthentication already scheduled in {(long)(due - Engine.Now).TotalSeconds}s");
        else Log(LogGroup.Ike, 1, $"received AUTH_LIFETIME of {seconds}s, scheduling reauthentication in {(long)(_reauth.Deadline - Engine.Now).TotalSeconds}s");
    }

    /// <summary>An authentication server has changed its mind. RFC 5176.</summary>
    public void Reauthorize(TimeSpan? lifetime, ImmutableArray<string>? groups)
    {
        if (Phase is not (Phase.Established or Phase.Rekeying)) return;
        if (groups is { } now)
        {
            Grant = (Grant ?? new()) with { Groups = now };
            if (Connection!.Remote.FirstOrDefault(r => r.Class == AuthClass.Eap && !r.Groups.IsEmpty && !r.Groups.Any(now.Contains)) is { } round)
            {
                foreach (var group in round.Groups) Log(LogGroup.Cfg, 1, $"constraint check failed: group membership to '{group}' required");
                Refused(AlertType.AuthorizationFailed, RefusalKind.Authentication, RefusedBy.Us, $"the authentication server now grants the peer the groups '{string.Join(", ", now)}'",
                    $"'rightgroups=' wants one of {string.Join(", ", round.Groups)}");
                Delete(null);
                return;
            }
        }
        if (lifetime is not { } limit) return;
        Grant = (Grant ?? new()) with { AuthLifetime = limit };
        Timers.Cancel(_reauth);
        Timers.Cancel(_expire);
        _authUntil = Instant.Never;
        RearmLifetimes();
        LimitAuthentication(limit);
        if (DependsOnItsClient) Enqueue(new Exchanges.AuthLifetime(this));
        else Log(LogGroup.Ike, 1, $"scheduling reauthentication in {(long)(_reauth.Deadline - Engine.Now).TotalSeconds}s");
    }

    /// <summary>The limits that the connection sets, as they were when the IKE_SA was established.</summary>
    void RearmLifetimes()
    {
        var c = Connection!;
        if (c.ReauthTime > TimeSpan.Zero)
        {
            Engine.Timers.Set(_reauth, Established + c.ReauthTime);
            Engine.Timers.Set(_expire, Established + c.ReauthTime + c.OverTime);
        }
        if (_rekey.IsSet && (!_expire.IsSet || _expire.Deadline > _rekey.Deadline + c.OverTime)) Engine.Timers.Set(_expire, _rekey.Deadline + c.OverTime);
    }
}
