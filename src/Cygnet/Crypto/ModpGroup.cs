// The MODP groups 14 to 18: safe primes with generator 2. RFC 3526.
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>A group's numbers inside libcrypto, which only reads them; kept for the life of the process.</summary>
sealed unsafe class ModpGroup
{
    // Exponents have the larger of the two lengths that RFC 3526 8 estimates: twice the strength that the group itself is thought to have.
    static readonly Lazy<ModpGroup>
        Group14 = new(() => new(BN_get_rfc3526_prime_2048(0), 2048, 320)),
        Group15 = new(() => new(BN_get_rfc3526_prime_3072(0), 3072, 420)),
        Group16 = new(() => new(BN_get_rfc3526_prime_4096(0), 4096, 480)),
        Group17 = new(() => new(BN_get_rfc3526_prime_6144(0), 6144, 540)),
        Group18 = new(() => new(BN_get_rfc3526_prime_8192(0), 8192, 620));

    readonly nint _prime, _montgomery;
    readonly int _bytes;

    ModpGroup(nint prime, int bits, int exponentBits)
    {
        (_prime, _bytes, ExponentBits, Generator, One, Last, _montgomery) = (prime, bits / 8, exponentBits, BN_new(), BN_new(), BN_dup(prime), BN_MONT_CTX_new());
        var ctx = BN_CTX_new();
        var isMade = BN_set_word(Generator, 2) > 0 && BN_set_word(One, 1) > 0 && BN_sub_word(Last, 1) > 0 && BN_MONT_CTX_set(_montgomery, prime, ctx) > 0;
        BN_CTX_free(ctx);
        if (!isMade) throw new CryptographicException("libcrypto: no MODP group");
    }

    public static ModpGroup For(ushort method) => method switch
    {
        Ke.Modp2048 => Group14.Value,
        Ke.Modp3072 => Group15.Value,
        Ke.Modp4096 => Group16.Value,
        Ke.Modp6144 => Group17.Value,
        _ => Group18.Value,
    };

    public int ExponentBits { get; }

    public nint Generator { get; }

    public nint One { get; }

    /// <summary>p - 1.</summary>
    public nint Last { get; }

    public byte[] Prime()
    {
        var bytes = new byte[_bytes];
        fixed (byte* b = bytes) BN_bn2binpad(_prime, b, _bytes);
        return bytes;
    }

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
}
