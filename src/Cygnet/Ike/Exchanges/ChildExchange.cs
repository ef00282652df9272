// What creating and rekeying a CHILD_SA have in common: offer, optional key exchange, choice. RFC 7296 1.3.1, 1.3.3, 2.17.
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

abstract class ChildExchange(IkeSa ike) : Exchange(ike)
{
    const int MostRetries = 3;

    readonly HashSet<ushort> _refusedKe = [];
    KeyExchangeStart? _start;
    byte[] _ni = [];
    ushort _ke;
    int _retries;
    IReadOnlyList<Payload> _leading = [];

    public override ExchangeType Type => ExchangeType.CreateChildSa;

    /// <summary>SPIs that the peer deleted while our request was unanswered, and that we did not know.</summary>
    public HashSet<uint> DeletedByPeer { get; } = [];

    /// <summary>Remembers one; more than a few are no answers on their way, but a peer that wants our memory.</summary>
    public void NoteDeleted(uint spi)
    {
        if (DeletedByPeer.Count < 64) DeletedByPeer.Add(spi);
    }

    /// <summary>The child in the making, as long as this exchange owns it.</summary>
    protected ChildSa? New { get; set; }

    /// <summary>Initiator: the response holds a CHILD_SA that fits; the new child has selectors, proposal and SPIs.</summary>
    protected abstract void OnAgreed(byte[] secret, byte[] ni, byte[] nr);

    /// <summary>Initiator: there will be none; must complete the exchange.</summary>
    protected abstract void OnRefused(NotifyType notify, string reason);

    /// <summary>Responder: install the chosen child, then respond with null, or with the reason why it cannot be.</summary>
    protected abstract void OnAnswered(ChildSa child, byte[] secret, byte[] ni, byte[] nr, Action<string?> respond);

    /// <summary>Sends the request for <see cref="New"/>; <paramref name="leading"/> payloads come first.</summary>
    protected void Offer(IReadOnlyList<Payload> leading)
    {
        _leading = leading;
        _ni = Ike.Engine.NewNonce();
        _ke = ChildNegotiation.PreferredKe(Ike, New!.Config);
        StartKe();
    }

    void StartKe()
    {
        if (_ke == Ke.None)
        {
            SendRequest();
            return;
        }
        var (crypto, method) = (Ike.Engine.Host.Crypto, _ke);
        Ike.Do(this, crypto.Cost(method), () => crypto.Start(method), started =>
        {
            _start?.Dispose();
            _start = started;
            SendRequest();
        });
    }

    void SendRequest()
    {
        var proposals = ChildNegotiation.Proposals(Ike, New!.Config, withKe: _ke != Ke.None);
        if (ChildNegotiation.WhyNot(New, proposals) is { } why)
        {
            Ike.Refused(RefusalKind.Child, RefusedBy.Us, why);
            OnRefused(NotifyType.NoProposalChosen, why);
            return;
        }
        List<Payload> payloads = [.. _leading, ChildNegotiation.Offer(proposals, New.ReserveSpi()), new NoncePayload(_ni)];
        if (_start is not null) payloads.Add(new KePayload(_ke, _start.PublicValue));
        payloads.Add(ChildNegotiation.Initiator(New.LocalTs));
        payloads.Add(ChildNegotiation.Responder(New.RemoteTs));
        Ike.Request(this, payloads);
    }

