// EAP-TTLSv0, the server: a method of EAP inside, or a password by PAP or MS-CHAP-V2. RFC 5281 7 and 11.
using System.Security.Cryptography;
using System.Text;
using Cygnet.Eap.Methods;
using Cygnet.Policy;

namespace Cygnet.Eap.Tls;

sealed class TtlsServer : TlsServerMethod
{
    readonly EapTlsSettings _settings;
    readonly ServerConversation _inner;
    byte _id;
    Identity? _user;
    bool _awaitsEnd;

    public TtlsServer(MethodContext context) : base(context, context.Surroundings.Settings.Ttls)
    {
        _settings = context.Surroundings.Settings.Ttls;
        _inner = new(Tunnelled.Inside(context), EapMethods.Configured("eap-" + _settings.Phase2Method));
        _inner.AwaitIdentity();
    }

    public override EapType Type => EapType.Ttls;

    public override Identity? Authenticated => _user;

    protected override bool AsksForCertificate => _settings.RequestPeerAuth;

    protected override void OnEstablished(TlsSession session, byte nextId)
    {
        if (_settings.Phase2Piggyback) Send(session, _inner.AskIdentity(_id = nextId).Packet!);
    }

    protected override MethodStep OnAcknowledgement(TlsSession session, byte nextId) =>
        _awaitsEnd ? Succeed(session, _user!) : MethodStep.Fail($"the client says nothing inside {Type}");

    protected override MethodStep OnData(TlsSession session, byte[] data, byte nextId)
    {
        if (_awaitsEnd) return MethodStep.Fail($"the client goes on inside {Type} after its proof");
        if (Avp.ReadAll(data, out var reason) is not { } avps) return MethodStep.Fail(reason);
        if (Avp.Eap(avps) is { Length: > 0 } eap) return OnEap(session, eap);
        if (Avp.Find(avps, Avp.UserName) is not { Length: > 0 } name) return MethodStep.Fail($"neither an EAP message nor a user name inside {Type}");
        // A certificate was asked for, and it is about another name perhaps.
        if (AsksForCertificate) return Succeed(session, Context.Peer);
        if (Avp.Find(avps, Avp.UserPassword) is { } password) return OnPap(session, MethodContext.ReadIdentity(name), password);
        if (Avp.Find(avps, Avp.MsChapChallenge, Avp.Microsoft) is { } challenge && Avp.Find(avps, Avp.MsChap2Response, Avp.Microsoft) is { } response)
            return OnMsChap(session, name, challenge, response);
        return MethodStep.Fail($"inside {Type} neither EAP nor PAP nor MS-CHAP-V2");
    }

    MethodStep OnEap(TlsSession session, byte[] eap)
    {
        if (EapPacket.TryParse(eap, out var reason) is not { } packet) return MethodStep.Fail($"inside {Type}: {reason}");
        Log($"received tunneled EAP-TTLS AVP {Tunnelled.Describe(packet)}");
        if (packet.Code != EapCode.Response) return MethodStep.Fail($"{EapCode.Name(EapCode.Response)} expected inside {Type}");
        if (AsksForCertificate) return Succeed(session, Context.Peer);
        // The first one answers a request that was not made.
        if (_inner.Method is not null && packet.Id != _id) return MethodStep.Fail($"inside {Type}: the answer to another request");
        _id = (byte)(packet.Id + 1);
        var step = _inner.Receive(packet, _id);
        switch (step.Outcome)
        {
            case EapOutcome.Continue:
                Send(session, step.Packet!);
                return GoOn with { Delay = step.Delay };
            case EapOutcome.Success:
                Log($"{Type} phase2 authentication of '{_inner.Method!.Authenticated ?? _inner.Identity ?? Context.Peer}' with {_inner.Method.Type} successful");
                return Succeed(session, _inner.Method.Authenticated ?? _inner.Identity ?? Context.Peer);
            default:
                return step;
        }
    }

    void Send(TlsSession session, byte[] packet)
    {
        Log($"sending tunneled EAP-TTLS AVP {Tunnelled.Describe(EapPacket.TryParse(packet, out _)!)}");
        session.Write(new Avp(Avp.EapMessage, 0, packet).ToBytes());
    }

    // The password may be padded with zeros to hide its length, RFC 5281 11.2.5.
    MethodStep OnPap(TlsSession session, Identity user, byte[] password)
    {
        Log($"received PAP password of '{user}' inside {Type}");
        return Password.IsRight(Context, user, password.AsSpan().TrimEnd((byte)0)) ? Succeed(session, user)
            : MethodStep.Fail($"the password of '{user}' is none of its EAP secrets in ipsec.secrets");
    }

    // RFC 5281 11.2.4: the challenge is not sent but follows from the keys, so that a response from elsewhere is no use.
    MethodStep OnMsChap(TlsSession session, byte[] name, byte[] challenge, byte[] response)
    {
        const int identBytes = 1, flagsAt = 2, peerChallengeAt = flagsAt, ntResponseAt = 26, responseBytes = 50;
        var implicitChallenge = session.Export("ttls challenge"u8, null, MsChapV2.ChallengeBytes + identBytes);
        var user = MethodContext.ReadIdentity(name);
        if (response.Length != responseBytes || !CryptographicOperations.FixedTimeEquals(challenge, implicitChallenge.AsSpan(0, MsChapV2.ChallengeBytes))
            || response[0] != implicitChallenge[^1])
            return MethodStep.Fail($"MS-CHAP-V2 inside {Type} with a challenge that is not that of the keys");
        var ntResponse = response.AsSpan(ntResponseAt, MsChapV2.NtResponseBytes);
        var hash = MsChapV2.ChallengeHash(response.AsSpan(peerChallengeAt, MsChapV2.ChallengeBytes), challenge, MsChapV2.WithoutDomain(name));
        if (MsChapV2Peer.NtHash(Context, Context.Server, user) is not { } ntHash || !CryptographicOperations.FixedTimeEquals(ntResponse, MsChapV2.ChallengeResponse(hash, ntHash)))
            return MethodStep.Fail($"'{user}' has no EAP or NTLM secret in ipsec.secrets, or another password");
        var proof = $"S={Convert.ToHexString(MsChapV2.AuthenticatorResponse(ntHash, ntResponse, hash))}";
        session.Write(new Avp(Avp.MsChap2Success, Avp.Microsoft, [response[0], .. Encoding.ASCII.GetBytes(proof)]).ToBytes());
        (_user, _awaitsEnd) = (user, true);
        return GoOn;
    }

    MethodStep Succeed(TlsSession session, Identity user)
    {
        (Msk, _user) = (TlsKeys.Msk(session, Type), user);
        return MethodStep.Succeeded;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _inner.Dispose();
    }
}
