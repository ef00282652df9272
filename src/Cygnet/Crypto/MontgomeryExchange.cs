// Key exchange on Curve25519 and Curve448. RFC 8031, RFC 7748.
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>One private key of X25519 or X448, inside a context that derives with it.</summary>
sealed unsafe class MontgomeryExchange : KeyExchangeStart
{
    // libcrypto multiplies any point of Curve25519 faster than it makes a public value, for which it has no assembler:
    // the public value is derived like a secret, from the base point (RFC 7748 6.1).
    static readonly byte[] BasePoint25519 = [9, .. new byte[31]];
    static readonly Lazy<NativeKey?> Base25519 = new(() => NativeKey.FromRawPublic(NidX25519, BasePoint25519));

    static readonly SystemRandom Random = new();

    readonly int _nid;
    nint _ctx;

    MontgomeryExchange(ushort method, int nid, nint ctx, byte[] publicValue) : base(method, publicValue) => (_nid, _ctx) = (nid, ctx);

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
        var publicValue = new byte[Bytes(method)];
        if (method == Ke.Curve25519 && Base25519.Value is { } point)
        {
            using var pair = NativeKey.FromRawPair("X25519", secret, BasePoint25519);
            var ctx = pair is null ? 0 : Context(pair);
            if (ctx != 0 && Derive(ctx, point, publicValue)) return new(method, nid, ctx, publicValue);
            EVP_PKEY_CTX_free(ctx);
        }
        using var key = NativeKey.FromRawPrivate(nid, secret) ?? throw new CryptographicException("libcrypto: no X25519 or X448 key");
        var length = (nuint)publicValue.Length;
        fixed (byte* p = publicValue)
            if (EVP_PKEY_get_raw_public_key(key, p, &length) <= 0) throw new CryptographicException("libcrypto: no public key");
        return new(method, nid, Context(key), publicValue);
    }

    /// <summary>A responder's whole part on Curve25519; null if the peer's value is invalid.</summary>
    public static KeyExchangeResult? Respond25519(ReadOnlySpan<byte> peerPublic)
    {
        if (peerPublic.Length != Curve25519Responder.Bytes) return null;
        if (Curve25519Responder.Instance is not { } responder)
        {
            using var own = Create(Ke.Curve25519);
            return own.Finish(peerPublic) is { } secret ? new(own.PublicValue, secret) : null;
        }
        Span<byte> key = stackalloc byte[Curve25519Responder.Bytes];
        Random.Fill(key);
        var result = new KeyExchangeResult(new byte[key.Length], new byte[key.Length]);
        try { return responder.TryRespond(key, peerPublic, result.PublicValue, result.SharedSecret) ? result : null; }
        finally { CryptographicOperations.ZeroMemory(key); }
    }

    public override byte[]? Finish(ReadOnlySpan<byte> peerPublic)
    {
        ObjectDisposedException.ThrowIf(_ctx == 0, this);
        if (peerPublic.Length != PublicValue.Length) return null;
        using var peer = NativeKey.FromRawPublic(_nid, peerPublic);
        if (peer is null) return null;
        var secret = new byte[PublicValue.Length];
        return Derive(_ctx, peer, secret) ? secret : null;
    }

    public override void Dispose()
    {
        EVP_PKEY_CTX_free(Interlocked.Exchange(ref _ctx, 0));
        GC.SuppressFinalize(this);
    }

    ~MontgomeryExchange() => EVP_PKEY_CTX_free(Interlocked.Exchange(ref _ctx, 0));

    // It holds the key, which is freed with it.
    static nint Context(NativeKey key)
    {
        var ctx = EVP_PKEY_CTX_new(key, 0);
        if (ctx == 0) throw new OutOfMemoryException();
        if (EVP_PKEY_derive_init(ctx) > 0) return ctx;
        EVP_PKEY_CTX_free(ctx);
        Check(0, "X25519 or X448");
        return 0;
    }

    // All strings are points of these curves, so there is nothing to validate but the result: the all-zero one of a small-order point is
    // refused, RFC 8031 4; libcrypto does so itself, which no version needs to go on doing.
    static bool Derive(nint ctx, NativeKey peer, byte[] result)
    {
        var length = (nuint)result.Length;
        fixed (byte* r = result)
        {
            if (EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) > 0 && EVP_PKEY_derive(ctx, r, &length) > 0
                && (int)length == result.Length && result.AsSpan().ContainsAnyExcept((byte)0)) return true;
        }
        ERR_clear_error();
        return false;
    }

    static int Bytes(ushort method) => method == Ke.Curve25519 ? 32 : 56;
}
