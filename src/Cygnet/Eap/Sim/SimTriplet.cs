// A GSM triplet: what a SIM card answers to one challenge. RFC 4186 2.
using System.Globalization;
using Cygnet.Policy;

namespace Cygnet.Eap.Sim;

/// <summary>As triplets.dat has them: whose, RAND, SRES, Kc.</summary>
public sealed record SimTriplet(Identity Owner, byte[] Rand, byte[] Sres, byte[] Kc)
{
    public const int RandBytes = 16, SresBytes = 4, KcBytes = 8;

    public const int Bytes = RandBytes + SresBytes + KcBytes;

    /// <summary>RAND, SRES and Kc in one piece, as they travel to the daemon.</summary>
    public byte[] ToBytes() => [.. Rand, .. Sres, .. Kc];

    /// <summary>Null unless the bytes are exactly those of one triplet.</summary>
    public static SimTriplet? FromBytes(Identity owner, byte[] bytes) =>
        bytes.Length == Bytes ? new(owner, bytes[..RandBytes], bytes[RandBytes..(RandBytes + SresBytes)], bytes[(RandBytes + SresBytes)..]) : null;

    // Kc and SRES are secret.
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"SIM triplet of {Owner}");
}
