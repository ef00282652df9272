// INFORMATIONAL without a delete: liveness check, and notifies that stand alone. RFC 7296 1.4, 2.4, 2.21.2.
//   SK {[N..]}  -->
//                         <--  SK {}
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class Liveness(IkeSa ike) : Exchange(ike)
{
    public override string Task => "IKE_DPD";
    public override ExchangeType Type => ExchangeType.Informational;

    public override void Begin() => Ike.Request(this, []);

    public override void OnResponse(Message response) => Ike.Complete(this);

    public override void OnRequest(Message request)
    {
        Ike.Respond(this, []);
        if (!request.Has(NotifyType.AuthenticationFailed)) return;
        // RFC 7296 2.21.2: the peer could not verify us, after we had taken the SA for established
        Ike.Log(LogGroup.Ike, 1, $"received AUTHENTICATION_FAILED notify error");
        Ike.Refused(RefusalKind.Authentication, RefusedBy.Peer, $"the peer could not authenticate us as '{Ike.LocalId}'", "'ipsec why' on the peer says what it looked for");
        Ike.BecomeGhost("the peer could not authenticate us");
    }
}
