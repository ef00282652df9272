// EAP-TTLSv0, the client: a method of EAP inside. RFC 5281 7 and 11.2.1.
namespace Cygnet.Eap.Tls;

sealed class TtlsPeer : TlsPeerMethod
{
    readonly PeerConversation _inner;

    public TtlsPeer(MethodContext context) : base(context, context.Surroundings.Settings.Ttls) => _inner = Tunnelled.Peer(context);

    public override EapType Type => EapType.Ttls;

    /// <summary>Inside, a method is complete; or the server asked for our certificate in its place and wanted no method.</summary>
    public override bool IsComplete => IsEstablished && (_inner.Method?.IsComplete ?? HasShownCertificate);

    bool HasShownCertificate => Session!.IsCertificateRequested && Context.Surroundings.Credentials.PrivateKeyFor(Context.Own, Context.Peer, []) is not null;

    protected override void OnEstablished(TlsSession session, bool serverBegins)
    {
        Msk = TlsKeys.Msk(session, Type);
        // The client begins, as if it had been asked.
        if (!serverBegins) Send(session, EapPacket.Response(0, EapType.Identity, _inner.Introduce()));
    }

    protected override string? OnData(TlsSession session, byte[] data, EapPacket request)
    {
        if (Avp.ReadAll(data, out var reason) is not { } avps) return reason;
        if (EapPacket.TryParse(Avp.Eap(avps), out reason) is not { } packet) return $"inside {Type}: {reason}";
        Log($"received tunneled EAP-TTLS AVP {Tunnelled.Describe(packet)}");
        if (packet.Code != EapCode.Request) return $"{EapCode.Name(EapCode.Request)} expected inside {Type}";
        var step = _inner.Receive(packet);
        if (step.Packet is null) return step.Reason ?? "";
        Send(session, step.Packet);
        return null;
    }

    void Send(TlsSession session, byte[] packet)
    {
        Log($"sending tunneled EAP-TTLS AVP {Tunnelled.Describe(EapPacket.TryParse(packet, out _)!)}");
        session.Write(new Avp(Avp.EapMessage, 0, packet).ToBytes());
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _inner.Dispose();
    }
}
