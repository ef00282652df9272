// Which signature scheme a key signs certificates with. RFC 5758, RFC 4055, RFC 8410; digests by strength, NIST SP 800-57 part 1, table 2 and 3.
using Cygnet.Crypto;

namespace Cygnet.Pki.Make;

/// <summary>Digest and padding to a scheme.</summary>
public static class SchemeChoice
{
    /// <summary>The scheme; null and a reason. Without a digest it is the one that fits the size of the key.</summary>
    public static SignatureScheme? For(PublicKey key, string? digest, bool isPss, out string reason)
    {
        reason = "";
        if (key.Kind is KeyKind.Ed25519 or KeyKind.Ed448)
        {
            if (digest is null) return key.Kind == KeyKind.Ed25519 ? SignatureScheme.Ed25519 : SignatureScheme.Ed448;
            reason = "a key of this kind hashes by itself; leave --digest out";
            return null;
        }
        SignatureScheme? scheme = (key.Kind, digest ?? Default(key), isPss || key.IsPssOnly) switch
        {
            (KeyKind.Rsa, "sha1", false) => SignatureScheme.RsaPkcs1Sha1,
            (KeyKind.Rsa, "md5", false) => SignatureScheme.RsaPkcs1Md5,
            (KeyKind.Rsa, "sha224", false) => SignatureScheme.RsaPkcs1Sha224,
            (KeyKind.Rsa, "sha3_224", false) => SignatureScheme.RsaPkcs1Sha3Of224,
            (KeyKind.Rsa, "sha3_256", false) => SignatureScheme.RsaPkcs1Sha3Of256,
            (KeyKind.Rsa, "sha3_384", false) => SignatureScheme.RsaPkcs1Sha3Of384,
            (KeyKind.Rsa, "sha3_512", false) => SignatureScheme.RsaPkcs1Sha3Of512,
            (KeyKind.Rsa, "sha224", true) => SignatureScheme.RsaPssSha224,
            (KeyKind.Rsa, "sha3_224", true) => SignatureScheme.RsaPssSha3Of224,
            (KeyKind.Rsa, "sha3_256", true) => SignatureScheme.RsaPssSha3Of256,
            (KeyKind.Rsa, "sha3_384", true) => SignatureScheme.RsaPssSha3Of384,
            (KeyKind.Rsa, "sha3_512", true) => SignatureScheme.RsaPssSha3Of512,
            (KeyKind.Rsa, "sha256", false) => SignatureScheme.RsaPkcs1Sha256,
            (KeyKind.Rsa, "sha384", false) => SignatureScheme.RsaPkcs1Sha384,
            (KeyKind.Rsa, "sha512", false) => SignatureScheme.RsaPkcs1Sha512,
            (KeyKind.Rsa, "sha256", true) => SignatureScheme.RsaPssSha256,
            (KeyKind.Rsa, "sha384", true) => SignatureScheme.RsaPssSha384,
            (KeyKind.Rsa, "sha512", true) => SignatureScheme.RsaPssSha512,
            (KeyKind.Ecdsa, "sha1", _) => SignatureScheme.EcdsaSha1Der,
            (KeyKind.Ecdsa, "sha256", _) => SignatureScheme.EcdsaSha256Der,
            (KeyKind.Ecdsa, "sha384", _) => SignatureScheme.EcdsaSha384Der,
            (KeyKind.Ecdsa, "sha512", _) => SignatureScheme.EcdsaSha512Der,
            _ => null,
        };
        if (key.PssScheme is { } only && scheme != only)
        {
            if (digest is null) return only;
            reason = $"the key is for {only} alone";
            return null;
        }
        if (scheme is null) reason = $"signatures with {digest}{(isPss ? " and PSS" : "")} are not supported with a key of this kind; sha256, sha384 and sha512 are";
        return scheme;
    }

    static string Default(PublicKey key) => key.Kind switch
    {
        KeyKind.Rsa => key.Bits switch { <= 3072 => "sha256", <= 7680 => "sha384", _ => "sha512" },
        _ => key.Bits switch { <= 256 => "sha256", <= 384 => "sha384", _ => "sha512" },
    };
}
