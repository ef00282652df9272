// EAP-SIM, the client. RFC 4186 3, full authentication; triplets stand in for the card.
//                                           <--  Start (AT_VERSION_LIST, [AT_*_ID_REQ])
//   Start (AT_NONCE_MT, AT_SELECTED_VERSION, [AT_IDENTITY])  -->
//                                           <--  Challenge (AT_RAND, AT_MAC)
//   Challenge (AT_MAC)                      -->
using System.Security.Cryptography;

namespace Cygnet.Eap.Sim;

sealed class SimPeer(MethodContext context) : SimAkaPeer(context)
{
    const int MaxStarts = 3, NonceBytes = 16;
    static readonly byte[] s_version = [0, 1];

    int _starts;
    byte[] _nonce = [], _versions = [];

    public override EapType Type => EapType.Sim;

    protected override MethodStep On(EapPacket request, SimMessage message) => message.Subtype switch
    {
        Subtype.SimStart => OnStart(request, message),
        Subtype.SimChallenge when _starts > 0 => OnChallenge(request, message),
        var other => Error(request, ClientError.UnableToProcess, $"EAP-SIM {Subtype.Name(other)} is not expected"),
    };

    MethodStep OnStart(EapPacket request, SimMessage message)
    {
        // Any, full and permanent identity: three requests at most, RFC 4186 4.2.5.
        if (++_starts > MaxStarts || message.Unexpected(At.VersionList, At.AnyIdReq, At.FullAuthIdReq, At.PermanentIdReq) is not null)
            return Error(request, ClientError.UnableToProcess, "an EAP-SIM Start that is not understood");
        _versions = message.Counted(At.VersionList) ?? [];
        if (!_versions.Chunk(2).Any(v => v.AsSpan().SequenceEqual(s_version)))
        {
            Log("server does not support EAP-SIM version number 1");
            return Error(request, ClientError.UnsupportedVersion, "the server does not support EAP-SIM version 1");
        }
        _nonce = Context.Random(NonceBytes);
        var response = SimWriter.Response(request, Subtype.SimStart).Number(At.SelectedVersion, 1).Fixed(At.NonceMt, _nonce);
        if (AsksForIdentity(message)) response.Counted(At.Identity, Identity);
        return MethodStep.Send(response.ToPacket());
    }

    MethodStep OnChallenge(EapPacket request, SimMessage message)
    {
        if (message.Unexpected(At.Rand, At.Mac) is not null) return Error(request, ClientError.UnableToProcess, "an EAP-SIM challenge that is not understood");
        // Two or three, and no two the same: else the key is weaker than it seems (RFC 4186 10.9).
        var rands = message.Fixed(At.Rand) is { } all && all.Length % SimTriplet.RandBytes == 0 ? all.Chunk(SimTriplet.RandBytes).ToArray() : [];
        if (rands.Length is not (2 or 3) || rands.Select(Convert.ToHexString).Distinct().Count() != rands.Length)
        {
            Log("no valid AT_RAND received");
            return Error(request, ClientError.InsufficientChallenges, "the server's challenges are too few or the same");
        }
        var known = Context.Surroundings.Credentials.SimTriplets(Context.Peer);
        List<SimTriplet> triplets = [];
        foreach (var rand in rands)
        {
            if (known.FirstOrDefault(t => t.Rand.AsSpan().SequenceEqual(rand)) is not { } triplet)
            {
                Log("unable to get EAP-SIM triplet");
                return Error(request, ClientError.UnableToProcess, $"no triplet of '{Context.Peer}' has the RAND that the server chose");
            }
            triplets.Add(triplet);
        }
        var keys = SimKeys.OfSim(Identity, [.. triplets.SelectMany(t => t.Kc)], _nonce, _versions, s_version);
        if (!message.IsAuthentic(keys, _nonce))
        {
            Log("EAP_SIM MAC verification failed");
            return Error(request, ClientError.UnableToProcess, "the server does not know the triplets' keys: its MAC is wrong");
        }
        byte[] sres = [.. triplets.SelectMany(t => t.Sres)];
        var packet = SimWriter.Response(request, Subtype.SimChallenge).ToPacket(keys, sres);
        CryptographicOperations.ZeroMemory(sres);
        return Authenticated(packet, keys);
    }
}
