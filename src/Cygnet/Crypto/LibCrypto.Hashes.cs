// Bindings to OpenSSL's libcrypto, 3.0 or newer: hashes by their own functions, on states that the caller owns and may copy.
using System.Runtime.InteropServices;

namespace Cygnet.Crypto;

static unsafe partial class LibCrypto
{
    // sizeof(MD5_CTX), SHA_CTX, SHA256_CTX and SHA512_CTX of <openssl/md5.h> and <openssl/sha.h>: plain data, which programs have had on their stacks since before 1.0.
    public const int Sha1ContextBytes = 96;
    const int Md5ContextBytes = 92, Sha256ContextBytes = 112, Sha512ContextBytes = 216;

    [LibraryImport(Library)] private static partial int MD5_Init(byte* context);
    [LibraryImport(Library)] private static partial int MD5_Update(byte* context, byte* data, nuint length);
    [LibraryImport(Library)] private static partial int MD5_Final(byte* digest, byte* context);
    [LibraryImport(Library)] public static partial int SHA1_Init(byte* context);
    [LibraryImport(Library)] public static partial void SHA1_Transform(byte* context, byte* block);
    [LibraryImport(Library)] public static partial int SHA1_Update(byte* context, byte* data, nuint length);
    [LibraryImport(Library)] public static partial int SHA1_Final(byte* digest, byte* context);
    [LibraryImport(Library)] private static partial int SHA256_Init(byte* context);
    [LibraryImport(Library)] private static partial int SHA256_Update(byte* context, byte* data, nuint length);
    [LibraryImport(Library)] private static partial int SHA256_Final(byte* digest, byte* context);
    [LibraryImport(Library)] private static partial int SHA384_Init(byte* context);
    [LibraryImport(Library)] private static partial int SHA512_Init(byte* context);
    [LibraryImport(Library)] private static partial int SHA512_Update(byte* context, byte* data, nuint length);
    [LibraryImport(Library)] private static partial int SHA512_Final(byte* digest, byte* context);

    /// <summary>Whether libcrypto gives away the hash under an HMAC.</summary>
    public static bool HasDigest(MacFunction function) => Policy.Allows[(int)function];

    // The functions here ask no provider: whether a policy of this machine forbids the hash is asked once.
    static class Policy
    {
        public static readonly bool[] Allows = [.. Enum.GetValues<MacFunction>().Select(f => !Mac.HasFixedKey(f) && Digest(DigestName(f)) != 0)];
    }

    /// <summary>Bytes of the state of the hash under an HMAC.</summary>
    public static int HashStateBytes(MacFunction function) => function switch
    {
        MacFunction.HmacMd5 => Md5ContextBytes,
        MacFunction.HmacSha1 => Sha1ContextBytes,
        MacFunction.HmacSha256 => Sha256ContextBytes,
        _ => Sha512ContextBytes,
    };

    public static void HashBegin(MacFunction function, byte* state) => Check(function switch
    {
        MacFunction.HmacMd5 => MD5_Init(state),
        MacFunction.HmacSha1 => SHA1_Init(state),
        MacFunction.HmacSha256 => SHA256_Init(state),
        MacFunction.HmacSha384 => SHA384_Init(state),
        _ => SHA512_Init(state),
    }, "hash");

    public static void HashAppend(MacFunction function, byte* state, byte* data, nuint length) => Check(function switch
    {
        MacFunction.HmacMd5 => MD5_Update(state, data, length),
        MacFunction.HmacSha1 => SHA1_Update(state, data, length),
        MacFunction.HmacSha256 => SHA256_Update(state, data, length),
        _ => SHA512_Update(state, data, length), // of SHA-384 too
    }, "hash");

    public static void HashFinish(MacFunction function, byte* digest, byte* state) => Check(function switch
    {
        MacFunction.HmacMd5 => MD5_Final(digest, state),
        MacFunction.HmacSha1 => SHA1_Final(digest, state),
        MacFunction.HmacSha256 => SHA256_Final(digest, state),
        _ => SHA512_Final(digest, state),
    }, "hash");

    static string DigestName(MacFunction function) => function switch
    {
        MacFunction.HmacMd5 => "MD5",
        MacFunction.HmacSha1 => "SHA1",
        MacFunction.HmacSha256 => "SHA256",
        MacFunction.HmacSha384 => "SHA384",
        _ => "SHA512",
    };
}
