// OpenSSL's encrypted PEM: "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,<iv>"; key = MD5 chain of passphrase and salt. RFC 1421 4.6.1.1, 4.6.1.3.
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Pki;

/// <summary>Decryption of OpenSSL's traditional private key files.</summary>
static class OpenSslPem
{
    const int SaltBytes = 8;

    // What "openssl rsa" and "openssl ec" can write.
    static readonly HashSet<string> _ciphers =
    [
        "AES-128-CBC", "AES-192-CBC", "AES-256-CBC", "DES-EDE3-CBC", "CAMELLIA-128-CBC", "CAMELLIA-192-CBC", "CAMELLIA-256-CBC", "ARIA-128-CBC", "ARIA-192-CBC",
        "ARIA-256-CBC", "DES-CBC", "IDEA-CBC", "SEED-CBC", "BF-CBC", "CAST5-CBC", "RC2-CBC",
    ];

    /// <summary>Why the encryption is not supported, or null.</summary>
    public static string? Refusal(string dekInfo)
    {
        var name = Cipher(dekInfo);
        if (!_ciphers.Contains(name)) return $"private key encryption '{name}' is not supported; AES-128-CBC, AES-192-CBC, AES-256-CBC and DES-EDE3-CBC are";
        if (PassphraseCipher.Lengths(name) is null) return $"private key encryption '{name}' is old; on this machine OpenSSL has no provider 'legacy' for it";
        return Parse(dekInfo) is null ? $"the initialization vector of private key encryption '{name}' is malformed" : null;
    }

    /// <summary>The decrypted content; null if the padding shows that the passphrase is wrong. Only where there is no <see cref="Refusal"/>.</summary>
    public static byte[]? Decrypt(byte[] content, string dekInfo, byte[] passphrase)
    {
        var (cipher, keyBytes, iv) = Parse(dekInfo)!.Value;
        var key = DeriveKey(passphrase, iv.AsSpan(0, SaltBytes), keyBytes);
        try { return PassphraseCipher.DecryptCbc(cipher, key, iv, content); }
        finally { CryptographicOperations.ZeroMemory(key); }
    }

    static string Cipher(string dekInfo) => dekInfo.Split(',')[0].Trim().ToUpperInvariant();

    static (string Cipher, int KeyBytes, byte[] Iv)? Parse(string dekInfo)
    {
        if (dekInfo.Split(',') is not [_, var hex] || PassphraseCipher.Lengths(Cipher(dekInfo)) is not { } lengths) return null;
        var iv = new byte[lengths.Iv];
        return hex.Trim().Length == iv.Length * 2 && Convert.FromHexString(hex.Trim(), iv, out _, out _) == System.Buffers.OperationStatus.Done
            ? (Cipher(dekInfo), lengths.Key, iv) : null;
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
