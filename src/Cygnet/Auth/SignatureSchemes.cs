// What is to be known of a signature scheme: hash, printed name. RFC 7427, RFC 4754; names as in the reference's logs.
using Cygnet.Crypto;

namespace Cygnet.Auth;

/// <summary>Properties of signature schemes.</summary>
public static class SignatureSchemes
{
    /// <summary>The number of the hash in SIGNATURE_HASH_ALGORITHMS.</summary>
    public static ushort Hash(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.RsaPkcs1Sha1 or SignatureScheme.EcdsaSha1Der => SignatureHash.Sha1,
        SignatureScheme.RsaPkcs1Sha256 or SignatureScheme.RsaPssSha256 or SignatureScheme.EcdsaSha256Der or SignatureScheme.Ecdsa256 => SignatureHash.Sha256,
        SignatureScheme.RsaPkcs1Sha384 or SignatureScheme.RsaPssSha384 or SignatureScheme.EcdsaSha384Der or SignatureScheme.Ecdsa384 => SignatureHash.Sha384,
        SignatureScheme.RsaPkcs1Sha512 or SignatureScheme.RsaPssSha512 or SignatureScheme.EcdsaSha512Der or SignatureScheme.Ecdsa521 => SignatureHash.Sha512,
        SignatureScheme.Ed25519 or SignatureScheme.Ed448 => SignatureHash.Identity,
        _ => SignatureHash.None,
    };

    internal static bool IsPss(SignatureScheme scheme) => scheme is >= SignatureScheme.RsaPssSha224 and <= SignatureScheme.RsaPssSha512;

    /// <summary>The name in <c>authentication of '…' with …</c>; the classic methods have names of their own.</summary>
    public static string Name(byte method, SignatureScheme scheme) => method switch
    {
        AuthMethod.RsaSignature => "RSA signature",
        AuthMethod.Ecdsa256 => "ECDSA-256 signature",
        AuthMethod.Ecdsa384 => "ECDSA-384 signature",
        AuthMethod.Ecdsa521 => "ECDSA-521 signature",
        _ => scheme switch
        {
            SignatureScheme.RsaPkcs1Sha1 => "RSA_EMSA_PKCS1_SHA1",
            SignatureScheme.RsaPkcs1Md5 => "RSA_EMSA_PKCS1_MD5",
            SignatureScheme.RsaPkcs1Sha224 => "RSA_EMSA_PKCS1_SHA2_224",
            SignatureScheme.RsaPkcs1Sha3Of224 => "RSA_EMSA_PKCS1_SHA3_224",
            SignatureScheme.RsaPkcs1Sha3Of256 => "RSA_EMSA_PKCS1_SHA3_256",
            SignatureScheme.RsaPkcs1Sha3Of384 => "RSA_EMSA_PKCS1_SHA3_384",
            SignatureScheme.RsaPkcs1Sha3Of512 => "RSA_EMSA_PKCS1_SHA3_512",
            SignatureScheme.RsaPssSha224 => "RSA_EMSA_PSS_SHA2_224_SALT_28",
            SignatureScheme.RsaPssSha3Of224 => "RSA_EMSA_PSS_SHA3_224_SALT_28",
            SignatureScheme.RsaPssSha3Of256 => "RSA_EMSA_PSS_SHA3_256_SALT_32",
            SignatureScheme.RsaPssSha3Of384 => "RSA_EMSA_PSS_SHA3_384_SALT_48",
            SignatureScheme.RsaPssSha3Of512 => "RSA_EMSA_PSS_SHA3_512_SALT_64",
            SignatureScheme.RsaPkcs1Sha256 => "RSA_EMSA_PKCS1_SHA2_256",
            SignatureScheme.RsaPkcs1Sha384 => "RSA_EMSA_PKCS1_SHA2_384",
            SignatureScheme.RsaPkcs1Sha512 => "RSA_EMSA_PKCS1_SHA2_512",
            SignatureScheme.RsaPssSha256 => "RSA_EMSA_PSS_SHA2_256_SALT_32",
            SignatureScheme.RsaPssSha384 => "RSA_EMSA_PSS_SHA2_384_SALT_48",
            SignatureScheme.RsaPssSha512 => "RSA_EMSA_PSS_SHA2_512_SALT_64",
            SignatureScheme.EcdsaSha1Der => "ECDSA_WITH_SHA1_DER",
            SignatureScheme.EcdsaSha256Der => "ECDSA_WITH_SHA256_DER",
            SignatureScheme.EcdsaSha384Der => "ECDSA_WITH_SHA384_DER",
            SignatureScheme.EcdsaSha512Der => "ECDSA_WITH_SHA512_DER",
            SignatureScheme.Ecdsa256 => "ECDSA-256",
            SignatureScheme.Ecdsa384 => "ECDSA-384",
            SignatureScheme.Ecdsa521 => "ECDSA-521",
            SignatureScheme.Ed25519 => "ED25519",
            _ => "ED448",
        },
    };

    /// <summary>The name of a key type in logs and lists.</summary>
    public static string KeyName(KeyKind kind) => kind switch { KeyKind.Rsa => "RSA", KeyKind.Ecdsa => "ECDSA", KeyKind.Ed25519 => "ED25519", _ => "ED448" };
}
