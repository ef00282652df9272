// IKE_AUTH, the responder's side in message order. RFC 7296 1.2, 2.15, 2.21.2; ike-behaviour "selecting a config".
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    readonly Queue<Connection> _untried = new();

    public override void OnRequest(Message request)
    {
        CertificateRequests.Note(Ike, request);
        if (request.Get<IdPayload>(PayloadType.IdInitiator) is not { } id || !Identity.TryFromWire(id.IdType, id.Data, out var peer))
        {
            Fail("the peer's IKE_AUTH request has no identity that we understand");
            return;
        }
        Ike.RemoteId = peer;
        Identity? me = null;
        if (request.Get<IdPayload>(PayloadType.IdResponder) is { } idr) Identity.TryFromWire(idr.IdType, idr.Data, out me);
        Ike.Log(LogGroup.Cfg, 1, $"looking for peer configs matching {Ike.Local.Address}[{me ?? Identity.Any}]...{Ike.Remote.Address}[{peer}]");
        foreach (var candidate in PeerConfigs.ByIdentity(Ike.Handshake!.Candidates, me, peer)) _untried.Enqueue(candidate);
        if (!_untried.TryDequeue(out var first))
        {
            Ike.Log(LogGroup.Cfg, 1, $"no matching peer config found");
            Fail($"no connection is for '{peer}' (and '{me ?? Identity.Any}')", RefusalKind.Identity,
                $"'rightid={peer}'{(me is null ? "" : $" and 'leftid={me}'")} in one of these connections would accept it", RefusedIds());
            return;
        }
        if (request.Get<AuthPayload>() is not { } auth)
        {
            Fail("the peer asks for EAP, which is not built yet; it must authenticate by key or certificate");
            return;
        }
        Ike.Log(LogGroup.Cfg, 1, $"selected peer config '{first.Name}'");
        Try(first, id, auth, request);
    }

    void Try(Connection connection, IdPayload id, AuthPayload auth, Message request)
    {
        Ike.Connection = connection;
        Ike.LocalId = Round(connection.Local).Id is { Kind: not IdentityKind.Any } own ? own : null;
        AuthenticatePeer(connection, id, auth, request, refused =>
        {
            if (refused is null)
            {
                if (AuthenticateSelf(Round(connection.Local), PayloadType.IdResponder, (idr, certificates, own) => SendResponse(request, idr, certificates, own))) return;
                Fail("we cannot authenticate ourselves, see the log line before");
                return;
            }
            Ike.Log(LogGroup.Cfg, 1, $"selected peer config '{connection.Name}' unacceptable: {refused}");
            if (_untried.TryDequeue(out var next))
            {
                Ike.Log(LogGroup.Cfg, 1, $"switching to peer config '{next.Name}'");
                Try(next, id, auth, request);
                return;
            }
            Ike.Log(LogGroup.Cfg, 1, $"no alternative config found");
            Fail(refused);
        });
    }

    void SendResponse(Message request, IdPayload idr, List<Payload> certificates, Wire.AuthPayload auth)
    {
        if (Uniqueness.Refuses(Ike, request.Has(NotifyType.InitialContact)))
        {
            Ike.Log(LogGroup.Ike, 1, $"canceling IKE_SA setup due to uniqueness policy");
            Fail("the peer has an IKE_SA already", RefusalKind.Limit, "'uniqueids=keep' keeps the one that is there; 'uniqueids=replace' or 'no' would accept it");
            return;
        }
        List<Payload> payloads = [idr, .. certificates, auth];
        var h = Ike.Handshake!;
        ChildSa? child = null;
        Ike.BecomeEstablished(announce: true);
        if (request.Get<SaPayload>() is not null)
        {
            if (request.Get<TsPayload>(PayloadType.TsInitiator) is null || request.Get<TsPayload>(PayloadType.TsResponder) is null)
                payloads.Add(new NotifyPayload(NotifyType.TsUnacceptable, []));
            else if ((child = ChildNegotiation.Choose(Ike, request, null, withKe: false, out var number, out var refusal)) is null)
                payloads.Add(new NotifyPayload(refusal, []));
            else
            {
                child.ReserveSpi();
                if (child.Install([], h.Ni, h.Nr, weInitiated: false, rekeyed: null, delayOutbound: false) is { } why)
                {
                    ChildNegotiation.NotInstalled(Ike, child.Config, why);
                    payloads.Add(new NotifyPayload(NotifyType.NoAdditionalSas, []));
                    child = null;
                }
                else
                {
                    payloads.Add(ChildNegotiation.Answer(child.Proposal!, number, child.SpiIn));
                    payloads.Add(ChildNegotiation.Initiator(child.RemoteTs));
                    payloads.Add(ChildNegotiation.Responder(child.LocalTs));
                    ChildNegotiation.Established(Ike, child);
                }
            }
            if (child is null) Ike.Log(LogGroup.Ike, 1, $"failed to establish CHILD_SA, {(Ike.Engine.Settings.CloseIkeOnChildFailure ? "closing" : "keeping")} IKE_SA");
        }
        Ike.Respond(this, payloads);
        Uniqueness.Enforce(Ike, request.Has(NotifyType.InitialContact));
        if (child is null && request.Get<SaPayload>() is not null && Ike.Engine.Settings.CloseIkeOnChildFailure) Ike.Delete(null);
    }

    /// <summary>Whom the connections that the addresses allow are for.</summary>
    string[] RefusedIds() => [.. Ike.Handshake!.Candidates.Take(8).Select(c => $"'{c.Name}' is for '{Round(c.Remote).Id ?? Identity.Any}' (and '{Round(c.Local).Id ?? Identity.Any}')")];

    /// <summary>One notify for whatever went wrong: a stranger learns nothing from it. RFC 7296 2.21.2.</summary>
    void Fail(string reason, RefusalKind kind = RefusalKind.Authentication, string? change = null, params ReadOnlySpan<string> facts)
    {
        Ike.Refused(kind, RefusedBy.Us, reason, change, facts);
        Ike.Respond(this, [new NotifyPayload(NotifyType.AuthenticationFailed, [])]);
        Ike.BecomeGhost(reason);
    }
}
