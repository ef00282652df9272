// The one table that says which request is legal in which state of the IKE_SA, for which role. Default deny.
using Cygnet.Wire;

namespace Cygnet.Ike;

/// <summary>How far an IKE_SA has come; finer than the state that status shows.</summary>
enum Phase
{
    /// <summary>Initiator, before the response to IKE_SA_INIT.</summary>
    Init,
    /// <summary>Keys exist, additional key exchanges are still to be done. RFC 9370 2.2.2.</summary>
    Intermediate,
    /// <summary>All keys exist, the peer is not authenticated.</summary>
    Keyed,
    Established,
    /// <summary>We ask for the rekeying of this IKE_SA, or wait for its outcome.</summary>
    Rekeying,
    /// <summary>A successor has the children; only the delete is to come.</summary>
    Rekeyed,
    /// <summary>We sent the delete.</summary>
    Deleting,
    /// <summary>Over; kept for a while only to repeat the last response if that got lost.</summary>
    Ghost,
    Dead,
}

enum Verdict
{
    /// <summary>Not legal here: counted and dropped without an answer.</summary>
    Drop,
    Accept,
    /// <summary>Legal in general, not now: answered with TEMPORARY_FAILURE, RFC 7296 2.25.</summary>
    TemporaryFailure,
    /// <summary>Answered with NO_ADDITIONAL_SAS: this IKE_SA has a successor or is going away.</summary>
    NoAdditionalSas,
    /// <summary>Answered with STATE_NOT_FOUND: no key exchange is awaited on this IKE_SA any more, RFC 9370 2.2.4.</summary>
    StateNotFound,
}

static class Legality
{
    /// <summary>
    /// Judges a request that passed the integrity check. <paramref name="fromOriginalInitiator"/>: the sender began the IKE_SA;
    /// it alone may authenticate first (RFC 7296 1.2), all else is symmetric after that.
    /// </summary>
    public static Verdict Judge(ExchangeType exchange, Phase phase, bool fromOriginalInitiator) => (exchange, phase, fromOriginalInitiator) switch
    {
        // IKE_SA_INIT and IKE_SESSION_RESUME never reach an SA as requests: the engine answers them (IkeEngine.Receive.cs, IkeEngine.Resume.cs).
        // The phase is Intermediate only if additional key exchanges were negotiated, and until the last is done; the window keeps them in order.
        (ExchangeType.IkeIntermediate, Phase.Intermediate, true) => Verdict.Accept,
        (ExchangeType.IkeAuth, Phase.Keyed, true) => Verdict.Accept,

        (ExchangeType.CreateChildSa, Phase.Established, _) => Verdict.Accept,
        (ExchangeType.CreateChildSa, Phase.Rekeying, _) => Verdict.Accept, // Collisions.cs decides by what it asks for
        (ExchangeType.CreateChildSa, Phase.Rekeyed, _) => Verdict.NoAdditionalSas,
        (ExchangeType.CreateChildSa, Phase.Deleting, _) => Verdict.TemporaryFailure, // RFC 7296 2.25.2

        (ExchangeType.IkeFollowupKe, Phase.Established, _) => Verdict.Accept, // STATE_NOT_FOUND if none is awaited
        (ExchangeType.IkeFollowupKe, Phase.Rekeying, _) => Verdict.Accept,
        (ExchangeType.IkeFollowupKe, Phase.Rekeyed, _) => Verdict.StateNotFound,
        (ExchangeType.IkeFollowupKe, Phase.Deleting, _) => Verdict.TemporaryFailure,

        (ExchangeType.Informational, Phase.Keyed, true) => Verdict.Accept, // only to say that we are not believed, AuthenticationFailed.cs
        (ExchangeType.Informational, Phase.Established, _) => Verdict.Accept,
        (ExchangeType.Informational, Phase.Rekeying, _) => Verdict.Accept,
        (ExchangeType.Informational, Phase.Rekeyed, _) => Verdict.Accept,
        (ExchangeType.Informational, Phase.Deleting, _) => Verdict.Accept,

        _ => Verdict.Drop,
    };
}
