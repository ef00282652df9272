// IKE_INTERMEDIATE, one for each additional key exchange of a new IKE_SA. RFC 9242; RFC 9370 2.2.2.
//   HDR, SK {KEi(n)}  -->
//                        <--  HDR, SK {KEr(n)}
//   SKEYSEED(n) = prf(SK_d(n-1), SK(n) | Ni | Nr): its own messages are protected with keys n-1, all that follows with keys n.
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class IkeIntermediate(IkeSa ike, ChildWish? child = null) : Exchange(ike)
{
    KeyExchangeOffer? _offer;
    byte[]? _secret;

    public ChildWish? Child => child;

    public override string Task => "IKE_INIT";
    public override ExchangeType Type => ExchangeType.IkeIntermediate;

    /// <summary>What follows IKE_SA_INIT or one of these: the next, or IKE_AUTH.</summary>
    public static Exchange Next(IkeSa ike, ChildWish? child) => ike.Phase == Phase.Intermediate ? new IkeIntermediate(ike, child) : new IkeAuth(ike, child);

    public override void Begin()
    {
        _offer = new(Ike, [], Ike.Handshake!.Rounds.Peek().Id);
        _offer.Start(this, () => Ike.Request(this, [_offer.Payload!]));
    }

    public override void OnResponse(Message response)
    {
        if (response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify)) is { } error)
        {
            Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify error");
            Ike.Refused(RefusalKind.Message, RefusedBy.Peer, $"the peer answered {NotifyNames.Long(error.Notify)} to the key exchange {Transforms.Name(Ike.Handshake!.Rounds.Peek())}");
            Ike.Destroy($"the peer answered {NotifyNames.Long(error.Notify)} to an additional key exchange");
            return;
        }
        Ike.Handshake!.Intermediate.Add(fromInitiator: false, Ike.Prf!, Ike.Keys!, response.IntAuth);
        _offer!.Finish(this, response.Get<KePayload>(), secret =>
        {
            if (secret is null)
            {
                Ike.Refused(null, RefusalKind.Ike, RefusedBy.Us, $"the peer's value for {Transforms.Name(Ike.Handshake!.Rounds.Peek())} is missing or invalid");
                Ike.Destroy("the peer's additional key exchange value is invalid");
                return;
            }
            _offer.Dispose();
            Advance(secret);
            Ike.EnqueueFirst(Next(Ike, child));
            Ike.Complete(this);
        });
    }

    public override void OnRequest(Message request)
    {
        var (h, crypto) = (Ike.Handshake!, Ike.Engine.Host.Crypto);
        h.Intermediate.Add(fromInitiator: true, Ike.Prf!, Ike.Keys!, request.IntAuth);
        var round = h.Rounds.Peek();
        if (request.Get<KePayload>() is not { } ke || ke.Method != round.Id)
        {
            Fail($"the peer's IKE_INTERMEDIATE request lacks the key exchange {Transforms.Name(round)}");
            return;
        }
        Ike.Do(this, crypto.Cost(round.Id), () => crypto.Respond(round.Id, ke.Data), result =>
        {
            if (result is null)
            {
                Fail($"the peer's value for {Transforms.Name(round)} is invalid");
                return;
            }
            _secret = result.SharedSecret;
            Ike.Respond(this, [new KePayload(round.Id, result.PublicValue)]);
        });
    }

    /// <summary>Responder: the answer still had the old keys.</summary>
    public override void AfterResponse()
    {
        if (_secret is not null) Advance(_secret);
    }

    void Advance(byte[] secret)
    {
        var (h, p) = (Ike.Handshake!, Ike.Proposal!);
        var keys = KeySchedule.DeriveRekeyed(Ike.Prf!, Ike.Keys!.SkD, Ike.Prf!, p.First(TransformType.Encryption)!.Value, p.First(TransformType.Integrity),
            h.Ni, h.Nr, secret, Ike.InitiatorSpi, Ike.ResponderSpi);
        CryptographicOperations.ZeroMemory(secret);
        h.Rounds.Dequeue();
        Ike.ChangeKeys(keys);
        if (h.Rounds.Count == 0) Ike.Phase = Phase.Keyed;
    }

    /// <summary>Nothing can come of this IKE_SA any more. RFC 7296 2.21.3.</summary>
    void Fail(string reason)
    {
        Ike.Refused(null, RefusalKind.Ike, RefusedBy.Us, reason);
        Ike.Respond(this, [new NotifyPayload(NotifyType.InvalidSyntax, [])]);
        Ike.BecomeGhost(reason);
    }

    public override void Abandon(string? reason) => _offer?.Dispose();
}
