// A payload of a type that we do not know, and that is not critical: skipped, but shown in the log. RFC 7296 2.5.
namespace Cygnet.Wire;

/// <summary>A payload without meaning for us.</summary>
public sealed record UnknownPayload(byte RawType, byte[] Data) : Payload((PayloadType)RawType)
{
    internal static UnknownPayload Read(PayloadType type, ref WireReader r) => new((byte)type, r.Rest().ToArray());

    protected override void WriteBody(WireWriter to) => to.Bytes(Data);
}
