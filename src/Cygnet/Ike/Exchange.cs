// An exchange lives while it is unanswered: begun by us, or answering the peer. One subclass per exchange, both roles.
using Cygnet.Wire;

namespace Cygnet.Ike;

abstract class Exchange(IkeSa ike)
{
    protected IkeSa Ike { get; } = ike;

    /// <summary>Where the request that we answer came from, and where to: its response goes back there. RFC 7296 2.11.</summary>
    public Path? Path { get; set; }

    /// <summary>Its word in <c>Tasks active</c> of status.</summary>
    public abstract string Task { get; }

    /// <summary>All words there while the request is unanswered.</summary>
    public virtual IEnumerable<string> Tasks => [Task];

    public abstract ExchangeType Type { get; }

    /// <summary>Initiator: builds the request and sends it with <see cref="IkeSa.Request"/>, possibly after Work; or ends without one.</summary>
    public virtual void Begin() => throw new InvalidOperationException($"{Task} is never begun by us");

    /// <summary>Initiator, in IKE_SA_INIT: not the peer's answer for sure; as if it had never come.</summary>
    public virtual bool IsForged(Message response) => false;

    /// <summary>Initiator: the authenticated response (or the unprotected one of IKE_SA_INIT).</summary>
    public virtual void OnResponse(Message response) => throw new InvalidOperationException($"{Task} is never begun by us");

    /// <summary>Responder: the authenticated request. Must end in <see cref="IkeSa.Respond"/>, possibly after Work.</summary>
    public virtual void OnRequest(Message request) => throw new InvalidOperationException($"{Task} is never answered by us");

    /// <summary>The SA goes away, or the exchange is given up: give back what it holds, tell who waits.</summary>
    public virtual void Abandon(string? reason) { }

    /// <summary>The same wish on the successor of a rekeyed IKE_SA; null (after giving up what it holds) if it has no meaning there.</summary>
    public virtual Exchange? For(IkeSa successor)
    {
        Abandon("the IKE_SA was rekeyed");
        return null;
    }

    /// <summary>The response went out: what must wait for that.</summary>
    public virtual void AfterResponse() { }
}
