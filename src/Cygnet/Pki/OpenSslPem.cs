// OpenSSL's encrypted PEM: "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,<iv>"; key = MD5 chain of passphrase and salt. RFC 1421 4.6.1.1, 4.6.1.3.
using System.Security.Cryptography;
using System.Text;

namespace Cygnet.Pki;

/// <summary>Decryption of OpenSSL's traditional private key files.</summary>
static class OpenSslPem
{
    /// <summary>Why the encryption is not supported, or null.</summary>
    public static string? Refusal(string dekInfo) =>
        Parse(dekInfo) is null ? $"private key encryption '{dekInfo.Split(',')[0]}' is not supported; AES-128-CBC, AES-192-CBC, AES-256-CBC and DES-EDE3-CBC are" : null;

    /// <summary>The decrypted content; null if the padding shows that the passphrase is wrong.</summary>
    public static byte[]? Decrypt(byte[] content, string dekInfo, string passphrase)
    {
        var (isAes, keyBytes, iv) = Parse(dekInfo)!.Value;
        var key = DeriveKey(Encoding.UTF8.GetBytes(passphrase), iv.AsSpan(0, 8), keyBytes);
        try { return isAes ? BlockDecryption.Aes(key, iv, content) : BlockDecryption.TripleDes(key, iv, content); }
        finally { CryptographicOperations.ZeroMemory(key); }
    }

    static (bool IsAes, int KeyBytes, byte[] Iv)? Parse(string dekInfo)
    {
        if (dekInfo.Split(',') is not [var name, var hex]) return null;
        var (isAes, keyBytes) = name.Trim().ToUpperInvariant() switch
        {
            "AES-128-CBC" => (true, 16),
            "AES-192-CBC" => (true, 24),
            "AES-256-CBC" => (true, 32),
            "DES-EDE3-CBC" => (false, 24),
            _ => (false, 0),
        };
        var iv = new byte[isAes ? 16 : 8];
        return keyBytes > 0 && hex.Trim().Length == iv.Length * 2
            && Convert.FromHexString(hex.Trim(), iv, out _, out _) == System.Buffers.OperationStatus.Done ? (isAes, keyBytes, iv) : null;
    }

    // D1 = MD5(pass | salt), Dn = MD5(Dn-1 | pass | salt). MD5 is what the format prescribes.
    static byte[] DeriveKey(byte[] passphrase, ReadOnlySpan<byte> salt, int length)
    {
        var key = new byte[length];
        byte[] block = [];
        for (var at = 0; at < length; at += block.Length)
        {
            block = MD5.HashData([.. block, .. passphrase, .. salt]);
            block.AsSpan(0, Math.Min(block.Length, length - at)).CopyTo(key.AsSpan(at));
        }
        return key;
    }
}
