// Links, addresses, routes and rules of one network namespace. RFC 3549 3; rtnetlink(7).
using System.Text;
using Cygnet.Linux.Native;
using Cygnet.Policy;

namespace Cygnet.Linux.Netlink;

/// <summary>A network device.</summary>
public sealed record Link(int Index, string Name, bool IsUp, bool IsLoopback, int Mtu)
{
    /// <summary>A text that somebody gave it, to know it by.</summary>
    public string Alias { get; init; } = "";
}

/// <summary>The kernel's tables of one network namespace, that of the thread which calls the constructor. Thread safe.</summary>
public sealed partial class Rtnetlink : IDisposable
{
    const int RouteProtocol = 0;
    const ushort NewLink = 16, GetLink = 18;
    const ushort LinkName = 3, LinkMtu = 4, LinkAlias = 20;
    const uint FlagUp = 1, FlagLoopback = 8;

    readonly NetlinkSocket _socket = new(RouteProtocol);

    static byte Family(bool ipv6) => ipv6 ? (byte)Af.Inet6 : (byte)Af.Inet;

    public IReadOnlyList<Link> Links()
    {
        var links = new List<Link>();
        var message = new NetlinkMessage(GetLink, NetlinkFlag.Dump);
        message.Fixed(16);
        _socket.Request(message, "list links", (type, body) =>
        {
            if (type == NewLink && ReadLink(body) is { } link) links.Add(link);
        });
        return links;
    }

    /// <summary>The device of that name, or null.</summary>
    public Link? FindLink(string name)
    {
        Link? found = null;
        var message = new NetlinkMessage(GetLink, NetlinkFlag.Ack);
        message.Fixed(16);
        message.Add(LinkName, Encoding.UTF8.GetBytes(name + '\0'));
        var errno = _socket.TryRequest(message, out var detail, (type, body) =>
        {
            if (type == NewLink) found = ReadLink(body);
        });
        return errno is 0 or Errno.ENODEV ? found : throw new LinuxException(errno, $"find device {name}", detail);
    }

    static Link? ReadLink(ReadOnlySpan<byte> body)
    {
        if (body.Length < 16) return null;
        var flags = BitConverter.ToUInt32(body[8..]);
        var (name, mtu, alias) = ("", 0, "");
        var attributes = new NetlinkAttributes(body[16..]);
        while (attributes.Next())
            if (attributes.Type == LinkName) name = Encoding.UTF8.GetString(attributes.Value).TrimEnd('\0');
            else if (attributes.Type == LinkMtu) mtu = (int)attributes.ValueAsUInt32;
            else if (attributes.Type == LinkAlias) alias = Encoding.UTF8.GetString(attributes.Value).TrimEnd('\0');
        return new(BitConverter.ToInt32(body[4..]), name, (flags & FlagUp) != 0, (flags & FlagLoopback) != 0, mtu) { Alias = alias };
    }

    /// <summary>Takes a device up or down, and sets its MTU unless 0.</summary>
    public void SetLink(int index, bool up, int mtu = 0)
    {
        var message = new NetlinkMessage(NewLink, NetlinkFlag.Ack);
        var head = message.Fixed(16);
        BitConverter.TryWriteBytes(head[4..], index);
        BitConverter.TryWriteBytes(head[8..], up ? FlagUp : 0);
        BitConverter.TryWriteBytes(head[12..], FlagUp);
        if (mtu > 0) message.Add(LinkMtu, (uint)mtu);
        _socket.Request(message, $"set device {index} {(up ? "up" : "down")}");
    }

    /// <summary>Gives a device a text to be known by.</summary>
    public void SetAlias(int index, string alias)
    {
        var message = new NetlinkMessage(NewLink, NetlinkFlag.Ack);
        BitConverter.TryWriteBytes(message.Fixed(16)[4..], index);
        message.Add(LinkAlias, Encoding.UTF8.GetBytes(alias));
        _socket.Request(message, $"name device {index}");
    }

    public void Dispose() => _socket.Dispose();
}
