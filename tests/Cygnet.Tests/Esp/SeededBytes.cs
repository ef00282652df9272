// Random bytes that a seed repeats.
using Cygnet.Crypto;

namespace Cygnet.Tests.Esp;

sealed class SeededBytes(int seed) : IRandom
{
    readonly Random _random = new(seed);

    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);

    public static byte[] Of(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
