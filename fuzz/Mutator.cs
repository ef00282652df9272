// Makes new inputs of old ones: flips, cuts, doublings, splices, length fields, words of a dictionary. One seed replays all.
using System.Buffers.Binary;

namespace Cygnet.Fuzz;

sealed class Mutator(int seed, IReadOnlyList<byte[]> dictionary)
{
    const int MostBytes = 65_000;

    static readonly uint[] _lengths = [0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 28, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

    readonly Random _random = new(seed);

    public byte[] Next(IReadOnlyList<byte[]> corpus)
    {
        List<byte> input = [.. corpus[_random.Next(corpus.Count)]];
        for (var n = 1 << _random.Next(5); n > 0; n--) Change(input, corpus);
        if (input.Count > MostBytes) input.RemoveRange(MostBytes, input.Count - MostBytes);
        return [.. input];
    }

    void Change(List<byte> input, IReadOnlyList<byte[]> corpus)
    {
        var at = _random.Next(input.Count + 1);
        var left = input.Count - at;
        switch (_random.Next(11))
        {
            case 0 when left > 0: input[at] ^= (byte)(1 << _random.Next(8)); break;
            case 1 when left > 0: input[at] = (byte)_random.Next(256); break;
            case 2 when left > 0: input[at] = _random.Next(3) switch { 0 => 0, 1 => 255, _ => (byte)(input[at] + (_random.Next(2) == 0 ? 1 : -1)) }; break;
            case 3: input.RemoveRange(at, Math.Min(left, _random.Next(1, 40))); break;
            case 4: if (_random.Next(4) == 0) input.RemoveRange(at, left); break;
            case 5: input.InsertRange(at, input.GetRange(at, Math.Min(left, _random.Next(1, 200)))); break;
            case 6:
                var other = corpus[_random.Next(corpus.Count)];
                var from = _random.Next(other.Length + 1);
                input.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, _random.Next(1, 300))).ToArray());
                break;
            case 7 when left >= 2: Put(input, at, 2); break;
            case 8 when left >= 4: Put(input, at, 4); break;
            case 9 when dictionary.Count > 0: input.InsertRange(at, dictionary[_random.Next(dictionary.Count)]); break;
            case 10: input.InsertRange(at, Enumerable.Repeat((byte)_random.Next(256), _random.Next(16) == 0 ? _random.Next(5000) : _random.Next(1, 12))); break;
        }
    }

    void Put(List<byte> input, int at, int size)
    {
        Span<byte> bytes = stackalloc byte[4];
        var value = _random.Next(3) == 0 ? (uint)(input.Count - at + _random.Next(-4, 5)) : _lengths[_random.Next(_lengths.Length)];
        if (_random.Next(4) == 0) BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        else BinaryPrimitives.WriteUInt32BigEndian(bytes, size == 2 ? value << 16 : value);
        for (var i = 0; i < size; i++) input[at + i] = bytes[i];
    }
}
