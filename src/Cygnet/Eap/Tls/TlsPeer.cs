// EAP-TLS, the client. RFC 5216; with TLS 1.3: RFC 9190.
namespace Cygnet.Eap.Tls;

sealed class TlsPeer(MethodContext context) : TlsPeerMethod(context, context.Surroundings.Settings.Tls)
{
    bool _isCommitted;

    public override EapType Type => EapType.Tls;

    public override bool IsComplete => IsEstablished && _isCommitted;

    protected override bool NeedsCertificate => true;

    protected override void OnEstablished(TlsSession session, bool serverBegins)
    {
        Msk = TlsKeys.Msk(session, Type);
        // With TLS 1.3 the handshake ends on our side before the server has taken our certificate: it says later that it has.
        _isCommitted = session.Version < TlsVersion.Tls13;
    }

    protected override string? OnData(TlsSession session, byte[] data, EapPacket request)
    {
        // One zero byte, RFC 9190 2.1.1.
        if (_isCommitted || data is not [0]) return "data inside EAP-TLS, which carries none";
        _isCommitted = true;
        return null;
    }
}
