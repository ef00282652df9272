// The number-theoretic transform of ML-KEM and arithmetic modulo q = 3329. FIPS 203 4.3.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cygnet.Crypto.MlKem;

/// <summary>
/// Polynomials are 256 ints. Products are reduced after Montgomery with R = 2^16: <see cref="Reduce(int)"/> of a product is smaller than q in
/// magnitude and has the factor 1/R, which a constant of the other side takes away. Nothing branches or indexes by a coefficient.
/// </summary>
static class Ntt
{
    public const int Q = 3329, Coefficients = 256;

    // 1/q, R^2 and R^2/128, all modulo their modulus.
    const int QInverse = -3327, MontgomerySquare = 1353, InverseScale = 1441;

    // The smallest distance between partners that fills a vector.
    const int Lanes = 8;

    // 17^BitRev7(i) R mod q, centered. FIPS 203 appendix A has them without R.
    static readonly int[] Zetas = MakeZetas();

    /// <summary>Algorithm 9, in place. Input below q in magnitude; output reduced.</summary>
    public static void Forward(Span<int> f)
    {
        ref var start = ref MemoryMarshal.GetReference(f[..Coefficients]);
        var i = 1;
        for (var length = 128; length >= Lanes; length /= 2)
        {
            for (var at = 0; at < Coefficients; at += 2 * length)
            {
                var zeta = Vector256.Create(Zetas[i++]);
                for (var j = at; j < at + length; j += Lanes)
                {
                    var (low, high) = (Vector256.LoadUnsafe(ref start, (nuint)j), Vector256.LoadUnsafe(ref start, (nuint)(j + length)));
                    var t = Reduce(zeta * high);
                    (low - t).StoreUnsafe(ref start, (nuint)(j + length));
                    (low + t).StoreUnsafe(ref start, (nuint)j);
                }
            }
        }
        for (var length = Lanes / 2; length >= 2; length /= 2)
        {
            for (var at = 0; at < Coefficients; at += 2 * length)
            {
                var zeta = Zetas[i++];
                for (var j = at; j < at + length; j++)
                {
                    var t = Reduce(zeta * f[j + length]);
                    f[j + length] = f[j] - t;
                    f[j] += t;
                }
            }
        }
        Shrink(f);
    }

    /// <summary>Algorithm 10, in place; takes the factor 1/R of <see cref="MultiplyAdd"/> away. Output below q in magnitude.</summary>
    public static void Inverse(Span<int> f)
    {
        ref var start = ref MemoryMarshal.GetReference(f[..Coefficients]);
        var i = 127;
        for (var length = 2; length < Lanes; length *= 2)
        {
            for (var at = 0; at < Coefficients; at += 2 * length)
            {
                var zeta = Zetas[i--];
                for (var j = at; j < at + length; j++)
                {
                    var (low, high) = (f[j], f[j + length]);
                    f[j] = Shrink(low + high);
                    f[j + length] = Reduce(zeta * (high - low));
                }
            }
        }
        for (var length = Lanes; length <= 128; length *= 2)
        {
            for (var at = 0; at < Coefficients; at += 2 * length)
            {
                var zeta = Vector256.Create(Zetas[i--]);
                for (var j = at; j < at + length; j += Lanes)
                {
                    var (low, high) = (Vector256.LoadUnsafe(ref start, (nuint)j), Vector256.LoadUnsafe(ref start, (nuint)(j + length)));
                    Shrink(low + high).StoreUnsafe(ref start, (nuint)j);
                    Reduce(zeta * (high - low)).StoreUnsafe(ref start, (nuint)(j + length));
                }
            }
        }
        Multiply(f, InverseScale);
    }

    /// <summary>
    /// Adds the products of Algorithm 12 to <paramref name="sum"/>, unreduced: four pairs of factors below q leave room.
    /// </summary>
    public static void MultiplyAdd(Span<int> sum, ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        sum = sum[..Coefficients];
        a = a[..Coefficients];
        b = b[..Coefficients];
        for (var i = 0; i < Coefficients; i += 4)
        {
            // Two pairs share a zeta but for its sign.
            var zeta = Zetas[64 + i / 4];
            sum[i] += a[i] * b[i] + a[i + 1] * Reduce(b[i + 1] * zeta);
            sum[i + 1] += a[i] * b[i + 1] + a[i + 1] * b[i];
            sum[i + 2] += a[i + 2] * b[i + 2] - a[i + 3] * Reduce(b[i + 3] * zeta);
            sum[i + 3] += a[i + 2] * b[i + 3] + a[i + 3] * b[i + 2];
        }
    }

