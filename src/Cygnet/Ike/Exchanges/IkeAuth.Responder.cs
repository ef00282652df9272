// IKE_AUTH, the responder's side in message order. RFC 7296 1.2, 2.15, 2.16, 2.21.2; RFC 4739; RFC 5998.
using Cygnet.Auth;
using Cygnet.Eap;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    readonly Queue<Connection> _untried = new();
    Message? _first; // the first request, which asks for the child too

    public override void OnRequest(Message request)
    {
        _first ??= request;
        CrashDetection.Note(Ike, request); // it counts once the peer is authenticated
        switch (_step)
        {
            case Step.Start: ReceiveRound(request); break;
            case Step.Eap when request.Get<EapPayload>() is { } packet: ReceiveAsServer(request, packet, AnswerEap); break;
            case Step.EapSucceeded when request.Get<AuthPayload>() is { } auth: ReceiveAuthAfterEap(request, auth); break;
            default: Fail($"the peer's IKE_AUTH request lacks {(_step == Step.Eap ? "EAP" : "AUTH")}"); break;
        }
    }

    /// <summary>A round of the peer begins, or, if it is through, one more of ours.</summary>
    void ReceiveRound(Message request)
    {
        if (Session is { } session)
        {
            JudgeResumed(session, request);
            return;
        }
        if (_peerHasProven)
        {
            ProveOurselves(request);
            return;
        }
        CertificateRequests.Note(Ike, request);
        if (request.Notify(NotifyType.SupportedAuthMethods) is { } announced) Ike.Handshake!.Announced = AuthAnnouncement.Read(announced.Data);
        if (request.Get<IdPayload>(PayloadType.IdInitiator) is not { } id || !Identity.TryFromWire(id.IdType, id.Data, out var peer))
        {
            Fail("the peer's IKE_AUTH request has no identity that we understand");
            return;
        }
        _peerId = id;
        if (_peerRound > 0)
        {
            Try(Connection, request);
            return;
        }
        Ike.RemoteId = peer;
        Identity? me = null;
        if (request.Get<IdPayload>(PayloadType.IdResponder) is { } idr) Identity.TryFromWire(idr.IdType, idr.Data, out me);
        Ike.Log(LogGroup.Cfg, 1, $"looking for peer configs matching {Ike.Local.Address}[{me ?? Identity.Any}]...{Ike.Remote.Address}[{peer}]");
        foreach (var candidate in PeerConfigs.ByIdentity(Ike.Handshake!.Candidates, me, peer, Ike.Engine.Settings.Trust.RdnMatching)) _untried.Enqueue(candidate);
        if (!_untried.TryDequeue(out var first))
        {
            Ike.Log(LogGroup.Cfg, 1, $"no matching peer config found");
            Fail($"no connection is for '{peer}' (and '{me ?? Identity.Any}')", RefusalKind.Identity,
                $"'rightid={peer}'{(me is null ? "" : $" and 'leftid={me}'")} in one of these connections would accept it", RefusedIds());
            return;
        }
        Ike.Log(LogGroup.Cfg, 1, $"selected peer config '{first.Name}'");
        Try(first, request);
    }

    /// <summary>Checks the peer's round under this connection; if it does not fit, the next one is tried.</summary>
    void Try(Connection connection, Message request)
    {
        Ike.Connection = connection;
        if (_ownRound == 0) Ike.LocalId = Round(connection.Local, 0).Id is { Kind: not IdentityKind.Any } own ? own : null;
        if (request.Get<AuthPayload>() is not { } auth)
        {
            if (RefusesEap(connection, request) is { } refusal) TryNext(refusal, request);
            else ProveOurselves(request);
            return;
        }
        if (WrongRounds(connection, request) is { } rounds)
        {
            TryNext(new(rounds), request);
            return;
        }
        if (NotePpk(connection, request, auth, out var reason) is not { } counting)
        {
            TryNext(new(reason), request);
            return;
        }
        Verify(connection, counting, request, refused =>
        {
            if (refused is not null) TryNext(refused, request);
            else ProveOurselves(request);
        });
    }

    void TryNext(Denial refused, Message request)
    {
        if (_peerRound == 0) Ike.Log(LogGroup.Cfg, 1, $"selected peer config '{Ike.Name}' unacceptable: {refused.Reason}");
        if (_peerRound == 0 && _untried.TryDequeue(out var next))
        {
            Ike.Log(LogGroup.Cfg, 1, $"switching to peer config '{next.Name}'");
            Try(next, request);
            return;
        }
        if (_peerRound == 0) Ike.Log(LogGroup.Cfg, 1, $"no alternative config found");
        Fail(refused.Reason, RefusalKind.Authentication, refused.Change, [.. refused.Facts]);
    }

    /// <summary>No AUTH: the peer wants EAP. Null if the connection has it.</summary>
    Denial? RefusesEap(Connection connection, Message request)
    {
        var round = Round(connection.Remote, _peerRound);
        if (WrongIdentity(connection, round, PeerIdentity) is { } wrong) return wrong;
        if (round.Class != AuthClass.Eap)
        {
            Ike.Log(LogGroup.Cfg, 1, $"constraint requires {ClassWords(round.Class)} authentication, but EAP was used");
            return $"the peer asks for EAP; 'rightauth=eap...' of '{connection.Name}' would allow it";
        }
        return Round(connection.Local, _ownRound).Class == AuthClass.Eap && !_first!.Has(NotifyType.EapOnlyAuthentication) && !Ike.Engine.Settings.ForceEapOnlyAuthentication
            ? $"'{connection.Name}' authenticates us by EAP alone ('leftauth=eap'), which the peer does not support; 'charon.force_eap_only_authentication' would do it all the same" : null;
    }

    /// <summary>The peer says with its AUTH whether another round follows; the connection has to agree. RFC 4739 3.3.</summary>
    string? WrongRounds(Connection connection, Message request)
    {
        var (goesOn, wanted) = (request.Has(NotifyType.AnotherAuthFollows), _peerRound + 1 < connection.Remote.Length);
        return goesOn == wanted ? null
            : goesOn ? $"the peer announces a further round of authentication; 'rightauth2=' of '{connection.Name}' says nothing of one"
            : $"the peer authenticates {_peerRound + 1} times; 'rightauth2=' of '{connection.Name}' wants another round";
    }

    /// <summary>Of the groups that the connection wants, the peer needs one; after EAP it is the authentication server that says.</summary>
    string? WrongGrant()
    {
        if (PeerRound.Groups.IsEmpty || PeerRound.Groups.Any(g => Ike.Grant?.Groups.Contains(g) == true)) return null;
        LogGroups(PeerRound);
        return $"the authentication server grants the peer the groups '{string.Join(", ", Ike.Grant?.Groups ?? [])}'; 'rightgroups=' wants one of {string.Join(", ", PeerRound.Groups)}";
    }

    /// <summary>
    /// The groups came with success: of the connections that fit so far, the first that wants one of them. Null, or why there is none.
    /// </summary>
    string? ChooseByGroups()
    {
        var begun = Connection;
        while (WrongGrant() is { } wrong)
        {
            if (_peerRound > 0) return wrong;
            Ike.Log(LogGroup.Cfg, 1, $"selected peer config '{Ike.Name}' unacceptable: constraint checking failed");
            Connection? next;
            do
                if (!_untried.TryDequeue(out next))
                {
                    Ike.Log(LogGroup.Cfg, 1, $"no alternative config found");
                    return wrong;
                }
            while (!next.HasProofsOf(begun));
            Ike.Log(LogGroup.Cfg, 1, $"switching to peer config '{next.Name}'");
            Ike.Connection = next;
        }
        return null;
    }

    /// <summary>Our part of the round, unless EAP speaks for us too; then the first EAP request, or the end of the round.</summary>
    void ProveOurselves(Message request)
    {
        var isEap = !_peerHasProven && request.Get<AuthPayload>() is null;
        if (_ownHasProven)
        {
            Answer([]);
            return;
        }
        Prove(OwnRound, (proof, reason) =>
        {
            if (proof is null) Fail(AlertType.LocalAuthFailed, "we cannot authenticate ourselves: " + reason, RefusalKind.Authentication, null, NotifyType.AuthenticationFailed);
            else if (proof.Auth is null && !isEap) Fail($"'leftauth=eap' of '{Ike.Name}' needs a peer that authenticates by EAP");
            else Answer([.. proof.Payloads]);
        });

        void Answer(List<Payload> payloads)
        {
            if (isEap) StartEap(request, payloads);
            else EndRound(request, payloads);
        }
    }

    bool _ownHasProven; // no further round of ours is to come

    void StartEap(Message request, List<Payload> payloads) => BeginAsServer(request, step =>
    {
        if (step.Outcome == EapOutcome.Failure || step.Packet is null)
        {
            Fail($"EAP cannot begin: {step.Reason}");
            return;
        }
        _step = Step.Eap;
        Ike.Respond(this, [.. payloads, new EapPayload(step.Packet), .. Forwarded(step)]);
    });

    /// <summary>What a server behind us tells the peer beside EAP (<c>charon.plugins.eap-radius.forward</c>).</summary>
    IEnumerable<NotifyPayload> Forwarded(EapStep step)
    {
        if (step.Notifies.IsEmpty || Ike.PeerSentVendorId) return step.Notifies.Select(n => new NotifyPayload(NotifyType.RadiusAttribute, n));
        Ike.Log(LogGroup.Ike, 1, $"peer sent no strongSwan vendor ID, {step.Notifies.Length} RADIUS attribute{(step.Notifies.Length == 1 ? "" : "s")} not forwarded");
        return [];
    }

    void AnswerEap(EapStep step)
    {
        switch (step.Outcome)
        {
            case EapOutcome.Continue when step.Packet is { } packet:
                Ike.Respond(this, [new EapPayload(packet), .. Forwarded(step)]);
                break;
            case EapOutcome.Success when step.Packet is { } packet:
                _step = Step.EapSucceeded;
                Ike.Respond(this, [new EapPayload(packet), .. Forwarded(step)]);
                break;
            default:
                Ike.Refused(RefusalKind.Authentication, RefusedBy.Us, $"EAP failed: {step.Reason}");
                Ike.Respond(this, [step.Packet is { } failure ? new EapPayload(failure) : new NotifyPayload(NotifyType.AuthenticationFailed, []), .. Forwarded(step)]);
                Ike.BecomeGhost($"EAP failed: {step.Reason}");
                break;
        }
    }

    /// <summary>EAP is through; both ends prove with its key that they mean this IKE_SA.</summary>
    void ReceiveAuthAfterEap(Message request, AuthPayload auth)
    {
        if (WrongRounds(Connection, request) is { } rounds) Fail(rounds);
        else if (NotePpk(Connection, request, auth, out var reason) is not { } counting) Fail(reason);
        else if ((CheckEap(counting) ?? ChooseByGroups()) is { } refused) Fail(refused);
        else
        {
            var proof = ProveEap();
            EndRound(request, [proof.Auth!, .. proof.Ppk]);
        }
    }

    void EndRound(Message request, List<Payload> payloads)
    {
        if (_peerRound == 0) ApplyPpk();
        EndEap();
        if (!_peerHasProven && request.Has(NotifyType.AnotherAuthFollows)) (_peerRound, _peerId) = (_peerRound + 1, null);
        else _peerHasProven = true;
        if (HasFurtherOwnRound)
        {
            payloads.Add(new NotifyPayload(NotifyType.AnotherAuthFollows, []));
            _ownRound++;
        }
        else _ownHasProven = true;
        if (_peerHasProven && _ownHasProven)
        {
            Complete(payloads);
            return;
        }
        _step = Step.Start;
        Ike.Respond(this, payloads);
    }

    /// <summary>All rounds of both ends are through.</summary>
    void Complete(List<Payload> payloads)
    {
        var first = _first!;
        var initialContact = first.Has(NotifyType.InitialContact);
        if (Uniqueness.Refuses(Ike, initialContact))
        {
            Ike.Log(LogGroup.Ike, 1, $"canceling IKE_SA setup due to uniqueness policy");
            Fail("the peer has an IKE_SA already", RefusalKind.Limit, "'uniqueids=keep' keeps the one that is there; 'uniqueids=replace' or 'no' would accept it");
            return;
        }
        CrashDetection.Announce(Ike, payloads);
        if (Redirect.Target(Ike, isAfterAuthentication: true) is { } gateway)
        {
            Ike.Log(LogGroup.Ike, 1, $"redirecting peer to {gateway}");
            payloads.Add(new NotifyPayload(NotifyType.Redirect, GatewayIdentity.Write(gateway)));
            Ike.BecomeEstablished(announce: true);
            Ike.BeSentAway();
            Ike.Respond(this, payloads);
            return;
        }
        if (WrongChild(first) is var (wrong, change))
        {
            if (Connection.Childless == ChildlessPolicy.Force) Ike.Log(LogGroup.Ike, 1, $"peer did not initiate a childless IKE_SA");
            Fail(wrong, RefusalKind.Message, change, NotifyType.InvalidSyntax);
            return;
        }
        var (ni, nr, session) = (Ike.Handshake!.Ni, Ike.Handshake.Nr, Session);
        var isConfigured = ConfigurationPayloads.Answer(Ike, first, payloads);
        Ike.BecomeEstablished(announce: true);
        Ike.CarryOn(session);
        var child = AnswerChild(first, payloads, ni, nr, isConfigured);
        Extensions.Answer(Ike, first, payloads);
        Ike.Respond(this, payloads);
        Uniqueness.EnforceAsResponder(Ike, initialContact);
        if (child is null && first.Get<SaPayload>() is not null) OnNoChild();
    }

    /// <summary>RFC 6023 3: whether the first CHILD_SA may be missing, or must be.</summary>
    (string Reason, string Change)? WrongChild(Message first) => (first.Get<SaPayload>() is null, Connection.Childless) switch
    {
        (true, ChildlessPolicy.Never) => ("the peer initiates a childless IKE_SA", $"'childless=allow' of '{Ike.Name}' would accept it"),
        (false, ChildlessPolicy.Force) => ("the peer asks for a CHILD_SA in IKE_AUTH", $"'childless=allow' of '{Ike.Name}' would accept it, 'childless=prefer' on the peer would do without"),
        _ => null,
    };

    /// <summary>Whom the connections that the addresses allow are for.</summary>
    string[] RefusedIds() => [.. Ike.Handshake!.Candidates.Take(8).Select(c => $"'{c.Name}' is for '{Round(c.Remote, 0).Id ?? Identity.Any}' (and '{Round(c.Local, 0).Id ?? Identity.Any}')")];

    /// <summary>One notify for whatever went wrong: a stranger learns nothing from it. RFC 7296 2.21.2.</summary>
    void Fail(string reason, RefusalKind kind = RefusalKind.Authentication, string? change = null, params ReadOnlySpan<string> facts) =>
        Fail(reason, kind, change, NotifyType.AuthenticationFailed, facts);

    /// <summary>To a peer that is authenticated: why.</summary>
    void Fail(string reason, RefusalKind kind, string? change, NotifyType notify, params ReadOnlySpan<string> facts) =>
        Fail(AlertType.Of(kind, RefusedBy.Us), reason, kind, change, notify, facts);

    void Fail(string? alert, string reason, RefusalKind kind, string? change, NotifyType notify, params ReadOnlySpan<string> facts)
    {
        Ike.Refused(alert, kind, RefusedBy.Us, reason, change, facts);
        Ike.Respond(this, [new NotifyPayload(notify, [])]);
        Ike.BecomeGhost(reason);
    }
}
