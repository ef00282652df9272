// The randomness of a simulation: one seed, everything follows.
using Cygnet.Crypto;

namespace Cygnet.Tests.Sim;

/// <summary>xoshiro256** over a splitmix64-expanded seed: the same on every platform and runtime version.</summary>
public sealed class SeededRandom : IRandom
{
    ulong _a, _b, _c, _d;

    public SeededRandom(ulong seed)
    {
        ulong Next()
        {
            var z = seed += 0x9E3779B97F4A7C15;
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
            z = (z ^ z >> 27) * 0x94D049BB133111EB;
            return z ^ z >> 31;
        }
        (_a, _b, _c, _d) = (Next(), Next(), Next(), Next());
    }

    public ulong Next()
    {
        var result = ulong.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>0 to limit - 1.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    public void Fill(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i += 8)
        {
            var value = Next();
            for (var j = 0; j < 8 && i + j < bytes.Length; j++) bytes[i + j] = (byte)(value >> 8 * j);
        }
    }
}
