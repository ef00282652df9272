// What OCSP calls a certificate: digests of its issuer's name and key, and its serial number. RFC 6960 4.1.1.
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Cygnet.Pki.Revocation;

/// <summary>A CertID. Serial numbers are without leading zero bytes; the digest's name is its OID.</summary>
public sealed record OcspCertId(string Digest, byte[] IssuerNameHash, byte[] IssuerKeyHash, byte[] SerialNumber)
{
    /// <summary>With SHA-1, which is what every responder knows (RFC 5019 2.1.1); it names, it does not protect.</summary>
    public static OcspCertId Of(Certificate certificate, Certificate issuer) =>
        new(Oids.Sha1, SHA1.HashData(issuer.Subject.Encoded), issuer.PublicKey.KeyId, Trimmed(certificate.SerialNumber));

    /// <summary>Whether it is the certificate of that issuer. A digest that is not known matches nothing.</summary>
    public bool IsOf(Certificate certificate, Certificate issuer) =>
        SerialNumber.AsSpan().SequenceEqual(certificate.SerialNumber.AsSpan().TrimStart((byte)0))
        && Hash(issuer.Subject.Encoded) is { } name && IssuerNameHash.AsSpan().SequenceEqual(name)
        && Hash(issuer.PublicKey.KeyBits) is { } key && IssuerKeyHash.AsSpan().SequenceEqual(key);

    byte[]? Hash(byte[] content) => Digest switch
    {
        Oids.Sha1 => SHA1.HashData(content),
        Oids.Sha256 => SHA256.HashData(content),
        Oids.Sha384 => SHA384.HashData(content),
        Oids.Sha512 => SHA512.HashData(content),
        _ => null,
    };

    // CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash, issuerKeyHash OCTET STRING, serialNumber }
    internal static OcspCertId Read(AsnReader id)
    {
        var algorithm = id.ReadSequence();
        var digest = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData) algorithm.ReadNull();
        algorithm.ThrowIfNotEmpty();
        var read = new OcspCertId(digest, id.ReadOctetString(), id.ReadOctetString(), Trimmed(id.ReadIntegerBytes().Span));
        id.ThrowIfNotEmpty();
        return read;
    }

    internal void Write(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Digest);
                writer.WriteNull();
            }
            writer.WriteOctetString(IssuerNameHash);
            writer.WriteOctetString(IssuerKeyHash);
            if (SerialNumber.Length == 0) writer.WriteInteger(0);
            else writer.WriteIntegerUnsigned(SerialNumber);
        }
    }

    static byte[] Trimmed(ReadOnlySpan<byte> number) => number.TrimStart((byte)0).ToArray();

    public bool Equals(OcspCertId? other) => other is not null && Digest == other.Digest && SerialNumber.AsSpan().SequenceEqual(other.SerialNumber)
        && IssuerKeyHash.AsSpan().SequenceEqual(other.IssuerKeyHash) && IssuerNameHash.AsSpan().SequenceEqual(other.IssuerNameHash);

    public override int GetHashCode()
    {
        var h = new HashCode();
        h.AddBytes(SerialNumber);
        h.AddBytes(IssuerKeyHash);
        return h.ToHashCode();
    }
}
