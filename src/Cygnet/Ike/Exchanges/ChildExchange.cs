// What creating and rekeying a CHILD_SA have in common: offer, key exchanges, choice. RFC 7296 1.3.1, 1.3.3, 2.17; RFC 9370 2.2.4.
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

abstract class ChildExchange(IkeSa ike) : CreateChildSa(ike)
{
    KeyExchangeOffer? _offer;
    byte[] _ni = [];
    IReadOnlyList<Payload> _leading = [];

    /// <summary>SPIs that the peer deleted while our request was unanswered, and that we did not know.</summary>
    public HashSet<uint> DeletedByPeer { get; } = [];

    /// <summary>Remembers one; more than a few are no answers on their way, but a peer that wants our memory.</summary>
    public void NoteDeleted(uint spi)
    {
        if (DeletedByPeer.Count < 64) DeletedByPeer.Add(spi);
    }

    /// <summary>The child in the making, as long as this exchange owns it.</summary>
    protected ChildSa? New { get; set; }

    /// <summary>Initiator: additional key exchanges would come next. False: a collision is lost, and the exchange is completed.</summary>
    protected virtual bool MayFollowUp(KeyInput input) => true;

    /// <summary>Initiator: all is exchanged; the new child has selectors, proposal and SPIs.</summary>
    protected abstract void OnAgreed(KeyInput input);

    /// <summary>Responder: whether what the peer asks for is still possible, now that the first key exchange is computed.</summary>
    protected abstract Verdict Judge();

    /// <summary>Responder: the child is agreed on, additional key exchanges are to come.</summary>
    protected virtual void OnAwaiting(ChildSa child, KeyInput input) { }

    /// <summary>Responder: install the chosen child, then respond with null, or with what it is refused with.</summary>
    protected abstract void OnAnswered(ChildSa child, KeyInput input, Action<NotifyType?> respond);

    /// <summary>Sends the request for <see cref="New"/>; <paramref name="leading"/> payloads come first.</summary>
    protected void Offer(IReadOnlyList<Payload> leading)
    {
        _leading = leading;
        _ni = Ike.Engine.NewNonce();
        var proposals = ChildNegotiation.Proposals(Ike, New!.Config, withKe: true);
        if (ChildNegotiation.WhyNot(New, proposals) is { } why)
        {
            Ike.Refused(null, RefusalKind.Child, RefusedBy.Us, why);
            OnRefused(NotifyType.NoProposalChosen, why);
            return;
        }
        _offer = new(Ike, proposals, KeyExchangeOffer.Preferred(proposals));
        _offer.Start(this, SendRequest);
    }

    void SendRequest()
    {
        ChildNotifies.Prepare(New!);
        List<Payload> payloads = [.. _leading, .. ChildNotifies.Leading(New!), ChildNegotiation.Offer(_offer!.Proposals, New!.ReserveSpi()), new NoncePayload(_ni)];
        if (_offer.Payload is { } ke) payloads.Add(ke);
        payloads.Add(ChildNegotiation.Initiator(New.LocalTs));
        payloads.Add(ChildNegotiation.Responder(New.RemoteTs));
        payloads.AddRange(ChildNotifies.Trailing(New));
        Ike.Request(this, payloads);
    }

