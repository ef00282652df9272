// Addresses of network devices. RFC 3549 3.2.2.
using Cygnet.Linux.Native;
using Cygnet.Policy;

namespace Cygnet.Linux.Netlink;

/// <summary>An address of ours. <see cref="Scope"/> is 0 for global, 253 for link, 254 for host.</summary>
public sealed record InterfaceAddress(int LinkIndex, Address Address, int Prefix, byte Scope, uint Flags)
{
    const uint Temporary = 1, DadFailed = 8, Deprecated = 0x20, Tentative = 0x40;
    public bool IsGlobal => Scope == 0;
    public bool IsLink => Scope == 253;

    /// <summary>Not for new traffic, unless somebody says so: virtual IPv6 addresses are such.</summary>
    public bool IsDeprecated => (Flags & (DadFailed | Deprecated | Tentative)) == Deprecated;

    /// <summary>Whether new traffic may use it.</summary>
    public bool IsUsable => (Flags & (DadFailed | Deprecated | Tentative)) == 0;

    /// <summary>A secondary address for IPv4, a temporary one (RFC 8981) for IPv6.</summary>
    public bool IsSecondary => (Flags & Temporary) != 0;

    /// <summary>RFC 8981.</summary>
    public bool IsTemporary => Address.IsIPv6 && IsSecondary;
}

public sealed partial class Rtnetlink
{
    const ushort NewAddress = 20, DeleteAddress = 21, GetAddress = 22;
    const ushort AttributeAddress = 1, AttributeLocal = 2, AttributeFlags = 8;
    const ushort AttributeCache = 6;
    const uint NoDad = 2;

    /// <summary>struct ifa_cacheinfo: preferred for 0 seconds, valid for ever, two times that the kernel sets.</summary>
    static ReadOnlySpan<byte> NotPreferred => [0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>All our addresses, in the kernel's order.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses()
    {
        var addresses = new List<InterfaceAddress>();
        var message = new NetlinkMessage(GetAddress, NetlinkFlag.Dump);
        message.Fixed(8);
        _socket.Request(message, "list addresses", (type, body) =>
        {
            if (type == NewAddress && ReadAddress(body) is { } address) addresses.Add(address);
        });
        return addresses;
    }

    static InterfaceAddress? ReadAddress(ReadOnlySpan<byte> body)
    {
        if (body.Length < 8 || body[0] is not (Af.Inet or Af.Inet6)) return null;
        var length = body[0] == Af.Inet6 ? 16 : 4;
        Address? local = null, address = null;
        uint flags = body[2];
        var attributes = new NetlinkAttributes(body[8..]);
        while (attributes.Next())
            switch (attributes.Type)
            {
                case AttributeLocal when attributes.Value.Length == length: local = Address.Read(attributes.Value); break;
                case AttributeAddress when attributes.Value.Length == length: address = Address.Read(attributes.Value); break;
                case AttributeFlags: flags = attributes.ValueAsUInt32; break;
            }
        // On point-to-point devices "address" is the peer's, "local" ours.
        return (local ?? address) is { } ours ? new(BitConverter.ToInt32(body[4..]), ours, body[1], body[3], flags) : null;
    }

    /// <summary>
    /// Adds an address; one that is there already is no error. IPv6 ones are usable at once; one that is not preferred is taken only where a
    /// route or a socket says so (RFC 6724 5, rule 3).
    /// </summary>
    public void AddAddress(int linkIndex, Address address, int prefix, bool isPreferred = true)
    {
        var message = AddressMessage(NewAddress, NetlinkFlag.Create | NetlinkFlag.Exclusive, linkIndex, address, prefix);
        if (address.IsIPv6) message.Add(AttributeFlags, NoDad);
        if (address.IsIPv6 && !isPreferred) message.Add(AttributeCache, NotPreferred);
        var errno = _socket.TryRequest(message, out var detail);
        if (errno is not (0 or Errno.EEXIST)) throw new LinuxException(errno, $"add address {address}/{prefix}", detail);
    }

    /// <summary>Removes an address; one that is not there is no error.</summary>
    public void RemoveAddress(int linkIndex, Address address, int prefix)
    {
        var errno = _socket.TryRequest(AddressMessage(DeleteAddress, 0, linkIndex, address, prefix), out var detail);
        if (errno is not (0 or Errno.EADDRNOTAVAIL or Errno.ENODEV)) throw new LinuxException(errno, $"remove address {address}/{prefix}", detail);
    }

    static NetlinkMessage AddressMessage(ushort type, int flags, int linkIndex, Address address, int prefix)
    {
        var message = new NetlinkMessage(type, flags | NetlinkFlag.Ack);
        var head = message.Fixed(8);
        (head[0], head[1]) = (Family(address.IsIPv6), (byte)prefix);
        BitConverter.TryWriteBytes(head[4..], linkIndex);
        message.Add(AttributeLocal, address);
        return message;
    }
}
