// CREATE_CHILD_SA, rekeying the IKE_SA. RFC 7296 1.3.2, 2.8, 2.8.2 (collisions), 2.18, 2.25; RFC 9370 2.2.4.
//   SK {SA, Ni, KEi}  -->
//                         <--  SK {SA, Nr, KEr}     [then IKE_FOLLOWUP_KE, see CreateChildSa.cs]
using System.Buffers.Binary;
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class RekeyIke(IkeSa ike) : CreateChildSa(ike)
{
    KeyExchangeOffer? _offer;
    byte[] _ni = [];
    ulong _spi, _theirSpi;
    Proposal? _chosen;
    PeerIkeRekey? _answered;
    bool _weWantItToo;

    public override string Task => "IKE_REKEY";

    public override void Begin()
    {
        if (Ike.Phase != Phase.Established)
        {
            Ike.Complete(this);
            return;
        }
        if (Ike.Awaited is { } awaited)
        {
            // the peer is in the middle of something that a request of ours would only disturb: RFC 7296 2.25.2
            if (awaited.Origin is RekeyIke theirs) theirs._weWantItToo = true;
            else Ike.RetryRekey(Collisions.RetryDelay(Ike));
            Ike.Complete(this);
            return;
        }
        Ike.Phase = Phase.Rekeying;
        Ike.State = IkeState.Rekeying;
        Ike.Log(LogGroup.Ike, 0, $"initiating IKE_SA {Ike.Name} rekeying to {Ike.Remote.Address}");
        Promise();
        _ni = Ike.Engine.NewNonce();
        // the method in use is one that both ends accept for sure
        var (proposals, inUse) = (Supported(), Ike.Proposal!.First(TransformType.KeyExchange)!.Value);
        _offer = new(Ike, proposals, proposals.Any(p => p.Transforms.Contains(inUse)) ? inUse.Id : KeyExchangeOffer.Preferred(proposals));
        _offer.Start(this, SendRequest);
    }

    void SendRequest() => Ike.Request(this, [KeyExchangeOffer.OnTheWire(_offer!.Proposals, SpiBytes(_spi)), new NoncePayload(_ni), _offer.Payload!]);

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
            Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify error");
            if (error.Notify != NotifyType.TemporaryFailure)
                Ike.Refused(error.Notify == NotifyType.NoProposalChosen ? RefusalKind.Ike : RefusalKind.Message, RefusedBy.Peer,
                    $"the peer answered {NotifyNames.Long(error.Notify)} to the rekeying of the IKE_SA", "compare 'ike=' on both ends", $"offered: {string.Join(", ", _offer!.Proposals)}");
            OnRefused(error.Notify, "");
            return;
        }
        if (response.Get<SaPayload>() is not { Proposals: [{ Protocol: SecurityProtocol.Ike, Spi.Length: 8, IsUnusable: false } answer] }
            || response.Get<NoncePayload>() is not { } nonce || ProposalChoice.Accept(_offer!.Proposals, new(SecurityProtocol.Ike, answer.Transforms), out _) is not { } chosen
            || chosen.First(TransformType.KeyExchange)?.Id != _offer.Method)
        {
            Reject("the peer's answer to the rekeying does not fit the request");
            return;
        }
        (_chosen, _theirSpi) = (chosen, BinaryPrimitives.ReadUInt64BigEndian(answer.Spi));
        _offer.Finish(this, response.Get<KePayload>(), secret =>
        {
            if (secret is null)
            {
                Reject("the peer's key exchange value is missing or invalid");
                return;
            }
            var input = new KeyInput(secret, _ni, nonce.Data);
            var rounds = chosen.AdditionalKeyExchanges;
            if (!rounds.IsEmpty && !MayFollowUp(input))
            {
                input.Dispose();
                return;
            }
            FollowUp(rounds, response, input, () =>
            {
                var successor = Make(input, isInitiator: true, _spi, _theirSpi);
                CrashDetection.Note(successor, response);
                Clear();
                Ike.Engine.Counters.Add(Counter.IkeRekeyInitiated, Ike.Connection?.Name);
                Settle(successor, input);
            });
        });
    }

    /// <summary>RFC 9370 2.2.4: the collision is decided before the additional key exchanges; the one that loses just stops.</summary>
    bool MayFollowUp(KeyInput input)
    {
        if (Ike.Phase == Phase.Rekeyed) // the peer has used its own meanwhile: that one stands
        {
            Ike.Complete(this);
            return false;
        }
        if (Ike.RekeyedByPeer is not { } theirs) return true;
        if (Collisions.OursIsRedundant(input, theirs))
        {
            Ike.Log(LogGroup.Ike, 1, $"IKE_SA rekey collision lost, abort incomplete multi-KE rekeying");
            YieldTo(theirs);
            Ike.Complete(this);
            return false;
        }
        Ike.Log(LogGroup.Ike, 1, $"IKE_SA rekey collision won, continue with multi-KE rekeying");
        if (theirs.New is null) Overrule();
        return true;
    }

    /// <summary>
    /// The peer's rekeying stands, and not ours: it takes over now or once its additional key exchanges are done. False if it was deleted already,
    /// against the rule.
    /// </summary>
    bool YieldTo(PeerIkeRekey theirs)
    {
        if (theirs.New is { } successor)
        {
            if (successor.IsAlive) Ike.HandOverTo(successor);
            return successor.IsAlive;
        }
        Ike.RekeyedByPeer = null;
        (Ike.Phase, Ike.State) = (Phase.Established, IkeState.Established);
        if (Ike.Awaited?.Origin is RekeyIke awaited) awaited._weWantItToo = true;
        return true;
    }

    /// <summary>Our rekeying stands; the peer does not go on with the additional key exchanges of its own.</summary>
    void Overrule()
    {
        Ike.RekeyedByPeer = null;
        if (Ike.Awaited?.Origin is RekeyIke) Ike.Awaited.Drop();
    }

    /// <summary>Our rekeying went through: it stands, unless the peer's did too and the nonces say that ours is redundant.</summary>
    void Settle(IkeSa ours, KeyInput input)
    {
        if (Ike.Phase == Phase.Rekeyed)
        {
            // the peer has used its own meanwhile: that one stands
            ours.AwaitDelete(Ike.Current);
            ours.Enqueue(new DeleteIke(ours));
            Ike.Complete(this);
            return;
        }
        if (Ike.RekeyedByPeer is { } theirs)
        {
            if (Collisions.OursIsRedundant(input, theirs))
            {
                Ike.Log(LogGroup.Ike, 1, $"IKE_SA rekey collision lost, deleting redundant IKE_SA {ours}");
                if (!YieldTo(theirs))
                {
                    // then ours has to stand
                    Ike.HandOverTo(ours);
                    Ike.EnqueueFirst(new DeleteIke(Ike));
                    Ike.Complete(this);
                    return;
                }
                ours.AwaitDelete(Ike.Current);
                ours.Enqueue(new DeleteIke(ours));
                Ike.Complete(this); // the peer deletes the old one
                return;
            }
            Ike.Log(LogGroup.Ike, 1, $"IKE_SA rekey collision won{(theirs.New is null ? "" : $", waiting for delete of redundant IKE_SA {theirs.New}")}");
            Overrule();
            Ike.HandOverTo(ours);
            if (theirs.New is { IsAlive: true } redundant) redundant.AwaitDelete(ours);
        }
        else Ike.HandOverTo(ours);
        Ike.EnqueueFirst(new DeleteIke(Ike));
        Ike.Complete(this);
    }

    /// <summary>No successor of ours. If the peer makes one at the same time, that is it.</summary>
    protected override void OnRefused(NotifyType notify, string reason)
    {
        Abandon(null);
        if (Ike.RekeyedByPeer is { } theirs && (theirs.New is null || theirs.New.IsAlive)) YieldTo(theirs);
        else if (Ike.Phase == Phase.Rekeying) Ike.RetryRekey(Collisions.RetryDelay(Ike));
        Ike.Complete(this);
    }

    public override void OnRequest(Message request)
    {
        var (sa, ke, ni) = (request.Get<SaPayload>()!, request.Get<KePayload>()!, request.Get<NoncePayload>()!.Data);
        var theirs = ChildNegotiation.Theirs(sa, SecurityProtocol.Ike);
        if (ProposalChoice.Select(Supported(), theirs, Ike.Engine.Settings.PreferConfiguredProposals, out var number, out var reason) is not { } chosen)
        {
            Ike.Log(LogGroup.Ike, 1, $"no acceptable proposal found: {reason}");
            var miss = ProposalChoice.Nearest(Supported(), theirs);
            Ike.Refused(RefusalKind.Ike, RefusedBy.Us, $"rekeying of the IKE_SA: {miss?.Explain() ?? reason}", miss?.Change(),
                $"offered: {string.Join(", ", theirs.Select(t => t.Proposal))}", $"allowed: {string.Join(", ", Supported())}");
            Refuse(NotifyType.NoProposalChosen);
            return;
        }
        var method = chosen.First(TransformType.KeyExchange)!.Value.Id;
        if (ke.Method != method)
        {
            Ike.Respond(this, [KeyExchangeOffer.InvalidKe(method)]);
            return;
        }
        (_chosen, _theirSpi) = (chosen, BinaryPrimitives.ReadUInt64BigEndian(sa.Proposals.First(p => p.Number == number).Spi));
        var (crypto, peerValue) = (Ike.Engine.Host.Crypto, ke.Data);
        Ike.Do(this, crypto.Cost(method), () => crypto.Respond(method, peerValue), result =>
        {
            if (result is null || _theirSpi == 0)
            {
                Refuse(NotifyType.InvalidSyntax);
                return;
            }
            if (Collisions.RekeyIke(Ike) != Verdict.Accept) // what it depends on may have changed while we computed
            {
                Refuse(NotifyType.TemporaryFailure);
                return;
            }
            var input = new KeyInput(result.SharedSecret, ni, Ike.Engine.NewNonce());
            Promise();
            List<Payload> payloads =
            [
                new SaPayload([new SaProposal(number, SecurityProtocol.Ike, SpiBytes(_spi), chosen.Transforms)]),
                new NoncePayload(input.Nr),
                new KePayload(method, result.PublicValue),
            ];
            var rounds = chosen.AdditionalKeyExchanges;
            if (rounds.IsEmpty)
            {
                Answer(input);
                CrashDetection.Announce(_answered!.New!, payloads);
            }
            else
            {
                payloads.Add(Await(input, rounds));
                if (Ike.Phase == Phase.Rekeying) Ike.RekeyedByPeer = new(input.Ni, input.Nr, null, IsDecided: false);
            }
            Ike.Respond(this, payloads);
        });
    }

    public override void OnContinued()
    {
        if (Ike.RekeyedByPeer is { New: null } theirs) Ike.RekeyedByPeer = theirs with { IsDecided = true };
    }

    public override void OnExchanged(KeyInput input, Action<NotifyType?> respond)
    {
        var possible = Collisions.RekeyIke(Ike) == Verdict.Accept;
        if (possible) Answer(input);
        else OnDropped();
        respond(possible ? null : NotifyType.TemporaryFailure);
    }

    /// <summary>Responder: all is exchanged.</summary>
    void Answer(KeyInput input)
    {
        _answered = new(input.Ni, input.Nr, Make(input, isInitiator: false, _theirSpi, _spi), IsDecided: !_chosen!.AdditionalKeyExchanges.IsEmpty);
        input.Dispose();
        Ike.Engine.Counters.Add(Counter.IkeRekeyAnswered, Ike.Connection?.Name);
    }

    /// <summary>Responder: the new SA takes over at once, unless our own request is under way; then the nonces decide when that is answered.</summary>
    public override void AfterResponse()
    {
        if (_answered is not { New: { } successor }) return;
        if (Ike.Phase == Phase.Rekeying)
        {
            successor.Phase = Phase.Rekeying;
            successor.Contested = Ike;
            Ike.RekeyedByPeer = _answered;
        }
        else Ike.HandOverTo(successor);
    }

    /// <summary>The peer does not finish its rekeying: what we left to it, we do ourselves.</summary>
    public override void OnDropped()
    {
        Ike.Engine.PromisedSpis.Remove(_spi);
        if (Ike.RekeyedByPeer is { New: null }) Ike.RekeyedByPeer = null;
        if (_weWantItToo && Ike.Phase == Phase.Established) Ike.RetryRekey(Collisions.RetryDelay(Ike));
    }

    IkeSa Make(KeyInput input, bool isInitiator, ulong initiatorSpi, ulong responderSpi)
    {
        var chosen = _chosen!;
        var prf = Prf.For(chosen.First(TransformType.Prf)!.Value.Id);
        var keys = KeySchedule.DeriveRekeyed(Ike.Prf!, Ike.Keys!.SkD, prf, chosen.First(TransformType.Encryption)!.Value, chosen.First(TransformType.Integrity),
            input.Ni, input.Nr, input.Secret, initiatorSpi, responderSpi, input.Additional.Octets);
        var successor = new IkeSa(Ike.Engine, isInitiator, Ike.Local, Ike.Remote) { InitiatorSpi = initiatorSpi, ResponderSpi = responderSpi, IsConfirmed = isInitiator };
        Ike.Engine.PromisedSpis.Remove(_spi);
        successor.UseKeys(chosen, prf, keys);
        successor.TakeAfter(Ike);
        return successor;
    }

    /// <summary>The peer is about to know an SPI of ours that no IKE_SA has yet.</summary>
    void Promise()
    {
        _spi = Ike.Engine.NewIkeSpi();
        Ike.Engine.PromisedSpis.Add(_spi);
    }

    ImmutableArray<Proposal> Supported() => KeyExchangeOffer.Supported(Ike.Engine.Host.Crypto, Ike.Connection!.Proposals);

    void Refuse(NotifyType notify) => Ike.Respond(this, [new NotifyPayload(notify, [])]);

    static byte[] SpiBytes(ulong spi)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, spi);
        return bytes;
    }

    public override void Abandon(string? reason)
    {
        Clear();
        Ike.Engine.PromisedSpis.Remove(_spi);
        _offer?.Dispose();
    }
}
