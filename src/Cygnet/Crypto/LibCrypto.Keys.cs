// Bindings to OpenSSL's libcrypto, 3.0 or newer: asymmetric keys, signatures, elliptic curves, big numbers.
using System.Runtime.InteropServices;

namespace Cygnet.Crypto;

static unsafe partial class LibCrypto
{
    // <openssl/obj_mac.h>, <openssl/rsa.h>.
    public const int NidX25519 = 1034, NidX448 = 1035, NidP192 = 409, NidP224 = 713, NidP256 = 415, NidP384 = 715, NidP521 = 716,
        NidBrainpool224 = 925, NidBrainpool256 = 927, NidBrainpool384 = 931, NidBrainpool512 = 933;
    public const int RsaPkcs1Padding = 1, RsaPssPadding = 6, RsaPssSaltLengthDigest = -1;
    public const int PointUncompressed = 4;

    // <openssl/bn.h>: BN_FLG_CONSTTIME.
    public const int ConstantTime = 4;

    // <openssl/core.h>: OSSL_PARAM_OCTET_STRING; <openssl/evp.h>: EVP_PKEY_KEYPAIR.
    public const uint ParameterOctets = 5;
    public const int KeyPair = 0x87;

    /// <summary>OSSL_PARAM; a list ends with one that is all zero.</summary>
    public struct Parameter
    {
        public byte* Name;
        public uint Type;
        public void* Data;
        public nuint Length, Returned;
    }

    [LibraryImport(Library)] public static partial void EVP_PKEY_free(nint key);
    [LibraryImport(Library)] public static partial int EVP_PKEY_get_size(NativeKey key);
    [LibraryImport(Library)] public static partial nint EVP_PKEY_new_raw_private_key(int type, nint engine, byte* key, nuint length);
    [LibraryImport(Library)] public static partial nint EVP_PKEY_new_raw_public_key(int type, nint engine, byte* key, nuint length);
    [LibraryImport(Library)] public static partial int EVP_PKEY_get_raw_public_key(NativeKey key, byte* output, nuint* length);
    [LibraryImport(Library)] public static partial nint d2i_PUBKEY(nint reuse, byte** input, long length);
    [LibraryImport(Library)] public static partial nint d2i_AutoPrivateKey(nint reuse, byte** input, long length);
    [LibraryImport(Library)] public static partial int i2d_PUBKEY(NativeKey key, byte** output);

    [LibraryImport(Library)] public static partial nint EVP_PKEY_CTX_new(NativeKey key, nint engine);
    [LibraryImport(Library)] public static partial void EVP_PKEY_CTX_free(nint ctx);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial nint EVP_PKEY_CTX_new_from_name(nint library, string name, byte* properties);
    [LibraryImport(Library)] public static partial int EVP_PKEY_fromdata_init(nint ctx);
    [LibraryImport(Library)] public static partial int EVP_PKEY_fromdata(nint ctx, nint* key, int selection, Parameter* parameters);
    [LibraryImport(Library)] public static partial int EVP_PKEY_derive_init(nint ctx);
    [LibraryImport(Library)] public static partial int EVP_PKEY_derive_set_peer_ex(nint ctx, NativeKey peer, int validate);
    [LibraryImport(Library)] public static partial int EVP_PKEY_derive(nint ctx, byte* secret, nuint* length);
    [LibraryImport(Library)] public static partial int EVP_PKEY_CTX_set_rsa_padding(nint ctx, int padding);
    [LibraryImport(Library)] public static partial int EVP_PKEY_CTX_set_rsa_pss_saltlen(nint ctx, int length);
    [LibraryImport(Library)] public static partial int EVP_PKEY_CTX_set_rsa_mgf1_md(nint ctx, nint md);

    [LibraryImport(Library)] public static partial nint EVP_MD_CTX_new();
    [LibraryImport(Library)] public static partial void EVP_MD_CTX_free(nint ctx);
    [LibraryImport(Library)] public static partial int EVP_DigestSignInit(nint ctx, nint* keyCtx, nint md, nint engine, NativeKey key);
    [LibraryImport(Library)] public static partial int EVP_DigestSign(nint ctx, byte* signature, nuint* signatureLength, byte* data, nuint length);
    [LibraryImport(Library)] public static partial int EVP_DigestVerifyInit(nint ctx, nint* keyCtx, nint md, nint engine, NativeKey key);
    [LibraryImport(Library)] public static partial int EVP_DigestVerify(nint ctx, byte* signature, nuint signatureLength, byte* data, nuint length);

