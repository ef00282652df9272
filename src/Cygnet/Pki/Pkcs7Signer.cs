// One signature in a PKCS#7 / CMS container. RFC 5652 5.3 to 5.6 and 11; RFC 3370, RFC 5754, RFC 8419.
using System.Formats.Asn1;
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Pki;

/// <summary>SignerInfo: who signed, when he says he did, and the signature.</summary>
public sealed class Pkcs7Signer
{
    string _digest = "", _contentType = "";
    byte[]? _attributes, _messageDigest;
    string? _signedType;
    SignatureScheme? _scheme;
    string _whyNot = "";
    byte[] _signature = [];

    public Pkcs7Party Party { get; private set; } = null!;

    /// <summary>Null if the signer does not say.</summary>
    public DateTimeOffset? SigningTime { get; private set; }

    // SignerInfo ::= SEQUENCE { version, sid, digestAlgorithm, signedAttrs [0], signatureAlgorithm, signature, unsignedAttrs [1] }
    internal static Pkcs7Signer Read(AsnReader body, string contentType)
    {
        body.ReadInteger();
        var signer = new Pkcs7Signer { Party = Pkcs7Party.Read(body), _contentType = contentType };
        signer._digest = body.ReadSequence().ReadObjectIdentifier();
        if (body.PeekTag() == Pkcs7Container.Context(0))
        {
            var attributes = body.PeekEncodedValue().ToArray();
            signer.ReadAttributes(body.ReadSetOf(skipSortOrderValidation: true, Pkcs7Container.Context(0)));
            // What is signed is the SET OF, not the tag with which it travels: RFC 5652 5.4.
            attributes[0] = 0x31;
            signer._attributes = attributes;
        }
        signer.ReadScheme(body.ReadEncodedValue());
        signer._signature = body.ReadOctetString();
        return signer;
    }

    void ReadAttributes(AsnReader attributes)
    {
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            var oid = attribute.ReadObjectIdentifier();
            var values = attribute.ReadSetOf(skipSortOrderValidation: true);
            switch (oid)
            {
                case Oids.ContentType: _signedType = values.ReadObjectIdentifier(); break;
                case Oids.MessageDigest: _messageDigest = values.ReadOctetString(); break;
                case Oids.SigningTime:
                    SigningTime = values.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? values.ReadUtcTime() : values.ReadGeneralizedTime();
                    break;
            }
        }
    }

    // "rsaEncryption" leaves the digest to the other field: RFC 3370 3.2.
    void ReadScheme(ReadOnlyMemory<byte> algorithm)
    {
        var oid = new AsnReader(algorithm, AsnEncodingRules.BER).ReadSequence().ReadObjectIdentifier();
        if (oid != Oids.RsaEncryption)
        {
            _scheme = SignatureAlgorithm.Read(new AsnReader(algorithm, AsnEncodingRules.BER), out _whyNot);
            return;
        }
        _scheme = _digest switch
        {
            Oids.Sha1 => SignatureScheme.RsaPkcs1Sha1,
            Oids.Sha256 => SignatureScheme.RsaPkcs1Sha256,
            Oids.Sha384 => SignatureScheme.RsaPkcs1Sha384,
            Oids.Sha512 => SignatureScheme.RsaPkcs1Sha512,
            _ => null,
        };
        if (_scheme is null) _whyNot = $"digest {_digest} is not supported";
    }

    /// <summary>Null if the key of that certificate signed the content; else a reason.</summary>
    public string? WhyNotGenuine(ReadOnlySpan<byte> content, Certificate certificate, ICryptoDoor crypto)
    {
        if (_scheme is not { } scheme) return _whyNot;
        if (SignatureAlgorithm.KindOf(scheme) != certificate.PublicKey.Kind) return $"\"{certificate}\" has a key of another kind";
        if (_attributes is not null)
        {
            if (Digest(_digest, content) is not { } digest) return $"digest {_digest} is not supported";
            // Both must be there with attributes: RFC 5652 5.3.
            if (_messageDigest is null || !CryptographicOperations.FixedTimeEquals(_messageDigest, digest)) return "the content is not what was signed";
            if (_signedType != _contentType) return "the type of the content is not what was signed";
        }
        return crypto.Verify(certificate.PublicKey, scheme, _attributes ?? content, _signature) ? null : $"the signature is not that of \"{certificate}\"";
    }

    internal static byte[]? Digest(string oid, ReadOnlySpan<byte> content) => oid switch
    {
        Oids.Sha1 => SHA1.HashData(content),
        Oids.Sha256 => SHA256.HashData(content),
        Oids.Sha384 => SHA384.HashData(content),
        Oids.Sha512 => SHA512.HashData(content),
        _ => null,
    };
}
