// Notify payload. RFC 7296 3.10.
using Cygnet.Crypto;

namespace Cygnet.Wire;

/// <summary>An error or a status; protocol and SPI only where it speaks of a certain SA.</summary>
public sealed record NotifyPayload(NotifyType Notify, byte[] Data, SecurityProtocol Protocol, byte[] Spi) : Payload(PayloadType.Notify)
{
    public NotifyPayload(NotifyType notify, byte[]? data = null) : this(notify, data ?? [], SecurityProtocol.None, []) { }

    /// <summary>Below 16384 the peer refuses something. RFC 7296 3.10.1.</summary>
    public bool IsError => (ushort)Notify < 16384;

    internal static NotifyPayload Read(ref WireReader r)
    {
        var protocol = (SecurityProtocol)r.U8();
        var spiBytes = r.U8();
        var type = (NotifyType)r.U16();
        var spi = r.Bytes(spiBytes).ToArray();
        return new(type, r.Rest().ToArray(), protocol, spi);
    }

    protected override void WriteBody(WireWriter to)
    {
        to.U8((byte)Protocol);
        to.U8(checked((byte)Spi.Length));
        to.U16((ushort)Notify);
        to.Bytes(Spi);
        to.Bytes(Data);
    }
}
