// Names of IP protocols and ports as /etc/protocols and /etc/services have them; built in, as the core opens no file.
using System.Collections.Frozen;

namespace Cygnet.Policy;

/// <summary>Well-known protocols and services by number and by name.</summary>
public static class ServiceNames
{
    const byte Tcp = 6, Udp = 17, Sctp = 132;

    [Flags]
    enum Over { Tcp = 1, Udp = 2, Sctp = 4, Both = Tcp | Udp }

    static readonly (byte Number, string[] Names)[] _protocols =
    [
        (0, ["ip", "hopopt"]), (1, ["icmp"]), (2, ["igmp"]), (3, ["ggp"]), (4, ["ipencap", "ipv4"]), (5, ["st"]), (6, ["tcp"]), (8, ["egp"]),
        (9, ["igp"]), (12, ["pup"]), (17, ["udp"]), (20, ["hmp"]), (22, ["xns-idp"]), (27, ["rdp"]), (29, ["iso-tp4"]), (33, ["dccp"]),
        (36, ["xtp"]), (37, ["ddp"]), (38, ["idpr-cmtp"]), (41, ["ipv6"]), (43, ["ipv6-route"]), (44, ["ipv6-frag"]), (45, ["idrp"]),
        (46, ["rsvp"]), (47, ["gre"]), (50, ["esp", "ipsec-esp"]), (51, ["ah", "ipsec-ah"]), (57, ["skip"]), (58, ["ipv6-icmp", "icmp6", "icmpv6"]),
        (59, ["ipv6-nonxt"]), (60, ["ipv6-opts"]), (73, ["rspf"]), (81, ["vmtp"]), (88, ["eigrp"]), (89, ["ospf"]), (93, ["ax.25"]),
        (94, ["ipip"]), (97, ["etherip"]), (98, ["encap"]), (103, ["pim"]), (108, ["ipcomp"]), (112, ["vrrp"]), (115, ["l2tp"]),
        (124, ["isis"]), (132, ["sctp"]), (133, ["fc"]), (135, ["mobility-header"]), (136, ["udplite"]), (137, ["mpls-in-ip"]), (138, ["manet"]),
        (139, ["hip"]), (140, ["shim6"]), (141, ["wesp"]), (142, ["rohc"]),
    ];

    static readonly (ushort Port, Over Over, string[] Names)[] _services =
    [
        (1, Over.Tcp, ["tcpmux"]), (7, Over.Both, ["echo"]), (9, Over.Both, ["discard", "sink", "null"]), (11, Over.Tcp, ["systat", "users"]),
        (13, Over.Both, ["daytime"]), (15, Over.Tcp, ["netstat"]), (17, Over.Tcp, ["qotd", "quote"]), (19, Over.Both, ["chargen", "ttytst", "source"]),
        (20, Over.Tcp, ["ftp-data"]), (21, Over.Tcp, ["ftp"]), (21, Over.Udp, ["fsp", "fspd"]), (22, Over.Tcp, ["ssh"]), (23, Over.Tcp, ["telnet"]),
        (25, Over.Tcp, ["smtp", "mail"]), (37, Over.Both, ["time", "timserver"]), (43, Over.Tcp, ["whois", "nicname"]), (49, Over.Both, ["tacacs"]),
        (53, Over.Both, ["domain"]), (67, Over.Udp, ["bootps"]), (68, Over.Udp, ["bootpc"]), (69, Over.Udp, ["tftp"]), (70, Over.Tcp, ["gopher"]),
        (79, Over.Tcp, ["finger"]), (80, Over.Tcp, ["http", "www"]), (88, Over.Both, ["kerberos", "kerberos5", "krb5", "kerberos-sec"]),
        (102, Over.Tcp, ["iso-tsap", "tsap"]), (104, Over.Tcp, ["acr-nema", "dicom"]), (110, Over.Tcp, ["pop3", "pop-3"]),
        (111, Over.Both, ["sunrpc", "portmapper"]), (113, Over.Tcp, ["auth", "authentication", "tap", "ident"]), (119, Over.Tcp, ["nntp", "readnews", "untp"]),
        (123, Over.Udp, ["ntp"]), (135, Over.Tcp, ["epmap", "loc-srv"]), (137, Over.Udp, ["netbios-ns"]), (138, Over.Udp, ["netbios-dgm"]),
        (139, Over.Tcp, ["netbios-ssn"]), (143, Over.Tcp, ["imap2", "imap"]), (161, Over.Both, ["snmp"]), (162, Over.Both, ["snmp-trap", "snmptrap"]),
        (177, Over.Udp, ["xdmcp"]), (179, Over.Tcp, ["bgp"]), (199, Over.Tcp, ["smux"]), (209, Over.Tcp, ["qmtp"]), (210, Over.Tcp, ["z3950", "wais"]),
        (213, Over.Udp, ["ipx"]), (319, Over.Udp, ["ptp-event"]), (320, Over.Udp, ["ptp-general"]), (389, Over.Both, ["ldap"]), (427, Over.Both, ["svrloc"]),
        (443, Over.Both, ["https"]), (444, Over.Tcp, ["snpp"]), (445, Over.Tcp, ["microsoft-ds"]), (464, Over.Both, ["kpasswd"]),
        (465, Over.Tcp, ["submissions", "ssmtp", "smtps", "urd"]), (500, Over.Udp, ["isakmp"]), (512, Over.Tcp, ["exec"]), (512, Over.Udp, ["biff", "comsat"]),
        (513, Over.Tcp, ["login"]), (513, Over.Udp, ["who", "whod"]), (514, Over.Tcp, ["shell", "cmd", "syslog"]), (514, Over.Udp, ["syslog"]),
        (515, Over.Tcp, ["printer", "spooler"]), (517, Over.Udp, ["talk"]), (518, Over.Udp, ["ntalk"]), (520, Over.Udp, ["route", "router", "routed"]),
        (543, Over.Tcp, ["klogin"]), (544, Over.Tcp, ["kshell", "krcmd"]), (546, Over.Udp, ["dhcpv6-client"]), (547, Over.Udp, ["dhcpv6-server"]),
        (548, Over.Tcp, ["afpovertcp"]), (554, Over.Both, ["rtsp"]), (563, Over.Tcp, ["nntps", "snntp"]), (587, Over.Tcp, ["submission"]),
        (623, Over.Udp, ["asf-rmcp"]), (631, Over.Tcp, ["ipp"]), (636, Over.Both, ["ldaps"]), (646, Over.Both, ["ldp"]), (749, Over.Tcp, ["kerberos-adm"]),
        (853, Over.Both, ["domain-s"]), (873, Over.Tcp, ["rsync"]), (989, Over.Tcp, ["ftps-data"]), (990, Over.Tcp, ["ftps"]), (992, Over.Tcp, ["telnets"]),
        (993, Over.Tcp, ["imaps"]), (995, Over.Tcp, ["pop3s"]), (1080, Over.Tcp, ["socks"]), (1194, Over.Both, ["openvpn"]), (1433, Over.Tcp, ["ms-sql-s"]),
        (1434, Over.Udp, ["ms-sql-m"]), (1701, Over.Udp, ["l2f", "l2tp"]), (1812, Over.Both, ["radius"]), (1813, Over.Both, ["radius-acct", "radacct"]),
        (2049, Over.Both, ["nfs"]), (3260, Over.Tcp, ["iscsi-target"]), (3306, Over.Tcp, ["mysql"]), (3389, Over.Tcp, ["ms-wbt-server"]),
        (3478, Over.Both, ["stun"]), (4500, Over.Udp, ["ipsec-nat-t"]), (4789, Over.Udp, ["vxlan"]), (5060, Over.Both, ["sip"]), (5061, Over.Both, ["sip-tls"]),
        (5222, Over.Tcp, ["xmpp-client", "jabber-client"]), (5269, Over.Tcp, ["xmpp-server", "jabber-server"]), (5353, Over.Udp, ["mdns"]),
        (5432, Over.Tcp, ["postgresql", "postgres"]), (5671, Over.Tcp, ["amqps"]), (5672, Over.Tcp | Over.Sctp, ["amqp"]), (6000, Over.Tcp, ["x11", "x11-0"]),
        (6343, Over.Udp, ["sflow"]), (6379, Over.Tcp, ["redis"]), (6514, Over.Tcp, ["syslog-tls"]), (8080, Over.Tcp, ["http-alt", "webcache"]),
        (10050, Over.Tcp, ["zabbix-agent"]), (10051, Over.Tcp, ["zabbix-trapper"]),
    ];

