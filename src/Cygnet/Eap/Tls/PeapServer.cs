// PEAPv0, the server. draft-kamath-pppext-peapv0, MS-PEAP.
using Cygnet.Policy;

namespace Cygnet.Eap.Tls;

sealed class PeapServer : TlsServerMethod
{
    readonly EapTlsSettings _settings;
    readonly ServerConversation _inner;
    byte _id;
    bool _hasBegun;
    Identity? _user;
    string? _failure;
    bool _awaitsResult;

    public PeapServer(MethodContext context) : base(context, context.Surroundings.Settings.Peap)
    {
        _settings = context.Surroundings.Settings.Peap;
        _inner = new(Tunnelled.Inside(context), EapMethods.Configured("eap-" + _settings.Phase2Method));
    }

    public override EapType Type => EapType.Peap;

    public override Identity? Authenticated => _user;

    protected override bool AsksForCertificate => _settings.RequestPeerAuth;

    protected override void OnEstablished(TlsSession session, byte nextId)
    {
        // With TLS 1.3 the client is the first to be ready, and there is no acknowledgement to wait for.
        if (_settings.Phase2Piggyback || session.Version >= TlsVersion.Tls13) Begin(session, nextId);
    }

    void Begin(TlsSession session, byte nextId)
    {
        _hasBegun = true;
        if (AsksForCertificate) Finish(session, nextId, null);
        else Send(session, _inner.AskIdentity(_id = nextId).Packet!);
    }

    protected override MethodStep OnAcknowledgement(TlsSession session, byte nextId)
    {
        if (_hasBegun) return MethodStep.Fail($"the client says nothing inside {Type}");
        Begin(session, nextId);
        return GoOn;
    }

    protected override MethodStep OnData(TlsSession session, byte[] data, byte nextId)
    {
        if (!_hasBegun) return MethodStep.Fail($"the client speaks first inside {Type}");
        // The identifier is not sent; it is that of the open request.
        if (PeapInner.Expand(data, EapCode.Response, _id, out var reason) is not { } packet) return MethodStep.Fail($"inside {Type}: {reason}");
        Log($"received tunneled EAP-PEAP AVP {Tunnelled.Describe(packet)}");
        if (packet.Code != EapCode.Response) return MethodStep.Fail($"{EapCode.Name(EapCode.Response)} expected inside {Type}");
        if (_awaitsResult) return OnResult(session, packet);
        if (packet.Id != _id) return MethodStep.Fail($"inside {Type}: the answer to another request");
        _id = nextId;
        var step = _inner.Receive(packet, nextId);
        if (step.Outcome == EapOutcome.Continue) Send(session, step.Packet!);
        else Finish(session, nextId, step.Reason);
        return GoOn with { Delay = step.Delay };
    }

    void Finish(TlsSession session, byte nextId, string? failure)
    {
        (_awaitsResult, _failure) = (true, failure);
        if (failure is null)
        {
            // Who has shown a certificate is whom it is about; nothing inside says otherwise.
            _user = AsksForCertificate ? Context.Peer : _inner.Method?.Authenticated ?? _inner.Identity ?? Context.Peer;
            Log($"{Type} phase2 authentication of '{_user}' with {_inner.Method?.Type ?? EapType.Tls} successful");
        }
        else if (_inner.Method is { } method) Log($"{method.Type} method failed");
        Log($"sending tunneled EAP-PEAP AVP [EAP/{(failure is null ? "SUCC" : "FAIL")}]");
        session.Write(EapPacket.Request(nextId, EapType.MsTlv, PeapInner.ResultData(failure is null)));
    }

    MethodStep OnResult(TlsSession session, EapPacket packet)
    {
        if (_failure is not null) return MethodStep.Fail(_failure);
        if (packet.Type != EapType.MsTlv || PeapInner.Result(packet, out _) is not true) return MethodStep.Fail($"the client does not accept the end of {Type}");
        Msk = TlsKeys.Msk(session, Type);
        return MethodStep.Succeeded;
    }

    void Send(TlsSession session, byte[] packet)
    {
        Log($"sending tunneled EAP-PEAP AVP {Tunnelled.Describe(EapPacket.TryParse(packet, out _)!)}");
        session.Write(PeapInner.Compress(packet));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _inner.Dispose();
    }
}
