// RSA keys whose primes are safe: (p - 1) / 2 is prime too. RFC 8017 3.2; libcrypto finds the primes and does the sums.
using System.Formats.Asn1;
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>Owns the numbers while a key is made, and wipes them.</summary>
sealed unsafe class SafePrimeKey : IDisposable
{
    const uint Exponent = 65537;

    readonly List<nint> _numbers = [];
    readonly nint _ctx = BN_CTX_new();

    /// <summary>RSAPrivateKey in DER (RFC 8017 A.1.2), which the caller clears. Some seconds for 2048 bits, minutes for 4096: safe primes are rare.</summary>
    public static byte[] Make(int bits)
    {
        using var key = new SafePrimeKey();
        return key.Draw(bits);
    }

    byte[] Draw(int bits)
    {
        nint p = Prime(bits / 2), q;
        do q = Prime(bits / 2); while (BN_cmp(p, q) == 0);
        if (BN_cmp(p, q) < 0) (p, q) = (q, p);
        nint n = New(), p1 = New(), q1 = New(), order = New(), e = New(), exponent1 = New(), exponent2 = New();
        Check(BN_mul(n, p, q, _ctx));
        Check(BN_sub(p1, p, One()));
        Check(BN_sub(q1, q, One()));
        // lcm(p - 1, q - 1): they have nothing but the 2 in common.
        Check(BN_mul(order, p1, q1, _ctx));
        Check(BN_rshift1(order, order));
        Check(BN_set_word(e, Exponent));
        var d = Inverse(e, order);
        Check(BN_div(0, exponent1, d, p1, _ctx));
        Check(BN_div(0, exponent2, d, q1, _ctx));
        return Encode([n, e, d, p, q, exponent1, exponent2, Inverse(q, p)], bits / 8);
    }

    // libcrypto sets the top two bits of each, so that the product has as many bits as were asked for.
    nint Prime(int bits)
    {
        var prime = New();
        Check(BN_generate_prime_ex(prime, bits, safe: 1, 0, 0, 0));
        // Computing with it shall not tell it by the time that it takes.
        BN_set_flags(prime, ConstantTime);
        return prime;
    }

    nint Inverse(nint of, nint modulus)
    {
        var inverse = New();
        BN_set_flags(modulus, ConstantTime);
        Check(BN_mod_inverse(inverse, of, modulus, _ctx) == 0 ? 0 : 1);
        return inverse;
    }

    nint One()
    {
        var one = New();
        Check(BN_set_word(one, 1));
        return one;
    }

    nint New()
    {
        var number = BN_new();
        if (number == 0) throw new OutOfMemoryException();
        _numbers.Add(number);
        return number;
    }

    static byte[] Encode(ReadOnlySpan<nint> numbers, int length)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        Span<byte> bytes = stackalloc byte[length];
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            foreach (var number in numbers)
            {
                fixed (byte* b = bytes) Check(BN_bn2binpad(number, b, length));
                writer.WriteIntegerUnsigned(bytes.TrimStart((byte)0));
            }
        }
        bytes.Clear();
        return writer.Encode();
    }

    static void Check(int result)
    {
        if (result > 0) return;
        ERR_clear_error();
        throw new CryptographicException("libcrypto: making an RSA key of safe primes failed");
    }

    public void Dispose()
    {
        foreach (var number in _numbers) BN_clear_free(number);
        BN_CTX_free(_ctx);
    }
}
