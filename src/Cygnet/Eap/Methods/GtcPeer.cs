// EAP-GTC, the client: the password itself is the answer. RFC 3748 5.6.
namespace Cygnet.Eap.Methods;

sealed class GtcPeer(MethodContext context) : PeerMethod(context)
{
    bool _hasAnswered;

    public override EapType Type => EapType.Gtc;

    public override bool IsComplete => _hasAnswered;

    public override MethodStep Process(EapPacket request)
    {
        if (_hasAnswered) return MethodStep.Fail("the server asked for the EAP-GTC password twice");
        if (Context.OwnSecret() is not { } secret) return MethodStep.Fail(MethodContext.NoKey(Context.Peer, Context.Server));
        _hasAnswered = true;
        return MethodStep.Send(request.Respond(EapType.Gtc, secret));
    }
}
