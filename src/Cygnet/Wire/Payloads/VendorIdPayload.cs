// Vendor ID payload. RFC 7296 3.12.
namespace Cygnet.Wire;

/// <summary>A constant by which implementations recognise each other.</summary>
public sealed record VendorIdPayload(byte[] Data) : Payload(PayloadType.VendorId)
{
    internal static VendorIdPayload Read(ref WireReader r) => new(r.Rest().ToArray());

    protected override void WriteBody(WireWriter to) => to.Bytes(Data);
}
