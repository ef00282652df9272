// IntAuth: what both AUTH payloads cover of the IKE_INTERMEDIATE exchanges. RFC 9242 3.3.2.
//   IntAuth_i(n) = prf(SK_pi(n), IntAuth_i(n-1) | A | P), IntAuth_r(n) likewise;  IntAuth = IntAuth_iN | IntAuth_rN | IKE_AUTH_MID
using System.Buffers.Binary;
using Cygnet.Crypto;

namespace Cygnet.Ike;

sealed class IntermediateAuth
{
    byte[] _initiator = [], _responder = [];
    uint _requests;

    /// <summary>
    /// Takes in one message, sent or received, with SK_pi or SK_pr of the keys that protect it. <paramref name="covered"/> is A | P of
    /// <see cref="Wire.Message.Covered"/>.
    /// </summary>
    public void Add(bool fromInitiator, Prf prf, IkeKeys keys, ReadOnlySpan<byte> covered)
    {
        if (fromInitiator)
        {
            _initiator = prf.Compute(keys.SkPi, _initiator, covered);
            _requests++;
        }
        else _responder = prf.Compute(keys.SkPr, _responder, covered);
    }

    /// <summary>The last part of what AUTH covers; empty if there was no such exchange.</summary>
    public byte[] Octets
    {
        get
        {
            if (_requests == 0) return [];
            var mid = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(mid, _requests + 1); // IKE_SA_INIT has 0, and IKE_AUTH comes next
            return [.. _initiator, .. _responder, .. mid];
        }
    }
}
