// IKE_AUTH, the initiator's side in message order. RFC 7296 1.2, 2.15, 2.21.2.
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    public override void Begin()
    {
        if (_wish is null && !Ike.PeerIsChildless)
        {
            Ike.Log(LogGroup.Ike, 1, $"peer does not support childless IKE_SA initiation");
            Ike.Destroy("the peer does not support childless initiation (RFC 6023)");
            return;
        }
        if (!AuthenticateSelf(Round(Ike.Connection!.Local), PayloadType.IdInitiator, SendRequest)) Ike.Destroy("we cannot authenticate ourselves");
    }

    void SendRequest(IdPayload id, List<Payload> certificates, AuthPayload auth)
    {
        List<Payload> payloads = [id, .. certificates];
        var remote = Round(Ike.Connection!.Remote);
        if (Ike.Connection.Unique != UniquePolicy.Never && (remote.Id is null || Ike.Engine.Host.Shared.Peers.Between(Ike.LocalId!, remote.Id).IsEmpty))
            payloads.Add(new NotifyPayload(NotifyType.InitialContact, []));
        if (CertificateRequests.Payload(Ike, Ike.Connection) is { } request) payloads.Add(request);
        if (remote is { IsIdLoose: false, Id: { Kind: not IdentityKind.Any } peer } && peer.TryGetWire(out _, out _) && !peer.HasWildcards)
            payloads.Add(new IdPayload(PayloadType.IdResponder, peer.WireType, peer.Encoded));
        payloads.Add(auth);
        if (_wish is not null)
        {
            _child = new(Ike, _wish.Config) { Watcher = _wish.Watcher, LocalTs = ChildNegotiation.Local(Ike, _wish.Config), RemoteTs = ChildNegotiation.Remote(Ike, _wish.Config) };
            Ike.Log(LogGroup.Ike, 1, $"establishing CHILD_SA {_child}");
            var proposals = ChildNegotiation.Proposals(Ike, _wish.Config, withKe: false);
            if (proposals.IsEmpty)
            {
                Ike.Destroy($"the data plane carries none of the proposals of '{_wish.Config.Name}'; change 'esp='");
                return;
            }
            payloads.Add(ChildNegotiation.Offer(proposals, _child.ReserveSpi()));
            payloads.Add(ChildNegotiation.Initiator(_child.LocalTs));
            payloads.Add(ChildNegotiation.Responder(_child.RemoteTs));
        }
        Ike.Request(this, payloads);
    }

    public override void OnResponse(Message response)
    {
        if (response.Get<AuthPayload>() is not { } auth || response.Get<IdPayload>(PayloadType.IdResponder) is not { } id)
        {
            var error = response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify));
            if (error is not null) Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error.Notify)} notify error");
            if (error is { Notify: NotifyType.AuthenticationFailed })
                Ike.Refused(RefusalKind.Authentication, RefusedBy.Peer, $"the peer has no connection for us as '{Ike.LocalId}', or could not authenticate us",
                    "compare 'leftid=', 'rightid=' and the secret or certificate on both ends; 'ipsec why' on the peer says what it looked for");
            else Ike.Refused(RefusalKind.Message, error is null ? RefusedBy.Us : RefusedBy.Peer,
                error is null ? "the peer's IKE_AUTH response lacks IDr or AUTH" : $"the peer answered {NotifyNames.Long(error.Notify)} to IKE_AUTH");
            Ike.Destroy(error is null ? "the peer's IKE_AUTH response lacks IDr or AUTH" : $"the peer answered {NotifyNames.Long(error.Notify)}");
            return;
        }
        if (!Identity.TryFromWire(id.IdType, id.Data, out var peer))
        {
            RejectPeer($"the peer's identity of type {id.IdType} is not understood");
            return;
        }
        Ike.RemoteId = peer;
        AuthenticatePeer(Ike.Connection!, id, auth, response, refused =>
        {
            if (refused is not null) RejectPeer(refused);
            else Finish(response);
        });
    }

    /// <summary>The peer thinks that all is well: tell it, RFC 7296 2.21.2.</summary>
    void RejectPeer(string reason)
    {
        Ike.Refused(RefusalKind.Authentication, RefusedBy.Us, reason);
        _child?.Remove();
        _child = null;
        Ike.Phase = Phase.Deleting;
        Ike.State = IkeState.Deleting;
        Ike.EnqueueFirst(new DeleteIke(Ike) { Notify = NotifyType.AuthenticationFailed, Reason = reason });
        Ike.Complete(this);
    }

    void Finish(Message response)
    {
        var (h, child) = (Ike.Handshake!, _child);
        _child = null;
        var (ni, nr) = (h.Ni, h.Nr);
        Ike.BecomeEstablished(announce: true);
        if (child is not null) FinishChild(child, response, ni, nr);
        else
            foreach (var watcher in Ike.Watchers.ToArray()) Ike.Report(watcher, null);
        Uniqueness.EnforceAsInitiator(Ike);
        Ike.Complete(this);
    }

    void FinishChild(ChildSa child, Message response, byte[] ni, byte[] nr)
    {
        string? failed = null;
        if (response.Get<SaPayload>() is null)
        {
            var error = response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify));
            failed = error is null ? "the peer answered without a CHILD_SA" : $"received {NotifyNames.Long(error.Notify)} notify, no CHILD_SA built";
            if (error is not null) ChildNegotiation.RefusedByPeer(Ike, child, error.Notify);
        }
        else if (!ChildNegotiation.Accept(Ike, child, response, withKe: false, ChildNegotiation.Local(Ike, child.Config), ChildNegotiation.Remote(Ike, child.Config), out var reason))
        {
            failed = reason;
            Ike.Refused(RefusalKind.Child, RefusedBy.Us, $"CHILD_SA '{child.Config.Name}': {reason}");
        }
        else if ((failed = child.Install([], ni, nr, weInitiated: true, rekeyed: null, delayOutbound: false)) is { } why) ChildNegotiation.NotInstalled(Ike, child.Config, why);
        if (failed is null)
        {
            ChildNegotiation.Established(Ike, child);
            child.Report(null);
            return;
        }
        Ike.Log(LogGroup.Ike, 1, $"{failed}");
        var keeps = !Ike.Engine.Settings.CloseIkeOnChildFailure;
        Ike.Log(LogGroup.Ike, 1, $"failed to establish CHILD_SA, {(keeps ? "keeping" : "closing")} IKE_SA");
        child.Report(failed);
        child.Remove();
        if (!keeps) Ike.Delete(null);
    }
}
