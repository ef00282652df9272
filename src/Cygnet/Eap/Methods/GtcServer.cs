// EAP-GTC, the server: a password in clear, compared with the EAP secrets. RFC 3748 5.6.
using System.Security.Cryptography;
using Cygnet.Auth;

namespace Cygnet.Eap.Methods;

sealed class GtcServer(MethodContext context) : ServerMethod(context)
{
    public override EapType Type => EapType.Gtc;

    public override MethodStep Begin(byte id) => MethodStep.Send(EapPacket.Request(id, EapType.Gtc, "password"u8));

    public override MethodStep Process(EapPacket response, byte nextId)
    {
        if (response.Data.IsEmpty)
        {
            Log("received invalid EAP-GTC message");
            return MethodStep.Fail("received an EAP-GTC response without a password");
        }
        return Password.IsRight(Context, Context.Peer, response.Data.Span) ? MethodStep.Succeeded
            : MethodStep.Fail($"the password of '{Context.Peer}' is none of its EAP secrets in ipsec.secrets");
    }
}
