// IKE_FOLLOWUP_KE, answering the additional key exchanges that follow a CREATE_CHILD_SA exchange. RFC 9370 2.2.4.
//   SK {KEi(n), N(ADDITIONAL_KEY_EXCHANGE)(link n)}  -->
//                         <--  SK {KEr(n) [, N(ADDITIONAL_KEY_EXCHANGE)(link n+1)]}
// The requests are made by the exchange that began it all, CreateChildSa.cs.
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class FollowupKe(IkeSa ike) : Exchange(ike)
{
    CreateChildSa? _finished;

    public override string Task => Ike.Awaited?.Origin.Task ?? "IKE_FOLLOWUP_KE";
    public override ExchangeType Type => ExchangeType.IkeFollowupKe;

    public override void OnRequest(Message request)
    {
        if (Ike.Awaited is not { } awaited || request.Notify(NotifyType.AdditionalKeyExchange) is not { } link || !awaited.IsLinkedBy(link.Data))
        {
            RefuseUnknown();
            return;
        }
        var (round, crypto) = (awaited.Round, Ike.Engine.Host.Crypto);
        if (request.Get<KePayload>() is not { } ke || ke.Method != round.Id)
        {
            Ike.Refused(RefusalKind.Message, RefusedBy.Us, $"the peer's IKE_FOLLOWUP_KE request lacks the key exchange {Transforms.Name(round)}");
            awaited.Drop();
            Refuse(NotifyType.InvalidSyntax);
            return;
        }
        awaited.Pause();
        awaited.Origin.OnContinued();
        Ike.Do(this, crypto.Cost(round.Id), () => crypto.Respond(round.Id, ke.Data), result =>
        {
            if (Ike.Awaited != awaited)
            {
                RefuseUnknown(); // given up while we computed
                return;
            }
            if (result is null)
            {
                Ike.Refused(RefusalKind.Message, RefusedBy.Us, $"the peer's value for {Transforms.Name(round)} is invalid");
                awaited.Drop();
                Refuse(NotifyType.InvalidSyntax);
                return;
            }
            var answer = new KePayload(round.Id, result.PublicValue);
            if (awaited.Add(result.SharedSecret))
            {
                Ike.Respond(this, [answer, new NotifyPayload(NotifyType.AdditionalKeyExchange, (byte[])awaited.Link.Clone())]);
                return;
            }
            _finished = awaited.Origin;
            awaited.Origin.OnExchanged(awaited.Input, refusal =>
            {
                if (refusal is { } notify) Refuse(notify);
                else Ike.Respond(this, [answer]);
            });
            awaited.Input.Dispose();
        });
    }

    public override void AfterResponse() => _finished?.AfterResponse();

    void RefuseUnknown()
    {
        Ike.Refused(RefusalKind.Message, RefusedBy.Us, "no key exchange is awaited that the peer's IKE_FOLLOWUP_KE request would continue");
        Refuse(NotifyType.StateNotFound);
    }

    void Refuse(NotifyType notify) => Ike.Respond(this, [new NotifyPayload(notify, [])]);
}
