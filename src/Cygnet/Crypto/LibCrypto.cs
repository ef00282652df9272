// Bindings to OpenSSL's libcrypto, 3.0 or newer: symmetric ciphers and HMAC. Public-key functions stand in LibCrypto.Keys.cs.
using System.Runtime.InteropServices;

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
    [LibraryImport(Library)] public static partial int EVP_CipherInit_ex(nint ctx, nint cipher, nint engine, byte* key, byte* iv, int encrypt);
    [LibraryImport(Library)] public static partial int EVP_CipherUpdate(nint ctx, byte* output, int* written, byte* input, int length);
    [LibraryImport(Library)] public static partial int EVP_CipherFinal_ex(nint ctx, byte* output, int* written);

    [LibraryImport(Library)] public static partial nint EVP_aes_128_cbc();
    [LibraryImport(Library)] public static partial nint EVP_aes_192_cbc();
    [LibraryImport(Library)] public static partial nint EVP_aes_256_cbc();
    [LibraryImport(Library)] public static partial nint EVP_aes_128_ctr();
    [LibraryImport(Library)] public static partial nint EVP_aes_192_ctr();
    [LibraryImport(Library)] public static partial nint EVP_aes_256_ctr();
    [LibraryImport(Library)] public static partial nint EVP_aes_128_ccm();
    [LibraryImport(Library)] public static partial nint EVP_aes_192_ccm();
    [LibraryImport(Library)] public static partial nint EVP_aes_256_ccm();
    [LibraryImport(Library)] public static partial nint EVP_aes_128_gcm();
    [LibraryImport(Library)] public static partial nint EVP_aes_192_gcm();
    [LibraryImport(Library)] public static partial nint EVP_aes_256_gcm();
    [LibraryImport(Library)] public static partial nint EVP_chacha20_poly1305();

    [LibraryImport(Library)] public static partial nint HMAC_CTX_new();
    [LibraryImport(Library)] public static partial void HMAC_CTX_free(nint ctx);
    [LibraryImport(Library)] public static partial int HMAC_Init_ex(nint ctx, byte* key, int length, nint md, nint engine);
    [LibraryImport(Library)] public static partial int HMAC_Update(nint ctx, byte* data, nuint length);
    [LibraryImport(Library)] public static partial int HMAC_Final(nint ctx, byte* output, uint* length);

    [LibraryImport(Library)] public static partial nint EVP_sha1();
    [LibraryImport(Library)] public static partial nint EVP_sha256();
    [LibraryImport(Library)] public static partial nint EVP_sha384();
    [LibraryImport(Library)] public static partial nint EVP_sha512();
    [LibraryImport(Library)] public static partial void ERR_clear_error();

    /// <summary>The cipher of a transform; zero if it is not built.</summary>
    public static nint Cipher(Transform t) => (t.Id, t.KeyBits) switch
    {
        (Encr.AesCbc, 128) => EVP_aes_128_cbc(),
        (Encr.AesCbc, 192) => EVP_aes_192_cbc(),
        (Encr.AesCbc, 256) => EVP_aes_256_cbc(),
        (Encr.AesCtr, 128) => EVP_aes_128_ctr(),
        (Encr.AesCtr, 192) => EVP_aes_192_ctr(),
        (Encr.AesCtr, 256) => EVP_aes_256_ctr(),
        (Encr.AesCcm8 or Encr.AesCcm12 or Encr.AesCcm16, 128) => EVP_aes_128_ccm(),
        (Encr.AesCcm8 or Encr.AesCcm12 or Encr.AesCcm16, 192) => EVP_aes_192_ccm(),
        (Encr.AesCcm8 or Encr.AesCcm12 or Encr.AesCcm16, 256) => EVP_aes_256_ccm(),
        (Encr.AesGcm8 or Encr.AesGcm12 or Encr.AesGcm16, 128) => EVP_aes_128_gcm(),
        (Encr.AesGcm8 or Encr.AesGcm12 or Encr.AesGcm16, 192) => EVP_aes_192_gcm(),
        (Encr.AesGcm8 or Encr.AesGcm12 or Encr.AesGcm16, 256) => EVP_aes_256_gcm(),
        (Encr.ChaCha20Poly1305, 0) => EVP_chacha20_poly1305(),
        _ => 0,
    };

    /// <summary>The hash under an integrity transform; zero if it is not built.</summary>
    public static nint Hash(ushort integrity) => integrity switch
    {
        Integ.HmacSha1_96 => EVP_sha1(),
        Integ.HmacSha256_128 => EVP_sha256(),
        Integ.HmacSha384_192 => EVP_sha384(),
        Integ.HmacSha512_256 => EVP_sha512(),
        _ => 0,
    };
}
