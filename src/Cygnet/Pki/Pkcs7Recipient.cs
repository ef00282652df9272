// One recipient of a PKCS#7 / CMS container: the content's key under his RSA key. RFC 5652 6.2.1, RFC 3370 4.2.1, RFC 3560.
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Cygnet.Pki;

/// <summary>KeyTransRecipientInfo.</summary>
public sealed record Pkcs7Recipient(Pkcs7Party Party, string KeyEncryption, byte[] EncryptedKey)
{
    internal static Pkcs7Recipient Read(AsnReader body)
    {
        body.ReadInteger();
        var party = Pkcs7Party.Read(body);
        return new(party, body.ReadSequence().ReadObjectIdentifier(), body.ReadOctetString());
    }

    /// <summary>The content of the container under the recipient's private key; null and a reason.</summary>
    public byte[]? Open(Pkcs7Container container, RSA key, out string reason)
    {
        reason = $"content encryption {container.Cipher} is not supported; AES and 3DES in CBC mode are";
        var keyBytes = container.Cipher switch { Oids.Aes128Cbc => 16, Oids.Aes192Cbc => 24, Oids.Aes256Cbc => 32, Oids.DesEde3Cbc => 24, _ => 0 };
        if (keyBytes == 0 || container.Iv.Length != (container.Cipher == Oids.DesEde3Cbc ? 8 : 16)) return null;
        reason = $"key encryption {KeyEncryption} is not supported; RSA with PKCS#1 and OAEP padding are";
        if (KeyEncryption is not (Oids.RsaEncryption or Oids.RsaOaep)) return null;
        reason = "the private key does not open the container";
        byte[] contentKey;
        try
        {
            contentKey = key.Decrypt(EncryptedKey, KeyEncryption == Oids.RsaOaep ? RSAEncryptionPadding.OaepSHA1 : RSAEncryptionPadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return null;
        }
        if (contentKey.Length != keyBytes) return null;
        using SymmetricAlgorithm cipher = container.Cipher == Oids.DesEde3Cbc ? TripleDES.Create() : Aes.Create();
        try
        {
            cipher.Key = contentKey;
            return cipher.DecryptCbc(container.Encrypted, container.Iv, PaddingMode.PKCS7);
        }
        catch (CryptographicException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contentKey);
        }
    }
}
