// Certificate Request payload. RFC 7296 3.7.
namespace Cygnet.Wire;

/// <summary>The authorities whose certificates the sender trusts.</summary>
public sealed record CertReqPayload(byte Encoding, byte[] Data) : Payload(PayloadType.CertReq)
{
    const int HashBytes = 20;

    /// <summary>SHA-1 hashes of the authorities' SubjectPublicKeyInfo, for encoding 4; a remainder is ignored.</summary>
    public IEnumerable<byte[]> KeyHashes => Data.Chunk(HashBytes).Where(c => c.Length == HashBytes);

    internal static CertReqPayload Read(ref WireReader r) => new(r.U8(), r.Rest().ToArray());

    protected override void WriteBody(WireWriter to)
    {
        to.U8(Encoding);
        to.Bytes(Data);
    }
}
