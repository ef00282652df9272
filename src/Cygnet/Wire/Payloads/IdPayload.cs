// Identification payloads, IDi and IDr. RFC 7296 3.5.
namespace Cygnet.Wire;

/// <summary>Who somebody claims to be; <see cref="IdType"/> is the wire number.</summary>
public sealed record IdPayload(PayloadType Type, byte IdType, byte[] Data) : Payload(Type)
{
    /// <summary>The payload without its generic header, exactly as sent: AUTH covers the reserved bytes too. RFC 7296 2.15.</summary>
    public byte[] Body { get; private init; } = [IdType, 0, 0, 0, .. Data];

    internal static IdPayload Read(PayloadType type, ref WireReader r)
    {
        var body = r.Rest();
        var fields = new WireReader(body);
        var idType = fields.U8();
        fields.Skip(3);
        if (fields.Failed) r.Fail();
        return new(type, idType, fields.Rest().ToArray()) { Body = body.ToArray() };
    }

    protected override void WriteBody(WireWriter to) => to.Bytes(Body);
}
