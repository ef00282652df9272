// What an AUTH payload signs. RFC 7296 2.15.
//   InitiatorSignedOctets = RealMessage1 | NonceRData | prf(SK_pi, IDi')
//   ResponderSignedOctets = RealMessage2 | NonceIData | prf(SK_pr, IDr')
using Cygnet.Crypto;

namespace Cygnet.Auth;

/// <summary>The octets that both kinds of AUTH cover.</summary>
public static class AuthOctets
{
    /// <summary>
    /// The signer's first message as sent, the other side's nonce, and prf over the signer's ID payload without generic header
    /// (<see cref="Policy.Identity.ToIdBody"/>). <paramref name="intermediate"/> is IntAuth of RFC 9242 3.3.2, empty without IKE_INTERMEDIATE.
    /// </summary>
    public static byte[] Signed(Prf prf, ReadOnlySpan<byte> realMessage, ReadOnlySpan<byte> peerNonce, ReadOnlySpan<byte> skP, ReadOnlySpan<byte> idBody,
        ReadOnlySpan<byte> intermediate = default)
    {
        var octets = new byte[realMessage.Length + peerNonce.Length + prf.OutputBytes + intermediate.Length];
        realMessage.CopyTo(octets);
        peerNonce.CopyTo(octets.AsSpan(realMessage.Length));
        prf.ComputeTo(skP, idBody, octets.AsSpan(realMessage.Length + peerNonce.Length, prf.OutputBytes));
        intermediate.CopyTo(octets.AsSpan(octets.Length - intermediate.Length));
        return octets;
    }
}
