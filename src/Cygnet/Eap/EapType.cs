// EAP method types and their names. RFC 3748 5 and 6.2; expanded types 5.7.
using System.Globalization;

namespace Cygnet.Eap;

/// <summary>A method: its type and, for expanded types, the vendor's number (else zero). The default value is none.</summary>
public readonly record struct EapType(uint Type, uint Vendor = 0)
{
    public static readonly EapType Identity = new(1), Notification = new(2), Nak = new(3), Md5 = new(4), Gtc = new(6), Tls = new(13), Sim = new(18), Ttls = new(21),
        Aka = new(23), Peap = new(25), MsChapV2 = new(26), MsTlv = new(33), Expanded = new(254);

    public bool IsNone => this == default;

    /// <summary>The words of ipsec.conf and VICI, behind <c>eap-</c>; private numbers stand for methods that have no type of their own.</summary>
    public static bool TryWord(string word, out EapType type)
    {
        type = word.ToLowerInvariant() switch
        {
            "identity" => Identity,
            "md5" => Md5,
            "otp" => new(5),
            "gtc" => Gtc,
            "tls" => Tls,
            "ttls" => Ttls,
            "sim" => Sim,
            "aka" => Aka,
            "peap" => Peap,
            "mschapv2" => MsChapV2,
            "tnc" => new(38),
            "pt" => new(54),
            _ => default,
        };
        return !type.IsNone;
    }

    /// <summary>As in the reference's logs: <c>EAP_MSCHAPV2</c>; unknown numbers stand in parentheses.</summary>
    public override string ToString() => Vendor != 0 ? string.Create(CultureInfo.InvariantCulture, $"{Type}-{Vendor}") : Type switch
    {
        0 => "none",
        1 => "EAP_IDENTITY",
        2 => "EAP_NOTIFICATION",
        3 => "EAP_NAK",
        4 => "EAP_MD5",
        5 => "EAP_OTP",
        6 => "EAP_GTC",
        13 => "EAP_TLS",
        18 => "EAP_SIM",
        21 => "EAP_TTLS",
        23 => "EAP_AKA",
        25 => "EAP_PEAP",
        26 => "EAP_MSCHAPV2",
        33 => "EAP_MSTLV",
        38 => "EAP_TNC",
        54 => "EAP_PT_EAP",
        254 => "EAP_EXPANDED",
        255 => "EAP_EXPERIMENTAL",
        // none of the registry: the reference's own for methods that stand for others
        256 => "EAP_RADIUS",
        257 => "EAP_DYNAMIC",
        _ => string.Create(CultureInfo.InvariantCulture, $"({Type})"),
    };
}
