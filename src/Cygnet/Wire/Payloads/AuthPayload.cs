// Authentication payload. RFC 7296 3.8; method 14: RFC 7427.
namespace Cygnet.Wire;

/// <summary>The proof of an identity; <see cref="Method"/> is the wire number.</summary>
public sealed record AuthPayload(byte Method, byte[] Data) : Payload(PayloadType.Auth)
{
    internal static AuthPayload Read(ref WireReader r)
    {
        var method = r.U8();
        r.Skip(3);
        return new(method, r.Rest().ToArray());
    }

    protected override void WriteBody(WireWriter to)
    {
        to.U8(Method);
        to.Zeros(3);
        to.Bytes(Data);
    }
}
