// A parsed X.509 certificate. RFC 5280.
namespace Cygnet.Pki;

public sealed partial class Certificate
{
}
