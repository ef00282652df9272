// A VICI packet: type, name, message. Segments are the same with a length of four bytes in front.
using System.Buffers.Binary;

namespace Cygnet.Control;

/// <summary>
/// One packet. <see cref="Malformed"/> says that the message broke off: what preceded the error is there,
/// so a command that looks up single keys can go on while one that walks the message must refuse.
/// </summary>
public sealed record ViciPacket(ViciPacketType Type, string Name, ViciSection Message, bool Malformed = false)
{
    public ViciPacket(ViciPacketType type, string name = "") : this(type, name, new ViciSection()) { }

    public static ViciPacket Request(string command, ViciSection? message = null) => new(ViciPacketType.CommandRequest, command, message ?? new());

    public static ViciPacket Response(ViciSection message) => new(ViciPacketType.CommandResponse, "", message);

    public static ViciPacket Event(string name, ViciSection message) => new(ViciPacketType.Event, name, message);

    /// <summary>Reads the content of a segment, without its length. False for an empty one, an unknown type, or a broken name.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out ViciPacket packet)
    {
        packet = new(ViciPacketType.CommandUnknown);
        if (body.IsEmpty || body[0] > (byte)ViciPacketType.Event) return false;
        var type = (ViciPacketType)body[0];
        body = body[1..];
        var name = "";
        if (IsNamed(type) && !Vici.TryName(ref body, out name)) return false;
        var message = new ViciSection();
        var ok = !HasMessage(type) || Vici.TryDecode(body, message);
        packet = new(type, name, message, !ok);
        return true;
    }

    /// <summary>The segment, its length of four bytes included; null with the reason if a limit of the protocol forbids it.</summary>
    public byte[]? ToSegment(out string? reason)
    {
        reason = null;
        var buffer = new MemoryStream(LengthOfHead + Name.Length + Vici.LengthOf(Message));
        buffer.Write([0, 0, 0, 0, (byte)Type]);
        if (IsNamed(Type) && !Vici.WriteName(buffer, Name, ref reason)) return null;
        if (HasMessage(Type) && !Vici.Encode(Message, buffer, ref reason)) return null;
        var segment = buffer.Capacity == buffer.Length ? buffer.GetBuffer() : buffer.ToArray();
        if (segment.Length - Vici.LengthBytes > Vici.MaxSegment)
        {
            reason = $"message of {segment.Length - Vici.LengthBytes} bytes exceeds the limit of {Vici.MaxSegment}";
            return null;
        }
        BinaryPrimitives.WriteInt32BigEndian(segment, segment.Length - Vici.LengthBytes);
        return segment;
    }

    /// <summary>The segment's length, the type, the length of the name.</summary>
    const int LengthOfHead = Vici.LengthBytes + 2;

    static bool IsNamed(ViciPacketType type) =>
        type is ViciPacketType.CommandRequest or ViciPacketType.EventRegister or ViciPacketType.EventUnregister or ViciPacketType.Event;

    static bool HasMessage(ViciPacketType type) => type is ViciPacketType.CommandRequest or ViciPacketType.CommandResponse or ViciPacketType.Event;
}
