// How a traffic selector is printed: 10.1.0.0/16, 10.1.0.3..10.1.0.9, dynamic, with [tcp/http] where narrowed.
using System.Text;

namespace Cygnet.Policy;

static class TrafficSelectorText
{
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
        return ts.FromPort == ts.ToPort || allCodes ? One(ts.FromPort) : $"{One(ts.FromPort)}-{One((ushort)(ts.ToPort & 0xff00))}";
    }
}
