// Making PKCS#7 containers: signed-data and enveloped-data. RFC 5652 5 and 6, RFC 3370, RFC 5754, RFC 8419.
using System.Formats.Asn1;
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Pki.Make;

/// <summary>Signs and encrypts content for certificates.</summary>
public static class Pkcs7Maker
{
    /// <summary>Signed-data with the content, the certificate, and the time of signing; null and a reason if the key cannot sign so.</summary>
    public static byte[]? Sign(byte[] content, Certificate signer, PrivateKey key, SignatureScheme scheme, DateTimeOffset now, ICryptoDoor crypto, out string reason)
    {
        reason = "keys of this kind are not supported in PKCS#7; RSA, ECDSA and Ed25519 are";
        if (Digest(scheme) is not { } digest) return null;
        reason = "";
        var attributes = Attributes(Pkcs7Signer.Digest(digest, content)!, now);
        return Wrap(Oids.CmsSignedData, w =>
        {
            w.WriteInteger(1);
            using (w.PushSetOf()) WriteDigest(w, digest, scheme);
            using (w.PushSequence())
            {
                w.WriteObjectIdentifier(Oids.CmsData);
                using (w.PushSequence(Context(0))) w.WriteOctetString(content);
            }
            using (w.PushSetOf(Context(0))) w.WriteEncodedValue(signer.Raw);
            using (w.PushSetOf())
            using (w.PushSequence())
            {
                w.WriteInteger(1);
                WriteParty(w, signer);
                WriteDigest(w, digest, scheme);
                var tagged = attributes.ToArray();
                tagged[0] = 0xa0;
                w.WriteEncodedValue(tagged);
                WriteAlgorithm(w, scheme);
                w.WriteOctetString(crypto.Sign(key, scheme, attributes));
            }
        });
    }

    /// <summary>Enveloped-data for the holders of these certificates, under AES-128 as the reference has it; every key must be RSA.</summary>
    public static byte[] Encrypt(byte[] content, IReadOnlyList<Certificate> recipients)
    {
        using var aes = Aes.Create();
        aes.KeySize = 128;
        var (key, iv) = (aes.Key, aes.IV);
        var made = Wrap(Oids.CmsEnvelopedData, w =>
        {
            w.WriteInteger(0);
            using (w.PushSetOf())
            {
                foreach (var recipient in recipients)
                {
                    using var rsa = RSA.Create();
                    rsa.ImportSubjectPublicKeyInfo(recipient.PublicKey.SubjectPublicKeyInfo, out _);
                    using (w.PushSequence())
                    {
                        w.WriteInteger(0);
                        WriteParty(w, recipient);
                        WriteIdentifier(w, Oids.RsaEncryption, hasNull: true);
                        w.WriteOctetString(rsa.Encrypt(key, RSAEncryptionPadding.Pkcs1));
                    }
                }
            }
            using (w.PushSequence())
            {
                w.WriteObjectIdentifier(Oids.CmsData);
                using (w.PushSequence())
                {
                    w.WriteObjectIdentifier(Oids.Aes128Cbc);
                    w.WriteOctetString(iv);
                }
                w.WriteOctetString(aes.EncryptCbc(content, iv), new Asn1Tag(TagClass.ContextSpecific, 0));
            }
        });
        CryptographicOperations.ZeroMemory(key);
        return made;
    }

    static byte[] Wrap(string type, Action<AsnWriter> body)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(type);
            using (writer.PushSequence(Context(0)))
            using (writer.PushSequence()) body(writer);
        }
        return writer.Encode();
    }

    // The DER of the SET OF, which is what gets signed.
    static byte[] Attributes(byte[] digest, DateTimeOffset now)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSetOf())
        {
            Add(Oids.ContentType, w => w.WriteObjectIdentifier(Oids.CmsData));
            Add(Oids.SigningTime, w => Signed.WriteTime(w, now));
            Add(Oids.MessageDigest, w => w.WriteOctetString(digest));
        }
        return writer.Encode();

        void Add(string oid, Action<AsnWriter> value)
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(oid);
                using (writer.PushSetOf()) value(writer);
            }
        }
    }

    static void WriteParty(AsnWriter writer, Certificate certificate)
    {
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(certificate.Issuer.Encoded);
            Signed.WriteSerialNumber(writer, certificate.SerialNumber);
        }
    }

    // Parameters are NULL with RSA, as the reference has it, and absent else: RFC 5754 2, RFC 8419 3.
    static void WriteDigest(AsnWriter writer, string oid, SignatureScheme scheme) =>
        WriteIdentifier(writer, oid, SignatureAlgorithm.KindOf(scheme) == KeyKind.Rsa);

    static void WriteAlgorithm(AsnWriter writer, SignatureScheme scheme)
    {
        if (scheme is >= SignatureScheme.RsaPkcs1Sha1 and <= SignatureScheme.RsaPkcs1Sha512) WriteIdentifier(writer, Oids.RsaEncryption, hasNull: true);
        else writer.WriteEncodedValue(SignatureAlgorithm.Encode(scheme));
    }

    static void WriteIdentifier(AsnWriter writer, string oid, bool hasNull)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (hasNull) writer.WriteNull();
        }
    }

    static string? Digest(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.RsaPkcs1Sha1 or SignatureScheme.EcdsaSha1Der => Oids.Sha1,
        SignatureScheme.RsaPkcs1Sha256 or SignatureScheme.RsaPssSha256 or SignatureScheme.EcdsaSha256Der => Oids.Sha256,
        SignatureScheme.RsaPkcs1Sha384 or SignatureScheme.RsaPssSha384 or SignatureScheme.EcdsaSha384Der => Oids.Sha384,
        SignatureScheme.RsaPkcs1Sha512 or SignatureScheme.RsaPssSha512 or SignatureScheme.EcdsaSha512Der or SignatureScheme.Ed25519 => Oids.Sha512,
        _ => null,
    };

    static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
