// Connections that a stranger may ask for: to the web at large, never into a network of the operator's. RFC 6890, RFC 4291 2.4.
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Cygnet.Linux.Fetch;

static class PublicHosts
{
    const int WebPort = 80;

    // Special-purpose ranges of IPv4: first address and prefix length.
    static readonly (uint Network, int Bits)[] s_special =
    [
        (0x00000000, 8), (0x0a000000, 8), (0x64400000, 10), (0x7f000000, 8), (0xa9fe0000, 16), (0xac100000, 12), (0xc0000000, 24), (0xc0000200, 24),
        (0xc0586300, 24), (0xc0a80000, 16), (0xc6120000, 15), (0xc6336400, 24), (0xcb007100, 24), (0xe0000000, 3),
    ];

    /// <summary>
    /// Connects to an address of the host that is public and not ours, on port 80. It is the address that is judged, at the moment of connecting: a name may
    /// stand for anything, and for something else each time.
    /// </summary>
    public static async ValueTask<Stream> Connect(DnsEndPoint host, CancellationToken limit)
    {
        if (host.Port != WebPort) throw new FetchFailure($"port {host.Port} is asked for by a peer; other ports than {WebPort} are for what 'certuribase=' names");
        foreach (var address in await Dns.GetHostAddressesAsync(host.Host, limit).ConfigureAwait(false))
        {
            if (!IsPublic(address) || IsOurs(address)) continue;
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, WebPort, limit).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw new FetchFailure($"'{host.Host}' has no public address; 'certuribase=' in a ca section would allow it");
    }

    /// <summary>Whether the address is one of the Internet at large: no private, local, shared, documentation, multicast or tunnelling one.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
            return !Array.Exists(s_special, s => (number ^ s.Network) >> (32 - s.Bits) == 0);
        }
        // Global unicast, but Teredo and other protocol assignments (2001::/23), documentation (2001:db8::/32, 3fff::/20) and 6to4 (2002::/16).
        return (bytes[0] & 0xe0) == 0x20 && !(bytes is [0x20, 0x01, < 2, ..] or [0x20, 0x01, 0x0d, 0xb8, ..] or [0x20, 0x02, ..] or [0x3f, 0xff, < 0x10, ..]);
    }

    // What stands behind our own public address may be meant for nobody else.
    static bool IsOurs(IPAddress address) => NetworkInterface.GetAllNetworkInterfaces().Any(i => i.GetIPProperties().UnicastAddresses.Any(u => u.Address.Equals(address)));
}
