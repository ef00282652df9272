// Key exchange on Curve25519 and Curve448. RFC 8031, RFC 7748.
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>One private key of X25519 or X448.</summary>
sealed unsafe class MontgomeryExchange : KeyExchangeStart
{
    readonly int _nid;
    readonly NativeKey _key;

    MontgomeryExchange(ushort method, int nid, NativeKey key, byte[] publicValue) : base(method, publicValue) => (_nid, _key) = (nid, key);

    public static MontgomeryExchange Create(ushort method)
    {
        Span<byte> secret = stackalloc byte[Bytes(method)];
        RandomNumberGenerator.Fill(secret);
        try { return Create(method, secret); }
        finally { CryptographicOperations.ZeroMemory(secret); }
    }

    public static MontgomeryExchange Create(ushort method, ReadOnlySpan<byte> secret)
    {
        var nid = method == Ke.Curve25519 ? NidX25519 : NidX448;
        var key = NativeKey.FromRawPrivate(nid, secret) ?? throw new CryptographicException("libcrypto: no X25519 or X448 key");
        var publicValue = new byte[Bytes(method)];
        var length = (nuint)publicValue.Length;
        fixed (byte* p = publicValue)
            if (EVP_PKEY_get_raw_public_key(key, p, &length) <= 0) throw new CryptographicException("libcrypto: no public key");
        return new(method, nid, key, publicValue);
    }

    public override byte[]? Finish(ReadOnlySpan<byte> peerPublic)
    {
        if (peerPublic.Length != PublicValue.Length) return null;
        using var peer = NativeKey.FromRawPublic(_nid, peerPublic);
        if (peer is null) return null;
        var secret = new byte[PublicValue.Length];
        var length = (nuint)secret.Length;
        var ctx = EVP_PKEY_CTX_new(_key, 0);
        if (ctx == 0) throw new OutOfMemoryException();
        try
        {
            fixed (byte* s = secret)
            {
                // The all-zero result of a small-order point is refused, RFC 8031 4; libcrypto does so itself, which no version needs to go on doing.
                if (EVP_PKEY_derive_init(ctx) > 0 && EVP_PKEY_derive_set_peer(ctx, peer) > 0 && EVP_PKEY_derive(ctx, s, &length) > 0
                    && (int)length == secret.Length && secret.AsSpan().ContainsAnyExcept((byte)0)) return secret;
            }
            ERR_clear_error();
            return null;
        }
        finally
        {
            EVP_PKEY_CTX_free(ctx);
        }
    }

    public override void Dispose() => _key.Dispose();

    static int Bytes(ushort method) => method == Ke.Curve25519 ? 32 : 56;
}
