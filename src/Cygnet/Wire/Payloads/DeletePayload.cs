// Delete payload. RFC 7296 3.11.
using System.Collections.Immutable;
using Cygnet.Crypto;

namespace Cygnet.Wire;

/// <summary>SAs that the sender has deleted: the IKE SA itself (no SPI), or inbound SPIs of the sender.</summary>
public sealed record DeletePayload(SecurityProtocol Protocol, ImmutableArray<uint> Spis) : Payload(PayloadType.Delete)
{
    const int SpiBytes = 4;

    internal static DeletePayload? Read(ref WireReader r, ref string reason)
    {
        var protocol = (SecurityProtocol)r.U8();
        var size = r.U8();
        int count = r.U16();
        if (r.Failed) return null;
        var expected = protocol switch { SecurityProtocol.Ike => 0, SecurityProtocol.Ah or SecurityProtocol.Esp => SpiBytes, _ => -1 };
        if (size != expected || r.Left != size * count || (size == 0 && count != 0))
        {
            reason = "SPI size, number of SPIs and length do not fit the protocol";
            return null;
        }
        var spis = ImmutableArray.CreateBuilder<uint>(count);
        while (!r.AtEnd) spis.Add(r.U32());
        return new(protocol, spis.MoveToImmutable());
    }

    protected override void WriteBody(WireWriter to)
    {
        to.U8((byte)Protocol);
        to.U8(Protocol == SecurityProtocol.Ike ? (byte)0 : (byte)SpiBytes);
        to.U16(checked((ushort)Spis.Length));
        foreach (var spi in Spis) to.U32(spi);
    }
}
