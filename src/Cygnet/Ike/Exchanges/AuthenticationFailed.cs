// INFORMATIONAL before the IKE_SA is established: the initiator does not believe our proof. RFC 7296 2.21.2.
//   SK {N(AUTHENTICATION_FAILED)}  -->
//                         <--  SK {}
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

/// <summary>With several rounds, or with EAP, the initiator checks us while we still wait for more of it. Nothing else is legal then.</summary>
sealed class AuthenticationFailed(IkeSa ike) : Exchange(ike)
{
    public override string Task => "INFORMATIONAL";
    public override ExchangeType Type => ExchangeType.Informational;

    public override void OnRequest(Message request)
    {
        Ike.Respond(this, []);
        if (!request.Has(NotifyType.AuthenticationFailed)) return;
        Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(NotifyType.AuthenticationFailed)} notify error");
        Ike.Refused(RefusalKind.Authentication, RefusedBy.Peer, $"the peer could not authenticate us as '{Ike.LocalId}'", "'ipsec why' on the peer says what it looked for");
        Ike.BecomeGhost("the peer could not authenticate us");
    }
}
