// The form of a protected message that IntAuth covers: independent of cipher and fragmentation. RFC 9242 3.3.2.
namespace Cygnet.Wire;

public sealed partial class Message
{
    /// <summary>Header of the SK payload: next payload, critical bit, length.</summary>
    const int SkHeaderBytes = Payload.HeaderBytes;

    /// <summary>Of a received IKE_INTERMEDIATE message: its part in IntAuth.</summary>
    public byte[] IntAuth { get; init; } = [];

    /// <summary>
    /// A | P of a message with these inner payloads: IKE header and SK payload header as if the message were sent in one piece and its SK payload
    /// held nothing but the payloads, without IV, padding and ICV; then those payloads in clear. Payloads outside SK are not foreseen here.
    /// </summary>
    public static byte[] Covered(IkeHeader header, PayloadType first, ReadOnlySpan<byte> plaintext)
    {
        var length = IkeHeader.Bytes + SkHeaderBytes + plaintext.Length;
        var w = new WireWriter(length);
        (header with { NextPayload = PayloadType.Encrypted, Length = (uint)length }).Write(w);
        w.U8((byte)first);
        w.U8(0);
        w.U16((ushort)(SkHeaderBytes + plaintext.Length)); // what exceeds 64 KB cannot have come in one piece: its AUTH fails
        w.Bytes(plaintext);
        return w.ToArray();
    }

    /// <summary>As <see cref="Covered(IkeHeader, PayloadType, ReadOnlySpan{byte})"/>, for a message to be sent.</summary>
    public static byte[] Covered(IkeHeader header, IReadOnlyList<Payload> payloads) => Covered(header, FirstOf(payloads), Inner(payloads).Written);
}
