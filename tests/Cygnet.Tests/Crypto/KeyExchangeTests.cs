// Both sides of every key exchange agree; invalid public values are refused. RFC 6989, RFC 8031.
using System.Numerics;
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class KeyExchangeTests
{
    static readonly SystemCrypto Crypto = new();

    public static TheoryData<ushort> Methods() =>
        [.. Transforms.All.Where(a => a is { Type: TransformType.KeyExchange, IsBuilt: true, Id: > 0 }).Select(a => a.Id!.Value)];

    [Theory, MemberData(nameof(Methods))]
    public void Both_sides_agree_and_keys_differ_from_run_to_run(ushort method)
    {
        var row = Transforms.Find(new(TransformType.KeyExchange, method))!;
        using var start = Crypto.Start(method);
        using var other = Crypto.Start(method);
        Assert.Equal(row.PublicBytes, start.PublicValue.Length);
        Assert.NotEqual(start.PublicValue, other.PublicValue);
        var answer = Crypto.Respond(method, start.PublicValue)!;
        Assert.Equal(row.AnswerBytes, answer.PublicValue.Length);
        Assert.Equal(answer.SharedSecret, start.Finish(answer.PublicValue));
        Assert.NotEqual(answer.SharedSecret, other.Finish(answer.PublicValue));
        Assert.True(Crypto.Cost(method) > 0);
    }

    // Both directions: what the responder gets, and what comes back. Nothing, one byte less and one more.
    [Theory, MemberData(nameof(Methods))]
    public void Values_of_another_length_are_refused(ushort method)
    {
        using var start = Crypto.Start(method);
        var answer = Crypto.Respond(method, start.PublicValue)!.PublicValue;
        Assert.All(Lengths(start.PublicValue), v => Assert.Null(Crypto.Respond(method, v)));
        Assert.All(Lengths(answer), v => Assert.Null(start.Finish(v)));
        Assert.NotNull(start.Finish(answer));

        static byte[][] Lengths(byte[] value) => [[], value[1..], value[..^1], [0, .. value], [.. value, 0], value[..1], [.. value, .. value]];
    }

    [Theory, MemberData(nameof(Methods))]
    public void Trivial_values_are_refused(ushort method)
    {
        // Of ML-KEM every ciphertext is a value, and a key of zeros is a key.
        if (method is Ke.MlKem512 or Ke.MlKem768 or Ke.MlKem1024) return;
        using var start = Crypto.Start(method);
        var own = start.PublicValue;
        Assert.Null(start.Finish(new byte[own.Length]));
        Assert.Null(Crypto.Respond(method, new byte[own.Length]));
        // Ones: beyond the field's prime and beyond the modulus, but a valid u-coordinate of a Montgomery curve.
        if (method is not (Ke.Curve25519 or Ke.Curve448)) Assert.Null(start.Finish([.. Enumerable.Repeat((byte)255, own.Length)]));
    }

    /// <summary>The functions of the provider: what one exchange leaves, or a refused one, must not show in the next, on any thread.</summary>
    [Fact]
    public void The_provider_of_curve25519_does_not_mix_exchanges()
    {
        Assert.NotNull(Curve25519Responder.Instance); // OpenSSL 3 has them
        Assert.All(Enumerable.Range(0, 8).AsParallel().Select(_ =>
        {
            var seen = new HashSet<string>();
            for (var i = 0; i < 20; i++)
            {
                using var peer = Crypto.Start(Ke.Curve25519);
                var first = Crypto.Respond(Ke.Curve25519, peer.PublicValue)!;
                Assert.Null(Crypto.Respond(Ke.Curve25519, new byte[32]));
                var second = Crypto.Respond(Ke.Curve25519, peer.PublicValue)!;
                Assert.Equal(first.SharedSecret, peer.Finish(first.PublicValue));
                Assert.Equal(second.SharedSecret, peer.Finish(second.PublicValue));
                seen.Add(Convert.ToHexString(first.PublicValue));
                seen.Add(Convert.ToHexString(second.PublicValue));
            }
            return seen.Count;
        }).ToArray(), n => Assert.Equal(40, n));
    }

    public static TheoryData<ushort> Curves() => [.. Transforms.All.Where(a => a is { Type: TransformType.KeyExchange, Id: { } id } && EcGroup.For(id) is not null).Select(a => a.Id!.Value)];

    [Theory, MemberData(nameof(Curves))]
    public void Points_off_the_curve_are_refused(ushort method)
    {
        using var start = Crypto.Start(method);
        using var peer = Crypto.Start(method);
        var point = peer.PublicValue.ToArray();
        for (var at = 0; at < point.Length; at += 7)
        {
            point[at] ^= 1;
            Assert.Null(start.Finish(point));
            point[at] ^= 1;
        }
        Assert.NotNull(start.Finish(point));
    }

    [Theory, InlineData(Ke.Modp768, 768, 149686), InlineData(Ke.Modp1024, 1024, 129093), InlineData(Ke.Modp1536, 1536, 741804)]
    [InlineData(Ke.Modp2048, 2048, 124476), InlineData(Ke.Modp3072, 3072, 1690314), InlineData(Ke.Modp4096, 4096, 240904)]
    [InlineData(Ke.Modp6144, 6144, 929484), InlineData(Ke.Modp8192, 8192, 4743158)]
    public void Modp_primes_are_those_of_the_rfcs_and_their_edges_are_refused(ushort method, int bits, int k)
    {
        // RFC 2409, RFC 3526: p = 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + k)
        var expected = BigInteger.Pow(2, bits) - BigInteger.Pow(2, bits - 64) - 1 + BigInteger.Pow(2, 64) * (Pi(bits - 130) + k);
        Assert.Equal(expected, new BigInteger(ModpGroup.For(method)!.Prime(), isUnsigned: true, isBigEndian: true));

        using var start = Crypto.Start(method);
        foreach (var value in (BigInteger[])[0, 1, expected - 1, expected, expected + 1, expected + 2]) Assert.Null(start.Finish(Fixed(value, bits / 8)));
        foreach (var value in (BigInteger[])[2, expected - 2]) Assert.NotNull(start.Finish(Fixed(value, bits / 8)));
    }

    // CVE-2016-0701 class: a value outside the subgroup would tell the exponent modulo a small factor of p - 1.
    [Theory, InlineData(Ke.Modp1024s160), InlineData(Ke.Modp2048s224), InlineData(Ke.Modp2048s256)]
    public void Values_outside_the_subgroup_are_refused(ushort method)
    {
        var prime = new BigInteger(ModpGroup.For(method)!.Prime(), isUnsigned: true, isBigEndian: true);
        using var start = Crypto.Start(method);
        using var peer = Crypto.Start(method);
        var length = start.PublicValue.Length;
        var good = new BigInteger(peer.PublicValue, isUnsigned: true, isBigEndian: true);
        Assert.NotNull(start.Finish(Fixed(good, length)));
        Assert.NotNull(start.Finish(Fixed(good * good % prime, length)));
        // -1 has order 2: its product with a good value has twice the order.
        foreach (var value in (BigInteger[])[0, 1, prime - 1, prime, prime + 1, 2, prime - good, good + 1]) Assert.Null(start.Finish(Fixed(value, length)));
        Assert.Null(Crypto.Respond(method, Fixed(prime - good, length)));
    }

    [Theory, InlineData(Ke.Modp2048), InlineData(Ke.Ecp521)]
    public void Secrets_keep_their_leading_zeros(ushort method)
    {
        // The exponent 1 gives the peer's value back: 2 with zeros in front, or x of the point.
        using var one = SystemCrypto.Make(method, [1]);
        using var generator = SystemCrypto.Make(method, [1]);
        var expected = method == Ke.Modp2048 ? generator.PublicValue : generator.PublicValue[..66];
        Assert.Equal(0, expected[0]);
        Assert.Equal(expected, one.Finish(generator.PublicValue));
    }

    [Fact]
    public void A_disposed_start_cannot_finish()
    {
        foreach (var method in (ushort[])[Ke.Ecp256, Ke.Modp2048, Ke.Curve25519, Ke.MlKem512])
        {
            var start = Crypto.Start(method);
            start.Dispose();
            Assert.Throws<ObjectDisposedException>(() => start.Finish(start.PublicValue));
        }
    }

    static byte[] Fixed(BigInteger value, int length)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[length - bytes.Length], .. bytes];
    }

    // [2^bits * pi] by Machin's formula.
    static BigInteger Pi(int bits)
    {
        var guard = bits + 64;
        return 4 * (4 * ArcCot(5) - ArcCot(239)) >> 64;

        BigInteger ArcCot(int x)
        {
            var term = (BigInteger.One << guard) / x;
            var sum = term;
            for (var (n, sign) = (3, -1); !term.IsZero; n += 2, sign = -sign)
            {
                term /= x * x;
                sum += sign * (term / n);
            }
            return sum;
        }
    }
}
