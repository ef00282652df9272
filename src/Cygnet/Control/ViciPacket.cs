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

    /// <summary>The content of the segment that it was read from, where somebody may want to read it again; else empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

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
        var segment = new byte[LengthOfHead + (IsNamed(Type) ? 1 + Name.Length : 0) + (HasMessage(Type) ? Vici.LengthOf(Message) : 0)];
        if (segment.Length - Vici.LengthBytes > Vici.MaxSegment)
        {
            reason = TooLong(segment);
            return null;
        }
        segment[Vici.LengthBytes] = (byte)Type;
        var to = segment.AsSpan(IsNamed(Type) ? Vici.LengthBytes : LengthOfHead);
        if (IsNamed(Type) && !Vici.TryWriteName(ref to, (byte)Type, Name, ref reason)) return null;
        if (HasMessage(Type) && !Vici.TryWrite(Message, ref to, ref reason)) return null;
        BinaryPrimitives.WriteInt32BigEndian(segment, segment.Length - Vici.LengthBytes);
        return segment;
    }

    /// <summary>The segment of an event whose message has been written already; null with the reason as of <see cref="ToSegment"/>.</summary>
    public static byte[]? EventSegment(string name, ViciWriter message, out string? reason)
    {
        reason = message.Failure;
        if (reason is not null) return null;
        var segment = new byte[LengthOfHead + 1 + name.Length + message.Length];
        if (segment.Length - Vici.LengthBytes > Vici.MaxSegment)
        {
            reason = TooLong(segment);
            return null;
        }
        var to = segment.AsSpan(Vici.LengthBytes);
        if (!Vici.TryWriteName(ref to, (byte)ViciPacketType.Event, name, ref reason)) return null;
        message.Written.CopyTo(to);
        BinaryPrimitives.WriteInt32BigEndian(segment, segment.Length - Vici.LengthBytes);
        return segment;
    }

    static string TooLong(byte[] segment) => $"message of {segment.Length - Vici.LengthBytes} bytes exceeds the limit of {Vici.MaxSegment}";

    /// <summary>The segment's length, the type.</summary>
    const int LengthOfHead = Vici.LengthBytes + 1;

    static bool IsNamed(ViciPacketType type) =>
        type is ViciPacketType.CommandRequest or ViciPacketType.EventRegister or ViciPacketType.EventUnregister or ViciPacketType.Event;

    static bool HasMessage(ViciPacketType type) => type is ViciPacketType.CommandRequest or ViciPacketType.CommandResponse or ViciPacketType.Event;
}
