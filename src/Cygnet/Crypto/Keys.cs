// Asymmetric keys as the core sees them; the algorithms behind them are reached through ICryptoDoor.
namespace Cygnet.Crypto;

public enum KeyKind { Rsa, Ecdsa, Ed25519, Ed448 }

/// <summary>A public key: its SubjectPublicKeyInfo (RFC 5280 4.1.2.7) and what can be read from it.</summary>
public sealed partial class PublicKey(KeyKind kind, int bits, byte[] subjectPublicKeyInfo, byte[] keyBits) : IEquatable<PublicKey>
{
    public KeyKind Kind { get; } = kind;

    /// <summary>RSA modulus length, curve size, 256 or 456.</summary>
    public int Bits { get; } = bits;

    /// <summary>An RSA key of id-RSASSA-PSS: its signatures are PSS and nothing else. RFC 4055 1.2.</summary>
    public bool IsPssOnly { get; private init; }

    /// <summary>The one scheme that such a key is for, if its parameters name it.</summary>
    public SignatureScheme? PssScheme { get; private init; }

    /// <summary>DER of the SubjectPublicKeyInfo.</summary>
    public byte[] SubjectPublicKeyInfo { get; } = subjectPublicKeyInfo;

    /// <summary>Content of the subjectPublicKey BIT STRING; its SHA-1 is the key id.</summary>
    public byte[] KeyBits { get; } = keyBits;

    /// <summary>SHA-1 of <see cref="KeyBits"/> (RFC 5280 4.2.1.2 method 1), 20 bytes.</summary>
    public byte[] KeyId { get; } = System.Security.Cryptography.SHA1.HashData(keyBits);

    public bool Equals(PublicKey? other) => other is not null && SubjectPublicKeyInfo.AsSpan().SequenceEqual(other.SubjectPublicKeyInfo);

    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    public override int GetHashCode() => BitConverter.ToInt32(KeyId);
}

/// <summary>A private key that can sign. Implementations live where the key lives: memory, smartcard, simulator.</summary>
public abstract class PrivateKey(PublicKey publicKey)
{
    public PublicKey Public { get; } = publicKey;
}

/// <summary>Signature schemes of IKEv2 and X.509: RFC 7427, RFC 4754, RFC 8420, RFC 4055.</summary>
public enum SignatureScheme
{
    RsaPkcs1Sha1,
    /// <summary>Made for old readers of certificates on demand, and never accepted.</summary>
    RsaPkcs1Md5,
    /// <summary>Certificates, CRLs and requests only: no authentication method of IKE goes with these digests.</summary>
    RsaPkcs1Sha224, RsaPkcs1Sha3Of224, RsaPkcs1Sha3Of256, RsaPkcs1Sha3Of384, RsaPkcs1Sha3Of512,
    RsaPkcs1Sha256, RsaPkcs1Sha384, RsaPkcs1Sha512,
    /// <summary>As above, for certificates and the like only.</summary>
    RsaPssSha224, RsaPssSha3Of224, RsaPssSha3Of256, RsaPssSha3Of384, RsaPssSha3Of512,
    RsaPssSha256, RsaPssSha384, RsaPssSha512,
    /// <summary>ECDSA with a DER signature (X.509 and RFC 7427).</summary>
    EcdsaSha1Der, EcdsaSha256Der, EcdsaSha384Der, EcdsaSha512Der,
    /// <summary>RFC 4754: r and s concatenated, curve and hash bound by the authentication method.</summary>
    Ecdsa256, Ecdsa384, Ecdsa521,
    Ed25519, Ed448,
}
