// Names of TLS versions in logs.
namespace Cygnet.Eap.Tls;

static class TlsNames
{
    public static string Of(TlsVersion version) => version switch
    {
        TlsVersion.Tls12 => "TLS 1.2",
        TlsVersion.Tls13 => "TLS 1.3",
        _ => $"TLS {(int)version:x4}",
    };
}
