// Certificate payload. RFC 7296 3.6.
namespace Cygnet.Wire;

/// <summary>A certificate or where to get one: 4 = X.509 signature, 10 = X.509 attribute certificate, 14 = OCSP response (RFC 4806), 12 and 13 = hash and URL of a certificate or bundle.</summary>
public sealed record CertPayload(byte Encoding, byte[] Data) : Payload(PayloadType.Cert)
{
    public const byte X509Signature = 4, X509Attribute = 10, HashAndUrlX509 = 12, HashAndUrlBundle = 13, OcspContent = 14;

    internal static CertPayload Read(ref WireReader r) => new(r.U8(), r.Rest().ToArray());

    protected override void WriteBody(WireWriter to)
    {
        to.U8(Encoding);
        to.Bytes(Data);
    }
}
