// Key exchange in MODP groups 14 to 18. RFC 3526; checks of the peer's value: RFC 6989 2.1.
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>One private exponent of a MODP group. The primes are safe, so that only 1 and p-1 lie in a small subgroup.</summary>
sealed unsafe class ModpExchange : KeyExchangeStart
{
    readonly ModpGroup _group;
    nint _exponent;

    ModpExchange(ushort method, ModpGroup group, nint exponent, byte[] publicValue) : base(method, publicValue) => (_group, _exponent) = (group, exponent);

    public static ModpExchange Create(ushort method)
    {
        var group = ModpGroup.For(method);
        var exponent = BN_new();
        // The top bit is set: the exponent always has the advised length.
        if (exponent == 0 || BN_priv_rand(exponent, group.ExponentBits, top: 0, bottom: 0) <= 0) throw new CryptographicException("libcrypto: no random number");
        return Create(method, group, exponent);
    }

    public static ModpExchange Create(ushort method, ReadOnlySpan<byte> secret)
    {
        fixed (byte* s = secret) return Create(method, ModpGroup.For(method), BN_bin2bn(s, secret.Length, 0));
    }

    static ModpExchange Create(ushort method, ModpGroup group, nint exponent) => new(method, group, exponent, group.Power(group.Generator, exponent));

    public override byte[]? Finish(ReadOnlySpan<byte> peerPublic)
    {
        ObjectDisposedException.ThrowIf(_exponent == 0, this);
        // Values have the modulus' length on the wire, with zeros in front: RFC 7296 3.4.
        if (peerPublic.Length != PublicValue.Length) return null;
        nint peer;
        fixed (byte* p = peerPublic) peer = BN_bin2bn(p, peerPublic.Length, 0);
        if (peer == 0) throw new OutOfMemoryException();
        try
        {
            return BN_cmp(peer, _group.One) > 0 && BN_cmp(peer, _group.Last) < 0 ? _group.Power(peer, _exponent) : null;
        }
        finally
        {
            BN_clear_free(peer);
        }
    }

    public override void Dispose()
    {
        BN_clear_free(Interlocked.Exchange(ref _exponent, 0));
        GC.SuppressFinalize(this);
    }

    ~ModpExchange() => BN_clear_free(Interlocked.Exchange(ref _exponent, 0));
}