    [LibraryImport(Library)] public static partial nint BN_CTX_new();
    [LibraryImport(Library)] public static partial void BN_CTX_free(nint ctx);
    [LibraryImport(Library)] public static partial nint BN_new();
    [LibraryImport(Library)] public static partial void BN_clear_free(nint bn);
    [LibraryImport(Library)] public static partial nint BN_bin2bn(byte* input, int length, nint reuse);
    [LibraryImport(Library)] public static partial int BN_bn2binpad(nint bn, byte* output, int length);
    [LibraryImport(Library)] public static partial int BN_cmp(nint a, nint b);
    [LibraryImport(Library)] public static partial int BN_set_word(nint bn, ulong word);
    [LibraryImport(Library)] public static partial int BN_sub_word(nint bn, ulong word);
    [LibraryImport(Library)] public static partial nint BN_dup(nint bn);
    [LibraryImport(Library)] public static partial void BN_set_flags(nint bn, int flags);
    [LibraryImport(Library)] public static partial int BN_generate_prime_ex(nint bn, int bits, int safe, nint add, nint remainder, nint callback);
    [LibraryImport(Library)] public static partial int BN_mul(nint result, nint a, nint b, nint ctx);
    [LibraryImport(Library)] public static partial int BN_sub(nint result, nint a, nint b);
    [LibraryImport(Library)] public static partial int BN_rshift1(nint result, nint a);
    [LibraryImport(Library)] public static partial int BN_div(nint quotient, nint remainder, nint a, nint b, nint ctx);
    [LibraryImport(Library)] public static partial nint BN_mod_inverse(nint result, nint a, nint modulus, nint ctx);
    [LibraryImport(Library)] public static partial int BN_priv_rand(nint bn, int bits, int top, int bottom);
    [LibraryImport(Library)] public static partial int BN_priv_rand_range(nint bn, nint range);
    [LibraryImport(Library)] public static partial nint BN_MONT_CTX_new();
    [LibraryImport(Library)] public static partial int BN_MONT_CTX_set(nint mont, nint modulus, nint ctx);
    [LibraryImport(Library)] public static partial int BN_mod_exp_mont_consttime(nint result, nint a, nint exponent, nint modulus, nint ctx, nint mont);
    [LibraryImport(Library)] public static partial int BN_mod_exp_mont(nint result, nint a, nint exponent, nint modulus, nint ctx, nint mont);

    [LibraryImport(Library)] public static partial nint BN_get_rfc2409_prime_768(nint reuse);
    [LibraryImport(Library)] public static partial nint BN_get_rfc2409_prime_1024(nint reuse);
    [LibraryImport(Library)] public static partial nint BN_get_rfc3526_prime_1536(nint reuse);
    [LibraryImport(Library)] public static partial nint BN_get_rfc3526_prime_2048(nint reuse);
    [LibraryImport(Library)] public static partial nint BN_get_rfc3526_prime_3072(nint reuse);
    [LibraryImport(Library)] public static partial nint BN_get_rfc3526_prime_4096(nint reuse);
    [LibraryImport(Library)] public static partial nint BN_get_rfc3526_prime_6144(nint reuse);
    [LibraryImport(Library)] public static partial nint BN_get_rfc3526_prime_8192(nint reuse);

    [LibraryImport(Library)] public static partial nint DH_get_1024_160();
    [LibraryImport(Library)] public static partial nint DH_get_2048_224();
    [LibraryImport(Library)] public static partial nint DH_get_2048_256();
    [LibraryImport(Library)] public static partial void DH_get0_pqg(nint dh, nint* prime, nint* order, nint* generator);

    [LibraryImport(Library)] public static partial nint EC_GROUP_new_by_curve_name(int nid);
    [LibraryImport(Library)] public static partial nint EC_GROUP_get0_order(nint group);
    [LibraryImport(Library)] public static partial nint EC_POINT_new(nint group);
    [LibraryImport(Library)] public static partial void EC_POINT_clear_free(nint point);
    [LibraryImport(Library)] public static partial int EC_POINT_mul(nint group, nint result, nint generatorScalar, nint point, nint scalar, nint ctx);
    [LibraryImport(Library)] public static partial nuint EC_POINT_point2oct(nint group, nint point, int form, byte* output, nuint length, nint ctx);
    [LibraryImport(Library)] public static partial int EC_POINT_oct2point(nint group, nint point, byte* input, nuint length, nint ctx);
    [LibraryImport(Library)] public static partial int EC_POINT_is_on_curve(nint group, nint point, nint ctx);
}
