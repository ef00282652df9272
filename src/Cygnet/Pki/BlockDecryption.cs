// CBC decryption of key files with PKCS#7 padding.
using System.Security.Cryptography;

namespace Cygnet.Pki;

/// <summary>Decrypts CBC content; null if it is no whole number of blocks or the padding is wrong.</summary>
static class BlockDecryption
{
    public static byte[]? Aes(byte[] key, byte[] iv, ReadOnlySpan<byte> content)
    {
        using var aes = System.Security.Cryptography.Aes.Create();
        return Decrypt(aes, key, iv, content);
    }

    public static byte[]? TripleDes(byte[] key, byte[] iv, ReadOnlySpan<byte> content)
    {
        // .NET refuses keys whose thirds are equal, which a passphrase does not yield.
        if (TripleDES.IsWeakKey(key)) return null;
        using var tripleDes = TripleDES.Create();
        return Decrypt(tripleDes, key, iv, content);
    }

    static byte[]? Decrypt(SymmetricAlgorithm cipher, byte[] key, byte[] iv, ReadOnlySpan<byte> content)
    {
        if (content.Length == 0 || content.Length % iv.Length != 0) return null;
        cipher.Key = key;
        var plain = cipher.DecryptCbc(content, iv, PaddingMode.None);
        var padding = plain[^1];
        var isGood = padding >= 1 && padding <= iv.Length && !plain.AsSpan(plain.Length - padding).ContainsAnyExcept(padding);
        var result = isGood ? plain[..^padding] : null;
        CryptographicOperations.ZeroMemory(plain);
        return result;
    }
}
