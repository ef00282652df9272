// EAP-SIM, the server. RFC 4186 3, full authentication; triplets stand in for the operator.
//   Start (AT_VERSION_LIST, [AT_PERMANENT_ID_REQ])  -->
//                        <--  Start (AT_NONCE_MT, AT_SELECTED_VERSION, [AT_IDENTITY])
//   Challenge (AT_RAND, AT_MAC)                     -->
//                        <--  Challenge (AT_MAC)
using System.Buffers.Binary;

namespace Cygnet.Eap.Sim;

sealed class SimServer(MethodContext context) : SimAkaServer(context)
{
    const int NonceBytes = 16, MaxTriplets = 3, MinTriplets = 2;
    const ushort Version = 1;
    static readonly byte[] s_version = [0, (byte)Version];

    byte _pending = Subtype.SimStart;
    SimKeys? _keys;
    byte[] _sres = [];

    public override EapType Type => EapType.Sim;

    public override MethodStep Begin(byte id)
    {
        var request = SimWriter.Request(id, Type, Subtype.SimStart).Counted(At.VersionList, s_version);
        if (Context.Surroundings.Settings.SimRequestIdentity) request.Number(At.PermanentIdReq);
        return MethodStep.Send(request.ToPacket());
    }

    protected override MethodStep On(EapPacket response, SimMessage message, byte nextId)
    {
        if (message.Subtype != _pending) return MethodStep.Fail($"received {Subtype.Name(message.Subtype)}, but not expected");
        return _pending == Subtype.SimStart ? OnStart(message, nextId) : OnChallenge(message);
    }

    MethodStep OnStart(SimMessage message, byte nextId)
    {
        if (message.Unexpected(At.NonceMt, At.SelectedVersion, At.Identity) is { } unexpected) return MethodStep.Fail($"EAP-SIM: attribute {unexpected} in a Start response");
        if (message.Has(At.Identity))
        {
            if (message.Counted(At.Identity) is not { Length: > 0 } identity) return MethodStep.Fail("EAP-SIM: the identity does not fit its attribute");
            Assume(identity);
        }
        if (message.Number(At.SelectedVersion) != Version || message.Fixed(At.NonceMt, NonceBytes) is not { } nonce)
        {
            Log("received incomplete EAP-SIM/Response/Start");
            return MethodStep.Fail("EAP-SIM: no nonce or no version that we know");
        }
        if (Choose() is not { Length: >= MinTriplets } triplets)
        {
            Log($"no triplets found for '{Subscriber}'");
            return MethodStep.Fail($"'{Subscriber}' has fewer than {MinTriplets} triplets in triplets.dat");
        }
        _sres = [.. triplets.SelectMany(t => t.Sres)];
        _keys = SimKeys.OfSim(IdentityBytes, [.. triplets.SelectMany(t => t.Kc)], nonce, s_version, s_version);
        _pending = Subtype.SimChallenge;
        return MethodStep.Send(SimWriter.Request(nextId, Type, Subtype.SimChallenge).Fixed(At.Rand, [.. triplets.SelectMany(t => t.Rand)]).ToPacket(_keys, nonce));
    }

    // Any three with different challenges, drawn anew each time.
    SimTriplet[] Choose()
    {
        var all = Context.Surroundings.Credentials.SimTriplets(Subscriber).DistinctBy(t => Convert.ToHexString(t.Rand)).ToList();
        List<SimTriplet> chosen = [];
        while (chosen.Count < MaxTriplets && all.Count > 0)
        {
            var at = (int)(BinaryPrimitives.ReadUInt32BigEndian(Context.Random(4)) % (uint)all.Count);
            chosen.Add(all[at]);
            all.RemoveAt(at);
        }
        return [.. chosen];
    }

    MethodStep OnChallenge(SimMessage message)
    {
        if (message.Unexpected(At.Mac) is { } unexpected) return MethodStep.Fail($"EAP-SIM: attribute {unexpected} in a Challenge response");
        if (!message.IsAuthentic(_keys!, _sres))
        {
            Log("EAP_SIM MAC verification failed");
            return MethodStep.Fail($"'{Subscriber}' does not know the answers to its triplets: the MAC is wrong");
        }
        Msk = _keys!.Msk;
        return MethodStep.Succeeded;
    }
}
