// The types of values in ipsec.conf, and the reference's words when one is wrong. ipsec.conf(5).
using System.Globalization;
using Cygnet.Control;
using Cygnet.Policy;

namespace Cygnet.Config;

static class ConfValue
{
    /// <summary>Whether the reference adds "bad argument value in …" to its complaint.</summary>
    public static bool HasSecondLine(KeywordKind kind) =>
        kind is KeywordKind.Word or KeywordKind.Time or KeywordKind.Integer or KeywordKind.Long or KeywordKind.Percent or KeywordKind.Binary or KeywordKind.ProtoPort;

    /// <summary>The complaint about a value, or null if it is good.</summary>
    public static (string Reference, string Detail)? Complaint(Keyword keyword, string value)
    {
        var (name, kind) = (keyword.Name, keyword.Kind);
        switch (kind)
        {
            case KeywordKind.Word or KeywordKind.Option or KeywordKind.Policy:
                if (keyword.Words.Contains(value)) return null;
                var what = kind switch { KeywordKind.Option => "option ", KeywordKind.Policy => "policy ", _ => "" };
                return ($"# bad {what}value: {name}={value}", ConfigError.Expected(value, OneOf(keyword.Words), Nearest.To(value, keyword.Words)));
            case KeywordKind.Time:
                return TryTime(value, out _) ? null
                    : ($"# bad duration value: {name}={value}", ConfigError.Expected(value, "a number with one of s, m, h, d behind it, for example 90m"));
            case KeywordKind.Integer when name.EndsWith("ikeport", StringComparison.Ordinal):
                return TryInteger(value, out var port) && port is >= 0 and <= 65535 ? null : Integer(name, value, "a port, 0 to 65535");
            case KeywordKind.Integer:
                return TryInteger(value, out var n) && n >= -1 && n <= uint.MaxValue && (n >= 0 || name == "replay_window") ? null : Integer(name, value, "a decimal number");
            case KeywordKind.Long:
                return TryInteger(value, out var many) && many >= 0 ? null : Integer(name, value, "a decimal number");
            case KeywordKind.Tries:
                return value == "%forever" || (TryInteger(value, out var tries) && tries is >= 0 and <= int.MaxValue) ? null
                    : Integer(name, value, "a decimal number or %forever");
            case KeywordKind.Padding:
                return value == "%mtu" || (TryInteger(value, out var padding) && padding is >= 0 and <= 65535) ? null : Integer(name, value, "a decimal number or %mtu");
            case KeywordKind.Percent:
                return value.EndsWith('%') && TryInteger(value[..^1], out var percent) && percent is >= 0 and <= 100_000 ? null
                    : ($"# bad percent value: {name}={value}", ConfigError.Expected(value, "a number and %, for example 100%"));
            case KeywordKind.Binary:
                return value.Length <= 6 && value.Length > 0 && value.All(c => c is '0' or '1') && value.Length == 6 ? null
                    : ($"# bad binary value: {name}={value}", ConfigError.Expected(value, "six binary digits, for example 101110"));
            case KeywordKind.Mark:
                return Mark(value);
            case KeywordKind.ProtoPort:
                return ProtoPort(name, value);
            default:
                return null;
        }
    }

    /// <summary>A number with an optional suffix s, m, h or d, in seconds.</summary>
    public static bool TryTime(string text, out long seconds)
    {
        seconds = 0;
        var unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        if (!TryInteger(unit == 0 ? text : text[..^1], out var n) || n < 0 || n > uint.MaxValue) return false;
        seconds = n * Math.Max(1, unit);
        return seconds <= uint.MaxValue;
    }

    /// <summary>Decimal, with a sign if need be; too large ones are refused.</summary>
    public static bool TryInteger(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out number);

    /// <summary>yes or no; for more: a, b or c.</summary>
    public static string OneOf(IReadOnlyList<string> words) =>
        words.Count == 1 ? words[0] : $"{string.Join(", ", words.Take(words.Count - 1))} or {words[^1]}";

    static (string, string) Integer(string name, string value, string expected) => ($"# bad integer value: {name}={value}", ConfigError.Expected(value, expected));

    static (string, string)? Mark(string value)
    {
        if (value is "%unique" or "%unique-dir") return null;
        var slash = value.IndexOf('/');
        var mark = slash < 0 ? value : value[..slash];
        const string expected = "<value>[/<mask>], %unique or %unique-dir";
        if (!IsMarkNumber(mark)) return ($"invalid mark value: {value}", ConfigError.Expected(value, expected));
        var mask = slash < 0 ? "" : value[(slash + 1)..];
        return mask.Length == 0 || IsMarkNumber(mask) ? null : ($"invalid mark mask: {BehindNumber(mask)}", ConfigError.Expected(value, expected));
    }

    /// <summary>What the reference could not read: it shows that alone.</summary>
    static string BehindNumber(string text)
    {
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var at = isHex ? 2 : 0;
        while (at < text.Length && (isHex ? char.IsAsciiHexDigit(text[at]) : char.IsAsciiDigit(text[at]))) at++;
        // a number that is too large, then
        return at == text.Length ? text : text[at..];
    }

    static bool IsMarkNumber(string text) => Vici.TryNumber(text, out var n) && n is >= int.MinValue and <= uint.MaxValue;

    static (string, string)? ProtoPort(string name, string value)
    {
        var slash = value.IndexOf('/');
        var proto = slash < 0 ? value : value[..slash];
        if (!TrafficSelectorText.TryProtocol(proto, out var protocol))
            return ($"# bad protocol: {name}={proto}", ConfigError.Expected(value, "a protocol's name or its number, 0 to 255"));
        if (slash < 0 || TrafficSelectorText.TryPorts(value[(slash + 1)..], protocol, out _, out _)) return null;
        // Of a range that begins well the reference shows the end.
        var ports = value[(slash + 1)..];
        var hyphen = ports.IndexOf('-');
        if (hyphen > 0 && TrafficSelectorText.TryPorts(ports[..hyphen], protocol, out _, out _) && hyphen + 1 < ports.Length) ports = ports[(hyphen + 1)..];
        return ($"# bad port: {name}={ports}", ConfigError.Expected(value, "a service's name, a port, a range of ports, %any or %opaque"));
    }
}
