// AlgorithmIdentifier of a signature, to and from a scheme. RFC 4055, RFC 5758, RFC 8410; RFC 7427 appendix A.
using System.Formats.Asn1;
using Cygnet.Crypto;

namespace Cygnet.Pki;

/// <summary>The DER AlgorithmIdentifiers of X.509 signatures and of digital signature AUTH payloads.</summary>
static class SignatureAlgorithm
{
    /// <summary>The scheme, or null and the reason. Malformed input throws <see cref="AsnContentException"/>.</summary>
    public static SignatureScheme? Read(AsnReader algorithm, out string reason)
    {
        reason = "";
        var body = algorithm.ReadSequence();
        var oid = body.ReadObjectIdentifier();
        if (oid == Oids.RsaPss) return ReadPss(body, out reason);
        SignatureScheme? scheme = oid switch
        {
            Oids.RsaSha1 => SignatureScheme.RsaPkcs1Sha1,
            Oids.RsaSha224 => SignatureScheme.RsaPkcs1Sha224,
            Oids.RsaSha3Of224 => SignatureScheme.RsaPkcs1Sha3Of224,
            Oids.RsaSha3Of256 => SignatureScheme.RsaPkcs1Sha3Of256,
            Oids.RsaSha3Of384 => SignatureScheme.RsaPkcs1Sha3Of384,
            Oids.RsaSha3Of512 => SignatureScheme.RsaPkcs1Sha3Of512,
            Oids.RsaSha256 => SignatureScheme.RsaPkcs1Sha256,
            Oids.RsaSha384 => SignatureScheme.RsaPkcs1Sha384,
            Oids.RsaSha512 => SignatureScheme.RsaPkcs1Sha512,
            Oids.EcdsaSha1 => SignatureScheme.EcdsaSha1Der,
            Oids.EcdsaSha256 => SignatureScheme.EcdsaSha256Der,
            Oids.EcdsaSha384 => SignatureScheme.EcdsaSha384Der,
            Oids.EcdsaSha512 => SignatureScheme.EcdsaSha512Der,
            Oids.Ed25519 => SignatureScheme.Ed25519,
            Oids.Ed448 => SignatureScheme.Ed448,
            _ => null,
        };
        if (scheme is null)
        {
            // Collisions have been used to forge certificates: RFC 6151.
            reason = oid is Oids.RsaMd5 or "1.2.840.113549.1.1.2" ? "it is signed with MD5 or MD2, which are broken; its CA has to sign with SHA-256 or better"
                : $"signature algorithm {oid} is not supported";
            return null;
        }
        // RSA wants NULL and the others nothing; encoders mix that up (RFC 4055 5, RFC 5758 3.2), and it changes no meaning.
        if (body.HasData) body.ReadNull();
        body.ThrowIfNotEmpty();
        return scheme;
    }

    /// <summary>The scheme that the parameters of a key of id-RSASSA-PSS name; null if there is none of the kind here. The salt may be longer than they say: RFC 4055 3.3.</summary>
    public static SignatureScheme? ReadPssRestriction(AsnReader algorithm)
    {
        var (hash, mgfHash, salt, trailer) = ReadPssParameters(algorithm);
        return hash == mgfHash && trailer == 1 && s_pss.FirstOrDefault(p => p.Hash == hash && salt >= 0 && salt <= p.Salt) is { Salt: > 0 } row ? row.Scheme : null;
    }

    static readonly (SignatureScheme Scheme, string Hash, int Salt)[] s_pss =
    [
        (SignatureScheme.RsaPssSha224, Oids.Sha224, 28), (SignatureScheme.RsaPssSha256, Oids.Sha256, 32), (SignatureScheme.RsaPssSha384, Oids.Sha384, 48),
        (SignatureScheme.RsaPssSha512, Oids.Sha512, 64), (SignatureScheme.RsaPssSha3Of224, Oids.Sha3Of224, 28), (SignatureScheme.RsaPssSha3Of256, Oids.Sha3Of256, 32),
        (SignatureScheme.RsaPssSha3Of384, Oids.Sha3Of384, 48), (SignatureScheme.RsaPssSha3Of512, Oids.Sha3Of512, 64),
    ];

    static SignatureScheme? ReadPss(AsnReader body, out string reason)
    {
        var (hash, mgfHash, salt, trailer) = ReadPssParameters(body);
        reason = $"RSA-PSS with hash {hash}, mask hash {mgfHash}, salt of {salt} bytes is not supported; SHA-2 and SHA-3 with a salt as long as the hash are";
        if (hash != mgfHash || trailer != 1 || s_pss.FirstOrDefault(p => p.Hash == hash && p.Salt == salt) is not { Salt: > 0 } row) return null;
        reason = "";
        return row.Scheme;
    }

