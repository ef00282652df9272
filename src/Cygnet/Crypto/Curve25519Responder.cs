// A responder's whole part on Curve25519, with contexts of libcrypto that a thread makes once and fills anew for each exchange. RFC 8031, RFC 7748.
using System.Runtime.ConstrainedExecution;
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>
/// Keys and contexts made for one exchange cost a tenth of the exchange itself: libcrypto looks up by name, under locks, who multiplies.
/// Between two exchanges no private key is in here.
/// </summary>
sealed unsafe class Curve25519Responder : CriticalFinalizerObject
{
    public const int Bytes = 32;

    // Any public value that is valid; it also stands in for the right public half of our own key, which nobody reads.
    static readonly byte[] BasePoint = [9, .. new byte[Bytes - 1]];

    [ThreadStatic] static Curve25519Responder? _ofThread;

    readonly bool _isProven;
    nint _maker, _own, _peer, _base, _derivation;

    Curve25519Responder()
    {
        fixed (byte* point = BasePoint)
        {
            _base = EVP_PKEY_new_raw_public_key(NidX25519, 0, point, Bytes);
            _peer = EVP_PKEY_new_raw_public_key(NidX25519, 0, point, Bytes);
        }
        _maker = EVP_PKEY_CTX_new_from_name(0, "X25519", null);
        if (_base != 0 && _peer != 0 && _maker != 0 && EVP_PKEY_fromdata_init(_maker) > 0 && Fill(BasePoint)) _derivation = EVP_PKEY_CTX_new(_own, 0);
        _isProven = _derivation != 0 && Empty() && ForgetsAndLearns();
        ERR_clear_error();
    }

    ~Curve25519Responder()
    {
        EVP_PKEY_CTX_free(_derivation);
        EVP_PKEY_CTX_free(_maker);
        foreach (var key in (ReadOnlySpan<nint>)[_own, _peer, _base]) EVP_PKEY_free(key);
    }

    /// <summary>This thread's; null if this machine's libcrypto does not let keys be filled anew.</summary>
    public static Curve25519Responder? OfThread => (_ofThread ??= new()) is { _isProven: true } proven ? proven : null;

    /// <summary>The public value of a private one, and what it shares with the peer's; false if the peer's is one of small order. All of 32 bytes.</summary>
    public bool TryRespond(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> peerPublic, Span<byte> publicValue, Span<byte> shared)
    {
        try
        {
            if (!Fill(secret) || EVP_PKEY_derive_init(_derivation) <= 0 || !Derive(_base, publicValue) || !SetPublic(_peer, peerPublic))
                throw new CryptographicException("libcrypto: no key exchange on Curve25519");
            return Derive(_peer, shared);
        }
        finally
        {
            if (!Empty()) throw new CryptographicException("libcrypto: a private key is not forgotten");
        }
    }

    bool Fill(ReadOnlySpan<byte> secret)
    {
        fixed (byte* s = secret, point = BasePoint, pub = "pub\0"u8, priv = "priv\0"u8)
        fixed (nint* own = &_own)
        {
            var parameters = stackalloc Parameter[3];
            parameters[0] = new() { Name = pub, Type = ParameterOctets, Data = point, Length = Bytes };
            parameters[1] = new() { Name = priv, Type = ParameterOctets, Data = s, Length = Bytes };
            parameters[2] = default;
            return EVP_PKEY_fromdata(_maker, own, KeyPair, parameters) > 0;
        }
    }

    // A new public half takes the private one away, and clears it.
    bool Empty() => SetPublic(_own, BasePoint);

    static bool SetPublic(nint key, ReadOnlySpan<byte> value)
    {
        fixed (byte* v = value) return EVP_PKEY_set1_encoded_public_key(key, v, Bytes) > 0;
    }

    // What is all zero is shared with everybody who sends a point of small order, RFC 8031 4; libcrypto refuses it too, which no version needs to go on doing.
    bool Derive(nint peer, Span<byte> result)
    {
        nuint length = Bytes;
        fixed (byte* r = result)
            if (EVP_PKEY_derive_set_peer_ex(_derivation, peer, 0) > 0 && EVP_PKEY_derive(_derivation, r, &length) > 0 && length == Bytes
                && result.ContainsAnyExcept((byte)0)) return true;
        ERR_clear_error();
        return false;
    }

    /// <summary>Two exchanges, the second with the answer of RFC 7748 6.1; then no private key is left.</summary>
    bool ForgetsAndLearns()
    {
        ReadOnlySpan<byte> secret = [0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a],
            open = [0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d, 0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38, 0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a],
            peer = [0xde, 0x9e, 0xdb, 0x7d, 0x7b, 0x7d, 0xc1, 0xb4, 0xd3, 0x5b, 0x61, 0xc2, 0xec, 0xe4, 0x35, 0x37, 0x3f, 0x83, 0x43, 0xc8, 0x5b, 0x78, 0x67, 0x4d, 0xad, 0xfc, 0x7e, 0x14, 0x6f, 0x88, 0x2b, 0x4f],
            common = [0x4a, 0x5d, 0x9d, 0x5b, 0xa4, 0xce, 0x2d, 0xe1, 0x72, 0x8e, 0x3b, 0xf4, 0x80, 0x35, 0x0f, 0x25, 0xe0, 0x7e, 0x21, 0xc9, 0x47, 0xd1, 0x9e, 0x33, 0x76, 0xf0, 0x9b, 0x3c, 0x1e, 0x16, 0x17, 0x42];
        Span<byte> publicValue = stackalloc byte[Bytes], shared = stackalloc byte[Bytes];
        nuint length = Bytes;
        try
        {
            if (!TryRespond(peer, open, publicValue, shared) || !TryRespond(secret, peer, publicValue, shared)) return false;
        }
        catch (CryptographicException)
        {
            return false; // then keys are made for each exchange
        }
        if (!publicValue.SequenceEqual(open) || !shared.SequenceEqual(common)) return false;
        fixed (byte* left = shared) return EVP_PKEY_get_raw_private_key(_own, left, &length) <= 0;
    }
}