    static readonly FrozenDictionary<byte, string> _protocolNames = _protocols.ToFrozenDictionary(p => p.Number, p => p.Names[0]);

    static readonly FrozenDictionary<string, byte> _protocolNumbers =
        _protocols.SelectMany(p => p.Names.Select(n => (n, p.Number))).ToFrozenDictionary(p => p.n, p => p.Number, StringComparer.OrdinalIgnoreCase);

    static readonly FrozenDictionary<(ushort, byte), string> _portNames =
        Expand().Select(e => (e.Key, Name: e.Names[0])).ToFrozenDictionary(e => e.Key, e => e.Name);

    static readonly FrozenDictionary<(string, byte), ushort> _portNumbers =
        Expand().SelectMany(e => e.Names.Select(n => (Name: (n, e.Key.Protocol), e.Key.Port))).ToFrozenDictionary(e => e.Name, e => e.Port);

    public static string Protocol(byte number) => _protocolNames.TryGetValue(number, out var name) ? name : number.ToString();

    /// <summary>Protocol 0 takes the name of any transport, as a look-up without a protocol does.</summary>
    public static string Port(ushort port, byte protocol) => FindPort(port, protocol) ?? port.ToString();

    /// <summary>A protocol's name or alias; numbers are the caller's.</summary>
    public static bool TryProtocol(string name, out byte number) => _protocolNumbers.TryGetValue(name, out number);

    /// <summary>A service's name or alias; with protocol 0 the first transport that knows it.</summary>
    public static bool TryPort(string name, byte protocol, out ushort port)
    {
        if (protocol != 0) return _portNumbers.TryGetValue((name, protocol), out port);
        return _portNumbers.TryGetValue((name, Tcp), out port) || _portNumbers.TryGetValue((name, Udp), out port) || _portNumbers.TryGetValue((name, Sctp), out port);
    }

    static string? FindPort(ushort port, byte protocol) => protocol != 0
        ? _portNames.GetValueOrDefault((port, protocol))
        : _portNames.GetValueOrDefault((port, Tcp)) ?? _portNames.GetValueOrDefault((port, Udp)) ?? _portNames.GetValueOrDefault((port, Sctp));

    static IEnumerable<((ushort Port, byte Protocol) Key, string[] Names)> Expand()
    {
        foreach (var (port, over, names) in _services)
        {
            if (over.HasFlag(Over.Tcp)) yield return ((port, Tcp), names);
            if (over.HasFlag(Over.Udp)) yield return ((port, Udp), names);
            if (over.HasFlag(Over.Sctp)) yield return ((port, Sctp), names);
        }
    }
}
