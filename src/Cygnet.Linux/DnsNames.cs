// Host names of a configuration.
using System.Net;
using System.Net.Sockets;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>Looks names up in the system's resolver.</summary>
public static class DnsNames
{
    /// <summary>A <see cref="NameLookup"/>: addresses in the resolver's order, none if the name is unknown. Blocks; for Work only.</summary>
    public static Address[] Lookup(string name)
    {
        try
        {
            return [.. Dns.GetHostAddresses(name)
                .Where(a => a.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
                .Select(Address.FromIPAddress)];
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
