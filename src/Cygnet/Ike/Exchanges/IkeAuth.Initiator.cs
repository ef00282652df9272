// IKE_AUTH, the initiator's side in message order. RFC 7296 1.2, 2.15, 2.16, 2.21.2; RFC 4739; RFC 5998.
using Cygnet.Auth;
using Cygnet.Eap;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    bool _peerHasProven;   // no further round of the peer is to come
    List<Payload> _requests = []; // for certificates, and what goes with them
    bool _isEapOnly;       // the peer left out its AUTH: EAP has to authenticate it. RFC 5998

    public override void Begin()
    {
        if (!Ike.PeerIsChildless && (_wish is null || Connection.Childless == ChildlessPolicy.Force))
        {
            const string why = "the peer does not support childless initiation (RFC 6023)";
            Ike.Log(LogGroup.Ike, 1, $"peer does not support childless IKE_SA initiation");
            Ike.Refused(RefusalKind.Message, RefusedBy.Peer, why, _wish is null ? "initiating a child of the connection would do" : "'childless=prefer' or 'allow' would do without");
            Ike.Destroy(why);
            return;
        }
        if (Ike.PeerIsChildless && Connection.Childless is ChildlessPolicy.Prefer or ChildlessPolicy.Force) (_deferred, _wish) = (_wish, null);
        if (Session is { } session) BeginResumed(session);
        else if (TakePpk(out var reason)) BeginRound();
        else GiveUp(reason);
    }

    void BeginRound()
    {
        _step = Step.Start;
        if (_ownRound == 0) _requests = [.. CertificateRequests.Payloads(Ike, Connection)];
        Prove(OwnRound, (proof, reason) =>
        {
            if (proof is null) GiveUp(reason);
            else SendRound(proof);
        });
    }

    void SendRound(Proof proof)
    {
        var (isFirst, remote) = (_ownRound == 0, PeerRound);
        List<Payload> payloads = [proof.Id, .. proof.Certificates];
        if (isFirst)
        {
            if (Uniqueness.IsInitialContact(Ike, remote)) payloads.Add(new NotifyPayload(NotifyType.InitialContact, []));
            payloads.AddRange(_requests);
            if (remote is { IsIdLoose: false, Id: { Kind: not IdentityKind.Any } peer } && peer.TryGetWire(out _, out _) && !peer.HasWildcards)
                payloads.Add(new IdPayload(PayloadType.IdResponder, peer.WireType, peer.Encoded));
        }
        AddProof(payloads, proof);
        if (isFirst)
        {
            if (ConfigurationPayloads.Request(Ike) is { } configuration) payloads.Add(configuration);
            if (!OfferChild(payloads, out var reason))
            {
                GiveUp(reason, null);
                return;
            }
            Extensions.AddToAuthRequest(Ike, payloads);
            Resumption.Ask(Ike, payloads);
            if (Session is not null)
            {
                Ike.Request(this, payloads);
                return;
            }
            if (Ike.Engine.Settings.MultipleAuthentication) payloads.Add(new NotifyPayload(NotifyType.MultipleAuthSupported, []));
            // RFC 9593 3.1: the responder begins, so one that knows the notify gets ours
            if (Ike.Handshake!.Announced is not null && AuthAnnouncement.Encode(Connection.Remote, Ike.Engine.Settings.SignatureAuthenticationConstraints) is { Length: > 0 } announced)
                payloads.Add(new NotifyPayload(NotifyType.SupportedAuthMethods, announced));
            payloads.Add(new NotifyPayload(NotifyType.EapOnlyAuthentication, []));
        }
        Ike.Request(this, payloads);
    }

    /// <summary>AUTH, and that another of ours follows. A round of EAP has none yet.</summary>
    void AddProof(List<Payload> payloads, Proof proof)
    {
        if (proof.Auth is null)
        {
            _step = Step.Eap;
            return;
        }
        payloads.Add(proof.Auth);
        payloads.AddRange(proof.Ppk);
        if (HasFurtherOwnRound) payloads.Add(new NotifyPayload(NotifyType.AnotherAuthFollows, []));
        else CrashDetection.Announce(Ike, payloads);
        _step = Step.Proven;
    }

    public override void OnResponse(Message response)
    {
        if (Session is { } session)
        {
            ReceiveResumed(session, response);
            return;
        }
        if (FatalError(response) is { } error)
        {
            RefusedByPeer(error);
            return;
        }
        if (!NotePpkAnswer(response, out var reason))
        {
            RejectPeer(reason);
            return;
        }
        // each round of the peer begins with its identity, in the first answer to a round of ours
        if (_peerId is null && !_peerHasProven) ReceivePeer(response);
        else Continue(response);
    }

    void RefusedByPeer(NotifyType error)
    {
        Ike.Log(LogGroup.Ike, 1, $"received {NotifyNames.Long(error)} notify error");
        if (error == NotifyType.AuthenticationFailed)
            Ike.Refused(RefusalKind.Authentication, RefusedBy.Peer, $"the peer has no connection for us as '{Ike.LocalId}', or could not authenticate us",
                "compare 'leftid=', 'rightid=' and the secret or certificate on both ends; 'ipsec why' on the peer says what it looked for");
        else Ike.Refused(AlertType.LocalAuthFailed, RefusalKind.Message, RefusedBy.Peer, $"the peer answered {NotifyNames.Long(error)} to IKE_AUTH");
        Ike.Destroy($"the peer answered {NotifyNames.Long(error)}");
    }

    /// <summary>An error that ends the attempt; those that only refuse the CHILD_SA come with the peer's proof.</summary>
    static NotifyType? FatalError(Message response)
    {
        var error = response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify) && n.Notify is not (NotifyType.NoProposalChosen
            or NotifyType.SinglePairRequired or NotifyType.NoAdditionalSas or NotifyType.InternalAddressFailure or NotifyType.FailedCpRequired
            or NotifyType.TsUnacceptable or NotifyType.InvalidSelectors));
        return error?.Notify;
    }

    void ReceivePeer(Message response)
    {
        if (response.Get<IdPayload>(PayloadType.IdResponder) is not { } id)
        {
            var error = response.All<NotifyPayload>().FirstOrDefault(n => NotifyNames.IsError(n.Notify));
            if (error is null) RejectPeer("the peer's IKE_AUTH response lacks IDr");
            else RefusedByPeer(error.Notify);
            return;
        }
        if (!Identity.TryFromWire(id.IdType, id.Data, out var peer))
        {
            RejectPeer($"the peer's identity of type {id.IdType} is not understood");
            return;
        }
        _peerId = id;
        if (_peerRound == 0) Ike.RemoteId = peer;
        if (response.Get<AuthPayload>() is { } auth)
        {
            Verify(Connection, auth, response, refused =>
            {
                if (refused is not null) RejectPeer(refused);
                else Continue(response);
            });
            return;
        }
        // RFC 5998: only if our side allows it, and then the method has to prove both ends
        if (_step == Step.Eap && PeerRound.Class is AuthClass.Eap or AuthClass.Any && WrongIdentity(Connection, PeerRound, peer) is null)
        {
            if (NoGroups(PeerRound, "EAP alone") is { } groups)
            {
                RejectPeer(groups);
                return;
            }
            _isEapOnly = true;
            Continue(response);
            return;
        }
        Ike.Log(LogGroup.Cfg, 1, $"constraint requires {ClassWords(PeerRound.Class)} authentication, but the peer sent no AUTH");
        RejectPeer($"the peer's answer lacks AUTH; 'rightauth=eap' would allow it to authenticate by EAP alone");
    }

    /// <summary>The peer's part of the message is good; now ours.</summary>
    void Continue(Message response)
    {
        switch (_step)
        {
            case Step.Eap when response.Get<EapPayload>() is { } packet:
                ReceiveAsClient(packet, OnEapStep);
                break;
            case Step.Eap when !_isEapOnly && _peerRound + 1 >= Connection.Remote.Length && Redirect.Read(response) is { } gateway && Ike.MayFollow(gateway):
                // RFC 5685 6: the gateway has proven who it is, and wants no EAP of us; it has no SA yet that we could delete
                FollowRedirect(gateway, () => Ike.Destroy(null), () => RejectPeer($"the gateway redirects us to '{gateway}'"));
                break;
            case Step.EapSucceeded when response.Get<AuthPayload>() is { } auth:
                if (CheckEap(auth) is { } refused) RejectPeer(refused, AlertType.LocalAuthFailed);
                else EndRound(response);
                break;
            case Step.Proven:
                EndRound(response);
                break;
            default:
                RejectPeer($"the peer's IKE_AUTH response lacks {(_step == Step.Eap ? "EAP" : "AUTH")}");
                break;
        }
    }

    void OnEapStep(EapStep step)
    {
        if (step.Outcome == EapOutcome.Failure)
        {
            RejectPeer($"EAP failed: {step.Reason}", AlertType.LocalAuthFailed);
            return;
        }
        if (step.Outcome == EapOutcome.Continue)
        {
            if (step.Packet is { } packet) Ike.Request(this, [new EapPayload(packet)]);
            else RejectPeer("the EAP method has nothing to answer");
            return;
        }
        if (_isEapOnly && !step.IsMutual)
        {
            Ike.Log(LogGroup.Ike, 1, $"do not allow non-mutual EAP-only authentication");
            RejectPeer("the EAP method does not authenticate the server; EAP-only authentication needs one that does");
            return;
        }
        if (_isEapOnly) Ike.Log(LogGroup.Ike, 1, $"allow mutual EAP-only authentication");
        List<Payload> payloads = [];
        AddProof(payloads, ProveEap());
        _step = Step.EapSucceeded;
        Ike.Request(this, payloads);
    }

    void EndRound(Message response)
    {
        if (_ownRound == 0) ApplyPpk();
        EndEap();
        var peerGoesOn = response.Has(NotifyType.AnotherAuthFollows);
        if (!peerGoesOn) _peerHasProven = true;
        if (_peerHasProven && _peerRound + 1 < Connection.Remote.Length)
        {
            RejectPeer($"the peer has authenticated {_peerRound + 1} times; 'rightauth2=' of '{Connection.Name}' wants another round");
            return;
        }
        if (!_peerHasProven)
        {
            if (_peerRound + 1 >= Connection.Remote.Length)
            {
                RejectPeer("the peer announces a further round of authentication; 'rightauth2=' says nothing of one");
                return;
            }
            _peerRound++;
            _peerId = null;
        }
        if (HasFurtherOwnRound)
        {
            _ownRound++;
            BeginRound();
        }
        else if (!_peerHasProven) Ike.Request(this, []); // the rest of the peer's rounds
        else Finish(response);
    }

    /// <summary>Nothing of the kind that we need is there; the peer knows nothing of us yet, or waits in vain until its time-out.</summary>
    void GiveUp(string reason, string? alert = AlertType.LocalAuthFailed)
    {
        if (_ownRound == 0)
        {
            Ike.Refused(alert, RefusalKind.Authentication, RefusedBy.Us, reason);
            Ike.Destroy(reason);
        }
        else RejectPeer(reason, alert);
    }

    /// <summary>
    /// The peer thinks that all is well: tell it, RFC 7296 2.21.2. While EAP is under way it does not, and may have forgotten us already:
    /// then it is told once, and we do not wait.
    /// </summary>
    void RejectPeer(string reason, string? alert = AlertType.PeerAuthFailed) => RejectPeer(new Denial(reason), alert);

    void RejectPeer(Denial denial, string? alert = AlertType.PeerAuthFailed)
    {
        var isWaitedFor = _step != Step.Eap;
        var reason = denial.Reason;
        Ike.Refused(alert, RefusalKind.Authentication, RefusedBy.Us, reason, denial.Change, [.. denial.Facts]);
        Abandon(null);
        Ike.Phase = Phase.Deleting;
        Ike.State = IkeState.Deleting;
        Ike.EnqueueFirst(new DeleteIke(Ike) { Notify = NotifyType.AuthenticationFailed, Reason = reason });
        Ike.Complete(this);
        if (!isWaitedFor) Ike.Destroy(reason);
    }

    /// <summary>What waits here goes to the other gateway; this IKE_SA ends.</summary>
    void FollowRedirect(Identity gateway, Action end, Action otherwise) => Ike.Resolve(gateway, () => Ike.Sending.Pending == this, to =>
    {
        if (to is not { } address)
        {
            otherwise();
            return;
        }
        Ike.LeaveFor(address, TakeWish());
        end();
    });

    void Finish(Message response)
    {
        if (Redirect.Read(response) is { } gateway && Ike.MayFollow(gateway)) FollowRedirect(gateway, Close, () => Establish(response));
        else Establish(response);

        void Close()
        {
            Ike.Phase = Phase.Deleting;
            Ike.State = IkeState.Deleting;
            Ike.EnqueueFirst(new DeleteIke(Ike));
            Ike.Complete(this);
        }
    }

    void Establish(Message response)
    {
        var (h, child, session) = (Ike.Handshake!, _child, Session);
        _child = null;
        var (ni, nr) = (h.Ni, h.Nr);
        ConfigurationPayloads.Accept(Ike, response);
        Extensions.NoteAuthResponse(Ike, response);
        CrashDetection.Note(Ike, response);
        AuthLifetime.Note(Ike, response);
        Ike.BecomeEstablished(announce: true);
        Ike.CarryOn(session);
        Resumption.Note(Ike, response);
        if (child is not null) FinishChild(child, response, ni, nr);
        else if (_deferred is not null) Ike.EnqueueFirst(new CreateChild(Ike, _deferred));
        else
            foreach (var watcher in Ike.Watchers.ToArray()) Ike.Report(watcher, null);
        Uniqueness.EnforceAsInitiator(Ike);
        Ike.Complete(this);
    }
}
