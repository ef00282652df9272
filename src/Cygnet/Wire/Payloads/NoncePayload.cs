// Nonce payload. RFC 7296 3.9.
namespace Cygnet.Wire;

/// <summary>A nonce of 16 to 256 bytes.</summary>
public sealed record NoncePayload(byte[] Data) : Payload(PayloadType.Nonce)
{
    internal static NoncePayload? Read(ref WireReader r, ref string reason)
    {
        if (r.Left is >= 16 and <= 256) return new(r.Rest().ToArray());
        reason = "length is not between 16 and 256 bytes";
        return null;
    }

    protected override void WriteBody(WireWriter to) => to.Bytes(Data);
}
