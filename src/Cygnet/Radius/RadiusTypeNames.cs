// Names of attribute types, as the settings of what is forwarded spell them. The RFCs of RadiusType, and 3580, 4372, 4590, 4675, 4818, 4849.
using System.Collections.Frozen;
using System.Globalization;

namespace Cygnet.Radius;

public static class RadiusTypeNames
{
    static readonly string[] s_from1 =
    [
        "User-Name", "User-Password", "CHAP-Password", "NAS-IP-Address", "NAS-Port", "Service-Type", "Framed-Protocol", "Framed-IP-Address",
        "Framed-IP-Netmask", "Framed-Routing", "Filter-Id", "Framed-MTU", "Framed-Compression", "Login-IP-Host", "Login-Service", "Login-TCP-Port",
        "", "Reply-Message", "Callback-Number", "Callback-Id", "", "Framed-Route", "Framed-IPX-Network", "State", "Class", "Vendor-Specific",
        "Session-Timeout", "Idle-Timeout", "Termination-Action", "Called-Station-Id", "Calling-Station-Id", "NAS-Identifier", "Proxy-State",
        "Login-LAT-Service", "Login-LAT-Node", "Login-LAT-Group", "Framed-AppleTalk-Link", "Framed-AppleTalk-Network", "Framed-AppleTalk-Zone",
        "Acct-Status-Type", "Acct-Delay-Time", "Acct-Input-Octets", "Acct-Output-Octets", "Acct-Session-Id", "Acct-Authentic", "Acct-Session-Time",
        "Acct-Input-Packets", "Acct-Output-Packets", "Acct-Terminate-Cause", "Acct-Multi-Session-Id", "Acct-Link-Count", "Acct-Input-Gigawords",
        "Acct-Output-Gigawords", "", "Event-Timestamp", "Egress-VLANID", "Ingress-Filters", "Egress-VLAN-Name", "User-Priority-Table", "CHAP-Challenge",
        "NAS-Port-Type", "Port-Limit", "Login-LAT-Port", "Tunnel-Type", "Tunnel-Medium-Type", "Tunnel-Client-Endpoint", "Tunnel-Server-Endpoint",
        "Acct-Tunnel-Connection", "Tunnel-Password", "ARAP-Password", "ARAP-Features", "ARAP-Zone-Access", "ARAP-Security", "ARAP-Security-Data",
        "Password-Retry", "Prompt", "Connect-Info", "Configuration-Token", "EAP-Message", "Message-Authenticator", "Tunnel-Private-Group-ID",
        "Tunnel-Assignment-ID", "Tunnel-Preference", "ARAP-Challenge-Response", "Acct-Interim-Interval", "Acct-Tunnel-Packets-Lost", "NAS-Port-Id",
        "Framed-Pool", "CUI", "Tunnel-Client-Auth-ID", "Tunnel-Server-Auth-ID", "NAS-Filter-Rule", "", "Originating-Line-Info", "NAS-IPv6-Address",
        "Framed-Interface-Id", "Framed-IPv6-Prefix", "Login-IPv6-Host", "Framed-IPv6-Route", "Framed-IPv6-Pool", "Error-Cause", "EAP-Key-Name",
        "Digest-Response", "Digest-Realm", "Digest-Nonce", "Digest-Response-Auth", "Digest-Nextnonce", "Digest-Method", "Digest-URI", "Digest-Qop",
        "Digest-Algorithm", "Digest-Entity-Body-Hash", "Digest-CNonce", "Digest-Nonce-Count", "Digest-Username", "Digest-Opaque", "Digest-Auth-Param",
        "Digest-AKA-Auts", "Digest-Domain", "Digest-Stale", "Digest-HA1", "SIP-AOR", "Delegated-IPv6-Prefix", "MIP6-Feature-Vector", "MIP6-Home-Link-Prefix",
    ];

    static readonly string[] s_from168 = ["Framed-IPv6-Address", "DNS-Server-IPv6-Address", "Route-IPv6-Information", "Delegated-IPv6-Prefix-Pool", "Stateful-IPv6-Address-Pool"];

    static readonly FrozenDictionary<string, byte> s_byName = s_from1.Select((name, i) => (name, i + 1))
        .Concat(s_from168.Select((name, i) => (name, i + 168))).Where(n => n.name.Length > 0)
        .ToFrozenDictionary(n => n.name, n => (byte)n.Item2, StringComparer.OrdinalIgnoreCase);

    /// <summary>The RFC's name; the number alone if there is none.</summary>
    public static string Name(byte type)
    {
        var name = type >= 168 ? s_from168.ElementAtOrDefault(type - 168) : s_from1.ElementAtOrDefault(type - 1);
        return string.IsNullOrEmpty(name) ? type.ToString(CultureInfo.InvariantCulture) : name;
    }

    public static bool TryFind(string name, out byte type) => s_byName.TryGetValue(name, out type);
}