    public override void OnResponse(Message response)
    {
        if (response.Notify(NotifyType.InvalidKePayload) is { Data.Length: 2 } other && RetryWith(BinaryPrimitives.ReadUInt16BigEndian(other.Data))) return;
        if (response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify)) is { } error)
        {
            Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify, no CHILD_SA built");
            if (error.Notify != NotifyType.TemporaryFailure) ChildNegotiation.RefusedByPeer(Ike, New!, error.Notify);
            OnRefused(error.Notify, $"the peer answered {NotifyNames.Long(error.Notify)}");
            return;
        }
        var (child, nonce) = (New!, response.Get<NoncePayload>());
        if (nonce is null || !ChildNegotiation.Accept(Ike, child, response, withKe: _ke != Ke.None, child.LocalTs, child.RemoteTs, out var reason))
        {
            reason = nonce is null ? "the response lacks a nonce" : "the response does not fit the request";
            Ike.Log(LogGroup.Ike, 1, $"no CHILD_SA built: {reason}");
            Ike.Refused(RefusalKind.Child, RefusedBy.Us, $"CHILD_SA '{child.Config.Name}': {reason}");
            OnRefused(NotifyType.NoProposalChosen, reason);
            return;
        }
        if (child.KeMethod == Ke.None)
        {
            OnAgreed([], _ni, nonce.Data);
            return;
        }
        if (response.Get<KePayload>() is not { } ke || ke.Method != _ke || child.KeMethod != _ke || _start is not { } start)
        {
            OnRefused(NotifyType.InvalidSyntax, "the response's key exchange is not the one that was chosen");
            return;
        }
        Ike.Do(this, Ike.Engine.Host.Crypto.Cost(_ke), () => start.Finish(ke.Data), secret =>
        {
            if (secret is null) OnRefused(NotifyType.InvalidSyntax, "the peer's key exchange value is invalid");
            else OnAgreed(secret, _ni, nonce.Data);
        });
    }

    bool RetryWith(ushort wanted)
    {
        _refusedKe.Add(_ke);
        if (++_retries > MostRetries || _refusedKe.Contains(wanted)
            || !ChildNegotiation.Proposals(Ike, New!.Config, withKe: true).Any(p => p.Of(TransformType.KeyExchange).Any(t => t.Id == wanted))) return false;
        Ike.Log(LogGroup.Ike, 1, $"peer didn't accept DH group {Transforms.Name(new(TransformType.KeyExchange, _ke))}, it requested {Transforms.Name(new(TransformType.KeyExchange, wanted))}");
        _ke = wanted;
        StartKe();
        return true;
    }

    /// <summary>Responder: chooses, computes, has the child installed, answers.</summary>
    protected void Answer(Message request, ChildConfig? only)
    {
        var ni = request.Get<NoncePayload>()!.Data;
        var ke = request.Get<KePayload>();
        if (ChildNegotiation.Choose(Ike, request, only, withKe: true, out var number, out var refusal) is not { } child)
        {
            Ike.Log(LogGroup.Ike, 1, $"failed to establish CHILD_SA, keeping IKE_SA");
            Ike.Respond(this, [new NotifyPayload(refusal, [])]);
            return;
        }
        New = child;
        if (child.KeMethod != Ke.None && ke?.Method != child.KeMethod)
        {
            DropNew();
            Ike.Respond(this, [InvalidKe(child.KeMethod)]);
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
            Ike.Refused(RefusalKind.Child, RefusedBy.Us, "the peer's key exchange value is invalid");
            DropNew();
            Ike.Respond(this, [new NotifyPayload(NotifyType.InvalidSyntax, [])]);
        });

        void Finish(KeyExchangeResult? exchanged)
        {
            var nr = Ike.Engine.NewNonce();
            child.ReserveSpi();
            New = null;
            OnAnswered(child, exchanged?.SharedSecret ?? [], ni, nr, why =>
            {
                if (why is not null)
                {
                    ChildNegotiation.NotInstalled(Ike, child.Config, why);
                    Ike.Respond(this, [new NotifyPayload(NotifyType.NoAdditionalSas, [])]);
                    return;
                }
                List<Payload> payloads = [ChildNegotiation.Answer(child.Proposal!, number, child.SpiIn), new NoncePayload(nr)];
                if (exchanged is not null) payloads.Add(new KePayload(child.KeMethod, exchanged.PublicValue));
                payloads.Add(ChildNegotiation.Initiator(child.RemoteTs));
                payloads.Add(ChildNegotiation.Responder(child.LocalTs));
                Ike.Respond(this, payloads);
            });
        }
    }

    protected void DropNew()
    {
        _start?.Dispose();
        _start = null;
        New?.Remove();
        New = null;
    }

}
