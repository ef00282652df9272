// A netlink message under construction. RFC 3549 2; netlink(7).
using Cygnet.Policy;

namespace Cygnet.Linux.Netlink;

/// <summary>Header, fixed part and attributes; numbers in host order, everything aligned to 4 bytes.</summary>
sealed class NetlinkMessage
{
    internal const int HeaderBytes = 16;

    byte[] _bytes = new byte[256];
    int _length = HeaderBytes;

    internal NetlinkMessage(ushort type, int flags)
    {
        BitConverter.TryWriteBytes(_bytes.AsSpan(4), type);
        BitConverter.TryWriteBytes(_bytes.AsSpan(6), (ushort)(flags | NetlinkFlag.Request));
    }

    /// <summary>Appends zeroed room for the fixed part.</summary>
    internal Span<byte> Fixed(int length) => Room(length);

    Span<byte> Room(int length)
    {
        var padded = (length + 3) & ~3;
        if (_length + padded > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + padded));
        var room = _bytes.AsSpan(_length, length);
        _length += padded;
        return room;
    }

    internal void Add(ushort attribute, ReadOnlySpan<byte> value)
    {
        var room = Room(4 + value.Length);
        BitConverter.TryWriteBytes(room, (ushort)room.Length);
        BitConverter.TryWriteBytes(room[2..], attribute);
        value.CopyTo(room[4..]);
    }

    internal void Add(ushort attribute, uint value) => Add(attribute, BitConverter.GetBytes(value));

    internal void Add(ushort attribute, Address value) => Add(attribute, value.ToBytes());

    /// <summary>The bytes to send, with length and sequence number filled in.</summary>
    internal ReadOnlySpan<byte> Finish(uint sequence)
    {
        BitConverter.TryWriteBytes(_bytes.AsSpan(), _length);
        BitConverter.TryWriteBytes(_bytes.AsSpan(8), sequence);
        return _bytes.AsSpan(0, _length);
    }
}
