// Public keys and signatures between PKCS#11's forms and those of X.509 and IKE. OASIS PKCS #11 2.40 mechanisms; RFC 8017, RFC 5480, RFC 8410.
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.Linux.Pkcs11;

static class Pkcs11Objects
{
    /// <summary>The public half of a private key, from the public key object beside it, from a certificate, or from the private object of an RSA key; null if none tells.</summary>
    public static PublicKey? PublicKey(Pkcs11Module module, nuint session, nuint privateKey, ReadOnlySpan<byte> id)
    {
        foreach (var certificate in module.Find(session, Ck.Certificate, id))
            if (module.Attribute(session, certificate, Ck.Value) is { } der && Certificate.TryParse(der, out _) is { } parsed) return parsed.PublicKey;
        foreach (var key in (nuint[])[.. module.Find(session, Ck.PublicKey, id), privateKey])
            if (Info(module, session, key) is { } info && Crypto.PublicKey.FromSubjectPublicKeyInfo(info, out _) is { } found) return found;
        return null;
    }

    static byte[]? Info(Pkcs11Module module, nuint session, nuint key)
    {
        try
        {
            switch (module.Number(session, key, Ck.KeyType))
            {
                case Ck.Rsa when module.Attribute(session, key, Ck.Modulus) is { } n && module.Attribute(session, key, Ck.PublicExponent) is { } e:
                    var numbers = new AsnWriter(AsnEncodingRules.DER);
                    using (numbers.PushSequence())
                    {
                        numbers.WriteInteger(new BigInteger(n, isUnsigned: true, isBigEndian: true));
                        numbers.WriteInteger(new BigInteger(e, isUnsigned: true, isBigEndian: true));
                    }
                    return Info("1.2.840.113549.1.1.1", w => w.WriteNull(), numbers.Encode());
                case Ck.Ec when module.Attribute(session, key, Ck.EcParameters) is { } curve && Point(module, session, key) is { } point:
                    return Info("1.2.840.10045.2.1", w => w.WriteEncodedValue(curve), point);
                case Ck.EcEdwards when Point(module, session, key) is { Length: 32 or 57 } edwards:
                    return Info(edwards.Length == 32 ? "1.3.101.112" : "1.3.101.113", _ => { }, edwards);
                default: return null;
            }
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    // DER of an OCTET STRING; some modules give the bare point.
    static byte[]? Point(Pkcs11Module module, nuint session, nuint key) =>
        module.Attribute(session, key, Ck.EcPoint) is not { } point ? null : point is [4, var length, ..] && length == point.Length - 2 || point is [4, 0x81, ..]
            ? new AsnReader(point, AsnEncodingRules.BER).ReadOctetString() : point;

    static byte[] Info(string algorithm, Action<AsnWriter> parameters, byte[] key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(algorithm);
                parameters(writer);
            }
            writer.WriteBitString(key);
        }
        return writer.Encode();
    }

    /// <summary>
    /// The mechanism of a scheme, with the hash made here: every token signs a digest, few hash as we need it. For PKCS#1 v1.5 the input is a DigestInfo.
    /// </summary>
    public static (nuint Mechanism, CkPssParameters? Pss, byte[] Input) Mechanism(SignatureScheme scheme, ReadOnlySpan<byte> data)
    {
        switch (scheme)
        {
            case SignatureScheme.Ed25519 or SignatureScheme.Ed448: return (Ck.EdDsa, null, data.ToArray());
            case SignatureScheme.RsaPssSha256: return (Ck.RsaPkcsPss, new() { Hash = Ck.Sha256, Mask = Ck.Mgf1Sha256, SaltLength = 32 }, SHA256.HashData(data));
            case SignatureScheme.RsaPssSha384: return (Ck.RsaPkcsPss, new() { Hash = Ck.Sha384, Mask = Ck.Mgf1Sha384, SaltLength = 48 }, SHA384.HashData(data));
            case SignatureScheme.RsaPssSha512: return (Ck.RsaPkcsPss, new() { Hash = Ck.Sha512, Mask = Ck.Mgf1Sha512, SaltLength = 64 }, SHA512.HashData(data));
        }
        if (scheme is >= SignatureScheme.RsaPkcs1Md5 and < SignatureScheme.RsaPkcs1Sha256 or >= SignatureScheme.RsaPssSha224 and < SignatureScheme.RsaPssSha256)
            throw new NotSupportedException("a key on a token signs with SHA-1, SHA-256, SHA-384 or SHA-512");
        var (oid, digest) = scheme switch
        {
            SignatureScheme.RsaPkcs1Sha1 or SignatureScheme.EcdsaSha1Der => ("1.3.14.3.2.26", SHA1.HashData(data)),
            SignatureScheme.RsaPkcs1Sha256 or SignatureScheme.EcdsaSha256Der or SignatureScheme.Ecdsa256 => ("2.16.840.1.101.3.4.2.1", SHA256.HashData(data)),
            SignatureScheme.RsaPkcs1Sha384 or SignatureScheme.EcdsaSha384Der or SignatureScheme.Ecdsa384 => ("2.16.840.1.101.3.4.2.2", SHA384.HashData(data)),
            _ => ("2.16.840.1.101.3.4.2.3", SHA512.HashData(data)),
        };
        if (scheme > SignatureScheme.RsaPkcs1Sha512) return (Ck.Ecdsa, null, digest);
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            using (info.PushSequence())
            {
                info.WriteObjectIdentifier(oid);
                info.WriteNull();
            }
            info.WriteOctetString(digest);
        }
        return (Ck.RsaPkcs, null, info.Encode());
    }

    /// <summary>The signature as the scheme has it: tokens give r and s side by side.</summary>
    public static byte[] Signature(SignatureScheme scheme, byte[] raw)
    {
        if (scheme is < SignatureScheme.EcdsaSha1Der or > SignatureScheme.EcdsaSha512Der) return raw;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(raw.AsSpan(0, raw.Length / 2), isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new BigInteger(raw.AsSpan(raw.Length / 2), isUnsigned: true, isBigEndian: true));
        }
        return writer.Encode();
    }
}
