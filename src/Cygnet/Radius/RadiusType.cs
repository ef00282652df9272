// Attribute types that are used here. RFC 2865 5, 2866 5, 2868 3, 2869 5, 3162 2, 5176 3, 6911 3.
namespace Cygnet.Radius;

/// <summary>Any other number is legal on the wire too; names of all of them are in <see cref="RadiusTypeNames"/>.</summary>
public enum RadiusType : byte
{
    UserName = 1,
    UserPassword = 2,
    NasIpAddress = 4,
    NasPort = 5,
    ServiceType = 6,
    FramedIpAddress = 8,
    FramedIpNetmask = 9,
    FilterId = 11,
    ReplyMessage = 18,
    State = 24,
    Class = 25,
    VendorSpecific = 26,
    SessionTimeout = 27,
    CalledStationId = 30,
    CallingStationId = 31,
    NasIdentifier = 32,
    ProxyState = 33,
    AcctStatusType = 40,
    AcctInputOctets = 42,
    AcctOutputOctets = 43,
    AcctSessionId = 44,
    AcctSessionTime = 46,
    AcctInputPackets = 47,
    AcctOutputPackets = 48,
    AcctTerminateCause = 49,
    AcctInputGigawords = 52,
    AcctOutputGigawords = 53,
    EventTimestamp = 55,
    NasPortType = 61,
    TunnelType = 64,
    EapMessage = 79,
    MessageAuthenticator = 80,
    AcctInterimInterval = 85,
    NasPortId = 87,
    NasIpv6Address = 95,
    FramedIpv6Prefix = 97,
    ErrorCause = 101,
    FramedIpv6Address = 168,
    DnsServerIpv6Address = 169,
}

/// <summary>Vendors in Vendor-Specific, and their types. RFC 2865 5.26, RFC 2548.</summary>
static class RadiusVendor
{
    public const uint Microsoft = 311;
    public const byte MsMppeSendKey = 16, MsMppeRecvKey = 17;
    public const byte MsPrimaryDnsServer = 28, MsSecondaryDnsServer = 29, MsPrimaryNbnsServer = 30, MsSecondaryNbnsServer = 31;

    /// <summary>Altiga, whose attributes are those of Cisco's VPN 3000: the reference takes name servers from them.</summary>
    public const uint Altiga = 3076;
    public const byte AltigaPrimaryDns = 5, AltigaSecondaryDns = 6, AltigaPrimaryWins = 7, AltigaSecondaryWins = 8;
}
