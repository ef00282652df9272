// Writes a message of EAP-SIM or EAP-AKA. RFC 4186 8 and 9, RFC 4187 8 and 9.
using Cygnet.Wire;

namespace Cygnet.Eap.Sim;

sealed class SimWriter
{
    const int MacBytes = 16, Unit = 4;

    readonly WireWriter _w = new(128);
    readonly int _length;

    SimWriter(byte code, byte id, EapType type, byte subtype)
    {
        _w.U8(code);
        _w.U8(id);
        _length = _w.BeginLength16();
        _w.U8((byte)type.Type);
        _w.U8(subtype);
        _w.U16(0);
    }

    public static SimWriter Request(byte id, EapType type, byte subtype) => new(EapCode.Request, id, type, subtype);

    public static SimWriter Response(EapPacket request, byte subtype) => new(EapCode.Response, request.Id, request.Type, subtype);

    /// <summary>An attribute of two bytes; zero for those without a value.</summary>
    public SimWriter Number(byte type, ushort value = 0)
    {
        _w.U8(type);
        _w.U8(1);
        _w.U16(value);
        return this;
    }

    /// <summary>A value behind two reserved bytes; its length is a multiple of four.</summary>
    public SimWriter Fixed(byte type, ReadOnlySpan<byte> value)
    {
        _w.U8(type);
        _w.U8((byte)(1 + value.Length / Unit));
        _w.U16(0);
        _w.Bytes(value);
        return this;
    }

    public SimWriter Counted(byte type, ReadOnlySpan<byte> value, bool inBits = false)
    {
        var padding = (Unit - value.Length % Unit) % Unit;
        _w.U8(type);
        _w.U8((byte)(1 + (value.Length + padding) / Unit));
        _w.U16((ushort)(inBits ? value.Length * 8 : value.Length));
        _w.Bytes(value);
        _w.Zeros(padding);
        return this;
    }

    public SimWriter Auts(ReadOnlySpan<byte> auts)
    {
        _w.U8(At.Auts);
        _w.U8((byte)((2 + auts.Length) / Unit));
        _w.Bytes(auts);
        return this;
    }

    public byte[] ToPacket()
    {
        _w.EndLength16(_length, 0);
        return _w.ToArray();
    }

    /// <summary>With AT_MAC over the packet and <paramref name="extra"/>.</summary>
    public byte[] ToPacket(SimKeys keys, ReadOnlySpan<byte> extra)
    {
        Fixed(At.Mac, stackalloc byte[MacBytes]);
        var packet = ToPacket();
        keys.Mac([.. packet, .. extra]).CopyTo(packet, packet.Length - MacBytes);
        return packet;
    }
}
