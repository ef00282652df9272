// PEAPv0, the client. draft-kamath-pppext-peapv0, MS-PEAP.
namespace Cygnet.Eap.Tls;

sealed class PeapPeer : TlsPeerMethod
{
    readonly PeerConversation _inner;
    bool _isAccepted;

    public PeapPeer(MethodContext context) : base(context, context.Surroundings.Settings.Peap) => _inner = Tunnelled.Peer(context);

    public override EapType Type => EapType.Peap;

    /// <summary>The server has said so inside, after a method that is complete for us.</summary>
    public override bool IsComplete => IsEstablished && _isAccepted;

    protected override string? OnData(TlsSession session, byte[] data, EapPacket request)
    {
        if (PeapInner.Expand(data, EapCode.Request, request.Id, out var reason) is not { } packet) return $"inside {Type}: {reason}";
        Log($"received tunneled EAP-PEAP AVP {Tunnelled.Describe(packet)}");
        if (packet.Code != EapCode.Request) return $"{EapCode.Name(EapCode.Request)} expected inside {Type}";
        if (packet.Type == EapType.MsTlv) return OnResult(session, packet);
        if (_isAccepted) return $"the server goes on inside {Type} after its result";
        var step = _inner.Receive(packet);
        if (step.Packet is null) return step.Reason ?? "";
        Log($"sending tunneled EAP-PEAP AVP {Tunnelled.Describe(EapPacket.TryParse(step.Packet, out _)!)}");
        session.Write(PeapInner.Compress(step.Packet));
        return null;
    }

    string? OnResult(TlsSession session, EapPacket packet)
    {
        if (PeapInner.Result(packet, out var reason) is not { } success) return reason;
        // Success without a method that has convinced us is none; the server learns it.
        _isAccepted = success && (_inner.Method?.IsComplete ?? false);
        if (_isAccepted) Msk = TlsKeys.Msk(session, Type);
        Log($"sending tunneled EAP-PEAP AVP [EAP/{(_isAccepted ? "SUCC" : "FAIL")}]");
        session.Write(packet.Respond(EapType.MsTlv, PeapInner.ResultData(_isAccepted)));
        return null;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _inner.Dispose();
    }
}
