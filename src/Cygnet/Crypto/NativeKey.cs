// An asymmetric key inside libcrypto.
using System.Runtime.InteropServices;

namespace Cygnet.Crypto;

/// <summary>Owns an EVP_PKEY; many threads may use it at once for signing, verifying and deriving. Freeing clears private parts.</summary>
sealed unsafe class NativeKey : SafeHandle
{
    NativeKey(nint key) : base(0, ownsHandle: true) => SetHandle(key);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }

    /// <summary>The key of a SubjectPublicKeyInfo, or null if libcrypto does not take it (a point that is not on its curve, for one).</summary>
    public static NativeKey? FromSubjectPublicKeyInfo(ReadOnlySpan<byte> der)
    {
        fixed (byte* start = der)
        {
            var at = start;
            return Own(LibCrypto.d2i_PUBKEY(0, &at, der.Length));
        }
    }

    /// <summary>A private key: PKCS#8 (RFC 5958), PKCS#1 or SEC 1, with nothing behind it.</summary>
    public static NativeKey? FromPrivateDer(ReadOnlySpan<byte> der)
    {
        fixed (byte* start = der)
        {
            var at = start;
            var key = Own(LibCrypto.d2i_AutoPrivateKey(0, &at, der.Length));
            if (key is null || at == start + der.Length) return key;
            key.Dispose();
            return null;
        }
    }

    public static NativeKey? FromRawPrivate(int nid, ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key) return Own(LibCrypto.EVP_PKEY_new_raw_private_key(nid, 0, k, (nuint)key.Length));
    }

    public static NativeKey? FromRawPublic(int nid, ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key) return Own(LibCrypto.EVP_PKEY_new_raw_public_key(nid, 0, k, (nuint)key.Length));
    }

    /// <summary>
    /// A private key with a public half that the caller names, right or not; null if libcrypto does not take that. It spares computing the right one.
    /// </summary>
    public static NativeKey? FromRawPair(string type, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey)
    {
        fixed (byte* secret = privateKey, open = publicKey, pub = "pub\0"u8, priv = "priv\0"u8)
        {
            var parameters = stackalloc LibCrypto.Parameter[3];
            parameters[0] = new() { Name = pub, Type = LibCrypto.ParameterOctets, Data = open, Length = (nuint)publicKey.Length };
            parameters[1] = new() { Name = priv, Type = LibCrypto.ParameterOctets, Data = secret, Length = (nuint)privateKey.Length };
            parameters[2] = default;
            nint key = 0;
            var ctx = LibCrypto.EVP_PKEY_CTX_new_from_name(0, type, null);
            if (ctx != 0 && LibCrypto.EVP_PKEY_fromdata_init(ctx) > 0) LibCrypto.EVP_PKEY_fromdata(ctx, &key, LibCrypto.KeyPair, parameters);
            LibCrypto.EVP_PKEY_CTX_free(ctx);
            return Own(key);
        }
    }

    /// <summary>DER of the public half's SubjectPublicKeyInfo; null if there is none.</summary>
    public byte[]? SubjectPublicKeyInfo()
    {
        var length = LibCrypto.i2d_PUBKEY(this, null);
        if (length <= 0) return null;
        var der = new byte[length];
        fixed (byte* start = der)
        {
            var at = start;
            return LibCrypto.i2d_PUBKEY(this, &at) == length ? der : null;
        }
    }

    static NativeKey? Own(nint key)
    {
        if (key != 0) return new(key);
        LibCrypto.ERR_clear_error();
        return null;
    }
}
