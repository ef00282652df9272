// How a message is written in the log: IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) ].
using System.Globalization;
using System.Text;

namespace Cygnet.Wire;

/// <summary>The short notation of messages that scripts and people read.</summary>
public static class Notation
{
    public static string Describe(IkeHeader header, IReadOnlyList<Payload> payloads)
    {
        var text = new StringBuilder(Heading(header)).Append(" [");
        foreach (var p in payloads) text.Append(' ').Append(Describe(p));
        return text.Append(" ]").ToString();
    }

    /// <summary>A message whose protected part is not open: <c>IKE_AUTH request 1 [ EF(1/3) ]</c>.</summary>
    public static string Describe(IkeHeader header, EncryptedBody body) =>
        body.IsFragment ? DescribeFragment(header, body.FragmentNumber, body.FragmentTotal) : $"{Heading(header)} [ E ]";

    /// <summary>One fragment of a message.</summary>
    public static string DescribeFragment(IkeHeader header, int number, int total) => $"{Heading(header)} [ EF({number}/{total}) ]";

    public static string Name(ExchangeType exchange) => exchange switch
    {
        ExchangeType.IkeSaInit => "IKE_SA_INIT",
        ExchangeType.IkeAuth => "IKE_AUTH",
        ExchangeType.CreateChildSa => "CREATE_CHILD_SA",
        ExchangeType.Informational => "INFORMATIONAL",
        ExchangeType.IkeSessionResume => "IKE_SESSION_RESUME",
        ExchangeType.IkeIntermediate => "IKE_INTERMEDIATE",
        ExchangeType.IkeFollowupKe => "IKE_FOLLOWUP_KE",
        _ => Number((int)exchange),
    };

    static string Heading(IkeHeader h) =>
        string.Create(CultureInfo.InvariantCulture, $"{Name(h.Exchange)} {(h.IsResponse ? "response" : "request")} {h.MessageId}");

    static string Describe(Payload payload) => payload switch
    {
        SaPayload => "SA",
        KePayload => "KE",
        IdPayload { Type: PayloadType.IdInitiator } => "IDi",
        IdPayload => "IDr",
        CertPayload => "CERT",
        CertReqPayload => "CERTREQ",
        AuthPayload => "AUTH",
        NoncePayload => "No",
        NotifyPayload n => $"N({NotifyNames.Short(n.Notify)})",
        DeletePayload => "D",
        VendorIdPayload => "V",
        TsPayload { Type: PayloadType.TsInitiator } => "TSi",
        TsPayload => "TSr",
        ConfigurationPayload c => Describe(c),
        EapPayload e => Describe(e),
        _ => Number((int)payload.Type),
    };

    static string Describe(ConfigurationPayload c)
    {
        var kind = c.CfgType switch
        {
            ConfigurationPayload.Request => "CPRQ",
            ConfigurationPayload.Reply => "CPRP",
            ConfigurationPayload.Set => "CPS",
            ConfigurationPayload.Ack => "CPA",
            _ => "CP" + Number(c.CfgType),
        };
        return c.Attributes.IsEmpty ? kind : $"{kind}({string.Join(' ', c.Attributes.Select(a => Attribute(a.Type)))})";
    }

    /// <summary>The long name of a configuration attribute, <c>INTERNAL_IP4_DNS</c>; its number if it has none here.</summary>
    public static string AttributeName(ushort type) => type switch
    {
        1 => "INTERNAL_IP4_ADDRESS",
        2 => "INTERNAL_IP4_NETMASK",
        3 => "INTERNAL_IP4_DNS",
        4 => "INTERNAL_IP4_NBNS",
        5 => "INTERNAL_ADDRESS_EXPIRY",
        6 => "INTERNAL_IP4_DHCP",
        7 => "APPLICATION_VERSION",
        8 => "INTERNAL_IP6_ADDRESS",
        10 => "INTERNAL_IP6_DNS",
        11 => "INTERNAL_IP6_NBNS",
        12 => "INTERNAL_IP6_DHCP",
        13 => "INTERNAL_IP4_SUBNET",
        14 => "SUPPORTED_ATTRIBUTES",
        15 => "INTERNAL_IP6_SUBNET",
        25 => "INTERNAL_DNS_DOMAIN",
        23456 => "INTERNAL_IP4_SERVER",
        23457 => "INTERNAL_IP6_SERVER",
        28672 => "UNITY_BANNER",
        28674 => "UNITY_DEF_DOMAIN",
        28675 => "UNITY_SPLITDNS_NAME",
        28676 => "UNITY_SPLIT_INCLUDE",
        28678 => "UNITY_LOCAL_LAN",
        _ => Number(type),
    };

    static string Attribute(ushort type) => type switch
    {
        1 => "ADDR",
        2 => "MASK",
        3 => "DNS",
        4 => "NBNS",
        5 => "EXP",
        6 => "DHCP",
        7 => "VER",
        8 => "ADDR6",
        10 => "DNS6",
        11 => "NBNS6",
        12 => "DHCP6",
        13 => "SUBNET",
        14 => "SUP",
        15 => "SUBNET6",
        16520 => "X_TYPE",
        16521 => "X_USER",
        16522 => "X_PWD",
        16523 => "X_CODE",
        16524 => "X_MSG",
        16525 => "X_CHALL",
        16526 => "X_DOMAIN",
        16527 => "X_STATUS",
        28672 => "U_BANNER",
        28673 => "U_SAVEPWD",
        28674 => "U_DEFDOM",
        28675 => "U_SPLITDNS",
        28676 => "U_SPLITINC",
        28678 => "U_LOCALLAN",
        28679 => "U_PFS",
        28680 => "U_FWTYPE",
        28681 => "U_BKPSRV",
        _ => Number(type),
    };

    static string Describe(EapPayload e)
    {
        var r = new WireReader(e.Data);
        var code = r.U8();
        r.Skip(3);
        var kind = code switch { 1 => "REQ", 2 => "RES", 3 => "SUCC", 4 => "FAIL", _ => Number(code) };
        return code is 1 or 2 && !r.AtEnd ? $"EAP/{kind}/{EapMethod(ref r)}" : $"EAP/{kind}";
    }

    static string EapMethod(ref WireReader r)
    {
        var type = r.U8();
        return type switch
        {
            1 => "ID",
            2 => "NTF",
            3 => "NAK",
            4 => "MD5",
            5 => "OTP",
            6 => "GTC",
            13 => "TLS",
            18 => "SIM",
            21 => "TTLS",
            23 => "AKA",
            25 => "PEAP",
            26 => "MSCHAPV2",
            33 => "MSTLV",
            254 => Expanded(ref r),
            _ => Number(type),
        };
    }

    /// <summary>RFC 3748 5.7: vendor and the vendor's type.</summary>
    static string Expanded(ref WireReader r)
    {
        var vendor = r.U8() << 16 | r.U16();
        return string.Create(CultureInfo.InvariantCulture, $"{r.U32()}-{vendor}");
    }

    internal static string Number(int number) => string.Create(CultureInfo.InvariantCulture, $"({number})");
}
