// Configuration attributes as pools and plugins.attr name them: a word or a number, and an address, a subnet or text. swanctl.conf(5).
using System.Buffers.Binary;
using System.Globalization;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Pools;

public static class PoolAttribute
{
    /// <summary>The attributes of both families that the word stands for; null for an unknown one.</summary>
    public static (ushort V4, ushort V6)? TypesOf(string word) => word switch
    {
        "address" => (ConfigurationAttributeType.InternalIp4Address, ConfigurationAttributeType.InternalIp6Address),
        "dns" => (ConfigurationAttributeType.InternalIp4Dns, ConfigurationAttributeType.InternalIp6Dns),
        "nbns" => (ConfigurationAttributeType.InternalIp4Nbns, ConfigurationAttributeType.InternalIp6Nbns),
        "dhcp" => (ConfigurationAttributeType.InternalIp4Dhcp, ConfigurationAttributeType.InternalIp6Dhcp),
        "netmask" => (ConfigurationAttributeType.InternalIp4Netmask, ConfigurationAttributeType.InternalIp6Netmask),
        "server" => (ConfigurationAttributeType.InternalIp4Server, ConfigurationAttributeType.InternalIp6Server),
        "subnet" => (ConfigurationAttributeType.InternalIp4Subnet, ConfigurationAttributeType.InternalIp6Subnet),
        "p-cscf" => (ConfigurationAttributeType.PCscfIp4Address, ConfigurationAttributeType.PCscfIp6Address),
        "split-include" => (ConfigurationAttributeType.UnitySplitInclude, ConfigurationAttributeType.UnitySplitInclude),
        "split-exclude" => (ConfigurationAttributeType.UnityLocalLan, ConfigurationAttributeType.UnityLocalLan),
        _ => null,
    };

    /// <summary>An address, or a subnet with its mask (IPv4) or prefix length (IPv6) behind it; null if the text is neither.</summary>
    public static ConfigurationAttribute? Read(string text, (ushort V4, ushort V6)? named, ushort number)
    {
        var slash = text.IndexOf('/');
        if (!Address.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address)) return null;
        var type = named is not { } types ? number : address.IsIPv6 ? types.V6 : types.V4;
        if (slash < 0) return new(type, address.ToBytes());
        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix > address.Width) return null;
        if (address.IsIPv6) return new(type, [.. address.ToBytes(), (byte)prefix]);
        Span<byte> mask = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(mask, prefix == 0 ? 0 : uint.MaxValue << (32 - prefix));
        return new(type, [.. address.ToBytes(), .. mask]);
    }
}
