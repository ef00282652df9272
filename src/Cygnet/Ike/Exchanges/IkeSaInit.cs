// IKE_SA_INIT. RFC 7296 1.2, 2.6 (COOKIE), 2.7 (INVALID_KE_PAYLOAD), 2.23 (NAT detection); RFC 5685 3; RFC 7383; RFC 7427 4; RFC 6023; RFC 9242 3.1.
//   HDR, [N(COOKIE)], SAi1, KEi, Ni, N(NATD..)*, N(FRAG_SUP), N(HASH_ALG), N(REDIR_SUP), [N(IKE_INT_SUP)]  -->
//                        <--  HDR, SAr1, KEr, Nr, N(NATD..)*, [CERTREQ], N(FRAG_SUP), N(HASH_ALG), N(CHDLESS_SUP), [N(IKE_INT_SUP)]
using System.Buffers.Binary;
using System.Collections.Immutable;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class IkeSaInit : Exchange
{
    const int MostCookies = 5;

    readonly List<Connection> _candidates = [];
    KeyExchangeOffer? _offer;
    byte[]? _cookie;
    int _cookies;

    public IkeSaInit(IkeSa ike, ChildWish? child) : base(ike) => Child = child;

    public IkeSaInit(IkeSa ike, List<Connection> candidates) : base(ike) => _candidates = candidates;

    public ChildWish? Child { get; }

    public override string Task => "IKE_INIT";
    public override IEnumerable<string> Tasks => FirstTasks.Initiating(Ike, Child is not null);
    public override ExchangeType Type => ExchangeType.IkeSaInit;

    public override void Begin()
    {
        Ike.Log(LogGroup.Ike, 0, $"initiating IKE_SA {Ike} to {Ike.Remote.Address}");
        var proposals = Supported(Ike.Connection!);
        if (proposals.IsEmpty)
        {
            Fail($"no proposal of connection '{Ike.Name}' has key exchange methods that are built; 'ike=' must name one that is");
            return;
        }
        Ike.Handshake!.Ni = Ike.Engine.NewNonce();
        _offer = new(Ike, proposals, KeyExchangeOffer.Preferred(proposals));
        _offer.Start(this, SendRequest);
    }

    void SendRequest()
    {
        var h = Ike.Handshake!;
        var (source, destination) = NatDetection.Notifies(Ike, NatDetection.MustFake(Ike));
        List<Payload> payloads =
        [
            KeyExchangeOffer.OnTheWire(_offer!.Proposals, []),
            _offer.Payload!,
            new NoncePayload(h.Ni),
            source, destination,
        ];
        if (Ike.Connection!.Fragmentation != FragmentationPolicy.No) payloads.Add(new NotifyPayload(NotifyType.FragmentationSupported, []));
        if (Ike.Engine.Settings.SignatureAuthentication) payloads.Add(HashAlgorithms);
        Redirect.Announce(Ike, payloads);
        if (Ike.Connection.PpkId.Length > 0) payloads.Add(new NotifyPayload(NotifyType.UsePpk, []));
        if (OffersIntermediate) payloads.Add(new NotifyPayload(NotifyType.IntermediateExchangeSupported, []));
        if (VendorId.IsSent(Ike, Ike.Connection)) payloads.Add(VendorId.Payload());
        if (Ike.Engine.Settings.CiscoFlexVpn) payloads.Add(VendorId.FlexVpn());
        if (_cookie is not null) payloads.Insert(0, new NotifyPayload(NotifyType.Cookie, _cookie));
        Ike.Request(this, payloads);
    }

    bool OffersIntermediate => _offer!.Proposals.Any(p => p.Transforms.Any(t => t.Round > 0));

    public override bool IsForged(Message response) => Redirect.IsForged(response, Ike.Handshake!.Ni);

    public override void OnResponse(Message response)
    {
        if (Redirect.Read(response) is { } gateway)
        {
            _offer?.Dispose();
            Ike.FollowWhileConnecting(this, gateway);
            return;
        }
        if (response.Notify(NotifyType.Cookie) is { } cookie)
        {
            if (cookie.Data.Length is < 1 or > 64 || ++_cookies > MostCookies)
            {
                Fail(_cookies > MostCookies ? $"the peer answered COOKIE {_cookies} times" : "the peer's COOKIE has an impossible length");
                return;
            }
            _cookie = cookie.Data;
            Ike.Sending.Next = 0;
            SendRequest();
            return;
        }
        if (response.Notify(NotifyType.InvalidKePayload) is { } invalidKe)
        {
            if (_offer!.TurnTo(invalidKe) is { } whyNot)
            {
                Fail(whyNot);
                return;
            }
            Ike.Sending.Next = 0; // the same exchange again, RFC 7296 2.6.1
            _offer.Start(this, SendRequest);
            return;
        }
        if (response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify)) is { } error)
        {
            Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify error");
            if (error.Notify == NotifyType.NoProposalChosen)
                Ike.Refused(RefusalKind.Ike, RefusedBy.Peer, "the peer accepts none of our IKE proposals, or has no connection for our address",
                    "compare 'ike=' on both ends; 'ipsec why' on the peer says what it allows", $"offered: {string.Join(", ", _offer!.Proposals)}");
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
        var chosen = ProposalChoice.Accept(_offer!.Proposals, theirs, out var reason);
        if (chosen is null)
        {
            Ike.Log(LogGroup.Ike, 1, $"received proposals unacceptable: {theirs}: {reason}");
            Fail($"the peer chose {theirs}, which we did not offer", AlertType.ProposalMismatchIke);
            return;
        }
        if (ke.Method != _offer.Method || chosen.First(TransformType.KeyExchange)?.Id != _offer.Method)
        {
            Fail("the peer's key exchange method is not the one that we used");
            return;
        }
        Ike.Handshake!.HasIntermediate = OffersIntermediate && response.Has(NotifyType.IntermediateExchangeSupported);
        if (!chosen.AdditionalKeyExchanges.IsEmpty && !Ike.Handshake.HasIntermediate)
        {
            Ike.Log(LogGroup.Ike, 1, $"peer didn't send INTERMEDIATE_EXCHANGE_SUPPORTED while accepting multiple key exchanges");
            Fail("the peer chose additional key exchanges without announcing IKE_INTERMEDIATE");
            return;
        }
        Ike.Log(LogGroup.Cfg, 1, $"selected proposal: {chosen}");
        Ike.ResponderSpi = response.Header.ResponderSpi;
        Ike.Handshake.Nr = nonce.Data;
        DetectNat(response);
        NoteSupport(response);
        _offer.Finish(this, ke, secret =>
        {
            if (secret is null)
            {
                Fail("the peer's key exchange value is invalid");
                return;
            }
            Keyed(chosen, secret);
            if (Ike.HasNat || Ike.Connection!.Mobike && Ike.PeerTraversesNat) Ike.Float(); // RFC 4555 3.3
            Ike.EnqueueFirst(IkeIntermediate.Next(Ike, Child));
            Ike.Complete(this);
        });
    }

    public override void OnRequest(Message request)
    {
        var (sa, ke) = (request.Get<SaPayload>()!, request.Get<KePayload>()!);
        var theirs = ChildNegotiation.Theirs(sa, SecurityProtocol.Ike);
        var intermediate = request.Has(NotifyType.IntermediateExchangeSupported);
        Proposal? chosen = null;
        byte number = 0;
        var reason = "";
        foreach (var candidate in _candidates)
        {
            chosen = ProposalChoice.Select(Supported(candidate, intermediate), theirs, Ike.Engine.Settings.PreferConfiguredProposals, out number, out var why);
            if (chosen is not null)
            {
                // forced encapsulation and fragmentation count before the identity is known
                Ike.Handshake!.Candidates = _candidates.Count == 1 ? _candidates : [candidate, .. _candidates.Where(c => c != candidate && ProposalChoice.Select(Supported(c), [(1, chosen)], true, out _, out _) is not null)];
                break;
            }
            if (reason.Length == 0) reason = why;
        }
        Ike.Log(LogGroup.Ike, 0, $"{Ike.Remote.Address} is initiating an IKE_SA");
        if (chosen is null)
        {
            if (!intermediate && theirs.Any(t => t.Proposal.Transforms.Any(x => x.Round > 0)))
                Ike.Log(LogGroup.Ike, 1, $"peer didn't send INTERMEDIATE_EXCHANGE_SUPPORTED while proposing multiple key exchanges");
            Ike.Log(LogGroup.Cfg, 1, $"received proposals: {string.Join(", ", theirs.Select(t => t.Proposal))}");
            Ike.Log(LogGroup.Cfg, 1, $"configured proposals: {string.Join(", ", Supported(_candidates[0]))}");
            Ike.Log(LogGroup.Ike, 1, $"received proposals unacceptable: {reason}");
            RefuseProposals(theirs, reason);
            Refuse(new(NotifyType.NoProposalChosen, []));
            return;
        }
        Ike.Log(LogGroup.Cfg, 1, $"selected proposal: {chosen}");
        if (Redirect.Target(Ike, isAfterAuthentication: false, Redirect.Note(Ike, request)) is { } gateway)
        {
            Ike.Log(LogGroup.Ike, 1, $"redirecting peer to {gateway}");
            Refuse(new(NotifyType.Redirect, GatewayIdentity.Write(gateway, request.Get<NoncePayload>()!.Data)));
            return;
        }
        var method = chosen.First(TransformType.KeyExchange)!.Value.Id;
        if (ke.Method != method)
        {
            Ike.Log(LogGroup.Ike, 1, $"DH group {Transforms.Name(new(TransformType.KeyExchange, ke.Method))} unacceptable, requesting {Transforms.Name(new(TransformType.KeyExchange, method))}");
            Refuse(KeyExchangeOffer.InvalidKe(method));
            return;
        }
        var h = Ike.Handshake!;
        h.HasIntermediate = intermediate;
        h.Ni = request.Get<NoncePayload>()!.Data;
        h.Nr = Ike.Engine.NewNonce();
        DetectNat(request);
        NoteSupport(request);
        var (crypto, peerValue) = (Ike.Engine.Host.Crypto, ke.Data);
        Ike.Do(this, crypto.Cost(method), () => crypto.Respond(method, peerValue), result =>
        {
            if (result is null)
            {
                Ike.Refused(null, RefusalKind.Ike, RefusedBy.Us, "the peer's key exchange value is invalid");
                Refuse(new(NotifyType.InvalidSyntax, []));
                return;
            }
            SendResponse(chosen, number, method, result);
        });
    }

    void SendResponse(Proposal chosen, byte number, ushort method, KeyExchangeResult result)
    {
        var (source, destination) = NatDetection.Notifies(Ike, Ike.NatFaked);
        List<Payload> payloads =
        [
            new SaPayload([new SaProposal(number, SecurityProtocol.Ike, [], chosen.Transforms)]),
            new KePayload(method, result.PublicValue),
            new NoncePayload(Ike.Handshake!.Nr),
            source, destination,
        ];
        payloads.AddRange(CertificateRequests.Payloads(Ike, Ike.Handshake.Candidates));
        if (Ike.PeerFragments) payloads.Add(new NotifyPayload(NotifyType.FragmentationSupported, []));
        if (Ike.Handshake.PeerHashes is not null) payloads.Add(HashAlgorithms);
        if (Ike.Provisional!.Childless != ChildlessPolicy.Never) payloads.Add(new NotifyPayload(NotifyType.ChildlessIkeSupported, []));
        if (Ike.Engine.Settings.MultipleAuthentication) payloads.Add(new NotifyPayload(NotifyType.MultipleAuthSupported, []));
        if (Ike.Engine.Announcement(Ike.Handshake.Candidates) is { Length: > 0 } announced)
            payloads.Add(new NotifyPayload(NotifyType.SupportedAuthMethods, announced));
        if (Ike.PeerUsesPpk) payloads.Add(new NotifyPayload(NotifyType.UsePpk, []));
        if (Ike.Handshake.HasIntermediate) payloads.Add(new NotifyPayload(NotifyType.IntermediateExchangeSupported, []));
        if (VendorId.IsSent(Ike, Ike.Handshake.Candidates)) payloads.Add(VendorId.Payload());
        if (Ike.Engine.Settings.CiscoFlexVpn) payloads.Add(VendorId.FlexVpn());
        Keyed(chosen, result.SharedSecret);
        Ike.Respond(this, payloads);
    }

    void Keyed(Proposal chosen, byte[] secret)
    {
        var h = Ike.Handshake!;
        var prf = Prf.For(chosen.First(TransformType.Prf)!.Value.Id);
        var keys = KeySchedule.Derive(prf, chosen.First(TransformType.Encryption)!.Value, chosen.First(TransformType.Integrity), h.Ni, h.Nr, secret, Ike.InitiatorSpi, Ike.ResponderSpi);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
        Ike.UseKeys(chosen, prf, keys);
        foreach (var round in chosen.AdditionalKeyExchanges) h.Rounds.Enqueue(round);
        Ike.Phase = h.Rounds.Count > 0 ? Phase.Intermediate : Phase.Keyed;
        _offer?.Dispose();
    }

    void DetectNat(Message message)
    {
        NatDetection.Evaluate(Ike, message, Ike.Local, Ike.Remote);
        Ike.NatFaked = NatDetection.MustFake(Ike);
        if (Ike.NatFaked && !Ike.LocalBehindNat) Ike.Log(LogGroup.Ike, 1, $"faking NAT situation to enforce UDP encapsulation");
    }

    void NoteSupport(Message message)
    {
        Ike.PeerFragments = message.Has(NotifyType.FragmentationSupported) && Ike.Provisional?.Fragmentation != FragmentationPolicy.No;
        Ike.PeerUsesPpk = message.Has(NotifyType.UsePpk) && (Ike.IsInitiator ? Ike.Connection!.PpkId.Length > 0 : Ike.Engine.Configuration!.Credentials.HasPpk);
        Ike.PeerIsChildless = message.Has(NotifyType.ChildlessIkeSupported);
        if (Ike.Engine.Settings.SignatureAuthentication && message.Notify(NotifyType.SignatureHashAlgorithms) is { } hashes)
            Ike.Handshake!.PeerHashes = SignatureHash.Read(hashes.Data);
        CertificateRequests.Note(Ike, message);
        VendorId.Note(Ike, message, Ike.Connection is { } known ? [known] : Ike.Handshake!.Candidates);
        if (message.Notify(NotifyType.SupportedAuthMethods) is { } announced) Ike.Handshake!.Announced = AuthAnnouncement.Read(announced.Data);
    }

    ImmutableArray<Proposal> Supported(Connection connection) => KeyExchangeOffer.Supported(Ike.Engine.Host.Crypto, connection.Proposals);

    /// <summary>As the responder: without IKE_INTERMEDIATE there are no additional key exchanges; what requires one is not to be had then.</summary>
    ImmutableArray<Proposal> Supported(Connection connection, bool intermediate) => intermediate || !connection.Proposals.Any(p => p.HasAdditionalKeyExchanges) ? Supported(connection)
        : [.. Supported(connection).Select(p => p.WithoutAdditionalKeyExchanges()).OfType<Proposal>()];

    static readonly NotifyPayload HashAlgorithms = EncodeHashAlgorithms();

    static NotifyPayload EncodeHashAlgorithms()
    {
        var data = new byte[SignatureHash.Announced.Length * 2];
        for (var i = 0; i < SignatureHash.Announced.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(i * 2), SignatureHash.Announced[i]);
        return new(NotifyType.SignatureHashAlgorithms, data);
    }

    void Fail(string reason, string? alert = null)
    {
        Ike.Refused(alert, RefusalKind.Ike, RefusedBy.Us, reason);
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

    public override void Abandon(string? reason) => _offer?.Dispose();
}
