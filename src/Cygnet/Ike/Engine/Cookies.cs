// Stateless cookies against floods of IKE_SA_INIT requests. RFC 7296 2.6.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Cookie = version of the secret | SHA-256(secret | Ni | address | SPIi). Nothing is stored per peer.</summary>
sealed class Cookies(IRandom random)
{
    public const int Bytes = 4 + 32;
    static readonly TimeSpan SecretLife = TimeSpan.FromSeconds(120);

    readonly byte[] _secret = new byte[32], _previous = new byte[32];
    uint _version;
    Instant _changed;
    bool _started;

    public byte[] Make(ReadOnlySpan<byte> ni, Address remote, ulong initiatorSpi, Instant now)
    {
        Turn(now);
        var cookie = new byte[Bytes];
        BinaryPrimitives.WriteUInt32BigEndian(cookie, _version);
        Hash(_secret, ni, remote, initiatorSpi, cookie.AsSpan(4));
        return cookie;
    }

    /// <summary>Whether the cookie is ours, made for this request, with the present or the previous secret.</summary>
    public bool Check(ReadOnlySpan<byte> cookie, ReadOnlySpan<byte> ni, Address remote, ulong initiatorSpi, Instant now)
    {
        if (cookie.Length != Bytes || !_started) return false;
        Turn(now);
        var version = BinaryPrimitives.ReadUInt32BigEndian(cookie);
        if (version != _version && version != _version - 1) return false;
        Span<byte> expected = stackalloc byte[32];
        Hash(version == _version ? _secret : _previous, ni, remote, initiatorSpi, expected);
        return CryptographicOperations.FixedTimeEquals(expected, cookie[4..]);
    }

    void Turn(Instant now)
    {
        if (_started && now - _changed < SecretLife) return;
        if (_started) _secret.CopyTo(_previous, 0);
        else random.Fill(_previous);
        random.Fill(_secret);
        _version++;
        _changed = now;
        _started = true;
    }

    static void Hash(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> ni, Address remote, ulong initiatorSpi, Span<byte> to)
    {
        Span<byte> data = stackalloc byte[32 + 256 + 16 + 8];
        secret.CopyTo(data);
        var at = 32;
        ni.CopyTo(data[at..]);
        at += ni.Length;
        remote.Write(data[at..]);
        at += remote.Length;
        BinaryPrimitives.WriteUInt64BigEndian(data[at..], initiatorSpi);
        SHA256.HashData(data[..(at + 8)], to);
    }
}
