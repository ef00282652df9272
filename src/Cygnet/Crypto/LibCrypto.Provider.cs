// Bindings to OpenSSL's libcrypto, 3.0 or newer: the functions of its providers, as <openssl/core_dispatch.h> and provider(7) define them.
using System.Runtime.InteropServices;

namespace Cygnet.Crypto;

static unsafe partial class LibCrypto
{
    // <openssl/core_dispatch.h>: OSSL_OP_ and OSSL_FUNC_ of key management and key exchange.
    public const int KeyManagement = 10, KeyExchange = 11;
    public const int KeyNew = 1, KeyFree = 10, KeyImport = 40;
    public const int ExchangeNew = 1, ExchangeInit = 2, ExchangeDerive = 3, ExchangeSetPeer = 4, ExchangeFree = 5;

    // <openssl/evp.h>: EVP_PKEY_PUBLIC_KEY.
    public const int PublicHalf = 0x86;

    /// <summary>OSSL_ALGORITHM; a table ends with one without names.</summary>
    public struct AlgorithmEntry
    {
        public byte* Names, Properties;
        public FunctionEntry* Functions;
        public byte* Description;
    }

    /// <summary>OSSL_DISPATCH; a table ends with a number that is 0.</summary>
    public struct FunctionEntry
    {
        public int Number;
        public void* Function;
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] private static partial nint EVP_KEYEXCH_fetch(nint context, string name, byte* properties);
    [LibraryImport(Library)] private static partial nint EVP_KEYEXCH_get0_provider(nint exchange);
    [LibraryImport(Library)] private static partial nint OSSL_PROVIDER_get0_provider_ctx(nint provider);
    [LibraryImport(Library)] private static partial AlgorithmEntry* OSSL_PROVIDER_query_operation(nint provider, int operation, int* noCache);

    /// <summary>The provider that libcrypto takes for a key exchange, and its context, for the life of the process; 0 if there is none.</summary>
    public static (nint Provider, nint Context) ProviderOfExchange(string name)
    {
        var exchange = EVP_KEYEXCH_fetch(0, name, null);
        if (exchange != 0 && EVP_KEYEXCH_get0_provider(exchange) is not 0 and var provider) return (provider, OSSL_PROVIDER_get0_provider_ctx(provider));
        ERR_clear_error();
        return default;
    }

    /// <summary>What a provider does an operation of that algorithm with; null if it does not.</summary>
    public static FunctionEntry* Functions(nint provider, int operation, string name)
    {
        int noCache;
        for (var entry = OSSL_PROVIDER_query_operation(provider, operation, &noCache); entry is not null && entry->Names is not null; entry++)
            if (Marshal.PtrToStringUTF8((nint)entry->Names)!.Split(':').Contains(name, StringComparer.OrdinalIgnoreCase)) return entry->Functions;
        return null;
    }

    /// <summary>The function of that number in a table; null if it is not there.</summary>
    public static void* Find(FunctionEntry* functions, int number)
    {
        for (; functions is not null && functions->Number != 0; functions++)
            if (functions->Number == number) return functions->Function;
        return null;
    }
}
