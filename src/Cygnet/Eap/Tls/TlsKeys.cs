// The MSK of methods on top of TLS. RFC 5216 2.3, RFC 5281 8; with TLS 1.3: RFC 9190 2.3, RFC 9427 2.1.
namespace Cygnet.Eap.Tls;

static class TlsKeys
{
    const int MskBytes = 64, MskAndEmskBytes = 128;

    public static byte[] Msk(TlsSession session, EapType type)
    {
        // The exporter of TLS 1.3 mixes the length in: half as much would be another key, not half of it.
        if (session.Version >= TlsVersion.Tls13) return session.Export("EXPORTER_EAP_TLS_Key_Material"u8, [(byte)type.Type], MskAndEmskBytes)[..MskBytes];
        return session.Export(type == EapType.Ttls ? "ttls keying material"u8 : "client EAP encryption"u8, null, MskBytes);
    }
}
