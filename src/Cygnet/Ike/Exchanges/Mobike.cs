// INFORMATIONAL, MOBIKE: an IKE_SA and its children move to other addresses. RFC 4555 3.5 to 3.10.
//   probe:     SK {N(COOKIE2)}  over every path -->
//                         <--  SK {N(COOKIE2)}  on the path that works
//   update:    SK {N(UPD_SA_ADDR), N(NATD..)*, N(COOKIE2), N(ADD_*_ADDR)* | N(NO_ADD_ADDR)}  -->
//                         <--  SK {N(NATD..)*, N(COOKIE2) | N(UNACCEPT_ADDR) | N(UNEXPECT_NAT)}
//   addresses: SK {N(ADD_*_ADDR)* | N(NO_ADD_ADDR)}  -->
//                         <--  SK {}
//   check:     SK {N(NATD..)*, N(COOKIE2)}  -->
//                         <--  SK {N(NATD..)*, N(COOKIE2)}
using System.Collections.Immutable;
using System.Security.Cryptography;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class Mobike(IkeSa ike, MobikeKind kind) : Exchange(ike)
{
    const int MostAnnounced = 8, MostKept = 16, CookieBytes = 16, MostRefusals = 3;

    static readonly NotifyType[] _types =
    [
        NotifyType.UpdateSaAddresses, NotifyType.AdditionalIp4Address, NotifyType.AdditionalIp6Address, NotifyType.NoAdditionalAddresses,
        NotifyType.Cookie2, NotifyType.NoNatsAllowed, NotifyType.NatDetectionSourceIp, NotifyType.NatDetectionDestinationIp,
    ];

    byte[] _cookie = [];

    public override string Task => "IKE_MOBIKE";
    public override ExchangeType Type => ExchangeType.Informational;

    public MobikeKind Kind => kind;

    Path Arrived => Ike.Engine.Arrived;

    /// <summary>Whether an INFORMATIONAL request belongs here.</summary>
    public static bool IsMeant(Message request) => request.All<NotifyPayload>().Any(n => _types.Contains(n.Notify));

    /// <summary>In IKE_AUTH: that we speak MOBIKE, and our other addresses. RFC 4555 3.1, 3.4.</summary>
    public static void Announce(IkeSa ike, List<Payload> payloads)
    {
        if (ike.Connection is not { Mobike: true }) return;
        payloads.Add(new NotifyPayload(NotifyType.MobikeSupported));
        payloads.AddRange(Addresses(ike));
    }

    /// <summary>In IKE_AUTH: whether the peer speaks it too and the connection allows it.</summary>
    public static bool Note(IkeSa ike, Message message)
    {
        if (!message.Has(NotifyType.MobikeSupported)) return false;
        ike.UsesMobike = ike.Connection is { Mobike: true };
        ike.Log(LogGroup.Ike, 1, $"peer supports MOBIKE{(ike.UsesMobike ? "" : ", but disabled in config")}");
        if (ike.UsesMobike) NoteAddresses(ike, message);
        return ike.UsesMobike;
    }

    public override void Begin()
    {
        if (!Ike.UsesMobike || Ike.Phase is not (Phase.Established or Phase.Rekeying or Phase.Rekeyed))
        {
            Ike.Complete(this);
            return;
        }
        List<Payload> payloads = [];
        if (kind == MobikeKind.Update) payloads.Add(new NotifyPayload(NotifyType.UpdateSaAddresses));
        if (kind is MobikeKind.Update or MobikeKind.Check && Ike.PeerTraversesNat)
        {
            var (source, destination) = NatDetection.Notifies(Ike, Ike.Local, Ike.Remote, Ike.NatFaked);
            payloads.Add(source);
            payloads.Add(destination);
        }
        // RFC 4555 3.9: where no NAT can be traversed, what arrives must be what was sent
        if (kind == MobikeKind.Update && !Ike.PeerTraversesNat) payloads.Add(new NotifyPayload(NotifyType.NoNatsAllowed, Pair(Ike.Local, Ike.Remote)));
        if (kind != MobikeKind.Addresses)
        {
            Ike.Engine.Host.Random.Fill(_cookie = new byte[CookieBytes]);
            payloads.Add(new NotifyPayload(NotifyType.Cookie2, _cookie));
        }
        if (kind is MobikeKind.Update or MobikeKind.Addresses) payloads.AddRange(Addresses(Ike));
        Ike.Request(this, payloads);
    }

    public override void OnResponse(Message response)
    {
        if (_cookie.Length > 0 && !(response.Notify(NotifyType.Cookie2) is { } echo && CryptographicOperations.FixedTimeEquals(echo.Data, _cookie)))
        {
            // RFC 4555 3.7: whoever answers so has not seen our request
            Ike.Log(LogGroup.Ike, 1, $"COOKIE2 mismatch, closing IKE_SA");
            Ike.Complete(this);
            Ike.Current.Delete(null);
            return;
        }
        // addresses changed again meanwhile: what this response says is old, a newer request comes
        var isOld = Ike.IsSearching || Ike.HasTask<Mobike>(m => m != this && m.Kind is MobikeKind.Update or MobikeKind.Probe);
        if (kind == MobikeKind.Update && !isOld && !IsRefused(response)) TakeNatDetection(response);
        else if (kind == MobikeKind.Check && !isOld && Ike.LocalBehindNat && HasMappingChanged(response))
        {
            Ike.Log(LogGroup.Ike, 1, $"detected changes in NAT mappings, initiating MOBIKE update");
            Ike.Known.EnqueueOnce(MobikeKind.Update);
        }
        Ike.Complete(this);
    }

    bool IsRefused(Message response)
    {
        var error = response.All<NotifyPayload>().FirstOrDefault(n => n.Notify is NotifyType.UnacceptableAddresses or NotifyType.UnexpectedNatDetected);
        if (error is null) return false;
        Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify error");
        if (++Ike.Current.RefusedUpdates < MostRefusals) Ike.Known.Search();
        else
        {
            Ike.Log(LogGroup.Cfg, 1, $"the peer does not accept to reach us at {Ike.Local.Address}; authenticating anew from there");
            Ike.Current.OnReauthDue();
        }
        return true;
    }

    void TakeNatDetection(Message response)
    {
        var sa = Ike.Current;
        sa.RefusedUpdates = 0;
        sa.SeenByPeer = response.Notify(NotifyType.NatDetectionDestinationIp)?.Data;
        var before = sa.HasNat;
        NatDetection.Evaluate(sa, response, Arrived.Local, Arrived.Remote);
        sa.Move(sa.Local, sa.Remote, encapsulationChanged: sa.HasNat != before);
    }

    /// <summary>RFC 4555 3.8. The hash has the SPIs in it: after a rekeying this may say yes for nothing, which costs one update.</summary>
    bool HasMappingChanged(Message response)
    {
        if (response.Notify(NotifyType.NatDetectionDestinationIp)?.Data is not { } seen) return false;
        var before = Ike.SeenByPeer;
        Ike.SeenByPeer = seen;
        return before is not null && !before.AsSpan().SequenceEqual(seen);
    }

    public override void OnRequest(Message request)
    {
        var cookie = request.Notify(NotifyType.Cookie2) is { Data.Length: >= 8 and <= 64 } c ? new NotifyPayload(NotifyType.Cookie2, c.Data) : null;
        if (Refusal(request) is { } refusal)
        {
            Ike.Log(LogGroup.Ike, 1, $"address change from {Arrived.Remote} to {Arrived.Local} refused, sending {NotifyNames.Long(refusal)}");
            Ike.Respond(this, cookie is null ? [new NotifyPayload(refusal)] : [new NotifyPayload(refusal), cookie]);
            return;
        }
        List<Payload> payloads = [];
        if (request.Has(NotifyType.NatDetectionSourceIp) || request.Has(NotifyType.NatDetectionDestinationIp))
        {
            var (source, destination) = NatDetection.Notifies(Ike, Arrived.Local, Arrived.Remote, Ike.NatFaked);
            payloads.Add(source);
            payloads.Add(destination);
        }
        if (cookie is not null) payloads.Add(cookie);
        Ike.Respond(this, payloads);
        if (!Ike.UsesMobike) return;
        var listed = NoteAddresses(Ike, request);
        if (request.Has(NotifyType.UpdateSaAddresses) && !Ike.IsOriginalInitiator) Follow(request);
        else if (listed && Ike.IsOriginalInitiator) Reconsider();
    }

    /// <summary>The initiator lives elsewhere now: the address in the IP header counts. RFC 4555 3.5.</summary>
    void Follow(Message request)
    {
        // the peer may have rekeyed this IKE_SA meanwhile, or be about to
        foreach (var sa in ((IkeSa?[])[Ike, Ike.RekeyedByPeer?.New, Ike.Current]).OfType<IkeSa>().Distinct())
        {
            if (!sa.IsAlive) continue;
            var (nat, isNew) = (sa.HasNat, sa.Remote.Address != Arrived.Remote.Address);
            NatDetection.Evaluate(sa, request, Arrived.Local, Arrived.Remote);
            sa.Move(Arrived.Local, Arrived.Remote, encapsulationChanged: sa.HasNat != nat);
            // RFC 4555 3.7: nobody shall have us flood a third party for longer than it takes to ask there
            if (isNew && sa == Ike.Known) sa.EnqueueOnce(MobikeKind.Check);
        }
    }

    /// <summary>The responder can be reached elsewhere, perhaps not any more where it was. RFC 4555 3.6.</summary>
    void Reconsider()
    {
        var (from, now) = (Arrived.Remote.Address, Ike.Remote.Address);
        if (from == now) return;
        Ike.Log(LogGroup.Ike, 1, $"remote address changed from {now} to {from}");
        Ike.Known.Search(also: from);
    }

    /// <summary>Why an update cannot be followed, if so. RFC 4555 3.5, 3.9.</summary>
    NotifyType? Refusal(Message request)
    {
        if (!Ike.UsesMobike || !request.Has(NotifyType.UpdateSaAddresses)) return null;
        if (request.Notify(NotifyType.NoNatsAllowed) is { } sent && !sent.Data.AsSpan().SequenceEqual(Pair(Arrived.Remote, Arrived.Local)))
            return NotifyType.UnexpectedNatDetected;
        return IsUnicast(Arrived.Remote.Address) && !Ike.Engine.Host.IsLocalAddress(Arrived.Remote.Address) ? null : NotifyType.UnacceptableAddresses;
    }

    /// <summary>The waiting wish goes on with the successor; so does one that was not answered.</summary>
    public override Exchange? For(IkeSa successor) => new Mobike(successor, kind);

    /// <summary>Our addresses other than the one in the IP header; with RFC 4555's word for none.</summary>
    static IEnumerable<Payload> Addresses(IkeSa ike)
    {
        var others = ike.Engine.Host.LocalAddresses().Where(a => a != ike.Local.Address).Take(MostAnnounced)
            .Select(a => new NotifyPayload(a.IsIPv6 ? NotifyType.AdditionalIp6Address : NotifyType.AdditionalIp4Address, a.ToBytes())).ToArray();
        return others.Length > 0 ? others : [new NotifyPayload(NotifyType.NoAdditionalAddresses)];
    }

    /// <summary>Takes over the peer's list, which is always the whole one; false if the message has none.</summary>
    static bool NoteAddresses(IkeSa ike, Message message)
    {
        var has = false;
        var addresses = ImmutableArray.CreateBuilder<Address>();
        foreach (var n in message.All<NotifyPayload>())
        {
            var length = n.Notify switch { NotifyType.AdditionalIp4Address => 4, NotifyType.AdditionalIp6Address => 16, _ => 0 };
            has |= length > 0 || n.Notify == NotifyType.NoAdditionalAddresses;
            if (length == 0 || n.Data.Length != length || addresses.Count == MostKept) continue;
            var address = Address.Read(n.Data);
            if (!IsUnicast(address) || ike.Engine.Host.IsLocalAddress(address)) continue;
            ike.Log(LogGroup.Ike, 2, $"got additional MOBIKE peer address: {address}");
            addresses.Add(address);
        }
        if (has && ike.IsOriginalInitiator) ike.PeerAddresses = ike.Current.PeerAddresses = [ike.Engine.Arrived.Remote.Address, .. addresses.Where(a => a != ike.Engine.Arrived.Remote.Address)];
        return has;
    }

    /// <summary>An address that one host alone can have, and another can reach.</summary>
    public static bool IsUnicast(Address a) => !a.IsAny && (a.IsIPv6
        ? (byte)(a.Bits >> 120) != 0xff && a.Bits != 1
        : (byte)(a.Bits >> 24) is > 0 and < 224 and not 127);

    /// <summary>The data of NO_NATS_ALLOWED: source, destination, their ports. RFC 4555 4.2.6.</summary>
    static byte[] Pair(Endpoint source, Endpoint destination) =>
    [
        .. source.Address.ToBytes(), .. destination.Address.ToBytes(),
        (byte)(source.Port >> 8), (byte)source.Port, (byte)(destination.Port >> 8), (byte)destination.Port,
    ];
}
