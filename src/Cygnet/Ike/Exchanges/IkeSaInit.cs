// IKE_SA_INIT. RFC 7296 1.2, 2.6 (COOKIE), 2.7 (INVALID_KE_PAYLOAD), 2.23 (NAT detection); RFC 7383; RFC 7427 4; RFC 6023.
//   HDR, [N(COOKIE)], SAi1, KEi, Ni, N(NATD..)*, N(FRAG_SUP), N(HASH_ALG)  -->
//                        <--  HDR, SAr1, KEr, Nr, N(NATD..)*, [CERTREQ], N(FRAG_SUP), N(HASH_ALG), N(CHDLESS_SUP)
using System.Buffers.Binary;
using System.Collections.Immutable;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class IkeSaInit : Exchange
{
    const int MostRetries = 5;

    readonly List<Connection> _candidates = [];
    readonly HashSet<ushort> _refusedKe = [];
    byte[]? _cookie;
    ushort _ke;
    int _retries;

    public IkeSaInit(IkeSa ike, ChildWish? child) : base(ike) => Child = child;

    public IkeSaInit(IkeSa ike, List<Connection> candidates) : base(ike) => _candidates = candidates;

    public ChildWish? Child { get; }

    public override string Task => "IKE_INIT";
    public override ExchangeType Type => ExchangeType.IkeSaInit;

    public override void Begin()
    {
        Ike.Log(LogGroup.Ike, 0, $"initiating IKE_SA {Ike} to {Ike.Remote.Address}");
        _ke = Offered().Select(p => p.First(TransformType.KeyExchange)!.Value.Id).FirstOrDefault();
        if (_ke == 0)
        {
            Fail($"none of the key exchange methods of connection '{Ike.Name}' is built; 'ike=' must name one that is");
            return;
        }
        Ike.Handshake!.Ni = Ike.Engine.NewNonce();
        StartKeyExchange();
    }

    void StartKeyExchange()
    {
        var (crypto, method) = (Ike.Engine.Host.Crypto, _ke);
        Ike.Do(this, crypto.Cost(method), () => crypto.Start(method), started =>
        {
            Ike.Handshake!.KeyExchange?.Dispose();
            Ike.Handshake.KeyExchange = started;
            SendRequest();
        });
    }

    void SendRequest()
    {
        var h = Ike.Handshake!;
        var (source, destination) = NatDetection.Notifies(Ike, NatDetection.MustFake(Ike));
        List<Payload> payloads =
        [
            new SaPayload([.. Offered().Select((p, i) => new SaProposal((byte)(i + 1), SecurityProtocol.Ike, [], p.Transforms))]),
            new KePayload(_ke, h.KeyExchange!.PublicValue),
            new NoncePayload(h.Ni),
            source, destination,
        ];
        if (Ike.Connection!.Fragmentation != FragmentationPolicy.No) payloads.Add(new NotifyPayload(NotifyType.FragmentationSupported, []));
        if (Ike.Engine.Settings.SignatureAuthentication) payloads.Add(HashAlgorithms());
        if (Ike.Connection.PpkId.Length > 0) payloads.Add(new NotifyPayload(NotifyType.UsePpk, []));
        if (_cookie is not null) payloads.Insert(0, new NotifyPayload(NotifyType.Cookie, _cookie));
        Ike.Request(this, payloads);
    }

    public override void OnResponse(Message response)
    {
        if (response.Notify(NotifyType.Cookie) is { } cookie)
        {
            if (cookie.Data.Length is < 1 or > 64 || !MayRetry("COOKIE")) return;
            _cookie = cookie.Data;
            Again(SendRequest);
            return;
        }
        if (response.Notify(NotifyType.InvalidKePayload) is { } invalidKe)
        {
            OnInvalidKe(invalidKe);
            return;
        }
        if (response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify)) is { } error)
        {
            Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify error");
            if (error.Notify == NotifyType.NoProposalChosen)
                Ike.Refused(RefusalKind.Ike, RefusedBy.Peer, "the peer accepts none of our IKE proposals, or has no connection for our address",
                    "compare 'ike=' on both ends; 'ipsec why' on the peer says what it allows", $"offered: {string.Join(", ", Offered())}");
            else Ike.Refused(RefusalKind.Message, RefusedBy.Peer, $"the peer answered {NotifyNames.Long(error.Notify)} to IKE_SA_INIT");
            Ike.Destroy($"the peer answered {NotifyNames.Long(error.Notify)}");
            return;
        }
        if (response.Get<SaPayload>() is not { Proposals: [{ Protocol: SecurityProtocol.Ike, IsUnusable: false } answer] }
            || response.Get<KePayload>() is not { } ke || response.Get<NoncePayload>() is not { } nonce || response.Header.ResponderSpi == 0)
        {
            Fail("the peer's IKE_SA_INIT response lacks SA, KE or nonce");
            return;
        }
        var theirs = new Proposal(SecurityProtocol.Ike, answer.Transforms);
        var chosen = ProposalChoice.Select(Offered(), [(answer.Number, theirs)], preferOurs: true, out _, out var reason);
        if (chosen is null || theirs.Transforms.Length != chosen.Transforms.Length)
        {
            Ike.Log(LogGroup.Ike, 1, $"received proposals unacceptable: {theirs}: {reason}");
            Fail($"the peer chose {theirs}, which we did not offer");
            return;
        }
        if (ke.Method != _ke || chosen.First(TransformType.KeyExchange)?.Id != _ke)
        {
            Fail("the peer's key exchange method is not the one that we used");
            return;
        }
        Ike.Log(LogGroup.Cfg, 1, $"selected proposal: {chosen}");
        Ike.ResponderSpi = response.Header.ResponderSpi;
        Ike.Handshake!.Nr = nonce.Data;
        NoteSupport(response);
        NatDetection.Evaluate(Ike, response, Ike.Local, Ike.Remote);
        Ike.NatFaked = NatDetection.MustFake(Ike);
        if (Ike.NatFaked && !Ike.LocalBehindNat) Ike.Log(LogGroup.Ike, 1, $"faking NAT situation to enforce UDP encapsulation");
        var (start, peerValue) = (Ike.Handshake.KeyExchange!, ke.Data);
        Ike.Do(this, Ike.Engine.Host.Crypto.Cost(_ke), () => start.Finish(peerValue), secret =>
        {
            if (secret is null)
            {
                Fail("the peer's key exchange value is invalid");
                return;
            }
            Keyed(chosen, secret);
            if (Ike.HasNat || Ike.Connection!.Mobike && Ike.PeerTraversesNat) Ike.Float(); // RFC 4555 3.3
            Ike.EnqueueFirst(new IkeAuth(Ike, Child));
            Ike.Complete(this);
        });
    }

    /// <summary>The peer wants another method; it must be one that we offered and did not try. RFC 7296 1.2.</summary>
    void OnInvalidKe(NotifyPayload notify)
    {
        if (notify.Data.Length != 2)
        {
            Fail("the peer's INVALID_KE_PAYLOAD names no method");
            return;
        }
        var wanted = BinaryPrimitives.ReadUInt16BigEndian(notify.Data);
        Ike.Log(LogGroup.Ike, 1, $"peer didn't accept DH group {Transforms.Name(new(TransformType.KeyExchange, _ke))}, it requested {Transforms.Name(new(TransformType.KeyExchange, wanted))}");
        _refusedKe.Add(_ke);
        if (_refusedKe.Contains(wanted) || !Offered().Any(p => p.Of(TransformType.KeyExchange).Any(t => t.Id == wanted)))
        {
            Fail($"the peer requests {Transforms.Name(new(TransformType.KeyExchange, wanted))}; 'ike=' does not allow it");
            return;
        }
        if (!MayRetry("INVALID_KE_PAYLOAD")) return;
        _ke = wanted;
        Again(StartKeyExchange);
    }

    public override void OnRequest(Message request)
    {
        var (sa, ke) = (request.Get<SaPayload>()!, request.Get<KePayload>()!);
        var theirs = ChildNegotiation.Theirs(sa, SecurityProtocol.Ike);
        Proposal? chosen = null;
        byte number = 0;
        var reason = "";
        foreach (var candidate in _candidates)
        {
            chosen = ProposalChoice.Select(Supported(candidate), theirs, Ike.Engine.Settings.PreferConfiguredProposals, out number, out var why);
            if (chosen is not null)
            {
                // forced encapsulation and fragmentation count before the identity is known
                Ike.Handshake!.Candidates = [candidate, .. _candidates.Where(c => c != candidate && ProposalChoice.Select(Supported(c), [(1, chosen)], true, out _, out _) is not null)];
                break;
            }
            if (reason.Length == 0) reason = why;
        }
        Ike.Log(LogGroup.Ike, 0, $"{Ike.Remote.Address} is initiating an IKE_SA");
        if (chosen is null)
        {
            Ike.Log(LogGroup.Cfg, 1, $"received proposals: {string.Join(", ", theirs.Select(t => t.Proposal))}");
            Ike.Log(LogGroup.Cfg, 1, $"configured proposals: {string.Join(", ", Supported(_candidates[0]))}");
            Ike.Log(LogGroup.Ike, 1, $"received proposals unacceptable: {reason}");
            RefuseProposals(theirs, reason);
            Refuse(new(NotifyType.NoProposalChosen, []));
            return;
        }
        Ike.Log(LogGroup.Cfg, 1, $"selected proposal: {chosen}");
        _ke = chosen.First(TransformType.KeyExchange)!.Value.Id;
        if (ke.Method != _ke)
        {
            Ike.Log(LogGroup.Ike, 1, $"DH group {Transforms.Name(new(TransformType.KeyExchange, ke.Method))} unacceptable, requesting {Transforms.Name(new(TransformType.KeyExchange, _ke))}");
            Refuse(InvalidKe(_ke));
            return;
        }
        var h = Ike.Handshake!;
        h.Ni = request.Get<NoncePayload>()!.Data;
        h.Nr = Ike.Engine.NewNonce();
        NoteSupport(request);
        NatDetection.Evaluate(Ike, request, Ike.Local, Ike.Remote);
        Ike.NatFaked = NatDetection.MustFake(Ike);
        if (Ike.NatFaked && !Ike.LocalBehindNat) Ike.Log(LogGroup.Ike, 1, $"faking NAT situation to enforce UDP encapsulation");
        var (crypto, method, peerValue) = (Ike.Engine.Host.Crypto, _ke, ke.Data);
        Ike.Do(this, crypto.Cost(method), () => crypto.Respond(method, peerValue), result =>
        {
            if (result is null)
            {
                Ike.Refused(RefusalKind.Ike, RefusedBy.Us, "the peer's key exchange value is invalid");
                Refuse(new(NotifyType.InvalidSyntax, []));
                return;
            }
            SendResponse(chosen, number, result);
        });
    }

    void SendResponse(Proposal chosen, byte number, KeyExchangeResult result)
    {
        var (source, destination) = NatDetection.Notifies(Ike, Ike.NatFaked);
        List<Payload> payloads =
        [
            new SaPayload([new SaProposal(number, SecurityProtocol.Ike, [], chosen.Transforms)]),
            new KePayload(_ke, result.PublicValue),
            new NoncePayload(Ike.Handshake!.Nr),
            source, destination,
        ];
        if (CertificateRequests.Payload(Ike, Ike.Handshake.Candidates[0]) is { } request) payloads.Add(request);
        if (Ike.PeerFragments) payloads.Add(new NotifyPayload(NotifyType.FragmentationSupported, []));
        if (Ike.PeerHashes is not null) payloads.Add(HashAlgorithms());
        payloads.Add(new NotifyPayload(NotifyType.ChildlessIkeSupported, []));
        payloads.Add(new NotifyPayload(NotifyType.MultipleAuthSupported, []));
        if (AuthAnnouncement.Encode(Ike.Handshake.Candidates.SelectMany(c => c.Remote)) is { Length: > 0 } announced)
            payloads.Add(new NotifyPayload(NotifyType.SupportedAuthMethods, announced));
        if (Ike.PeerUsesPpk) payloads.Add(new NotifyPayload(NotifyType.UsePpk, []));
        Keyed(chosen, result.SharedSecret);
        Ike.Respond(this, payloads);
    }

    void Keyed(Proposal chosen, byte[] secret)
    {
        var h = Ike.Handshake!;
        var prf = Prf.For(chosen.First(TransformType.Prf)!.Value.Id);
        var keys = KeySchedule.Derive(prf, chosen.First(TransformType.Encryption)!.Value, chosen.First(TransformType.Integrity), h.Ni, h.Nr, secret, Ike.InitiatorSpi, Ike.ResponderSpi);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
        h.KeyExchange?.Dispose();
        h.KeyExchange = null;
        Ike.UseKeys(chosen, prf, keys);
        Ike.Phase = Phase.Keyed;
    }

    void NoteSupport(Message message)
    {
        Ike.PeerFragments = message.Has(NotifyType.FragmentationSupported) && Ike.Provisional?.Fragmentation != FragmentationPolicy.No;
        Ike.PeerUsesPpk = message.Has(NotifyType.UsePpk) && (Ike.IsInitiator ? Ike.Connection!.PpkId.Length > 0 : Ike.Engine.Configuration!.Credentials.HasPpk);
        Ike.PeerIsChildless = message.Has(NotifyType.ChildlessIkeSupported);
        if (Ike.Engine.Settings.SignatureAuthentication && message.Notify(NotifyType.SignatureHashAlgorithms) is { } hashes)
            Ike.PeerHashes = [.. hashes.Data.Chunk(2).Where(c => c.Length == 2).Select(c => BinaryPrimitives.ReadUInt16BigEndian(c))];
        CertificateRequests.Note(Ike, message);
        if (message.Notify(NotifyType.SupportedAuthMethods) is { } announced) Ike.Handshake!.Announced = AuthAnnouncement.Read(announced.Data);
    }

    /// <summary>Our proposals, less the key exchange methods that the peer refused.</summary>
    ImmutableArray<Proposal> Offered() => [.. Supported(Ike.Connection!).Select(p => p with
    {
        Transforms = [.. p.Transforms.Where(t => t.Type != TransformType.KeyExchange || !_refusedKe.Contains(t.Id))],
    }).Where(p => p.First(TransformType.KeyExchange) is not null)];

    ImmutableArray<Proposal> Supported(Connection connection)
    {
        var crypto = Ike.Engine.Host.Crypto;
        return [.. connection.Proposals.Select(p => p with
        {
            Transforms = [.. p.Transforms.Where(t => t.Type != TransformType.KeyExchange || crypto.Supports(t.Id))],
        }).Where(p => p.First(TransformType.KeyExchange) is not null)];
    }

    static NotifyPayload HashAlgorithms()
    {
        var data = new byte[SignatureHash.Announced.Length * 2];
        for (var i = 0; i < SignatureHash.Announced.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(i * 2), SignatureHash.Announced[i]);
        return new(NotifyType.SignatureHashAlgorithms, data);
    }


    /// <summary>Each retry is the same exchange again, with message ID 0. RFC 7296 2.6.1 bounds how often that makes sense.</summary>
    void Again(Action send)
    {
        Ike.Sending.Next = 0;
        send();
    }

    bool MayRetry(string cause)
    {
        if (++_retries <= MostRetries) return true;
        Fail($"the peer answered {cause} {MostRetries} times");
        return false;
    }

    void Fail(string reason)
    {
        Ike.Refused(RefusalKind.Ike, RefusedBy.Us, reason);
        Ike.Destroy(reason);
    }

    /// <summary>Which of all candidates and proposals came nearest, and the setting that would have accepted it.</summary>
    void RefuseProposals(List<(byte Number, Proposal Proposal)> theirs, string reason)
    {
        ProposalMiss? nearest = null;
        foreach (var candidate in _candidates)
            if (ProposalChoice.Nearest(Supported(candidate), theirs) is { } miss && (nearest is null || miss.Failed.Length < nearest.Failed.Length))
            {
                nearest = miss;
                Ike.Handshake!.Candidates = [candidate];
            }
        Ike.Refused(RefusalKind.Ike, RefusedBy.Us, nearest?.Explain() ?? reason, nearest?.Change(),
            $"offered: {string.Join(", ", theirs.Select(t => t.Proposal))}", $"allowed: {string.Join(", ", nearest is null ? Supported(_candidates[0]) : Supported(Ike.Provisional!))}");
    }

    /// <summary>Answered, and nothing stays: a stranger's failed attempt costs no memory.</summary>
    void Refuse(NotifyPayload notify)
    {
        Ike.Engine.RefuseInit(Ike, notify);
        Ike.Destroy($"answered with {NotifyNames.Long(notify.Notify)}");
    }
}
