// Reads big-endian fields from received bytes. Every read is checked against what is left; nothing throws.
using System.Buffers.Binary;

namespace Cygnet.Wire;

/// <summary>
/// A bounded cursor over received bytes. The first read past the end makes it fail for good: from then on every read gives zero or nothing,
/// so that a parser may read all fields and ask once.
/// </summary>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _left = bytes;

    /// <summary>Whether some read went past the end, or <see cref="Fail"/> was called.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bytes left.</summary>
    public readonly int Left => _left.Length;

    public readonly bool AtEnd => _left.IsEmpty;

    public void Fail()
    {
        Failed = true;
        _left = [];
    }

    public byte U8() => Take(1) is { Length: 1 } b ? b[0] : (byte)0;

    public ushort U16() => Take(2) is { Length: 2 } b ? BinaryPrimitives.ReadUInt16BigEndian(b) : (ushort)0;

    public uint U32() => Take(4) is { Length: 4 } b ? BinaryPrimitives.ReadUInt32BigEndian(b) : 0;

    public ulong U64() => Take(8) is { Length: 8 } b ? BinaryPrimitives.ReadUInt64BigEndian(b) : 0;

    public UInt128 U128() => Take(16) is { Length: 16 } b ? BinaryPrimitives.ReadUInt128BigEndian(b) : 0;

    public void Skip(int count) => Take(count);

    public ReadOnlySpan<byte> Bytes(int count) => Take(count);

    /// <summary>All that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Take(_left.Length);

    /// <summary>A reader of the next bytes alone; it is failed already if there are not that many.</summary>
    public WireReader Sub(int count)
    {
        var child = new WireReader(Take(count));
        if (Failed) child.Fail();
        return child;
    }

    ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _left.Length)
        {
            Fail();
            return [];
        }
        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
