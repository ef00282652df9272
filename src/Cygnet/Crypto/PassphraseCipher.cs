// What libcrypto does with passphrases: PBES1, PBES2 and the schemes of PKCS#12 as their AlgorithmIdentifier has them, the key derivation of
// PKCS#12, CBC by the name of a cipher. RFC 8018, RFC 7292 appendix B.
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>Limits on the work that a file asks for are the caller's: see <see cref="Pki.PassphraseScheme"/>.</summary>
static unsafe class PassphraseCipher
{
    /// <summary>Whether DES, RC2, RC4 and their kin are to be had.</summary>
    public static bool HasOldAlgorithms => ContextWithOldAlgorithms != 0;

    /// <summary>
    /// Decrypts under the scheme of an AlgorithmIdentifier in DER. Null if the passphrase does not fit or the content is damaged, which cannot be
    /// told apart. A passphrase that is null is none at all, which PKCS#12 tells from an empty one.
    /// </summary>
    public static byte[]? Decrypt(ReadOnlySpan<byte> algorithm, byte[]? passphrase, ReadOnlySpan<byte> content)
    {
        fixed (byte* start = algorithm, pass = Pinned(passphrase), input = content)
        {
            var at = start;
            var parsed = d2i_X509_ALGOR(0, &at, algorithm.Length);
            byte* output = null;
            int length;
            try
            {
                if (parsed == 0 || content.IsEmpty
                    || PKCS12_pbe_crypt_ex(parsed, pass, passphrase?.Length ?? 0, input, content.Length, &output, &length, 0, ContextWithOldAlgorithms, null) == 0) return null;
                var plain = new Span<byte>(output, length).ToArray();
                CRYPTO_clear_free(output, (nuint)length, null, 0);
                return plain;
            }
            finally
            {
                if (parsed != 0) X509_ALGOR_free(parsed);
                ERR_clear_error();
            }
        }
    }

    /// <summary>The key derivation of PKCS#12, RFC 7292 B.2; the purpose is 1 for a key, 2 for an IV, 3 for a MAC. The hash by libcrypto's name.</summary>
    public static byte[] Pkcs12Key(byte[]? passphrase, ReadOnlySpan<byte> salt, int purpose, int rounds, int length, string hash)
    {
        var key = new byte[length];
        fixed (byte* pass = Pinned(passphrase), s = Pinned(salt.ToArray()), k = key)
            Check(PKCS12_key_gen_utf8(pass, passphrase?.Length ?? 0, s, salt.Length, purpose, rounds, length, k, Digest(hash)), "the key derivation of PKCS#12");
        return key;
    }

    /// <summary>Lengths of key and IV of a cipher in bytes; null if libcrypto has none of that name.</summary>
    public static (int Key, int Iv)? Lengths(string cipher)
    {
        var found = CipherByName(cipher);
        if (found == 0) return null;
        var lengths = (EVP_CIPHER_get_key_length(found), EVP_CIPHER_get_iv_length(found));
        EVP_CIPHER_free(found);
        return lengths;
    }

    /// <summary>CBC with padding; null if the padding is wrong or the content no whole number of blocks. Key and IV have the cipher's lengths.</summary>
    public static byte[]? DecryptCbc(string cipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> content)
    {
        var (found, ctx) = (CipherByName(cipher), EVP_CIPHER_CTX_new());
        var plain = new byte[content.Length + iv.Length];
        try
        {
            int first, last = 0;
            fixed (byte* k = key, v = iv, input = content, output = plain)
            {
                if (found == 0 || content.IsEmpty || EVP_CipherInit_ex(ctx, found, 0, k, v, 0) <= 0
                    || EVP_CipherUpdate(ctx, output, &first, input, content.Length) <= 0 || EVP_CipherFinal_ex(ctx, output + first, &last) <= 0) return null;
            }
            return plain[..(first + last)];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
            EVP_CIPHER_CTX_free(ctx);
            if (found != 0) EVP_CIPHER_free(found);
            ERR_clear_error();
        }
    }

    // An empty array has no address; null stays null.
    static byte[]? Pinned(byte[]? bytes) => bytes is [] ? new byte[1] : bytes;
}
