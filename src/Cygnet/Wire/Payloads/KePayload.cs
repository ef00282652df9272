// Key Exchange payload. RFC 7296 3.4.
namespace Cygnet.Wire;

/// <summary>The public value of a key exchange method.</summary>
public sealed record KePayload(ushort Method, byte[] Data) : Payload(PayloadType.Ke)
{
    internal static KePayload Read(ref WireReader r)
    {
        var method = r.U16();
        r.Skip(2);
        return new(method, r.Rest().ToArray());
    }

    protected override void WriteBody(WireWriter to)
    {
        to.U16(Method);
        to.Zeros(2);
        to.Bytes(Data);
    }
}
