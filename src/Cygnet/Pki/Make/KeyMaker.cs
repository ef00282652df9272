// Making private keys, in the encodings in which the reference writes them. RFC 8017 A.1.2 (RSA), RFC 5915 (EC), RFC 8410 (Ed25519, Ed448).
using System.Formats.Asn1;
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Pki.Make;

/// <summary>A new private key: its DER, which the caller clears, and the label of its PEM.</summary>
public sealed record MadeKey(byte[] Der, string Label);

/// <summary>Draws new keys.</summary>
public static class KeyMaker
{
    /// <summary>The sizes that can be made: RSA 1024 to 16384, ECDSA 256, 384 and 521.</summary>
    public static bool Supports(KeyKind kind, int bits) => kind switch
    {
        KeyKind.Rsa => bits is >= 1024 and <= 16384 && bits % 8 == 0,
        KeyKind.Ecdsa => bits is 256 or 384 or 521,
        _ => true,
    };

    /// <param name="hasSafePrimes">RSA only: takes seconds to minutes.</param>
    public static MadeKey Make(KeyKind kind, int bits, bool hasSafePrimes = false) => kind switch
    {
        KeyKind.Rsa => new(hasSafePrimes ? SafePrimeKey.Make(bits) : Rsa(bits), "RSA PRIVATE KEY"),
        KeyKind.Ecdsa => new(Ecdsa(bits), "EC PRIVATE KEY"),
        KeyKind.Ed25519 => new(Edwards(Oids.Ed25519, 32), "PRIVATE KEY"),
        _ => new(Edwards(Oids.Ed448, 57), "PRIVATE KEY"),
    };

    static byte[] Rsa(int bits)
    {
        using var key = RSA.Create(bits);
        return key.ExportRSAPrivateKey();
    }

    static byte[] Ecdsa(int bits)
    {
        using var key = ECDsa.Create(bits switch { 256 => ECCurve.NamedCurves.nistP256, 384 => ECCurve.NamedCurves.nistP384, _ => ECCurve.NamedCurves.nistP521 });
        return key.ExportECPrivateKey();
    }

    // Any bytes are a key: RFC 8032 5.1.5, 5.2.5.
    static byte[] Edwards(string oid, int length)
    {
        var secret = RandomNumberGenerator.GetBytes(length);
        var inner = new AsnWriter(AsnEncodingRules.DER);
        inner.WriteOctetString(secret);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence()) writer.WriteObjectIdentifier(oid);
            writer.WriteOctetString(inner.Encode());
        }
        CryptographicOperations.ZeroMemory(secret);
        return writer.Encode();
    }
}
