// EAP-MSCHAPv2, the client. draft-kamath-pppext-eap-mschapv2 2.
//                                       <--  Challenge
//   Response                            -->
//                                       <--  Success (S=...) | Failure (E=691 R=1 C=...)
//   Success                             -->
using System.Security.Cryptography;
using System.Text;
using Cygnet.Auth;

namespace Cygnet.Eap.Methods;

sealed class MsChapV2Peer(MethodContext context) : PeerMethod(context)
{
    enum State { ExpectChallenge, ExpectResult, Done }

    State _state;
    byte[] _expected = [];
    byte[]? _msk;

    public override EapType Type => EapType.MsChapV2;

    public override bool IsComplete => _state == State.Done;

    public override MethodStep Process(EapPacket request)
    {
        if (MsChapV2Message.Read(request) is not { } message) return MethodStep.Fail("received invalid EAP-MS-CHAPv2 message");
        switch (_state, message.OpCode)
        {
            case (State.ExpectChallenge, MsChapV2Message.Challenge): return OnChallenge(request, message);
            case (State.ExpectResult, MsChapV2Message.Success): return OnSuccess(request, message);
            case (State.ExpectResult, MsChapV2Message.Failure): return OnFailure(message);
            case (_, >= MsChapV2Message.Challenge and <= MsChapV2Message.Failure):
                Log($"received unexpected EAP-MS-CHAPv2 message with OpCode ({MsChapV2Message.OpCodeName(message.OpCode)})!");
                return MethodStep.Fail($"EAP-MSCHAPv2 {MsChapV2Message.OpCodeName(message.OpCode)} out of turn");
            default:
                Log($"EAP-MS-CHAPv2 received packet with unsupported OpCode ({MsChapV2Message.OpCodeName(message.OpCode)})!");
                return MethodStep.Fail($"EAP-MSCHAPv2 with OpCode {message.OpCode}");
        }
    }

    MethodStep OnChallenge(EapPacket request, MsChapV2Message message)
    {
        if (message.ReadChallenge() is not { } challenge)
        {
            Log("received invalid EAP-MS-CHAPv2 message: invalid challenge size");
            return MethodStep.Fail("an EAP-MSCHAPv2 challenge of the wrong size");
        }
        if (NtHash(Context, Context.Peer, Context.Server) is not { } ntHash)
        {
            Log(MethodContext.NoKey(Context.Server, Context.Peer));
            return MethodStep.Fail(MethodContext.NoKey(Context.Server, Context.Peer));
        }
        var name = MethodContext.WriteIdentity(Context.Peer);
        var peerChallenge = Context.Random(MsChapV2.ChallengeBytes);
        // The whole name goes out, but only what stands behind the domain is hashed.
        var hash = MsChapV2.ChallengeHash(peerChallenge, challenge, MsChapV2.WithoutDomain(name));
        var ntResponse = MsChapV2.ChallengeResponse(hash, ntHash);
        _expected = MsChapV2.AuthenticatorResponse(ntHash, ntResponse, hash);
        _msk = MsChapV2.Msk(ntHash, ntResponse);
        CryptographicOperations.ZeroMemory(ntHash);
        _state = State.ExpectResult;
        var body = MsChapV2Message.ResponseBody(peerChallenge, ntResponse, name);
        return MethodStep.Send(request.Respond(Type, new MsChapV2Message(MsChapV2Message.Response, message.Id, body).ToData()));
    }

    /// <summary>The stored hash first, else that of the password; a copy. Null if there is neither.</summary>
    internal static byte[]? NtHash(MethodContext context, Policy.Identity me, Policy.Identity other)
    {
        if (context.Find(SecretClass.Ntlm, me, other) is { Length: MsChapV2.HashBytes } stored) return [.. stored];
        return context.Find(SecretClass.Eap, me, other) is { } password ? MsChapV2.NtPasswordHash(password) : null;
    }

    MethodStep OnSuccess(EapPacket request, MsChapV2Message message)
    {
        var fields = message.Fields();
        if (!fields.TryGetValue('S', out var text) || MsChapV2Message.Hex(text, _expected.Length) is not { } response)
        {
            Log("received invalid EAP-MS-CHAPv2 message: invalid auth string");
            return MethodStep.Fail("the server's proof in EAP-MSCHAPv2 (S=) is missing or malformed");
        }
        if (!CryptographicOperations.FixedTimeEquals(response, _expected))
        {
            Log("EAP-MS-CHAPv2 verification failed");
            return MethodStep.Fail("the server does not know the password: its proof in EAP-MSCHAPv2 is wrong");
        }
        Log($"EAP-MS-CHAPv2 succeeded: '{Quote(fields)}'");
        (Msk, _state) = (_msk, State.Done);
        return MethodStep.Send(request.Respond(Type, [MsChapV2Message.Success]));
    }

    MethodStep OnFailure(MsChapV2Message message)
    {
        var fields = message.Fields();
        var error = MsChapV2Message.ErrorName(fields.GetValueOrDefault('E', ""));
        Log($"EAP-MS-CHAPv2 failed with error {error}: '{Quote(fields)}'");
        // We have one password, so there is nothing to try again with; a new one is never set from here. Like the reference and Windows, no Failure response.
        return MethodStep.Fail($"the server refuses user and password: {error}; compare the EAP secret of '{Context.Peer}' in ipsec.secrets");
    }

    // Some servers end it as C does.
    static string Quote(Dictionary<char, string> fields) => MethodContext.Quote(Encoding.Latin1.GetBytes(fields.GetValueOrDefault('M', "(null)").Split('\0')[0]));
}
