// Key exchange on curves over prime fields. RFC 5903, RFC 5114, RFC 6954; checks of the peer's value: RFC 6989 2.3.
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>
/// One private key. Points travel as x and y, the secret is x (RFC 5903 7 and 9). The curves have prime order: a point that is on
/// the curve and is not infinity is in the right group.
/// </summary>
sealed unsafe class EcpExchange : KeyExchangeStart
{
    readonly EcGroup _group;
    nint _scalar;

    EcpExchange(ushort method, EcGroup group, nint scalar, byte[] publicValue) : base(method, publicValue) => (_group, _scalar) = (group, scalar);

    public static EcpExchange Create(ushort method)
    {
        var group = Group(method);
        var scalar = BN_new();
        // The range begins at 0, which comes once in 2^192 times, if ever.
        if (scalar == 0 || BN_priv_rand_range(scalar, EC_GROUP_get0_order(group.Curve)) <= 0) throw new CryptographicException("libcrypto: no random number");
        return Create(method, group, scalar);
    }

    public static EcpExchange Create(ushort method, ReadOnlySpan<byte> secret)
    {
        fixed (byte* s = secret) return Create(method, Group(method), BN_bin2bn(s, secret.Length, 0));
    }

    static EcpExchange Create(ushort method, EcGroup group, nint scalar)
    {
        var octets = Multiply(group, scalar, 0) ?? throw new CryptographicException("libcrypto: no public point");
        return new(method, group, scalar, octets[1..]);
    }

    public override byte[]? Finish(ReadOnlySpan<byte> peerPublic)
    {
        ObjectDisposedException.ThrowIf(_scalar == 0, this);
        if (peerPublic.Length != PublicValue.Length) return null;
        Span<byte> octets = stackalloc byte[1 + peerPublic.Length];
        octets[0] = PointUncompressed;
        peerPublic.CopyTo(octets[1..]);

        var point = EC_POINT_new(_group.Curve);
        if (point == 0) throw new OutOfMemoryException();
        try
        {
            // Refuses coordinates outside the field and points off the curve.
            fixed (byte* o = octets)
            {
                if (EC_POINT_oct2point(_group.Curve, point, o, (nuint)octets.Length, 0) <= 0 || EC_POINT_is_on_curve(_group.Curve, point, 0) <= 0)
                {
                    ERR_clear_error();
                    return null;
                }
            }
            var half = peerPublic.Length / 2;
            if (Multiply(_group, _scalar, point) is not { } product) return null;
            var secret = product[1..(1 + half)];
            CryptographicOperations.ZeroMemory(product);
            return secret;
        }
        finally
        {
            EC_POINT_clear_free(point);
        }
    }

    public override void Dispose()
    {
        BN_clear_free(Interlocked.Exchange(ref _scalar, 0));
        GC.SuppressFinalize(this);
    }

    ~EcpExchange() => BN_clear_free(Interlocked.Exchange(ref _scalar, 0));

    // scalar × point, or × generator where the point is zero; uncompressed, null for infinity. libcrypto's ladder takes constant time for one scalar.
    static byte[]? Multiply(EcGroup group, nint scalar, nint point)
    {
        var result = EC_POINT_new(group.Curve);
        var ctx = BN_CTX_new();
        try
        {
            var done = point == 0 ? EC_POINT_mul(group.Curve, result, scalar, 0, 0, ctx) : EC_POINT_mul(group.Curve, result, 0, point, scalar, ctx);
            if (done <= 0) throw new CryptographicException("libcrypto: point multiplication failed");
            var octets = new byte[1 + 2 * group.FieldBytes];
            fixed (byte* o = octets)
                if (EC_POINT_point2oct(group.Curve, result, PointUncompressed, o, (nuint)octets.Length, ctx) != (nuint)octets.Length) return null;
            return octets;
        }
        finally
        {
            EC_POINT_clear_free(result);
            BN_CTX_free(ctx);
        }
    }

    static EcGroup Group(ushort method) => EcGroup.For(method) ?? throw new NotSupportedException($"{method} is no curve over a prime field");
}
