// EAP-AKA, the client. RFC 4187 3, full authentication; K and OPc stand in for the card.
//                                     <--  Identity (AT_*_ID_REQ)
//   Identity (AT_IDENTITY)            -->
//                                     <--  Challenge (AT_RAND, AT_AUTN, AT_MAC)
//   Challenge (AT_RES, AT_MAC)        -->
using System.Security.Cryptography;

namespace Cygnet.Eap.Sim;

sealed class AkaPeer(MethodContext context) : SimAkaPeer(context)
{
    const int MaxIdentities = 3;

    int _identities;
    bool _hasSynchronized;

    public override EapType Type => EapType.Aka;

    protected override MethodStep On(EapPacket request, SimMessage message) => message.Subtype switch
    {
        Subtype.AkaIdentity => OnIdentity(request, message),
        Subtype.AkaChallenge => OnChallenge(request, message),
        var other => Error(request, ClientError.UnableToProcess, $"EAP-AKA {Subtype.Name(other)} is not expected"),
    };

    MethodStep OnIdentity(EapPacket request, SimMessage message)
    {
        if (++_identities > MaxIdentities || message.Unexpected(At.AnyIdReq, At.FullAuthIdReq, At.PermanentIdReq) is not null || !AsksForIdentity(message))
            return Error(request, ClientError.UnableToProcess, "an EAP-AKA Identity request that is not understood");
        return MethodStep.Send(SimWriter.Response(request, Subtype.AkaIdentity).Counted(At.Identity, Identity).ToPacket());
    }

    MethodStep OnChallenge(EapPacket request, SimMessage message)
    {
        if (message.Unexpected(At.Rand, At.Autn, At.Mac) is not null || message.Fixed(At.Rand, Milenage.RandBytes) is not { } rand
            || message.Fixed(At.Autn, Milenage.AutnBytes) is not { } autn)
        {
            Log("received invalid EAP-AKA challenge message");
            return Error(request, ClientError.UnableToProcess, "an EAP-AKA challenge that is not understood");
        }
        if (AkaSecret.Find(Context.Surroundings.Credentials, Context.Peer, out var reason) is not { } secret)
        {
            Log(reason);
            return Reject(request);
        }
        var output = Milenage.F2345(secret.K, secret.Opc, rand);
        var sqn = Milenage.Xor(autn.AsSpan(0, Milenage.SqnBytes), output.Ak);
        var (macA, _) = Milenage.F1(secret.K, secret.Opc, rand, sqn, autn.AsSpan(Milenage.SqnBytes, Milenage.AmfBytes));
        if (!CryptographicOperations.FixedTimeEquals(macA, autn.AsSpan(Milenage.SqnBytes + Milenage.AmfBytes)))
        {
            Log("received MAC does not match XMAC");
            return Reject(request);
        }
        // There is no card that remembers a number: the clock is what an old challenge fails against.
        var ours = AkaSecret.Sqn(Context.Surroundings.Now, TimeSpan.Zero);
        if (Context.Surroundings.Settings.AkaSeqCheck && sqn.AsSpan().SequenceCompareTo(ours) <= 0) return Synchronize(request, secret, rand, output, ours);
        var keys = SimKeys.OfAka(Identity, output.Ik, output.Ck);
        if (!message.IsAuthentic(keys, []))
        {
            Log("EAP_AKA MAC verification failed");
            return Error(request, ClientError.UnableToProcess, "the MAC of the EAP-AKA challenge is wrong");
        }
        return Authenticated(SimWriter.Response(request, Subtype.AkaChallenge).Counted(At.Res, output.Res, inBits: true).ToPacket(keys, []), keys);
    }

    MethodStep Reject(EapPacket request)
    {
        Log($"no USIM found with quintuplets for '{Context.Peer}', sending {Subtype.Name(Subtype.AkaAuthenticationReject)}");
        return MethodStep.Send(SimWriter.Response(request, Subtype.AkaAuthenticationReject).ToPacket());
    }

    MethodStep Synchronize(EapPacket request, AkaSecret secret, byte[] rand, Milenage.Output output, byte[] sqn)
    {
        if (_hasSynchronized) return Error(request, ClientError.UnableToProcess, "the sequence number of EAP-AKA is old even after resynchronization");
        _hasSynchronized = true;
        Log($"received SQN invalid, sending {Subtype.Name(Subtype.AkaSynchronizationFailure)}");
        // In resynchronization AMF is zero, TS 33.102 6.3.3.
        var (_, macS) = Milenage.F1(secret.K, secret.Opc, rand, sqn, stackalloc byte[Milenage.AmfBytes]);
        byte[] auts = [.. Milenage.Xor(sqn, output.AkStar), .. macS];
        return MethodStep.Send(SimWriter.Response(request, Subtype.AkaSynchronizationFailure).Auts(auts).ToPacket());
    }
}
