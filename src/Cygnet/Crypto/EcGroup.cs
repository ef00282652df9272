// The curves over prime fields: NIST's (RFC 5903, RFC 5114) and Brainpool's (RFC 6954).
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>A curve inside libcrypto, which only reads it; kept for the life of the process.</summary>
sealed class EcGroup
{
    static readonly Lazy<EcGroup>
        P192 = new(() => new(NidP192, 24)), P224 = new(() => new(NidP224, 28)), P256 = new(() => new(NidP256, 32)),
        P384 = new(() => new(NidP384, 48)), P521 = new(() => new(NidP521, 66)),
        Brainpool224 = new(() => new(NidBrainpool224, 28)), Brainpool256 = new(() => new(NidBrainpool256, 32)),
        Brainpool384 = new(() => new(NidBrainpool384, 48)), Brainpool512 = new(() => new(NidBrainpool512, 64));

    EcGroup(int nid, int fieldBytes)
    {
        (Curve, FieldBytes) = (EC_GROUP_new_by_curve_name(nid), fieldBytes);
        // A libcrypto may be built without the curve.
        if (Curve != 0) return;
        ERR_clear_error();
        throw new CryptographicException("libcrypto: no such curve");
    }

    /// <summary>EC_GROUP.</summary>
    public nint Curve { get; }

    public int FieldBytes { get; }

    /// <summary>Null for a method that is no curve over a prime field.</summary>
    public static EcGroup? For(ushort method) => method switch
    {
        Ke.Ecp192 => P192.Value,
        Ke.Ecp224 => P224.Value,
        Ke.Ecp256 => P256.Value,
        Ke.Ecp384 => P384.Value,
        Ke.Ecp521 => P521.Value,
        Ke.Brainpool224 => Brainpool224.Value,
        Ke.Brainpool256 => Brainpool256.Value,
        Ke.Brainpool384 => Brainpool384.Value,
        Ke.Brainpool512 => Brainpool512.Value,
        _ => null,
    };
}
