// EAP-AKA, the server. RFC 4187 3, full authentication; K and OPc stand in for the operator.
//   Identity (AT_PERMANENT_ID_REQ)         -->
//                                          <--  Identity (AT_IDENTITY)
//   Challenge (AT_RAND, AT_AUTN, AT_MAC)   -->
//                                          <--  Challenge (AT_RES, AT_MAC) | Synchronization-Failure (AT_AUTS), then a new challenge
using System.Security.Cryptography;

namespace Cygnet.Eap.Sim;

sealed class AkaServer(MethodContext context) : SimAkaServer(context)
{
    // The separation bit, as for access over the Internet: TS 33.402.
    static readonly byte[] s_amf = [0x80, 0x00];

    // Clocks of both ends may differ by this much without resynchronization.
    static readonly TimeSpan s_ahead = TimeSpan.FromMinutes(3);

    byte _pending;
    SimKeys? _keys;
    byte[] _rand = [], _xres = [], _sqn = [];
    bool _hasSynchronized;

    public override EapType Type => EapType.Aka;

    public override MethodStep Begin(byte id)
    {
        _sqn = AkaSecret.Sqn(Context.Surroundings.Now, s_ahead);
        if (!Context.Surroundings.Settings.AkaRequestIdentity) return Challenge(id);
        _pending = Subtype.AkaIdentity;
        return MethodStep.Send(SimWriter.Request(id, Type, Subtype.AkaIdentity).Number(At.PermanentIdReq).ToPacket());
    }

    protected override MethodStep On(EapPacket response, SimMessage message, byte nextId)
    {
        switch (message.Subtype)
        {
            case Subtype.AkaAuthenticationReject:
                Log($"received {Subtype.Name(message.Subtype)}, authentication failed");
                return MethodStep.Fail($"'{Subscriber}' does not accept our challenge: its K or OPc is another than the EAP secret in ipsec.secrets");
            case Subtype.AkaSynchronizationFailure when _pending == Subtype.AkaChallenge: return OnSynchronize(message, nextId);
            case var subtype when subtype != _pending: return MethodStep.Fail($"received {Subtype.Name(subtype)}, but not expected");
            case Subtype.AkaIdentity: return OnIdentity(message, nextId);
            default: return OnChallenge(message);
        }
    }

    MethodStep OnIdentity(SimMessage message, byte nextId)
    {
        if (message.Unexpected(At.Identity) is { } unexpected) return MethodStep.Fail($"EAP-AKA: attribute {unexpected} in an Identity response");
        if (message.Counted(At.Identity) is not { Length: > 0 } identity)
        {
            Log("received incomplete Identity response");
            return MethodStep.Fail("EAP-AKA: an Identity response without an identity");
        }
        Assume(identity);
        return Challenge(nextId);
    }

    MethodStep Challenge(byte id)
    {
        if (AkaSecret.Find(Context.Surroundings.Credentials, Subscriber, out var reason) is not { } secret)
        {
            Log(reason);
            return MethodStep.Fail(reason);
        }
        _rand = Context.Random(Milenage.RandBytes);
        var output = Milenage.F2345(secret.K, secret.Opc, _rand);
        var (macA, _) = Milenage.F1(secret.K, secret.Opc, _rand, _sqn, s_amf);
        byte[] autn = [.. Milenage.Xor(_sqn, output.Ak), .. s_amf, .. macA];
        (_xres, _keys) = (output.Res, SimKeys.OfAka(IdentityBytes, output.Ik, output.Ck));
        _pending = Subtype.AkaChallenge;
        return MethodStep.Send(SimWriter.Request(id, Type, Subtype.AkaChallenge).Fixed(At.Rand, _rand).Fixed(At.Autn, autn).ToPacket(_keys, []));
    }

    MethodStep OnSynchronize(SimMessage message, byte nextId)
    {
        if (_hasSynchronized) return MethodStep.Fail($"received {Subtype.Name(message.Subtype)}, but peer did already resynchronize");
        _hasSynchronized = true;
        Log("received synchronization request, retrying...");
        if (message.Unexpected(At.Auts) is not null || message.Auts() is not { } auts) return MethodStep.Fail("synchronization request didn't contain usable AUTS");
        if (AkaSecret.Find(Context.Surroundings.Credentials, Subscriber, out var reason) is not { } secret) return MethodStep.Fail(reason);
        var output = Milenage.F2345(secret.K, secret.Opc, _rand);
        var sqn = Milenage.Xor(auts.AsSpan(0, Milenage.SqnBytes), output.AkStar);
        var (_, macS) = Milenage.F1(secret.K, secret.Opc, _rand, sqn, stackalloc byte[Milenage.AmfBytes]);
        if (!CryptographicOperations.FixedTimeEquals(macS, auts.AsSpan(Milenage.SqnBytes)))
        {
            Log("received MACS does not match XMACS");
            return MethodStep.Fail("EAP-AKA: the synchronization request is not authentic");
        }
        _sqn = AkaSecret.Next(sqn);
        return Challenge(nextId);
    }

    MethodStep OnChallenge(SimMessage message)
    {
        if (message.Unexpected(At.Res, At.Mac) is { } unexpected) return MethodStep.Fail($"EAP-AKA: attribute {unexpected} in a Challenge response");
        if (!message.IsAuthentic(_keys!, []))
        {
            Log("EAP_AKA MAC verification failed");
            return MethodStep.Fail("EAP-AKA: the MAC of the response is wrong");
        }
        if (message.Counted(At.Res, inBits: true) is not { } res || !CryptographicOperations.FixedTimeEquals(res, _xres))
        {
            Log("received RES does not match XRES");
            return MethodStep.Fail($"'{Subscriber}' gives a wrong answer to the EAP-AKA challenge");
        }
        Msk = _keys!.Msk;
        return MethodStep.Succeeded;
    }
}