    protected override void OnCreated(Message response)
    {
        if (response.Notify(NotifyType.InvalidKePayload) is { } other)
        {
            if (_offer!.TurnTo(other) is { } whyNot) Reject(whyNot);
            else _offer.Start(this, SendRequest);
            return;
        }
        if (response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify)) is { } error)
        {
            Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify, no CHILD_SA built");
            if (error.Notify != NotifyType.TemporaryFailure) ChildNegotiation.RefusedByPeer(Ike, New!, error.Notify);
            OnRefused(error.Notify, $"the peer answered {NotifyNames.Long(error.Notify)}");
            return;
        }
        var (child, nonce) = (New!, response.Get<NoncePayload>());
        string? alert = null;
        if (nonce is null || !ChildNegotiation.Accept(Ike, child, response, withKe: true, child.LocalTs, child.RemoteTs, out var reason, out alert))
        {
            reason = nonce is null ? "the response lacks a nonce" : "the response does not fit the request";
            Ike.Log(LogGroup.Ike, 1, $"no CHILD_SA built: {reason}");
            Ike.Refused(alert, RefusalKind.Child, RefusedBy.Us, $"CHILD_SA '{child.Config.Name}': {reason}");
            OnRefused(NotifyType.NoProposalChosen, reason);
            return;
        }
        if (child.KeMethod == Ke.None)
        {
            Agree(response, new([], _ni, nonce.Data));
            return;
        }
        if (child.KeMethod != _offer!.Method)
        {
            Reject("the response's key exchange is not the one that was chosen");
            return;
        }
        _offer.Finish(this, response.Get<KePayload>(), secret =>
        {
            if (secret is null) Reject("the peer's key exchange value is missing or invalid");
            else Agree(response, new(secret, _ni, nonce.Data));
        });
    }

    void Agree(Message response, KeyInput input)
    {
        var rounds = New!.Proposal!.AdditionalKeyExchanges;
        if (!rounds.IsEmpty && !MayFollowUp(input))
        {
            input.Dispose();
            return;
        }
        FollowUp(rounds, response, input, () =>
        {
            OnAgreed(input);
            Clear();
        });
    }

    /// <summary>Responder: chooses, computes, has the child installed or waits for the additional key exchanges, answers.</summary>
    protected void Answer(Message request, ChildSa? rekeyed)
    {
        var ni = request.Get<NoncePayload>()!.Data;
        var ke = request.Get<KePayload>();
        if (ChildNegotiation.Choose(Ike, request, rekeyed, withKe: true, out var number, out var refusal) is not { } child)
        {
            Ike.Log(LogGroup.Ike, 1, $"failed to establish CHILD_SA, keeping IKE_SA");
            Refuse(refusal);
            return;
        }
        New = child;
        if (child.KeMethod != Ke.None && ke?.Method != child.KeMethod)
        {
            DropNew();
            Ike.Respond(this, [KeyExchangeOffer.InvalidKe(child.KeMethod)]);
            return;
        }
        if (child.KeMethod == Ke.None)
        {
            Finish(null);
            return;
        }
        var (crypto, method, peerValue) = (Ike.Engine.Host.Crypto, child.KeMethod, ke!.Data);
        Ike.Do(this, crypto.Cost(method), () => crypto.Respond(method, peerValue), result =>
        {
            if (result is not null)
            {
                Finish(result);
                return;
            }
            Ike.Refused(null, RefusalKind.Child, RefusedBy.Us, "the peer's key exchange value is invalid");
            DropNew();
            Refuse(NotifyType.InvalidSyntax);
        });

        void Finish(KeyExchangeResult? exchanged)
        {
            if (Judge() != Verdict.Accept) // what it depends on may have changed while we computed
            {
                DropNew();
                Refuse(NotifyType.TemporaryFailure);
                return;
            }
            var input = new KeyInput(exchanged?.SharedSecret ?? [], ni, Ike.Engine.NewNonce());
            child.ReserveSpi();
            var rounds = child.Proposal!.AdditionalKeyExchanges;
            if (!rounds.IsEmpty)
            {
                OnAwaiting(child, input);
                Ike.Respond(this, [.. Payloads(), Await(input, rounds)]);
                return;
            }
            Install(input, why =>
            {
                if (why is { } notify) Refuse(notify);
                else Ike.Respond(this, Payloads());
            });
            input.Dispose();

            List<Payload> Payloads()
            {
                List<Payload> payloads = [.. ChildNotifies.Leading(child), ChildNegotiation.Answer(child.Proposal!, number, child.SpiIn), new NoncePayload(input.Nr)];
                if (exchanged is not null) payloads.Add(new KePayload(child.KeMethod, exchanged.PublicValue));
                payloads.Add(ChildNegotiation.Initiator(child.RemoteTs));
                payloads.Add(ChildNegotiation.Responder(child.LocalTs));
                payloads.AddRange(ChildNotifies.Trailing(child));
                return payloads;
            }
        }
    }

    public override void OnExchanged(KeyInput input, Action<NotifyType?> respond)
    {
        if (Judge() == Verdict.Accept) Install(input, respond);
        else
        {
            OnDropped();
            respond(NotifyType.TemporaryFailure);
        }
    }

    void Install(KeyInput input, Action<NotifyType?> respond)
    {
        var child = New!;
        New = null;
        OnAnswered(child, input, respond);
    }

    void Refuse(NotifyType notify) => Ike.Respond(this, [new NotifyPayload(notify, [])]);

    public override void OnDropped() => DropNew();

    protected void DropNew()
    {
        Clear();
        _offer?.Dispose();
        New?.Remove();
        New = null;
    }
}
