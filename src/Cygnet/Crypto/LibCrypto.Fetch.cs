// Which of libcrypto's ciphers and digests an algorithm is. Fetched once: what is not is looked up anew, under a lock, whenever a context takes it.
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Cygnet.Crypto;

static unsafe partial class LibCrypto
{
    // Objects of libcrypto for the life of the process; 0 for what it has not.
    static readonly ConcurrentDictionary<Transform, nint> Ciphers = new();
    static readonly ConcurrentDictionary<string, nint> Digests = new();
    static readonly Func<Transform, nint> FetchCipher = Fetch;
    static readonly Func<string, nint> FetchDigest = Fetch;

    // A library context of its own: the provider of old algorithms is loaded when one is asked for, and nothing else of the process sees it.
    static readonly Lazy<nint> Legacy = new(() =>
    {
        var context = OSSL_LIB_CTX_new();
        // A context with a provider of its own gets no other by default; keys in files mix old ciphers with hashes that are not old.
        if (context != 0 && (OSSL_PROVIDER_load(context, "legacy") == 0 || OSSL_PROVIDER_load(context, "default") == 0))
        {
            OSSL_LIB_CTX_free(context);
            context = 0;
        }
        ERR_clear_error();
        return context;
    });

    [LibraryImport(Library)] private static partial nint OSSL_LIB_CTX_new();
    [LibraryImport(Library)] private static partial void OSSL_LIB_CTX_free(nint context);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] private static partial nint OSSL_PROVIDER_load(nint context, string name);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] private static partial nint EVP_CIPHER_fetch(nint context, string name, byte* properties);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] private static partial nint EVP_MD_fetch(nint context, string name, byte* properties);

    /// <summary>The cipher of an encryption transform; 0 for NULL, for what is not built, and for what this machine's libcrypto lacks.</summary>
    public static nint Cipher(Transform t) => Ciphers.GetOrAdd(t, FetchCipher);

    /// <summary>A hash by its name; 0 if there is none.</summary>
    public static nint Digest(string name) => Digests.GetOrAdd(name, FetchDigest);

    static nint Fetch(string digest)
    {
        var found = EVP_MD_fetch(0, digest, null);
        if (found == 0) ERR_clear_error();
        return found;
    }

    static nint Fetch(Transform t)
    {
        var (name, isOld) = t.Id switch
        {
            Encr.AesCbc => ($"AES-{t.KeyBits}-CBC", false),
            Encr.AesCtr => ($"AES-{t.KeyBits}-CTR", false),
            Encr.AesCcm8 or Encr.AesCcm12 or Encr.AesCcm16 => ($"AES-{t.KeyBits}-CCM", false),
            Encr.AesGcm8 or Encr.AesGcm12 or Encr.AesGcm16 or Encr.NullAesGmac => ($"AES-{t.KeyBits}-GCM", false),
            Encr.ChaCha20Poly1305 => ("ChaCha20-Poly1305", false),
            Encr.CamelliaCbc => ($"CAMELLIA-{t.KeyBits}-CBC", false),
            Encr.CamelliaCtr => ($"CAMELLIA-{t.KeyBits}-CTR", false),
            Encr.TripleDes => ("DES-EDE3-CBC", false),
            Encr.Des => ("DES-CBC", true),
            Encr.Cast => ("CAST5-CBC", true),
            Encr.Blowfish => ("BF-CBC", true),
            _ => ("", false),
        };
        if (name.Length == 0 || isOld && Legacy.Value == 0) return 0;
        var found = EVP_CIPHER_fetch(isOld ? Legacy.Value : 0, name, null);
        if (found == 0) ERR_clear_error();
        return found;
    }
}
