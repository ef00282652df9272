// The MODP groups: safe primes with generator 2 (RFC 2409 6, RFC 3526), and subgroups of prime order (RFC 5114 2).
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>A group's numbers inside libcrypto, which only reads them; kept for the life of the process.</summary>
sealed unsafe class ModpGroup
{
    // Exponents have the larger of the two lengths that RFC 3526 8 estimates: twice the strength that the group itself is thought to have.
    // The two that RFC 3526 leaves out take what it says of the next larger one.
    static readonly Lazy<ModpGroup>
        Group1 = new(() => new(BN_get_rfc2409_prime_768(0), 768, 240)),
        Group2 = new(() => new(BN_get_rfc2409_prime_1024(0), 1024, 240)),
        Group5 = new(() => new(BN_get_rfc3526_prime_1536(0), 1536, 240)),
        Group14 = new(() => new(BN_get_rfc3526_prime_2048(0), 2048, 320)),
        Group15 = new(() => new(BN_get_rfc3526_prime_3072(0), 3072, 420)),
        Group16 = new(() => new(BN_get_rfc3526_prime_4096(0), 4096, 480)),
        Group17 = new(() => new(BN_get_rfc3526_prime_6144(0), 6144, 540)),
        Group18 = new(() => new(BN_get_rfc3526_prime_8192(0), 8192, 620)),
        Group22 = new(() => OfSubgroup(DH_get_1024_160(), 1024)),
        Group23 = new(() => OfSubgroup(DH_get_2048_224(), 2048)),
        Group24 = new(() => OfSubgroup(DH_get_2048_256(), 2048));

    readonly nint _prime, _order, _generator, _montgomery;
    readonly int _bytes, _exponentBits;

    ModpGroup(nint prime, int bits, int exponentBits) : this(prime, Word(2), 0, bits, exponentBits)
    {
    }

    ModpGroup(nint prime, nint generator, nint order, int bits, int exponentBits)
    {
        (_prime, _bytes, _exponentBits, _generator, _order, One, Last, _montgomery) =
            (prime, bits / 8, exponentBits, generator, order, Word(1), BN_dup(prime), BN_MONT_CTX_new());
        var ctx = BN_CTX_new();
        var isMade = BN_sub_word(Last, 1) > 0 && BN_MONT_CTX_set(_montgomery, prime, ctx) > 0;
        BN_CTX_free(ctx);
        if (!isMade) throw new CryptographicException("libcrypto: no MODP group");
    }

    /// <summary>Null for a method that is no MODP group.</summary>
    public static ModpGroup? For(ushort method) => method switch
    {
        Ke.Modp768 => Group1.Value,
        Ke.Modp1024 => Group2.Value,
        Ke.Modp1536 => Group5.Value,
        Ke.Modp2048 => Group14.Value,
        Ke.Modp3072 => Group15.Value,
        Ke.Modp4096 => Group16.Value,
        Ke.Modp6144 => Group17.Value,
        Ke.Modp8192 => Group18.Value,
        Ke.Modp1024s160 => Group22.Value,
        Ke.Modp2048s224 => Group23.Value,
        Ke.Modp2048s256 => Group24.Value,
        _ => null,
    };

    public nint One { get; }

    /// <summary>p - 1.</summary>
    public nint Last { get; }

    /// <summary>A fresh exponent, whose owner frees it. Its top bit is set: it always has the advised length; in a subgroup it is anything below the order.</summary>
    public nint NewExponent()
    {
        var exponent = BN_new();
        if (exponent == 0 || (_order == 0 ? BN_priv_rand(exponent, _exponentBits, top: 0, bottom: 0) : BN_priv_rand_range(exponent, _order)) <= 0)
            throw new CryptographicException("libcrypto: no random number");
        return exponent;
    }

    /// <summary>
    /// Whether a value may be computed with: of a safe prime only 0, 1 and p - 1 are bad; where there is a subgroup it must lie in that. RFC 6989 2.1, 2.2.
    /// </summary>
    public bool Contains(nint value)
    {
        if (BN_cmp(value, One) <= 0 || BN_cmp(value, Last) >= 0) return false;
        if (_order == 0) return true;
        var (result, ctx) = (BN_new(), BN_CTX_new());
        try
        {
            return BN_mod_exp_mont(result, value, _order, _prime, ctx, _montgomery) > 0 && BN_cmp(result, One) == 0;
        }
        finally
        {
            BN_clear_free(result);
            BN_CTX_free(ctx);
        }
    }

    public byte[] Prime()
    {
        var bytes = new byte[_bytes];
        fixed (byte* b = bytes) BN_bn2binpad(_prime, b, _bytes);
        return bytes;
    }

    /// <summary>generator ^ exponent mod p.</summary>
    public byte[] Power(nint exponent) => Power(_generator, exponent);

    /// <summary>value ^ exponent mod p in constant time, as long as the modulus.</summary>
    public byte[] Power(nint value, nint exponent)
    {
        var (result, ctx) = (BN_new(), BN_CTX_new());
        try
        {
            var bytes = new byte[_bytes];
            fixed (byte* b = bytes)
            {
                if (result == 0 || ctx == 0 || BN_mod_exp_mont_consttime(result, value, exponent, _prime, ctx, _montgomery) <= 0
                    || BN_bn2binpad(result, b, _bytes) != _bytes) throw new CryptographicException("libcrypto: exponentiation failed");
            }
            return bytes;
        }
        finally
        {
            BN_clear_free(result);
            BN_CTX_free(ctx);
        }
    }

    // The DH object stays: it owns the numbers.
    static ModpGroup OfSubgroup(nint dh, int bits)
    {
        if (dh == 0) throw new CryptographicException("libcrypto: no MODP group");
        nint prime, order, generator;
        DH_get0_pqg(dh, &prime, &order, &generator);
        return new(prime, generator, order, bits, 0);
    }

    static nint Word(ulong value)
    {
        var number = BN_new();
        return BN_set_word(number, value) > 0 ? number : throw new CryptographicException("libcrypto: no number");
    }
}
