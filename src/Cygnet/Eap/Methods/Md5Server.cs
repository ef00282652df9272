// EAP-MD5, the server. RFC 3748 5.4.
using System.Security.Cryptography;
using Cygnet.Auth;

namespace Cygnet.Eap.Methods;

sealed class Md5Server(MethodContext context) : ServerMethod(context)
{
    const int ChallengeBytes = 16;

    byte[] _challenge = [];

    public override EapType Type => EapType.Md5;

    public override MethodStep Begin(byte id)
    {
        _challenge = Context.Random(ChallengeBytes);
        return MethodStep.Send(EapPacket.Request(id, EapType.Md5, Md5Challenge.Data(_challenge)));
    }

    public override MethodStep Process(EapPacket response, byte nextId)
    {
        if (Md5Challenge.Value(response) is not { } value) return MethodStep.Fail("received invalid EAP-MD5 message");
        if (Context.Secret(SecretClass.Eap, Context.Server, Context.Peer) is not { } secret) return MethodStep.Fail(MethodContext.NoKey(Context.Server, Context.Peer));
        if (CryptographicOperations.FixedTimeEquals(value, Md5Challenge.Response(response.Id, secret, _challenge))) return MethodStep.Succeeded;
        Log("EAP-MD5 verification failed");
        return MethodStep.Fail($"'{Context.Peer}' has another password than the EAP secret in ipsec.secrets");
    }
}
