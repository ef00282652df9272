// CREATE_CHILD_SA, what all its uses share: the additional key exchanges that may follow. RFC 7296 1.3; RFC 9370 2.2.4.
//   CREATE_CHILD_SA   SK {.. SA, Ni [, KEi] ..}            -->
//                                                         <--  SK {SA, Nr [, KEr] .., N(ADDITIONAL_KEY_EXCHANGE)(link 1)}
//   IKE_FOLLOWUP_KE   SK {KEi(n), N(ADDITIONAL_KEY_EXCHANGE)(link n)}  -->
//                                                         <--  SK {KEr(n) [, N(ADDITIONAL_KEY_EXCHANGE)(link n+1)]}
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

/// <summary>
/// As the initiator's it lives until the last additional key exchange is answered, so that nothing else of ours comes between. As the responder's
/// it waits for them in <see cref="IkeSa.Awaited"/>.
/// </summary>
abstract class CreateChildSa(IkeSa ike) : Exchange(ike)
{
    const int MostStatesNotFound = 3;

    ImmutableArray<Transform> _rounds = [];
    int _done;
    KeyExchangeOffer? _round;
    KeyInput? _input;
    Action? _then;

    /// <summary>Initiator: the additional key exchanges have begun; from now on this rekeying stands against the peer's. RFC 9370 2.2.4.</summary>
    public bool IsFollowedUp => _round is not null;

    public override ExchangeType Type => IsFollowedUp ? ExchangeType.IkeFollowupKe : ExchangeType.CreateChildSa;

    /// <summary>Initiator: the response to CREATE_CHILD_SA.</summary>
    protected abstract void OnCreated(Message response);

    /// <summary>Initiator: nothing comes of it; must complete the exchange.</summary>
    protected abstract void OnRefused(NotifyType notify, string reason);

    /// <summary>Responder: the last additional key exchange is done; ends in <paramref name="respond"/> with null, or with what to refuse with.</summary>
    public abstract void OnExchanged(KeyInput input, Action<NotifyType?> respond);

    /// <summary>Responder: the peer goes on with the additional key exchanges.</summary>
    public virtual void OnContinued() { }

    /// <summary>Responder: the additional key exchanges will not come.</summary>
    public abstract void OnDropped();

    public sealed override void OnResponse(Message response)
    {
        if (IsFollowedUp) OnFollowup(response);
        else OnCreated(response);
    }

    /// <summary>Initiator: goes on with the additional key exchanges that were chosen, if any, then with what the keys are made of.</summary>
    protected void FollowUp(ImmutableArray<Transform> rounds, Message created, KeyInput input, Action then)
    {
        (_rounds, _input, _then) = (rounds, input, then);
        if (rounds.IsEmpty) then();
        else Continue(created);
    }

    /// <summary>The peer's answer is out of the question; the reason goes to the log.</summary>
    protected void Reject(string reason)
    {
        Ike.Refused(RefusalKind.Message, RefusedBy.Us, reason);
        OnRefused(NotifyType.InvalidSyntax, reason);
    }

    void Continue(Message response)
    {
        if (response.Notify(NotifyType.AdditionalKeyExchange) is not { } link)
        {
            Reject("the peer's answer lacks ADDITIONAL_KEY_EXCHANGE");
            return;
        }
        _round?.Dispose();
        _round = new(Ike, [], _rounds[_done].Id);
        _round.Start(this, () => Ike.Request(this, [_round.Payload!, new NotifyPayload(NotifyType.AdditionalKeyExchange, link.Data)]));
    }

    void OnFollowup(Message response)
    {
        if (response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify)) is { } error)
        {
            Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify error");
            // RFC 9370 2.2.4: now and then our state came too late; again and again something is wrong with this IKE_SA
            if (error.Notify == NotifyType.StateNotFound && ++Ike.StatesNotFound >= MostStatesNotFound)
            {
                Ike.Log(LogGroup.Ike, 1, $"the peer lost the state of {Ike.StatesNotFound} key exchanges in a row, closing IKE_SA");
                Ike.Delete(null);
            }
            OnRefused(error.Notify, $"the peer answered {NotifyNames.Long(error.Notify)}");
            return;
        }
        _round!.Finish(this, response.Get<KePayload>(), secret =>
        {
            if (secret is null)
            {
                Reject($"the peer's value for {Transforms.Name(_rounds[_done])} is missing or invalid");
                return;
            }
            _input!.Additional.Add(secret);
            if (++_done < _rounds.Length)
            {
                Continue(response);
                return;
            }
            Ike.StatesNotFound = 0;
            _then!();
        });
    }

    /// <summary>Responder: from now on the additional key exchanges are awaited; the notify that the response must hold.</summary>
    protected NotifyPayload Await(KeyInput input, ImmutableArray<Transform> rounds)
    {
        Ike.Awaited?.Drop();
        Ike.Awaited = new(Ike, this, input, rounds);
        return new(NotifyType.AdditionalKeyExchange, (byte[])Ike.Awaited.Link.Clone());
    }

    /// <summary>Clears what the key exchanges hold.</summary>
    protected void Clear()
    {
        _round?.Dispose();
        _input?.Dispose();
    }

    public override void Abandon(string? reason) => Clear();
}
