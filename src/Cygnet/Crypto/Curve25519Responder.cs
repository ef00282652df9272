// A responder's whole part on Curve25519, by the functions of libcrypto's provider. RFC 8031, RFC 7748.
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>
/// Keys and contexts of libcrypto's own making cost a tenth of the exchange itself: it looks up by name, under locks, who multiplies, each time
/// anew. Here its provider is asked once, and its functions are called as libcrypto calls them. Thread safe: an exchange has its own keys.
/// </summary>
sealed unsafe class Curve25519Responder
{
    public const int Bytes = 32;

    const string Name = "X25519";

    // Any public value that is valid; it also stands in for the right public half of our own key, which nobody reads.
    static readonly byte[] BasePoint = [9, .. new byte[Bytes - 1]];

    static readonly Lazy<Curve25519Responder?> Proven = new(() =>
    {
        var made = new Curve25519Responder();
        var isProven = made._base != 0 && made.Answers();
        ERR_clear_error();
        return isProven ? made : null;
    });

    readonly nint _provider, _base;
    readonly delegate* unmanaged<nint, nint> _newKey, _newExchange;
    readonly delegate* unmanaged<nint, void> _freeKey, _freeExchange;
    readonly delegate* unmanaged<nint, int, Parameter*, int> _import;
    readonly delegate* unmanaged<nint, nint, Parameter*, int> _init;
    readonly delegate* unmanaged<nint, nint, int> _setPeer;
    readonly delegate* unmanaged<nint, byte*, nuint*, nuint, int> _derive;

    Curve25519Responder()
    {
        (var provider, _provider) = ProviderOfExchange(Name);
        if (provider == 0) return;
        var keys = Functions(provider, KeyManagement, Name);
        _newKey = (delegate* unmanaged<nint, nint>)Find(keys, KeyNew);
        _freeKey = (delegate* unmanaged<nint, void>)Find(keys, KeyFree);
        _import = (delegate* unmanaged<nint, int, Parameter*, int>)Find(keys, KeyImport);
        var exchange = Functions(provider, KeyExchange, Name);
        _newExchange = (delegate* unmanaged<nint, nint>)Find(exchange, ExchangeNew);
        _init = (delegate* unmanaged<nint, nint, Parameter*, int>)Find(exchange, ExchangeInit);
        _setPeer = (delegate* unmanaged<nint, nint, int>)Find(exchange, ExchangeSetPeer);
        _derive = (delegate* unmanaged<nint, byte*, nuint*, nuint, int>)Find(exchange, ExchangeDerive);
        _freeExchange = (delegate* unmanaged<nint, void>)Find(exchange, ExchangeFree);
        if (_newKey is not null && _freeKey is not null && _import is not null && _newExchange is not null && _init is not null && _setPeer is not null
            && _derive is not null && _freeExchange is not null) _base = NewKey(BasePoint, default);
    }

    /// <summary>Null if this machine's libcrypto has no such functions, or they do not do what RFC 7748 says.</summary>
    public static Curve25519Responder? Instance => Proven.Value;

    /// <summary>The public value of a private one, and what it shares with the peer's; false if the peer's is one of small order. All of 32 bytes.</summary>
    public bool TryRespond(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> peerPublic, Span<byte> publicValue, Span<byte> shared)
    {
        var (own, peer, exchange) = (NewKey(BasePoint, secret), NewKey(peerPublic, default), _newExchange(_provider));
        try
        {
            if (own == 0 || peer == 0 || exchange == 0 || _init(exchange, own, null) <= 0 || !Derive(exchange, _base, publicValue))
                throw new CryptographicException("libcrypto: no key exchange on Curve25519");
            return Derive(exchange, peer, shared);
        }
        finally
        {
            if (exchange != 0) _freeExchange(exchange);
            Free(peer);
            Free(own); // and wiped
        }
    }

    /// <summary>A key of the provider; 0 if it cannot be.</summary>
    nint NewKey(ReadOnlySpan<byte> publicHalf, ReadOnlySpan<byte> secret)
    {
        var key = _newKey(_provider);
        if (key == 0) return 0;
        fixed (byte* p = publicHalf, s = secret, pub = "pub\0"u8, priv = "priv\0"u8)
        {
            var parameters = stackalloc Parameter[3];
            parameters[0] = new() { Name = pub, Type = ParameterOctets, Data = p, Length = Bytes };
            parameters[1] = secret.IsEmpty ? default : new() { Name = priv, Type = ParameterOctets, Data = s, Length = Bytes };
            parameters[2] = default;
            if (_import(key, secret.IsEmpty ? PublicHalf : KeyPair, parameters) > 0) return key;
        }
        Free(key);
        return 0;
    }

    void Free(nint key)
    {
        if (key != 0) _freeKey(key);
    }

    // What is all zero is shared with everybody who sends a point of small order, RFC 8031 4; libcrypto refuses it too, which no version needs to go on doing.
    bool Derive(nint exchange, nint peer, Span<byte> result)
    {
        nuint length = Bytes;
        fixed (byte* r = result)
            if (_setPeer(exchange, peer) > 0 && _derive(exchange, r, &length, Bytes) > 0 && length == Bytes && result.ContainsAnyExcept((byte)0)) return true;
        ERR_clear_error();
        return false;
    }

    /// <summary>The exchange of RFC 7748 6.1.</summary>
    bool Answers()
    {
        ReadOnlySpan<byte> secret = [0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a],
            open = [0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d, 0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38, 0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a],
            peer = [0xde, 0x9e, 0xdb, 0x7d, 0x7b, 0x7d, 0xc1, 0xb4, 0xd3, 0x5b, 0x61, 0xc2, 0xec, 0xe4, 0x35, 0x37, 0x3f, 0x83, 0x43, 0xc8, 0x5b, 0x78, 0x67, 0x4d, 0xad, 0xfc, 0x7e, 0x14, 0x6f, 0x88, 0x2b, 0x4f],
            common = [0x4a, 0x5d, 0x9d, 0x5b, 0xa4, 0xce, 0x2d, 0xe1, 0x72, 0x8e, 0x3b, 0xf4, 0x80, 0x35, 0x0f, 0x25, 0xe0, 0x7e, 0x21, 0xc9, 0x47, 0xd1, 0x9e, 0x33, 0x76, 0xf0, 0x9b, 0x3c, 0x1e, 0x16, 0x17, 0x42];
        Span<byte> publicValue = stackalloc byte[Bytes], shared = stackalloc byte[Bytes];
        try
        {
            return TryRespond(secret, peer, publicValue, shared) && publicValue.SequenceEqual(open) && shared.SequenceEqual(common);
        }
        catch (CryptographicException)
        {
            return false; // then keys are made as everybody makes them
        }
    }
}
