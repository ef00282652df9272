// Key exchange on the NIST curves over prime fields. RFC 5903; checks of the peer's value: RFC 6989 2.3.
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>
/// One private key of ECP 256, 384 or 521. Points travel as x and y, the secret is x (RFC 5903 7 and 9). The curves have prime
/// order: a point that is on the curve and is not infinity is in the right group.
/// </summary>
sealed unsafe class EcpExchange : KeyExchangeStart
{
    // libcrypto only reads a group once it is made; the three are kept for the life of the process.
    static readonly Lazy<nint> P256 = new(() => Group(NidP256)), P384 = new(() => Group(NidP384)), P521 = new(() => Group(NidP521));

    readonly nint _group;
    nint _scalar;

    EcpExchange(ushort method, nint group, nint scalar, byte[] publicValue) : base(method, publicValue) => (_group, _scalar) = (group, scalar);

    public static EcpExchange Create(ushort method)
    {
        var order = EC_GROUP_get0_order(GroupOf(method));
        var scalar = BN_new();
        // The range begins at 0, which comes once in 2^256 times, if ever.
        if (scalar == 0 || BN_priv_rand_range(scalar, order) <= 0) throw new CryptographicException("libcrypto: no random number");
        return Create(method, scalar);
    }

    public static EcpExchange Create(ushort method, ReadOnlySpan<byte> secret)
    {
        fixed (byte* s = secret) return Create(method, BN_bin2bn(s, secret.Length, 0));
    }

    static EcpExchange Create(ushort method, nint scalar)
    {
        var group = GroupOf(method);
        var octets = Multiply(group, scalar, 0, FieldBytes(method)) ?? throw new CryptographicException("libcrypto: no public point");
        return new(method, group, scalar, octets[1..]);
    }

    public override byte[]? Finish(ReadOnlySpan<byte> peerPublic)
    {
        ObjectDisposedException.ThrowIf(_scalar == 0, this);
        if (peerPublic.Length != PublicValue.Length) return null;
        Span<byte> octets = stackalloc byte[1 + peerPublic.Length];
        octets[0] = PointUncompressed;
        peerPublic.CopyTo(octets[1..]);

        var point = EC_POINT_new(_group);
        if (point == 0) throw new OutOfMemoryException();
        try
        {
            // Refuses coordinates outside the field and points off the curve.
            fixed (byte* o = octets)
            {
                if (EC_POINT_oct2point(_group, point, o, (nuint)octets.Length, 0) <= 0 || EC_POINT_is_on_curve(_group, point, 0) <= 0)
                {
                    ERR_clear_error();
                    return null;
                }
            }
            var half = peerPublic.Length / 2;
            if (Multiply(_group, _scalar, point, half) is not { } product) return null;
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
    static byte[]? Multiply(nint group, nint scalar, nint point, int fieldBytes)
    {
        var result = EC_POINT_new(group);
        var ctx = BN_CTX_new();
        try
        {
            var done = point == 0 ? EC_POINT_mul(group, result, scalar, 0, 0, ctx) : EC_POINT_mul(group, result, 0, point, scalar, ctx);
            if (done <= 0) throw new CryptographicException("libcrypto: point multiplication failed");
            var octets = new byte[1 + 2 * fieldBytes];
            fixed (byte* o = octets)
                if (EC_POINT_point2oct(group, result, PointUncompressed, o, (nuint)octets.Length, ctx) != (nuint)octets.Length) return null;
            return octets;
        }
        finally
        {
            EC_POINT_clear_free(result);
            BN_CTX_free(ctx);
        }
    }

    static int FieldBytes(ushort method) => method switch { Ke.Ecp256 => 32, Ke.Ecp384 => 48, _ => 66 };

    static nint GroupOf(ushort method) => method switch { Ke.Ecp256 => P256.Value, Ke.Ecp384 => P384.Value, _ => P521.Value };

    static nint Group(int nid) => EC_GROUP_new_by_curve_name(nid) is var group and not 0 ? group : throw new CryptographicException("libcrypto: no such curve");
}
