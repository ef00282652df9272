// IKE_AUTH of a session that goes on by its ticket: the keys prove both ends, as the ones that were authenticated before. RFC 5723 4.3.3, 6.2.
//   HDR, SK {IDi, [IDr], AUTH, [CP], SA, TSi, TSr}  -->
//                        <--  HDR, SK {IDr, AUTH, [CP], SA, TSr, TSi}
using System.Security.Cryptography;
using Cygnet.Auth;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    ResumedSession? Session => Ike.Handshake?.Session;

    /// <summary>Initiator: as if there were one round, and the ticket in it.</summary>
    void BeginResumed(ResumedSession session)
    {
        SetOwnId(session.LocalId);
        SendRound(new(_ownId!, [], ResumedAuth(), []));
    }

    AuthPayload ResumedAuth() => new(AuthMethod.SharedKey, Ike.Prf!.Compute(OwnSkP, OwnOctets(OwnSkP)));

    /// <summary>
    /// Whether the peer is the one that the ticket was given to, or has it from. Identity and keys have to be those of the session. Some take the first
    /// message alone for what AUTH covers (Libreswan); with keys that are made of both nonces that proves as much.
    /// </summary>
    string? WrongResumed(Message message, Identity expected)
    {
        if (message.Get<IdPayload>(Ike.IsInitiator ? PayloadType.IdResponder : PayloadType.IdInitiator) is not { } id
            || !Identity.TryFromWire(id.IdType, id.Data, out var peer) || !peer.Equals(expected)) return $"the peer resumes the session of '{expected}' as somebody else";
        if (message.Get<CertPayload>() is not null) return "the peer sends a certificate with a ticket";
        if (message.Get<AuthPayload>() is not { Method: AuthMethod.SharedKey } auth) return "the peer's AUTH is not that of a ticket";
        _peerId = id;
        Ike.RemoteId = peer;
        var h = Ike.Handshake!;
        var whole = Ike.Prf!.Compute(PeerSkP, PeerOctets(PeerSkP));
        var alone = Ike.Prf!.Compute(PeerSkP, Ike.IsInitiator ? h.InitResponse : h.InitRequest);
        return CryptographicOperations.FixedTimeEquals(auth.Data, whole) | CryptographicOperations.FixedTimeEquals(auth.Data, alone) ? null : "the peer does not have the keys of the session";
    }

    /// <summary>Initiator: the gateway's answer, or its refusal; then there is the long way.</summary>
    void ReceiveResumed(ResumedSession session, Message response)
    {
        if (FatalError(response) is { } error)
        {
            Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error)} notify error, the peer does not resume the session, authenticating anew");
            Ike.Restart(this);
            return;
        }
        if (WrongResumed(response, session.RemoteId) is { } wrong)
        {
            RejectPeer(wrong);
            return;
        }
        Ike.Log(LogGroup.Ike, 1, $"session with '{session.RemoteId}' resumed");
        _peerHasProven = true;
        Finish(response);
    }

    /// <summary>Responder: the connection and whom it is for are judged anew; then the ticket is spent.</summary>
    void JudgeResumed(ResumedSession session, Message request)
    {
        var state = session.Ticket!;
        var keys = Ike.Engine.Host.Shared.TicketKeys;
        Ike.LocalId = state.LocalId;
        Ike.RemoteId = state.RemoteId;
        if (Resumption.Current(Ike.Engine, state) is not { } connection)
        {
            Fail($"connection '{state.Connection}' has changed since the ticket was given");
            return;
        }
        Ike.Connection = connection;
        if (WrongResumed(request, state.RemoteId) is { } wrong) Fail(wrong);
        else if (request.Get<IdPayload>(PayloadType.IdResponder) is { } idr && !(Identity.TryFromWire(idr.IdType, idr.Data, out var wanted) && wanted.Equals(state.LocalId)))
            Fail($"the peer wants another identity than '{state.LocalId}' of its ticket");
        else if (!keys.Spend(state.Id)) Fail("the ticket is spent");
        else
        {
            Ike.Log(LogGroup.Ike, 1, $"session of '{state.RemoteId}' resumed");
            Ike.RemoteEapId = state.RemoteEapId;
            SetOwnId(state.LocalId);
            (_peerHasProven, _ownHasProven) = (true, true);
            Complete([_ownId!, ResumedAuth()]);
            // the one that it replaces, if the peer has lost it
            Ike.Engine.Host.Forward(new Wish.TerminateIke(state.IkeId, Force: true, null) { IsForgotten = true });
        }
    }
}
