// Reading a public key. RFC 5280 4.1.2.7; RFC 3279 2.3.1 (RSA), RFC 5480 (elliptic curves), RFC 8410 (Ed25519, Ed448), RFC 4055 (RSASSA-PSS).
using System.Formats.Asn1;
using System.Numerics;
using Cygnet.Pki;

namespace Cygnet.Crypto;

public sealed partial class PublicKey
{
    // Below: broken. Above: one verification costs a stranger's victim milliseconds.
    const int LeastRsaBits = 1024, MostRsaBits = 16384;

    NativeKey? _native;

    /// <summary>
    /// Reads a SubjectPublicKeyInfo. Null, and the reason as a sentence for the operator, if the key is malformed or of no kind that we can verify with.
    /// </summary>
    public static PublicKey? FromSubjectPublicKeyInfo(ReadOnlySpan<byte> der, out string? reason)
    {
        try
        {
            var bytes = der.ToArray();
            var outer = new AsnReader(bytes, AsnEncodingRules.DER);
            var info = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var algorithm = info.ReadSequence();
            var oid = algorithm.ReadObjectIdentifier();
            var keyBits = info.ReadBitString(out var unused);
            info.ThrowIfNotEmpty();
            if (unused != 0) return Refuse("the public key has unused bits", out reason);

            switch (oid)
            {
                case Oids.RsaEncryption or Oids.RsaPss:
                    var rsa = new AsnReader(keyBits, AsnEncodingRules.DER);
                    var numbers = rsa.ReadSequence();
                    rsa.ThrowIfNotEmpty();
                    var modulus = numbers.ReadInteger();
                    var exponent = numbers.ReadInteger();
                    numbers.ThrowIfNotEmpty();
                    var bits = modulus.Sign > 0 ? (int)modulus.GetBitLength() : 0;
                    if (bits is < LeastRsaBits or > MostRsaBits) return Refuse($"an RSA key of {bits} bits is refused", out reason);
                    if (modulus.IsEven) return Refuse("an RSA key with an even modulus is refused", out reason);
                    if (exponent < 3 || exponent.IsEven || exponent.GetBitLength() > 64) return Refuse("the RSA public exponent is refused", out reason);
                    if (oid == Oids.RsaEncryption) return Accept(new(KeyKind.Rsa, bits, bytes, keyBits), out reason);
                    // Without parameters it is free in its choice: RFC 4055 3.1.
                    SignatureScheme? pss = null;
                    if (algorithm.HasData && (pss = SignatureAlgorithm.ReadPssRestriction(algorithm)) is null) return Refuse("the public key is for RSASSA-PSS with a digest that is not supported", out reason);
                    return Accept(new(KeyKind.Rsa, bits, bytes, keyBits) { IsPssOnly = true, PssScheme = pss }, out reason);

                case "1.2.840.10045.2.1":
                    if (algorithm.PeekTag() != Asn1Tag.ObjectIdentifier) return Refuse("elliptic curves must be named, not given as parameters", out reason);
                    var curve = algorithm.ReadObjectIdentifier();
                    return CurveBits(curve) is var size and > 0
                        ? Accept(new(KeyKind.Ecdsa, size, bytes, keyBits), out reason)
                        : Refuse($"elliptic curve {curve} is not supported", out reason);

                case "1.3.101.112" when keyBits.Length == 32: return Accept(new(KeyKind.Ed25519, 256, bytes, keyBits), out reason);
                case "1.3.101.113" when keyBits.Length == 57: return Accept(new(KeyKind.Ed448, 456, bytes, keyBits), out reason);
                default: return Refuse($"public keys of algorithm {oid} are not supported", out reason);
            }
        }
        catch (AsnContentException)
        {
            return Refuse("the public key is malformed", out reason);
        }
    }

    /// <summary>The key inside libcrypto, made at the first use; null if libcrypto refuses it.</summary>
    internal NativeKey? Native
    {
        get
        {
            if (Volatile.Read(ref _native) is { } known) return known;
            var made = NativeKey.FromSubjectPublicKeyInfo(SubjectPublicKeyInfo);
            // Two threads may come here at once; the loser's is freed by its finalizer.
            return made is null ? null : Interlocked.CompareExchange(ref _native, made, null) ?? made;
        }
    }

    static int CurveBits(string oid) => oid switch
    {
        "1.2.840.10045.3.1.7" or "1.3.36.3.3.2.8.1.1.7" => 256,
        "1.3.132.0.34" or "1.3.36.3.3.2.8.1.1.11" => 384,
        "1.3.36.3.3.2.8.1.1.13" => 512,
        "1.3.132.0.35" => 521,
        _ => 0,
    };

    static PublicKey Accept(PublicKey key, out string? reason)
    {
        reason = null;
        return key;
    }

    static PublicKey? Refuse(string why, out string? reason)
    {
        reason = why;
        return null;
    }
}