    /// <summary>Reduces sums of products; they then have the factor 1/R.</summary>
    public static void Reduce(Span<int> f)
    {
        ref var start = ref MemoryMarshal.GetReference(f[..Coefficients]);
        for (var j = 0; j < Coefficients; j += Lanes) Reduce(Vector256.LoadUnsafe(ref start, (nuint)j)).StoreUnsafe(ref start, (nuint)j);
    }

    /// <summary>Takes the factor 1/R away where no <see cref="Inverse"/> follows.</summary>
    public static void Normalize(Span<int> f) => Multiply(f, MontgomerySquare);

    public static void Add(Span<int> f, ReadOnlySpan<int> g)
    {
        ref var start = ref MemoryMarshal.GetReference(f[..Coefficients]);
        ref var other = ref MemoryMarshal.GetReference(g[..Coefficients]);
        for (var j = 0; j < Coefficients; j += Lanes)
            (Vector256.LoadUnsafe(ref start, (nuint)j) + Vector256.LoadUnsafe(ref other, (nuint)j)).StoreUnsafe(ref start, (nuint)j);
    }

    public static void Subtract(Span<int> f, ReadOnlySpan<int> g)
    {
        ref var start = ref MemoryMarshal.GetReference(f[..Coefficients]);
        ref var other = ref MemoryMarshal.GetReference(g[..Coefficients]);
        for (var j = 0; j < Coefficients; j += Lanes)
            (Vector256.LoadUnsafe(ref start, (nuint)j) - Vector256.LoadUnsafe(ref other, (nuint)j)).StoreUnsafe(ref start, (nuint)j);
    }

    /// <summary>Brings coefficients below 2^16 in magnitude into 0 to q-1.</summary>
    public static void Canonicalize(Span<int> f)
    {
        ref var start = ref MemoryMarshal.GetReference(f[..Coefficients]);
        for (var j = 0; j < Coefficients; j += Lanes)
        {
            var centered = Shrink(Vector256.LoadUnsafe(ref start, (nuint)j));
            (centered + ((centered >> 31) & Vector256.Create(Q))).StoreUnsafe(ref start, (nuint)j);
        }
    }

    static void Multiply(Span<int> f, int factor)
    {
        ref var start = ref MemoryMarshal.GetReference(f[..Coefficients]);
        for (var j = 0; j < Coefficients; j += Lanes)
            Reduce(Vector256.LoadUnsafe(ref start, (nuint)j) * factor).StoreUnsafe(ref start, (nuint)j);
    }

    static void Shrink(Span<int> f)
    {
        ref var start = ref MemoryMarshal.GetReference(f[..Coefficients]);
        for (var j = 0; j < Coefficients; j += Lanes) Shrink(Vector256.LoadUnsafe(ref start, (nuint)j)).StoreUnsafe(ref start, (nuint)j);
    }

    // Montgomery: |a| < q 2^15 gives a/R mod q, below q in magnitude.
    static int Reduce(int a) => a - (short)(a * QInverse) * Q >> 16;

    static Vector256<int> Reduce(Vector256<int> a) => a - (a * QInverse << 16 >> 16) * Q >> 16;

    // Barrett: |a| < 2^16 gives the representative nearest to 0. 20159 = round(2^26 / q).
    static int Shrink(int a) => a - (a * 20159 + (1 << 25) >> 26) * Q;

    static Vector256<int> Shrink(Vector256<int> a) => a - (a * 20159 + Vector256.Create(1 << 25) >> 26) * Q;

    static int[] MakeZetas()
    {
        var zetas = new int[128];
        for (var i = 0; i < zetas.Length; i++)
        {
            var power = (1 << 16) % Q;
            for (var bit = 0; bit < 7; bit++)
            {
                // The bit of weight 2^bit in i has weight 2^(6-bit) in BitRev7(i).
                if ((i >> bit & 1) == 0) continue;
                for (var n = 0; n < 1 << (6 - bit); n++) power = power * 17 % Q;
            }
            zetas[i] = power > Q / 2 ? power - Q : power;
        }
        return zetas;
    }
}
