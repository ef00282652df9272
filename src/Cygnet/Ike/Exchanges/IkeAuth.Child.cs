// IKE_AUTH, the first CHILD_SA, which shares the exchange. RFC 7296 1.2, 2.21.2; RFC 6023.
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    /// <summary>Initiator: SA, TSi and TSr of the child that is wished for; false with the reason if it cannot be offered.</summary>
    bool OfferChild(List<Payload> payloads, out string reason)
    {
        reason = "";
        if (_wish is null) return true;
        _child = ChildNegotiation.Begin(Ike, _wish);
        Ike.Log(LogGroup.Ike, 0, $"establishing CHILD_SA {_child}{_child.Of}");
        var proposals = ChildNegotiation.Proposals(Ike, _wish.Config, withKe: false);
        if (ChildNegotiation.WhyNot(_child, proposals) is { } why)
        {
            reason = why;
            return false;
        }
        ChildNotifies.Prepare(_child);
        payloads.AddRange(ChildNotifies.Leading(_child));
        payloads.Add(ChildNegotiation.Offer(proposals, _child.ReserveSpi()));
        payloads.Add(ChildNegotiation.Initiator(_child.LocalTs));
        payloads.Add(ChildNegotiation.Responder(_child.RemoteTs));
        payloads.AddRange(ChildNotifies.Trailing(_child));
        return true;
    }

    /// <summary>Initiator: the IKE_SA is established; so is the child, or it is not and who waits is told why.</summary>
    void FinishChild(ChildSa child, Message response, byte[] ni, byte[] nr)
    {
        string? failed = null;
        if (response.Get<SaPayload>() is null)
        {
            var error = response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify));
            failed = error is null ? "the peer answered without a CHILD_SA" : $"received {NotifyNames.Long(error.Notify)} notify, no CHILD_SA built";
            if (error is not null) ChildNegotiation.RefusedByPeer(Ike, child, error.Notify);
        }
        else if (!ChildNegotiation.Accept(Ike, child, response, withKe: false, ChildNegotiation.ProposedLocal(Ike, child.Config, child.Acquired), ChildNegotiation.ProposedRemote(Ike, child.Config, child.Acquired), out var reason, out var alert))
        {
            failed = reason;
            Ike.Refused(alert, RefusalKind.Child, RefusedBy.Us, $"CHILD_SA '{child.Config.Name}': {reason}");
        }
        else if ((failed = child.Install([], ni, nr, weInitiated: true, rekeyed: null, delayOutbound: false)) is { } why) ChildNegotiation.NotInstalled(child, why);
        if (failed is null)
        {
            ChildNegotiation.Established(Ike, child);
            child.Report(null);
            return;
        }
        Ike.Log(LogGroup.Ike, 1, $"{failed}");
        OnNoChild();
        child.Report(failed);
        child.Remove();
    }

    /// <summary>The first CHILD_SA failed; the delete waits until the response that said so has arrived.</summary>
    void OnNoChild()
    {
        if (Ike.Engine.Settings.CloseIkeOnChildFailure)
        {
            Ike.Log(LogGroup.Ike, 1, $"closing IKE_SA due CHILD_SA setup failure");
            Ike.Later(TimeSpan.FromMilliseconds(100), () =>
            {
                if (Ike.Current is { IsAlive: true } sa) sa.Delete(null);
            });
            return;
        }
        Ike.Log(LogGroup.Ike, 1, $"failed to establish CHILD_SA, keeping IKE_SA");
        Ike.Alert(AlertType.KeepOnChildSaFailure);
    }

    /// <summary>Responder: the IKE_SA is established; adds SA, TSi, TSr or the refusal. Null if there is no child.</summary>
    ChildSa? AnswerChild(Message request, List<Payload> payloads, byte[] ni, byte[] nr, bool isConfigured)
    {
        if (request.Get<SaPayload>() is null) return null;
        ChildSa? child = null;
        if (!isConfigured) Ike.Log(LogGroup.Ike, 1, $"configuration payload negotiation failed, no CHILD_SA built");
        else if (request.Get<TsPayload>(PayloadType.TsInitiator) is null || request.Get<TsPayload>(PayloadType.TsResponder) is null)
            payloads.Add(new NotifyPayload(NotifyType.TsUnacceptable, []));
        else if ((child = ChildNegotiation.Choose(Ike, request, null, withKe: false, out var number, out var refusal)) is null)
            payloads.Add(new NotifyPayload(refusal, []));
        else
        {
            child.ReserveSpi();
            if (child.Install([], ni, nr, weInitiated: false, rekeyed: null, delayOutbound: false) is { } why)
            {
                ChildNegotiation.NotInstalled(child, why);
                payloads.Add(new NotifyPayload(NotifyType.NoAdditionalSas, []));
                child = null;
            }
            else
            {
                payloads.AddRange(ChildNotifies.Leading(child));
                payloads.Add(ChildNegotiation.Answer(child.Proposal!, number, child.SpiIn));
                payloads.Add(ChildNegotiation.Initiator(child.RemoteTs));
                payloads.Add(ChildNegotiation.Responder(child.LocalTs));
                payloads.AddRange(ChildNotifies.Trailing(child));
                ChildNegotiation.Established(Ike, child);
            }
        }
        return child;
    }
}
