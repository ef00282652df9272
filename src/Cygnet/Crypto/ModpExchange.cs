// Key exchange in MODP groups. RFC 2409, RFC 3526, RFC 5114; checks of the peer's value: RFC 6989 2.1, 2.2.
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>One private exponent of a MODP group.</summary>
sealed unsafe class ModpExchange : KeyExchangeStart
{
    readonly ModpGroup _group;
    nint _exponent;

    ModpExchange(ushort method, ModpGroup group, nint exponent, byte[] publicValue) : base(method, publicValue) => (_group, _exponent) = (group, exponent);

    public static ModpExchange Create(ushort method)
    {
        var group = Group(method);
        return Create(method, group, group.NewExponent());
    }

    public static ModpExchange Create(ushort method, ReadOnlySpan<byte> secret)
    {
        fixed (byte* s = secret) return Create(method, Group(method), BN_bin2bn(s, secret.Length, 0));
    }

    static ModpExchange Create(ushort method, ModpGroup group, nint exponent) => new(method, group, exponent, group.Power(exponent));

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
            return _group.Contains(peer) ? _group.Power(peer, _exponent) : null;
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

    static ModpGroup Group(ushort method) => ModpGroup.For(method) ?? throw new NotSupportedException($"{method} is no MODP group");
}
