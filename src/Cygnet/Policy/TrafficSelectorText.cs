// How a traffic selector is printed: 10.1.0.0/16, 10.1.0.3..10.1.0.9, dynamic, with [tcp/http] where narrowed;
// and how leftsubnet and local_ts write it. ipsec.conf(5), swanctl.conf(5).
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Cygnet.Control;

namespace Cygnet.Policy;

/// <summary>The text forms of a <see cref="TrafficSelector"/>.</summary>
public static class TrafficSelectorText
{
    /// <summary>
    /// Reads <c>net[proto/port]</c>; net is an address, a subnet, a range <c>a-b</c>, or <c>dynamic</c> (<c>%dynamic</c>), which may be left out.
    /// The error says which part is wrong: <c>invalid subnet: x</c> or <c>invalid proto/port: x</c>.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TrafficSelector? selector, [NotNullWhen(false)] out string? error)
    {
        selector = null;
        error = null;
        text = text.Trim();
        var net = text;
        var narrow = "";
        if (text.IndexOf('[') is >= 0 and var open)
        {
            if (!text.EndsWith(']'))
            {
                error = $"invalid proto/port: {text[(open + 1)..]}";
                return false;
            }
            net = text[..open].TrimEnd();
            narrow = text[(open + 1)..^1];
        }
        if (!TryNet(net, out var bare))
        {
            error = $"invalid subnet: {net}";
            return false;
        }
        if (!TryProtoPort(narrow, out var protocol, out var from, out var to))
        {
            error = $"invalid proto/port: {narrow}";
            return false;
        }
        selector = bare with { Protocol = protocol, FromPort = from, ToPort = to };
        return true;
    }

    /// <summary>Reads <c>proto[/port]</c>, as in brackets and in leftprotoport; empty is any.</summary>
    public static bool TryProtoPort(string text, out byte protocol, out ushort from, out ushort to)
    {
        (from, to) = (0, 65535);
        var slash = text.IndexOf('/');
        if (!TryProtocol((slash < 0 ? text : text[..slash]).Trim(), out protocol)) return false;
        return slash < 0 || TryPorts(text[(slash + 1)..].Trim(), protocol, out from, out to);
    }

    public static bool TryProtocol(string text, out byte protocol)
    {
        protocol = 0;
        if (text is "" or "%any" or "any") return true;
        if (Vici.TryNumber(text, out var number))
        {
            protocol = (byte)number;
            return number is >= 0 and <= 255;
        }
        return ServiceNames.TryProtocol(text, out protocol);
    }

    public static bool TryPorts(string text, byte protocol, out ushort from, out ushort to)
    {
        (from, to) = (0, 65535);
        if (text is "" or "%any" or "any") return true;
        if (text is "%opaque" or "opaque")
        {
            (from, to) = (65535, 0);
            return true;
        }
        if (TryPort(text, protocol, out from))
        {
            to = from;
        }
        else
        {
            // A service's own name may hold a hyphen, hence the whole word was tried first.
            var hyphen = text.IndexOf('-');
            if (hyphen < 0 || !TryPort(text[..hyphen].Trim(), protocol, out from) || !TryPort(text[(hyphen + 1)..].Trim(), protocol, out to)) return false;
        }
        if (protocol is 1 or 58)
        {
            // A type alone stands for all its codes, RFC 4301 4.4.1.1.
            to = to < 256 ? (ushort)(to << 8 | 0xff) : to;
            from = from < 256 ? (ushort)(from << 8) : from;
        }
        return from <= to;
    }

    static bool TryPort(string text, byte protocol, out ushort port)
    {
        port = 0;
        if (!Vici.TryNumber(text, out var number)) return ServiceNames.TryPort(text, protocol, out port);
        port = (ushort)number;
        return number is >= 0 and <= 65535;
    }

    static bool TryNet(string text, [NotNullWhen(true)] out TrafficSelector? selector)
    {
        selector = null;
        if (text is "" or "dynamic" or "%dynamic")
        {
            selector = TrafficSelector.Dynamic;
            return true;
        }
        if (text.IndexOf('-') is >= 0 and var hyphen)
        {
            if (!Address.TryParse(text.AsSpan(0, hyphen).Trim(), out var from) || !Address.TryParse(text.AsSpan(hyphen + 1).Trim(), out var to)
                || from.IsIPv6 != to.IsIPv6 || from.Bits > to.Bits) return false;
            selector = new(from.IsIPv6, from.Bits, to.Bits);
            return true;
        }
        var slash = text.IndexOf('/');
        if (!Address.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var network)) return false;
        var prefix = network.Width;
        if (slash >= 0 && !(int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out prefix) && prefix <= network.Width)) return false;
        selector = TrafficSelector.Subnet(network, prefix);
        return true;
    }

    public static string Format(TrafficSelector ts)
    {
        var text = new StringBuilder();
        if (ts.IsDynamic) text.Append("dynamic");
        else
        {
            var prefix = ts.PrefixLength;
            var from = Numeric(new(ts.From, ts.IsIPv6));
            if (prefix >= 0) text.Append(from).Append('/').Append(prefix);
            else text.Append(from).Append("..").Append(Numeric(new(ts.To, ts.IsIPv6)));
        }
        if (ts.Protocol == 0 && ts.AnyPort) return text.ToString();
        text.Append('[').Append(ts.Protocol == 0 ? "0" : ServiceNames.Protocol(ts.Protocol));
        if (!ts.AnyPort)
        {
            text.Append('/');
            if (ts.IsOpaque) text.Append("OPAQUE");
            else if (ts.Protocol is 1 or 58) text.Append(Icmp(ts));
            else if (ts.FromPort == ts.ToPort) text.Append(ServiceNames.Port(ts.FromPort, ts.Protocol));
            else text.Append(ts.FromPort).Append('-').Append(ts.ToPort);
        }
        return text.Append(']').ToString();
    }

    static string Numeric(Address a) => a.ToIPAddress().ToString();

    static string Icmp(TrafficSelector ts)
    {
        static string One(ushort port) => (port & 0xff) == 0 ? $"{port >> 8}" : $"{port >> 8}({port & 0xff})";
        var allCodes = ts.FromPort >> 8 == ts.ToPort >> 8 && (ts.FromPort & 0xff) == 0 && (ts.ToPort & 0xff) == 0xff;
        // a type with all its codes goes without them
        return ts.FromPort == ts.ToPort || allCodes ? One(ts.FromPort) : $"{One(ts.FromPort)}-{One((ts.ToPort & 0xff) == 0xff ? (ushort)(ts.ToPort & 0xff00) : ts.ToPort)}";
    }
}
