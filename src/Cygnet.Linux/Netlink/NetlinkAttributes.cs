// Walks the attributes of a received netlink message. RFC 3549 2.
namespace Cygnet.Linux.Netlink;

/// <summary>Type, length, value; ends at the first one that does not fit.</summary>
ref struct NetlinkAttributes(ReadOnlySpan<byte> left)
{
    const int TypeMask = 0x3fff;
    ReadOnlySpan<byte> _left = left;

    internal ushort Type { get; private set; }
    internal ReadOnlySpan<byte> Value { get; private set; }

    internal bool Next()
    {
        if (_left.Length < 4) return false;
        int length = BitConverter.ToUInt16(_left);
        if (length < 4 || length > _left.Length) return false;
        Type = (ushort)(BitConverter.ToUInt16(_left[2..]) & TypeMask);
        Value = _left[4..length];
        _left = _left[Math.Min((length + 3) & ~3, _left.Length)..];
        return true;
    }

    internal readonly uint ValueAsUInt32 => Value.Length >= 4 ? BitConverter.ToUInt32(Value) : 0;
}
