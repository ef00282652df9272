// EAP-MD5, the client. RFC 3748 5.4.
namespace Cygnet.Eap.Methods;

sealed class Md5Peer(MethodContext context) : PeerMethod(context)
{
    bool _hasAnswered;

    public override EapType Type => EapType.Md5;

    public override bool IsComplete => _hasAnswered;

    public override MethodStep Process(EapPacket request)
    {
        // One answer: a server that asks again with other challenges collects material for guessing.
        if (_hasAnswered) return MethodStep.Fail("the server sent a second EAP-MD5 challenge");
        if (Md5Challenge.Value(request) is not { } challenge) return MethodStep.Fail("received invalid EAP-MD5 message");
        if (Context.OwnSecret() is not { } secret) return MethodStep.Fail(MethodContext.NoKey(Context.Peer, Context.Server));
        _hasAnswered = true;
        return MethodStep.Send(request.Respond(EapType.Md5, Md5Challenge.Data(Md5Challenge.Response(request.Id, secret, challenge))));
    }
}
