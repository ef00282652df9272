// Writes big-endian fields into a buffer that grows.
using System.Buffers.Binary;

namespace Cygnet.Wire;

/// <summary>A growing message; lengths that are known only later are patched.</summary>
public sealed class WireWriter(int capacity = 512)
{
    byte[] _buffer = new byte[capacity];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void U8(byte value) => Reserve(1)[0] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);

    public void U128(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Reserve(16), value);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void Zeros(int count) => Reserve(count).Clear();

    /// <summary>Leaves room for a length of two bytes and returns its place, for <see cref="EndLength16"/>.</summary>
    public int BeginLength16()
    {
        U16(0);
        return Length - 2;
    }

    /// <summary>Writes at <paramref name="place"/> how many bytes there are from <paramref name="start"/> to here.</summary>
    public void EndLength16(int place, int start) => PatchU16(place, checked((ushort)(Length - start)));

    public void PatchU8(int place, byte value) => _buffer[place] = value;

    public void PatchU16(int place, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(place, 2), value);

    public void PatchU32(int place, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(place, 4), value);

    public byte[] ToArray() => Written.ToArray();

    /// <summary>What was written, without a copy if the capacity was exactly that. The writer is not used any more.</summary>
    public byte[] Detach() => _buffer.Length == Length ? _buffer : ToArray();

    Span<byte> Reserve(int count)
    {
        if (_buffer.Length - Length < count) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        var room = _buffer.AsSpan(Length, count);
        Length += count;
        return room;
    }
}
