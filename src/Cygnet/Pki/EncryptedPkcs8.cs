// EncryptedPrivateKeyInfo. RFC 5958 3.
//   EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm AlgorithmIdentifier, encryptedData OCTET STRING }
using System.Formats.Asn1;

namespace Cygnet.Pki;

/// <summary>Encrypted PKCS#8.</summary>
sealed record EncryptedPkcs8(PassphraseScheme Scheme, byte[] Content)
{
    /// <summary>A SEQUENCE that begins with a SEQUENCE: no form of unencrypted key does.</summary>
    public static bool Looks(ReadOnlyMemory<byte> der)
    {
        var file = new AsnReader(der, AsnEncodingRules.BER);
        return file.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) && file.ReadSequence() is { HasData: true } body && body.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence);
    }

    /// <summary>Throws <see cref="AsnContentException"/> if it is malformed.</summary>
    public static EncryptedPkcs8 Read(ReadOnlyMemory<byte> der)
    {
        var file = new AsnReader(der, AsnEncodingRules.BER);
        var body = file.ReadSequence();
        file.ThrowIfNotEmpty();
        var scheme = PassphraseScheme.Read(body.ReadEncodedValue());
        var content = body.ReadOctetString();
        body.ThrowIfNotEmpty();
        return new(scheme, content);
    }

    /// <summary>What is inside, of which nothing is known yet; null if the passphrase is wrong or the content is damaged.</summary>
    public byte[]? Decrypt(byte[]? passphrase) => Scheme.Decrypt(passphrase, Content);
}
