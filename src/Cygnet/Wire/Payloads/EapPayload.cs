// EAP payload. RFC 7296 3.16, RFC 3748 4.
namespace Cygnet.Wire;

/// <summary>An EAP packet: code, identifier, length, and for requests and responses type and data.</summary>
public sealed record EapPayload(byte[] Data) : Payload(PayloadType.Eap)
{
    internal static EapPayload? Read(ref WireReader r, ref string reason)
    {
        var packet = r.Rest();
        var fields = new WireReader(packet);
        fields.Skip(2);
        var length = fields.U16();
        if (!fields.Failed && length == packet.Length) return new(packet.ToArray());
        reason = "length of the EAP packet does not fit the payload";
        return null;
    }

    protected override void WriteBody(WireWriter to) => to.Bytes(Data);
}
