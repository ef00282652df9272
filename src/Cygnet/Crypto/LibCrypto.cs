// Bindings to OpenSSL's libcrypto, 3.0 or newer: symmetric ciphers. Hashes stand in LibCrypto.Hashes.cs, public-key functions stand in LibCrypto.Keys.cs.
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>
/// libcrypto, where .NET has no such algorithm or is 2 to 4 times slower per packet. All of OpenSSL 3 has this soname.
/// Raw pointers: the owner of each is one object of this folder, which frees it.
/// </summary>
static unsafe partial class LibCrypto
{
    const string Library = "libcrypto.so.3";

    // EVP_CIPHER_CTX_ctrl commands, <openssl/evp.h>.
    public const int CtrlAeadSetIvLength = 0x9, CtrlAeadGetTag = 0x10, CtrlAeadSetTag = 0x11;

    [LibraryImport(Library)] public static partial nint EVP_CIPHER_CTX_new();
    [LibraryImport(Library)] public static partial void EVP_CIPHER_CTX_free(nint ctx);
    [LibraryImport(Library)] public static partial int EVP_CIPHER_CTX_ctrl(nint ctx, int type, int arg, void* ptr);
    [LibraryImport(Library)] public static partial int EVP_CIPHER_CTX_set_padding(nint ctx, int pad);
    [LibraryImport(Library)] public static partial int EVP_CIPHER_CTX_set_key_length(nint ctx, int length);
    [LibraryImport(Library)] public static partial int EVP_CIPHER_get_key_length(nint cipher);
    [LibraryImport(Library)] public static partial int EVP_CipherInit_ex(nint ctx, nint cipher, nint engine, byte* key, byte* iv, int encrypt);
    [LibraryImport(Library)] public static partial int EVP_CipherUpdate(nint ctx, byte* output, int* written, byte* input, int length);
    [LibraryImport(Library)] public static partial int EVP_CipherFinal_ex(nint ctx, byte* output, int* written);

    [LibraryImport(Library)] public static partial void ERR_clear_error();

    /// <summary>Throws for a failure that is not a wrong ICV: out of memory, or an algorithm that a policy of the machine forbids.</summary>
    public static void Check(int result, string what)
    {
        if (result > 0) return;
        ERR_clear_error();
        throw new CryptographicException($"libcrypto: {what} failed");
    }
}
