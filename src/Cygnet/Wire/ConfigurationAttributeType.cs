// Numbers of configuration attributes. RFC 7296 3.15.1; IANA "IKEv2 Configuration Payload Attribute Types".
namespace Cygnet.Wire;

public static class ConfigurationAttributeType
{
    public const ushort InternalIp4Address = 1, InternalIp4Netmask = 2, InternalIp4Dns = 3, InternalIp4Nbns = 4, InternalIp4Dhcp = 6, InternalIp6Address = 8, InternalIp6Netmask = 9,
        InternalIp6Dns = 10, InternalIp6Nbns = 11, InternalIp6Dhcp = 12, InternalIp4Subnet = 13, InternalIp6Subnet = 15, PCscfIp4Address = 20, PCscfIp6Address = 21,
        InternalDnsDomain = 25, InternalIp4Server = 23456, InternalIp6Server = 23457, UnitySplitInclude = 28676, UnityLocalLan = 28678;
}
