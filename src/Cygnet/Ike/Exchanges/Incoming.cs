// Which exchange an authenticated request belongs to. RFC 7296 1.3, 1.4.
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

static class Incoming
{
    /// <summary>The exchange that answers, or null after the request was answered by a refusal.</summary>
    public static Exchange For(IkeSa ike, Message request) => request.Header.Exchange switch
    {
        ExchangeType.IkeIntermediate => new IkeIntermediate(ike),
        ExchangeType.IkeAuth => ike.Handshake!.Authentication ??= new IkeAuth(ike),
        ExchangeType.CreateChildSa => ForCreateChildSa(ike, request),
        ExchangeType.IkeFollowupKe => new FollowupKe(ike),
        ExchangeType.Informational => ForInformational(ike, request),
        _ => new Refusal(ike, request.Header.Exchange, new NotifyPayload(NotifyType.InvalidSyntax, [])),
    };

    static Exchange ForCreateChildSa(IkeSa ike, Message request)
    {
        Exchange Refuse(NotifyPayload notify) => new Refusal(ike, ExchangeType.CreateChildSa, notify);
        if (request.Get<SaPayload>() is not { } sa || request.Get<NoncePayload>() is null) return Refuse(new(NotifyType.InvalidSyntax, []));
        if (sa.Proposals.Any(p => p.Protocol == SecurityProtocol.Ike))
            return Collisions.RekeyIke(ike) == Verdict.Accept && request.Get<KePayload>() is not null && sa.Proposals.All(p => p.Spi.Length == 8)
                ? new RekeyIke(ike) : Refuse(new(request.Get<KePayload>() is null ? NotifyType.InvalidSyntax : NotifyType.TemporaryFailure, []));
        if (request.Get<TsPayload>(PayloadType.TsInitiator) is null || request.Get<TsPayload>(PayloadType.TsResponder) is null) return Refuse(new(NotifyType.InvalidSyntax, []));
        if (Collisions.CreateChild(ike) != Verdict.Accept) return Refuse(new(NotifyType.TemporaryFailure, []));
        if (request.Notify(NotifyType.RekeySa) is not { } rekey) return new CreateChild(ike);
        // the SPI is the one that the peer would receive on: our outbound
        var spi = rekey.Spi.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(rekey.Spi) : 0;
        if (ike.Children.FirstOrDefault(c => c.SpiOut == spi && c.Protocol == rekey.Protocol && c.State != ChildState.Created) is not { } child)
            return Refuse(Collisions.IsUnknownForSure(ike)
                ? new(NotifyType.ChildSaNotFound, [], rekey.Protocol, rekey.Spi) // RFC 7296 2.25
                : new(NotifyType.TemporaryFailure, []));
        return Collisions.RekeyChild(ike, child) == Verdict.Accept ? new RekeyChild(ike, child, byPeer: true) : Refuse(new(NotifyType.TemporaryFailure, []));
    }

    static Exchange ForInformational(IkeSa ike, Message request)
    {
        if (ike.Phase == Phase.Keyed) return new AuthenticationFailed(ike);
        if (request.All<DeletePayload>().Any(d => d.Protocol == SecurityProtocol.Ike)) return new DeleteIke(ike);
        if (request.All<DeletePayload>().Any()) return new DeleteChild(ike, null);
        if (Resumption.IsMeant(request)) return new Resumption(ike);
        if (request.Has(NotifyType.QuickCrashDetection)) return new CrashDetection(ike);
        if (request.Has(NotifyType.Redirect)) return new Redirect(ike);
        if (request.Has(NotifyType.AuthLifetime)) return new AuthLifetime(ike);
        return Mobike.IsMeant(request) ? new Mobike(ike, MobikeKind.Probe) : new Liveness(ike);
    }
}
