// A VICI message written straight into its encoding: for what there are thousands of, where a tree of objects would cost more than what it says.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Cygnet.Control;

/// <summary>
/// Takes what <see cref="ViciSection"/> takes, with <see cref="Begin"/> and <see cref="End"/> around a section; it can be cleared and used again. A name or a value
/// that the protocol cannot carry leaves a <see cref="Failure"/>.
/// </summary>
public sealed class ViciWriter
{
    byte[] _bytes = new byte[2048];

    /// <summary>How many bytes have been written.</summary>
    public int Length { get; private set; }

    /// <summary>Why what has been written is worth nothing; null: it is good.</summary>
    public string? Failure { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => (Length, Failure) = (0, null);

    /// <summary>A text value; null is not written at all.</summary>
    public ViciWriter Add(string key, string? value)
    {
        if (value is null) return this;
        Name(Vici.KeyValue, key);
        Text(key, value);
        return this;
    }

    public ViciWriter Add(string key, long value)
    {
        Name(Vici.KeyValue, key);
        // As many digits as a long has, and a sign.
        var room = Room(2 + 20);
        value.TryFormat(room[2..], out var written, default, CultureInfo.InvariantCulture);
        BinaryPrimitives.WriteUInt16BigEndian(room, (ushort)written);
        Length += 2 + written;
        return this;
    }

    public ViciWriter Add(string key, ulong value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    public ViciWriter Add(string key, bool value) => Add(key, value ? "yes" : "no");

    public ViciWriter AddList(string key, params ReadOnlySpan<string> items)
    {
        Name(Vici.ListStart, key);
        foreach (var item in items) Item(key, item);
        return EndList();
    }

    public ViciWriter AddList(string key, IEnumerable<string> items)
    {
        Name(Vici.ListStart, key);
        foreach (var item in items) Item(key, item);
        return EndList();
    }

    public ViciWriter AddList(string key, IEnumerable<byte[]> items)
    {
        Name(Vici.ListStart, key);
        foreach (var item in items)
        {
            Type(Vici.ListItem);
            if (item.Length > ushort.MaxValue) Failure ??= Vici.TooLong(key, item.Length);
            else
            {
                var room = Room(2 + item.Length);
                BinaryPrimitives.WriteUInt16BigEndian(room, (ushort)item.Length);
                item.CopyTo(room[2..]);
                Length += 2 + item.Length;
            }
        }
        return EndList();
    }

    /// <summary>What follows, up to <see cref="End"/>, is of a section of that name.</summary>
    public ViciWriter Begin(string section)
    {
        Name(Vici.SectionStart, section);
        return this;
    }

    public ViciWriter End()
    {
        Type(Vici.SectionEnd);
        return this;
    }

    void Item(string key, string item)
    {
        Type(Vici.ListItem);
        Text(key, item);
    }

    ViciWriter EndList()
    {
        Type(Vici.ListEnd);
        return this;
    }

    void Text(string key, string value)
    {
        var room = Room(2 + Encoding.UTF8.GetMaxByteCount(value.Length));
        var written = Encoding.UTF8.GetBytes(value, room[2..]);
        if (written > ushort.MaxValue) Failure ??= Vici.TooLong(key, written);
        BinaryPrimitives.WriteUInt16BigEndian(room, unchecked((ushort)written));
        Length += 2 + written;
    }

    void Name(byte type, string name)
    {
        var room = Room(2 + byte.MaxValue);
        var rest = room;
        string? reason = null;
        if (Vici.TryWriteName(ref rest, type, name, ref reason)) Length += room.Length - rest.Length;
        else Failure ??= reason;
    }

    void Type(byte type)
    {
        Room(1)[0] = type;
        Length++;
    }

    Span<byte> Room(int bytes)
    {
        if (_bytes.Length - Length < bytes) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + bytes));
        return _bytes.AsSpan(Length);
    }
}
