// IKE_SESSION_RESUME: a session goes on by its ticket, without a key exchange. RFC 5723 4.3, 5.1.
//   HDR, [N(COOKIE)], Ni, N(TKT_OPAK), N(NATD..)*, N(FRAG_SUP)  -->
//                        <--  HDR, Nr, N(NATD..)*, N(FRAG_SUP), N(CHDLESS_SUP)   |   HDR, N(TKT_NACK)
// then IKE_AUTH with AUTH = prf(SK_px, <SignedOctets>), see IkeAuth.Resume.cs
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class SessionResume : Exchange
{
    const int MostCookies = 5;

    readonly ClientTicket? _ticket;
    readonly TicketState? _state;
    byte[]? _cookie;
    int _cookies;

    public SessionResume(IkeSa ike, ChildWish? child, ClientTicket ticket) : base(ike) => (Child, _ticket) = (child, ticket);

    public SessionResume(IkeSa ike, TicketState state) : base(ike) => _state = state;

    public ChildWish? Child { get; }

    public override string Task => "IKE_RESUME";
    public override ExchangeType Type => ExchangeType.IkeSessionResume;

    public override void Begin()
    {
        Ike.Log(LogGroup.Ike, 0, $"resuming IKE_SA {Ike} with {Ike.Remote.Address}");
        Ike.Handshake!.Ni = Ike.Engine.NewNonce();
        SendRequest();
    }

    void SendRequest()
    {
        List<Payload> payloads = [new NoncePayload(Ike.Handshake!.Ni), new NotifyPayload(NotifyType.TicketOpaque, _ticket!.Opaque), .. Support()];
        if (_cookie is not null) payloads.Insert(0, new NotifyPayload(NotifyType.Cookie, _cookie));
        Ike.Request(this, payloads);
    }

    IEnumerable<Payload> Support()
    {
        var (source, destination) = NatDetection.Notifies(Ike, NatDetection.MustFake(Ike));
        yield return source;
        yield return destination;
        if (Ike.Provisional is { Fragmentation: not FragmentationPolicy.No }) yield return new NotifyPayload(NotifyType.FragmentationSupported);
    }

    public override void OnResponse(Message response)
    {
        if (response.Notify(NotifyType.Cookie) is { Data.Length: > 0 and <= 64 } cookie && ++_cookies <= MostCookies)
        {
            _cookie = cookie.Data;
            Ike.Sending.Next = 0;
            SendRequest();
            return;
        }
        if (response.Get<NoncePayload>() is not { } nonce || response.Header.ResponderSpi == 0)
        {
            Ike.Log(LogGroup.Ike, 1, $"the peer does not resume the session{(response.Has(NotifyType.TicketNack) ? ", received TICKET_NACK" : "")}, authenticating anew");
            Ike.Restart(this);
            return;
        }
        var h = Ike.Handshake!;
        Ike.ResponderSpi = response.Header.ResponderSpi;
        h.Nr = nonce.Data;
        h.Session = new(_ticket!.LocalId, _ticket.RemoteId, null, _ticket.ReauthAt);
        Note(response);
        UseKeys(_ticket.Proposal, _ticket.SkD);
        if (Ike.HasNat || Ike.Connection!.Mobike && Ike.PeerTraversesNat) Ike.Float();
        Ike.EnqueueFirst(new IkeAuth(Ike, Child));
        Ike.Complete(this);
    }

    public override void OnRequest(Message request)
    {
        var (h, state) = (Ike.Handshake!, _state!);
        Ike.Log(LogGroup.Ike, 0, $"{Ike.Remote.Address} is resuming an IKE_SA");
        h.Ni = request.Get<NoncePayload>()!.Data;
        h.Nr = Ike.Engine.NewNonce();
        h.Session = new(state.LocalId, state.RemoteId, state, state.ReauthAt);
        Note(request);
        UseKeys(state.Proposal, state.SkD);
        Ike.Respond(this, [new NoncePayload(h.Nr), .. Support(), .. Ike.Provisional is { Childless: ChildlessPolicy.Never } ? (Payload[])[] : [new NotifyPayload(NotifyType.ChildlessIkeSupported)]]);
    }

    void Note(Message message)
    {
        Ike.PeerFragments = message.Has(NotifyType.FragmentationSupported) && Ike.Provisional?.Fragmentation != FragmentationPolicy.No;
        Ike.PeerIsChildless = message.Has(NotifyType.ChildlessIkeSupported);
        NatDetection.Evaluate(Ike, message, Ike.Local, Ike.Remote);
        Ike.NatFaked = NatDetection.MustFake(Ike);
    }

    void UseKeys(Proposal proposal, byte[] skD)
    {
        var prf = Prf.For(proposal.First(TransformType.Prf)!.Value.Id);
        Ike.UseKeys(proposal, prf, KeySchedule.DeriveResumed(prf, skD, proposal.First(TransformType.Encryption)!.Value, proposal.First(TransformType.Integrity),
            Ike.Handshake!.Ni, Ike.Handshake.Nr, Ike.InitiatorSpi, Ike.ResponderSpi));
        Ike.Phase = Phase.Keyed;
    }
}
