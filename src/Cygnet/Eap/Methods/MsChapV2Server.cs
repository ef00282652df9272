// EAP-MSCHAPv2, the server. draft-kamath-pppext-eap-mschapv2 2.
//   Challenge                                          -->
//                                                      <--  Response
//   Success (S=...) | Failure (E=691 R=1 C=...), again -->
//                                                      <--  Success
using System.Security.Cryptography;
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Eap.Methods;

sealed class MsChapV2Server(MethodContext context) : ServerMethod(context)
{
    const int MaxRetries = 2;
    static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(2);

    static ReadOnlySpan<byte> Name => "Cygnet"u8;

    byte[] _challenge = [];
    byte _session;
    int _retries;
    bool _expectsSuccess;
    byte[]? _msk;
    Identity? _user;

    public override EapType Type => EapType.MsChapV2;

    public override Identity? Authenticated => _user;

    public override MethodStep Begin(byte id)
    {
        _session = id;
        _challenge = Context.Random(MsChapV2.ChallengeBytes);
        return Send(id, MsChapV2Message.Challenge, MsChapV2Message.ChallengeBody(_challenge, Name));
    }

    MethodStep Send(byte id, byte opCode, byte[] body) =>
        MethodStep.Send(EapPacket.Request(id, Type, new MsChapV2Message(opCode, _session, body).ToData()));

    public override MethodStep Process(EapPacket response, byte nextId)
    {
        if (MsChapV2Message.Read(response) is not { } message) return MethodStep.Fail("received invalid EAP-MS-CHAPv2 message: too short");
        switch (message.OpCode)
        {
            case MsChapV2Message.Response when !_expectsSuccess: return OnResponse(message, nextId);
            case MsChapV2Message.Success when _expectsSuccess:
                Msk = _msk;
                return MethodStep.Succeeded;
            case MsChapV2Message.Failure: return MethodStep.Fail(_expectsSuccess ? "the client does not accept our proof in EAP-MSCHAPv2" : "the client gives up EAP-MSCHAPv2");
            case MsChapV2Message.Response or MsChapV2Message.Success:
                Log($"received unexpected EAP-MS-CHAPv2 message with OpCode ({MsChapV2Message.OpCodeName(message.OpCode)})!");
                return MethodStep.Fail($"EAP-MSCHAPv2 {MsChapV2Message.OpCodeName(message.OpCode)} out of turn");
            default:
                Log($"EAP-MS-CHAPv2 received packet with unsupported OpCode ({MsChapV2Message.OpCodeName(message.OpCode)})!");
                return MethodStep.Fail($"EAP-MSCHAPv2 with OpCode {message.OpCode}");
        }
    }

    MethodStep OnResponse(MsChapV2Message message, byte nextId)
    {
        if (message.ReadResponse() is not var (peerChallenge, ntResponse, name))
        {
            Log("received invalid EAP-MS-CHAPv2 message: too short");
            return MethodStep.Fail("an EAP-MSCHAPv2 response of the wrong size");
        }
        var user = MethodContext.ReadIdentity(name);
        if (!user.Equals(Context.Peer)) Log($"EAP-MS-CHAPv2 username: '{user}'");
        if (MsChapV2Peer.NtHash(Context, Context.Server, user) is not { } ntHash)
        {
            Log(MethodContext.NoKey(Context.Server, user));
            // The same answer as to a wrong password: a stranger does not learn who is a user here.
            return Retry(nextId, user);
        }
        var hash = MsChapV2.ChallengeHash(peerChallenge, _challenge, MsChapV2.WithoutDomain(name));
        if (!CryptographicOperations.FixedTimeEquals(ntResponse, MsChapV2.ChallengeResponse(hash, ntHash))) return Retry(nextId, user);
        var proof = MsChapV2.AuthenticatorResponse(ntHash, ntResponse, hash);
        (_msk, _user, _expectsSuccess) = (MsChapV2.Msk(ntHash, ntResponse), user, true);
        CryptographicOperations.ZeroMemory(ntHash);
        return Send(nextId, MsChapV2Message.Success, Encoding.ASCII.GetBytes($"S={Convert.ToHexString(proof)} M=Welcome2Cygnet"));
    }

    MethodStep Retry(byte nextId, Identity user)
    {
        if (++_retries > MaxRetries)
        {
            Log("EAP-MS-CHAPv2 verification failed: maximum number of retries reached");
            return MethodStep.Fail($"'{user}' has no EAP or NTLM secret in ipsec.secrets, or another password");
        }
        Log($"EAP-MS-CHAPv2 verification failed, retry ({_retries})");
        _challenge = Context.Random(MsChapV2.ChallengeBytes);
        var step = Send(nextId, MsChapV2Message.Failure, Encoding.ASCII.GetBytes($"E=691 R=1 C={Convert.ToHexString(_challenge)}"));
        _session++;
        return step with { Delay = s_retryDelay };
    }
}
