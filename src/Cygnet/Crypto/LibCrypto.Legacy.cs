// Bindings to OpenSSL's libcrypto, 3.0 or newer: old algorithms by their own functions, for which no provider has to be loaded.
using System.Runtime.InteropServices;

namespace Cygnet.Crypto;

static unsafe partial class LibCrypto
{
    // sizeof(DES_key_schedule) of <openssl/des.h>.
    public const int DesScheduleBytes = 128;

    [LibraryImport(Library)] public static partial byte* MD4(byte* data, nuint length, byte* digest);
    [LibraryImport(Library)] public static partial void DES_set_key_unchecked(byte* key, byte* schedule);
    [LibraryImport(Library)] public static partial void DES_ecb_encrypt(byte* input, byte* output, byte* schedule, int encrypt);
}
