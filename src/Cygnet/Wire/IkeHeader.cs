// The fixed header of every IKE message, 28 bytes. RFC 7296 3.1.
namespace Cygnet.Wire;

/// <summary>Header of an IKE message. When encoding a message, NextPayload and Length are set from its payloads.</summary>
public readonly record struct IkeHeader(
    ulong InitiatorSpi, ulong ResponderSpi, PayloadType NextPayload, byte Version, ExchangeType Exchange, HeaderFlags Flags, uint MessageId, uint Length)
{
    /// <summary>Length of the header, bytes.</summary>
    public const int Bytes = 28;

    /// <summary>Version 2.0.</summary>
    public const byte Version2 = 0x20;

    /// <summary>A header to encode a message with.</summary>
    public IkeHeader(ulong initiatorSpi, ulong responderSpi, ExchangeType exchange, HeaderFlags flags, uint messageId)
        : this(initiatorSpi, responderSpi, PayloadType.None, Version2, exchange, flags, messageId, 0) { }

    public int MajorVersion => Version >> 4;
    public bool IsResponse => (Flags & HeaderFlags.Response) != 0;
    public bool IsRequest => !IsResponse;

    /// <summary>Whether the sender is the original initiator of the IKE SA.</summary>
    public bool FromInitiator => (Flags & HeaderFlags.Initiator) != 0;

    /// <summary>
    /// Reads the header; false only if there are fewer than 28 bytes. Whether <see cref="Length"/> and version hold is for
    /// <see cref="Message.TryParse"/>, so that a message of another major version can be answered.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out IkeHeader header)
    {
        var r = new WireReader(datagram);
        header = new(r.U64(), r.U64(), (PayloadType)r.U8(), r.U8(), (ExchangeType)r.U8(), (HeaderFlags)r.U8(), r.U32(), r.U32());
        return !r.Failed;
    }

    public void Write(WireWriter to)
    {
        to.U64(InitiatorSpi);
        to.U64(ResponderSpi);
        to.U8((byte)NextPayload);
        to.U8(Version);
        to.U8((byte)Exchange);
        to.U8((byte)Flags);
        to.U32(MessageId);
        to.U32(Length);
    }
}
