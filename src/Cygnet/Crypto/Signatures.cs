// Signatures of IKEv2 and X.509 over libcrypto. RFC 8017 (RSA), RFC 4754 and RFC 5480 (ECDSA), RFC 8032 (Ed25519, Ed448).
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>
/// Signs and verifies. libcrypto checks PKCS#1 v1.5 by encoding and comparing, and DER of ECDSA by encoding anew, so that nothing
/// parses what a stranger signed.
/// </summary>
static unsafe class Signatures
{
    /// <summary>Whether a key of that kind and size can be used with the scheme.</summary>
    public static bool Fits(SignatureScheme scheme, PublicKey key) => scheme switch
    {
        <= SignatureScheme.RsaPkcs1Sha512 => key.Kind == KeyKind.Rsa && !key.IsPssOnly,
        <= SignatureScheme.RsaPssSha512 => key.Kind == KeyKind.Rsa && (key.PssScheme is null || key.PssScheme == scheme),
        <= SignatureScheme.EcdsaSha512Der => key.Kind == KeyKind.Ecdsa,
        SignatureScheme.Ed25519 => key.Kind == KeyKind.Ed25519,
        SignatureScheme.Ed448 => key.Kind == KeyKind.Ed448,
        // RFC 4754 binds the curve too, and means the NIST one where a brainpool curve has the same size.
        _ => key.Kind == KeyKind.Ecdsa && key.Bits == Bits(scheme) && key.SubjectPublicKeyInfo.AsSpan().IndexOf(CurveOid(scheme)) >= 0,
    };

    public static byte[] Sign(NativeKey key, SignatureScheme scheme, ReadOnlySpan<byte> data)
    {
        var ctx = EVP_MD_CTX_new();
        if (ctx == 0) throw new OutOfMemoryException();
        try
        {
            nint keyCtx;
            var length = (nuint)EVP_PKEY_get_size(key);
            var signature = new byte[(int)length];
            fixed (byte* d = &NotNull(data), s = signature)
            {
                if (EVP_DigestSignInit(ctx, &keyCtx, Hash(scheme), 0, key) <= 0 || !SetPadding(keyCtx, scheme)
                    || EVP_DigestSign(ctx, s, &length, d, (nuint)data.Length) <= 0)
                {
                    ERR_clear_error();
                    throw new CryptographicException($"libcrypto: signing with {scheme} failed");
                }
            }
            Array.Resize(ref signature, (int)length);
            return Bits(scheme) is var bits and > 0 ? Concatenate(signature, (bits + 7) / 8) : signature;
        }
        finally
        {
            EVP_MD_CTX_free(ctx);
        }
    }

    public static bool Verify(NativeKey key, SignatureScheme scheme, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.IsEmpty) return false;
        if (Bits(scheme) is var bits and > 0)
        {
            var half = (bits + 7) / 8;
            if (signature.Length != 2 * half) return false;
            signature = Der(signature[..half], signature[half..]);
        }
        var ctx = EVP_MD_CTX_new();
        if (ctx == 0) throw new OutOfMemoryException();
        try
        {
            nint keyCtx;
            fixed (byte* d = &NotNull(data), s = signature)
            {
                var isGenuine = EVP_DigestVerifyInit(ctx, &keyCtx, Hash(scheme), 0, key) > 0 && SetPadding(keyCtx, scheme)
                    && EVP_DigestVerify(ctx, s, (nuint)signature.Length, d, (nuint)data.Length) == 1;
                if (!isGenuine) ERR_clear_error();
                return isGenuine;
            }
        }
        finally
        {
            EVP_MD_CTX_free(ctx);
        }
    }

    static bool SetPadding(nint keyCtx, SignatureScheme scheme) => scheme switch
    {
        <= SignatureScheme.RsaPkcs1Sha512 => EVP_PKEY_CTX_set_rsa_padding(keyCtx, RsaPkcs1Padding) > 0,
        // Named, not left to the default: a key of id-RSASSA-PSS brings its own mask hash, and must then agree with the scheme.
        <= SignatureScheme.RsaPssSha512 => EVP_PKEY_CTX_set_rsa_padding(keyCtx, RsaPssPadding) > 0
            && EVP_PKEY_CTX_set_rsa_mgf1_md(keyCtx, Hash(scheme)) > 0 && EVP_PKEY_CTX_set_rsa_pss_saltlen(keyCtx, RsaPssSaltLengthDigest) > 0,
        _ => true,
    };

    // EdDSA hashes by itself: no digest.
    static nint Hash(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.RsaPkcs1Md5 => Digest("MD5"),
        SignatureScheme.RsaPkcs1Sha224 or SignatureScheme.RsaPssSha224 => Digest("SHA224"),
        SignatureScheme.RsaPkcs1Sha3Of224 or SignatureScheme.RsaPssSha3Of224 => Digest("SHA3-224"),
        SignatureScheme.RsaPkcs1Sha3Of256 or SignatureScheme.RsaPssSha3Of256 => Digest("SHA3-256"),
        SignatureScheme.RsaPkcs1Sha3Of384 or SignatureScheme.RsaPssSha3Of384 => Digest("SHA3-384"),
        SignatureScheme.RsaPkcs1Sha3Of512 or SignatureScheme.RsaPssSha3Of512 => Digest("SHA3-512"),
        SignatureScheme.RsaPkcs1Sha1 or SignatureScheme.EcdsaSha1Der => Digest("SHA1"),
        SignatureScheme.RsaPkcs1Sha256 or SignatureScheme.RsaPssSha256 or SignatureScheme.EcdsaSha256Der or SignatureScheme.Ecdsa256 => Digest("SHA256"),
        SignatureScheme.RsaPkcs1Sha384 or SignatureScheme.RsaPssSha384 or SignatureScheme.EcdsaSha384Der or SignatureScheme.Ecdsa384 => Digest("SHA384"),
        SignatureScheme.RsaPkcs1Sha512 or SignatureScheme.RsaPssSha512 or SignatureScheme.EcdsaSha512Der or SignatureScheme.Ecdsa521 => Digest("SHA512"),
        _ => 0,
    };

    // Size of the curve where the signature is r and s concatenated; 0 for the other schemes.
    static int Bits(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.Ecdsa256 => 256,
        SignatureScheme.Ecdsa384 => 384,
        SignatureScheme.Ecdsa521 => 521,
        _ => 0,
    };

    static ReadOnlySpan<byte> CurveOid(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.Ecdsa256 => [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        SignatureScheme.Ecdsa384 => [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
        _ => [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23],
    };

    static byte[] Der(ReadOnlySpan<byte> r, ReadOnlySpan<byte> s)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(r, isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new BigInteger(s, isUnsigned: true, isBigEndian: true));
        }
        return writer.Encode();
    }

    static byte[] Concatenate(byte[] der, int half)
    {
        var sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var both = new byte[2 * half];
        foreach (var at in (ReadOnlySpan<int>)[half, 2 * half])
        {
            var number = sequence.ReadIntegerBytes().Span.TrimStart((byte)0);
            number.CopyTo(both.AsSpan(at - number.Length));
        }
        return both;
    }

    // libcrypto takes a null message of length 0 for a missing one.
    static readonly byte[] Nothing = new byte[1];

    static ref readonly byte NotNull(ReadOnlySpan<byte> data) => ref data.IsEmpty ? ref Nothing[0] : ref data[0];
}