    static (string Hash, string MgfHash, int Salt, int Trailer) ReadPssParameters(AsnReader body)
    {
        // Left out, every parameter defaults to SHA-1 and a salt of 20 bytes: RFC 4055 3.1.
        var (hash, mgfHash, salt, trailer) = (Oids.Sha1, Oids.Sha1, 20, 1);
        if (body.HasData)
        {
            var parameters = body.ReadSequence();
            body.ThrowIfNotEmpty();
            if (Tagged(parameters, 0) is { } h) hash = ReadHash(h);
            if (Tagged(parameters, 1) is { } m)
            {
                var mgf = m.ReadSequence();
                m.ThrowIfNotEmpty();
                mgfHash = mgf.ReadObjectIdentifier() == Oids.RsaMgf1 ? ReadHash(mgf) : "";
            }
            if (Tagged(parameters, 2) is { } s && !s.TryReadInt32(out salt)) salt = -1;
            if (Tagged(parameters, 3) is { } t && !t.TryReadInt32(out trailer)) trailer = -1;
            parameters.ThrowIfNotEmpty();
        }
        return (hash, mgfHash, salt, trailer);
    }

    static AsnReader? Tagged(AsnReader reader, int number)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, number, isConstructed: true);
        return reader.HasData && reader.PeekTag() == tag ? reader.ReadSequence(tag) : null;
    }

    static string ReadHash(AsnReader reader)
    {
        var body = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var oid = body.ReadObjectIdentifier();
        if (body.HasData) body.ReadNull();
        body.ThrowIfNotEmpty();
        return oid;
    }

    /// <summary>DER of the AlgorithmIdentifier; throws for the raw ECDSA schemes of RFC 4754, which have none.</summary>
    public static byte[] Encode(SignatureScheme scheme)
    {
        var pss = s_pss.FirstOrDefault(p => p.Scheme == scheme);
        var oid = pss.Salt > 0 ? Oids.RsaPss : scheme switch
        {
            SignatureScheme.RsaPkcs1Md5 => Oids.RsaMd5,
            SignatureScheme.RsaPkcs1Sha1 => Oids.RsaSha1,
            SignatureScheme.RsaPkcs1Sha224 => Oids.RsaSha224,
            SignatureScheme.RsaPkcs1Sha256 => Oids.RsaSha256,
            SignatureScheme.RsaPkcs1Sha384 => Oids.RsaSha384,
            SignatureScheme.RsaPkcs1Sha512 => Oids.RsaSha512,
            SignatureScheme.RsaPkcs1Sha3Of224 => Oids.RsaSha3Of224,
            SignatureScheme.RsaPkcs1Sha3Of256 => Oids.RsaSha3Of256,
            SignatureScheme.RsaPkcs1Sha3Of384 => Oids.RsaSha3Of384,
            SignatureScheme.RsaPkcs1Sha3Of512 => Oids.RsaSha3Of512,
            SignatureScheme.EcdsaSha1Der => Oids.EcdsaSha1,
            SignatureScheme.EcdsaSha256Der => Oids.EcdsaSha256,
            SignatureScheme.EcdsaSha384Der => Oids.EcdsaSha384,
            SignatureScheme.EcdsaSha512Der => Oids.EcdsaSha512,
            SignatureScheme.Ed25519 => Oids.Ed25519,
            SignatureScheme.Ed448 => Oids.Ed448,
            _ => throw new ArgumentException($"{scheme} has no AlgorithmIdentifier", nameof(scheme)),
        };
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (oid == Oids.RsaPss) WritePss(writer, pss.Hash, pss.Salt);
            else if (KindOf(scheme) == KeyKind.Rsa) writer.WriteNull();
        }
        return writer.Encode();
    }

    static void WritePss(AsnWriter writer, string hash, int salt)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) WriteHash(writer, hash);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.RsaMgf1);
                WriteHash(writer, hash);
            }
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2))) writer.WriteInteger(salt);
        }
    }

    static void WriteHash(AsnWriter writer, string hash)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(hash);
            writer.WriteNull();
        }
    }

    /// <summary>The kind of key that signs with the scheme.</summary>
    public static KeyKind KindOf(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.Ed25519 => KeyKind.Ed25519,
        SignatureScheme.Ed448 => KeyKind.Ed448,
        <= SignatureScheme.RsaPssSha512 => KeyKind.Rsa,
        _ => KeyKind.Ecdsa,
    };
}
