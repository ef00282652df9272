// EAP-TLS, the server. RFC 5216; with TLS 1.3: RFC 9190.
namespace Cygnet.Eap.Tls;

sealed class TlsServer(MethodContext context) : TlsServerMethod(context, context.Surroundings.Settings.Tls)
{
    public override EapType Type => EapType.Tls;

    protected override bool AsksForCertificate => true;

    protected override void OnEstablished(TlsSession session, byte nextId)
    {
        Msk = TlsKeys.Msk(session, Type);
        // That the client's certificate is taken, RFC 9190 2.1.1.
        if (session.Version >= TlsVersion.Tls13) session.Write([0]);
    }

    protected override MethodStep OnAcknowledgement(TlsSession session, byte nextId) => MethodStep.Succeeded;

    protected override MethodStep OnData(TlsSession session, byte[] data, byte nextId) => MethodStep.Fail("data inside EAP-TLS, which carries none");
}
