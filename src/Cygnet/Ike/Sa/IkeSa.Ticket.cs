// The tickets of an IKE_SA: the one that we gave, or have. RFC 5723 4.2, 6.2.
namespace Cygnet.Ike;

/// <summary>As it stands in the ticket.</summary>
sealed record GivenTicket(UInt128 Id);

sealed partial class IkeSa
{
    /// <summary>The first attempt may use a ticket.</summary>
    public bool MayResume { get; set; }

    /// <summary>As the gateway: what the client has of us.</summary>
    public GivenTicket? GivenTicket { get; set; }

    /// <summary>As the client: what we have.</summary>
    public ClientTicket? OwnTicket { get; set; }

    /// <summary>As the gateway: whoever ends the IKE_SA here does not want it back.</summary>
    public void RevokeTicket()
    {
        if (Successor is not null) return; // it has the ticket
        if (GivenTicket is { } given) Engine.Host.Shared.TicketKeys.Spend(given.Id);
        GivenTicket = null;
    }

    /// <summary>As the client: the gateway has closed the IKE_SA.</summary>
    public void ForgetTicket()
    {
        if (OwnTicket is { } own) Engine.Host.Shared.Tickets.Forget(own);
        OwnTicket = null;
    }

    /// <summary>A session that was resumed ends when it would have ended: nobody was authenticated anew.</summary>
    public void CarryOn(ResumedSession? session)
    {
        if (session is not { ReauthAt: var until } || until == Instant.Never) return;
        var over = Connection?.OverTime ?? default;
        if (!_reauth.IsSet || _reauth.Deadline > until) Engine.Timers.Set(_reauth, until);
        if (!_expire.IsSet || _expire.Deadline > until + over) Engine.Timers.Set(_expire, until + over);
    }
}
