// CREATE_CHILD_SA, rekeying the IKE_SA. RFC 7296 1.3.2, 2.8, 2.8.2 (collisions), 2.18, 2.25.
//   SK {SA, Ni, KEi}  -->
//                         <--  SK {SA, Nr, KEr}
using System.Buffers.Binary;
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class RekeyIke(IkeSa ike) : Exchange(ike)
{
    const int MostRetries = 3;

    readonly HashSet<ushort> _refusedKe = [];
    KeyExchangeStart? _start;
    byte[] _ni = [];
    ulong _spi;
    ushort _ke;
    int _retries;
    PeerIkeRekey? _answered;

    public override string Task => "IKE_REKEY";
    public override ExchangeType Type => ExchangeType.CreateChildSa;

    public override void Begin()
    {
        if (Ike.Phase != Phase.Established)
        {
            Ike.Complete(this);
            return;
        }
        Ike.Phase = Phase.Rekeying;
        Ike.State = IkeState.Rekeying;
        Ike.Log(LogGroup.Ike, 0, $"initiating IKE_SA {Ike.Name} rekeying to {Ike.Remote.Address}");
        _spi = Ike.Engine.NewIkeSpi();
        _ni = Ike.Engine.NewNonce();
        // the method in use is the one that both ends accept for sure
        var inUse = Ike.Proposal!.First(TransformType.KeyExchange)!.Value.Id;
        _ke = Supported().Any(p => p.Of(TransformType.KeyExchange).Any(t => t.Id == inUse)) ? inUse : Supported().Select(p => p.First(TransformType.KeyExchange)!.Value.Id).FirstOrDefault();
        StartKe();
    }

    void StartKe()
    {
        var (crypto, method) = (Ike.Engine.Host.Crypto, _ke);
        Ike.Do(this, crypto.Cost(method), () => crypto.Start(method), started =>
        {
            _start?.Dispose();
            _start = started;
            Ike.Request(this,
            [
                new SaPayload([.. Supported().Select((p, i) => new SaProposal((byte)(i + 1), SecurityProtocol.Ike, SpiBytes(_spi), p.Transforms))]),
                new NoncePayload(_ni),
                new KePayload(_ke, started.PublicValue),
            ]);
        });
    }

    public override void OnResponse(Message response)
    {
        if (response.Notify(NotifyType.InvalidKePayload) is { Data.Length: 2 } other)
        {
            var wanted = BinaryPrimitives.ReadUInt16BigEndian(other.Data);
            _refusedKe.Add(_ke);
            if (++_retries <= MostRetries && !_refusedKe.Contains(wanted) && Supported().Any(p => p.Of(TransformType.KeyExchange).Any(t => t.Id == wanted)))
            {
                _ke = wanted;
                StartKe();
                return;
            }
        }
        if (response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify)) is { } error)
        {
            Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify error");
            if (error.Notify != NotifyType.TemporaryFailure)
                Ike.Refused(error.Notify == NotifyType.NoProposalChosen ? RefusalKind.Ike : RefusalKind.Message, RefusedBy.Peer,
                    $"the peer answered {NotifyNames.Long(error.Notify)} to the rekeying of the IKE_SA", "compare 'ike=' on both ends", $"offered: {string.Join(", ", Supported())}");
            GiveUp();
            return;
        }
        if (response.Get<SaPayload>() is not { Proposals: [{ Protocol: SecurityProtocol.Ike, Spi.Length: 8, IsUnusable: false } answer] }
            || response.Get<KePayload>() is not { } ke || response.Get<NoncePayload>() is not { } nonce || ke.Method != _ke
            || ProposalChoice.Select(Supported(), [(answer.Number, new(SecurityProtocol.Ike, answer.Transforms))], true, out _, out _) is not { } chosen
            || chosen.Transforms.Length != answer.Transforms.Length || chosen.First(TransformType.KeyExchange)?.Id != _ke)
        {
            Ike.Log(LogGroup.Ike, 1, $"the peer's answer to the rekeying does not fit the request");
            GiveUp();
            return;
        }
        var (start, theirSpi) = (_start!, BinaryPrimitives.ReadUInt64BigEndian(answer.Spi));
        Ike.Do(this, Ike.Engine.Host.Crypto.Cost(_ke), () => start.Finish(ke.Data), secret =>
        {
            if (secret is null)
            {
                Ike.Log(LogGroup.Ike, 1, $"the peer's key exchange value is invalid");
                GiveUp();
                return;
            }
            var successor = Make(chosen, secret, _ni, nonce.Data, isInitiator: true, _spi, theirSpi);
            Ike.Engine.Counters.Add(Counter.IkeRekeyInitiated, Ike.Connection?.Name);
            Settle(successor, nonce.Data);
        });
    }

    /// <summary>Our rekeying went through: it stands, unless the peer's did too and the nonces say that ours is redundant.</summary>
    void Settle(IkeSa ours, byte[] nr)
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
            if (Collisions.OursIsRedundant(_ni, nr, theirs.Ni, theirs.Nr))
            {
                Ike.Log(LogGroup.Ike, 1, $"IKE_SA rekey collision lost, deleting redundant IKE_SA {ours}");
                if (!theirs.New.IsAlive)
                {
                    // deleted already, against the rule: then ours has to stand
                    Ike.HandOverTo(ours);
                    Ike.EnqueueFirst(new DeleteIke(Ike));
                    Ike.Complete(this);
                    return;
                }
                Ike.HandOverTo(theirs.New);
                ours.AwaitDelete(theirs.New);
                ours.Enqueue(new DeleteIke(ours));
                Ike.Complete(this); // the peer deletes the old one
                return;
            }
            Ike.Log(LogGroup.Ike, 1, $"IKE_SA rekey collision won, waiting for delete of redundant IKE_SA {theirs.New}");
            Ike.HandOverTo(ours);
            if (theirs.New.IsAlive) theirs.New.AwaitDelete(ours);
        }
        else Ike.HandOverTo(ours);
        Ike.EnqueueFirst(new DeleteIke(Ike));
        Ike.Complete(this);
    }

    /// <summary>No successor of ours. If the peer made one at the same time, that is it.</summary>
    void GiveUp()
    {
        _start?.Dispose();
        _start = null;
        if (Ike.RekeyedByPeer is { New.IsAlive: true } theirs) Ike.HandOverTo(theirs.New);
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
            Ike.Respond(this, [new NotifyPayload(NotifyType.NoProposalChosen, [])]);
            return;
        }
        var method = chosen.First(TransformType.KeyExchange)!.Value.Id;
        if (ke.Method != method)
        {
            Ike.Respond(this, [InvalidKe(method)]);
            return;
        }
        var theirSpi = BinaryPrimitives.ReadUInt64BigEndian(sa.Proposals.First(p => p.Number == number).Spi);
        var (crypto, peerValue) = (Ike.Engine.Host.Crypto, ke.Data);
        Ike.Do(this, crypto.Cost(method), () => crypto.Respond(method, peerValue), result =>
        {
            if (result is null || theirSpi == 0)
            {
                Ike.Respond(this, [new NotifyPayload(NotifyType.InvalidSyntax, [])]);
                return;
            }
            if (Collisions.RekeyIke(Ike) != Verdict.Accept) // what it depends on may have changed while we computed
            {
                Ike.Respond(this, [new NotifyPayload(NotifyType.TemporaryFailure, [])]);
                return;
            }
            var (nr, spi) = (Ike.Engine.NewNonce(), Ike.Engine.NewIkeSpi());
            var successor = Make(chosen, result.SharedSecret, ni, nr, isInitiator: false, theirSpi, spi);
            _answered = new(ni, nr, successor);
            Ike.Engine.Counters.Add(Counter.IkeRekeyAnswered, Ike.Connection?.Name);
            Ike.Respond(this,
            [
                new SaPayload([new SaProposal(number, SecurityProtocol.Ike, SpiBytes(spi), chosen.Transforms)]),
                new NoncePayload(nr),
                new KePayload(method, result.PublicValue),
            ]);
        });
    }

    /// <summary>Responder: the new SA takes over at once, unless our own request is under way; then the nonces decide when that is answered.</summary>
    public override void AfterResponse()
    {
        if (_answered is null) return;
        if (Ike.Phase == Phase.Rekeying)
        {
            _answered.New.Phase = Phase.Rekeying;
            _answered.New.Contested = Ike;
            Ike.RekeyedByPeer = _answered;
        }
        else Ike.HandOverTo(_answered.New);
    }

    IkeSa Make(Proposal chosen, byte[] secret, byte[] ni, byte[] nr, bool isInitiator, ulong initiatorSpi, ulong responderSpi)
    {
        var prf = Prf.For(chosen.First(TransformType.Prf)!.Value.Id);
        var keys = KeySchedule.DeriveRekeyed(Ike.Prf!, Ike.Keys!.SkD, prf, chosen.First(TransformType.Encryption)!.Value, chosen.First(TransformType.Integrity),
            ni, nr, secret, initiatorSpi, responderSpi);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
        var successor = new IkeSa(Ike.Engine, isInitiator, Ike.Local, Ike.Remote) { InitiatorSpi = initiatorSpi, ResponderSpi = responderSpi, IsConfirmed = isInitiator };
        successor.UseKeys(chosen, prf, keys);
        successor.TakeAfter(Ike);
        return successor;
    }

    ImmutableArray<Proposal> Supported()
    {
        var crypto = Ike.Engine.Host.Crypto;
        return [.. Ike.Connection!.Proposals.Select(p => p with
        {
            Transforms = [.. p.Transforms.Where(t => t.Type != TransformType.KeyExchange || crypto.Supports(t.Id) && !_refusedKe.Contains(t.Id))],
        }).Where(p => p.First(TransformType.KeyExchange) is not null)];
    }


    static byte[] SpiBytes(ulong spi)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, spi);
        return bytes;
    }

    public override void Abandon(string? reason)
    {
        _start?.Dispose();
        _start = null;
    }
}
