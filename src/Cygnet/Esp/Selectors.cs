// Whether selectors cover a packet. RFC 4301 4.4.1.1, 5.2 step 4; RFC 7296 3.13.1.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Esp;

static class Selectors
{
    /// <summary>Outbound: the source is ours. Inbound: the destination is.</summary>
    public static bool Cover(ImmutableArray<TrafficSelector> local, ImmutableArray<TrafficSelector> remote, in InnerHeader h, bool outbound) => outbound
        ? Any(local, h.Source, h.SourcePort, h) && Any(remote, h.Destination, h.DestinationPort, h)
        : Any(local, h.Destination, h.DestinationPort, h) && Any(remote, h.Source, h.SourcePort, h);

    public static bool Covers(TrafficSelector ts, in UInt128 address, ushort port, in InnerHeader h)
    {
        if (ts.IsIPv6 != h.IsIPv6 || address < ts.From || address > ts.To) return false;
        if (ts.Protocol != 0 && ts.Protocol != h.Protocol) return false;
        if (ts.AnyPort) return true;
        return ts.IsOpaque ? !h.HasPorts : h.HasPorts && port >= ts.FromPort && port <= ts.ToPort;
    }

    /// <summary>The selector that covers exactly this packet's flow, for an acquire.</summary>
    public static TrafficSelector Exact(in UInt128 address, ushort port, in InnerHeader h) =>
        h.HasPorts ? new(h.IsIPv6, address, address, h.Protocol, port, port) : new(h.IsIPv6, address, address, h.Protocol);

    static bool Any(ImmutableArray<TrafficSelector> selectors, in UInt128 address, ushort port, in InnerHeader h)
    {
        foreach (var ts in selectors)
            if (Covers(ts, address, port, h)) return true;
        return false;
    }
}
