// Bindings to OpenSSL's libcrypto, 3.0 or newer: encryption under passphrases. RFC 8018, RFC 7292 appendix B, RFC 7914.
using System.Runtime.InteropServices;

namespace Cygnet.Crypto;

static unsafe partial class LibCrypto
{
    [LibraryImport(Library)] public static partial nint d2i_X509_ALGOR(nint reuse, byte** input, long length);
    [LibraryImport(Library)] public static partial void X509_ALGOR_free(nint algorithm);
    [LibraryImport(Library)] public static partial nint PKCS12_pbe_crypt_ex(nint algorithm, byte* passphrase, int passphraseLength, byte* input, int length, byte** output, int* outputLength, int encrypt, nint context, byte* properties);
    [LibraryImport(Library)] public static partial int PKCS12_key_gen_utf8(byte* passphrase, int passphraseLength, byte* salt, int saltLength, int purpose, int rounds, int length, byte* output, nint md);
    [LibraryImport(Library)] public static partial void CRYPTO_clear_free(void* memory, nuint length, byte* file, int line);
    [LibraryImport(Library)] public static partial int EVP_CIPHER_get_iv_length(nint cipher);
    [LibraryImport(Library)] public static partial void EVP_CIPHER_free(nint cipher);

    /// <summary>A cipher by its name, which the caller frees; 0 if libcrypto has it not. Old ones come from the provider of old algorithms.</summary>
    public static nint CipherByName(string name)
    {
        var found = EVP_CIPHER_fetch(0, name, null);
        if (found == 0 && Legacy.Value != 0) found = EVP_CIPHER_fetch(Legacy.Value, name, null);
        ERR_clear_error();
        return found;
    }

    /// <summary>A library context that has the old algorithms too; 0, the usual one, where the machine lacks their provider.</summary>
    public static nint ContextWithOldAlgorithms => Legacy.Value;
}
