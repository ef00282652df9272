// Routes, and what routing would do with a packet. RFC 3549 3.1.1.
using Cygnet.Linux.Native;
using Cygnet.Policy;

namespace Cygnet.Linux.Netlink;

/// <summary>
/// A route. <see cref="Source"/> is the address that our own packets take; null leaves it to the kernel. <see cref="IsThrow"/> ends the search
/// in this table, so that the next rule decides, <see cref="IsBlackhole"/> drops; they have no link.
/// </summary>
public sealed record Route(Address Network, int Prefix, uint Table, int LinkIndex, Address? Gateway = null, Address? Source = null, uint Priority = 0,
    bool IsThrow = false)
{
    public bool IsBlackhole { get; init; }

    /// <summary>What senders make of it, bytes; 0 leaves it to the device. Not read back.</summary>
    public uint Mtu { get; init; }
    public uint Mss { get; init; }
}

/// <summary>How a packet would go.</summary>
public sealed record RouteDecision(int LinkIndex, Address? Source, Address? Gateway, bool IsLocal);

public sealed partial class Rtnetlink
{
    const ushort NewRoute = 24, DeleteRoute = 25, GetRoute = 26;
    const ushort RouteDestination = 1, RouteOutput = 4, RouteGateway = 5, RoutePriority = 6, RouteSource = 7, RouteMetrics = 8, RouteTable = 15, RouteMark = 16;
    const ushort MetricMtu = 2, MetricMss = 8;
    const byte TableInAttribute = 252, MainTable = 254, ProtocolStatic = 4, Unicast = 1, Local = 2, Blackhole = 6, Throw = 9, ScopeLink = 253;

    /// <summary>Adds a route, in place of one with the same destination, table and priority.</summary>
    public void AddRoute(Route route) =>
        _socket.Request(RouteMessage(NewRoute, NetlinkFlag.Create | NetlinkFlag.Replace, route), $"add route to {route.Network}/{route.Prefix}");

    /// <summary>Removes a route; one that is not there is no error.</summary>
    public void RemoveRoute(Route route)
    {
        var errno = _socket.TryRequest(RouteMessage(DeleteRoute, 0, route), out var detail);
        if (errno is not (0 or Errno.ESRCH or Errno.ENODEV)) throw new LinuxException(errno, $"remove route to {route.Network}/{route.Prefix}", detail);
    }

    static NetlinkMessage RouteMessage(ushort type, int flags, Route route)
    {
        var ipv6 = route.Network.IsIPv6;
        var message = new NetlinkMessage(type, flags | NetlinkFlag.Ack);
        var head = message.Fixed(12);
        (head[0], head[1], head[4], head[5], head[7]) = (Family(ipv6), (byte)route.Prefix, TableInAttribute, ProtocolStatic, route.IsThrow ? Throw : route.IsBlackhole ? Blackhole : Unicast);
        var hasLink = head[7] == Unicast;
        if (!ipv6 && route.Gateway is null && hasLink) head[6] = ScopeLink;
        if (route.Prefix > 0) message.Add(RouteDestination, route.Network);
        message.Add(RouteTable, route.Table);
        if (hasLink) message.Add(RouteOutput, (uint)route.LinkIndex);
        if (route.Gateway is { } gateway) message.Add(RouteGateway, gateway);
        if (route.Source is { } source) message.Add(RouteSource, source);
        if (route.Priority != 0) message.Add(RoutePriority, route.Priority);
        if (type == NewRoute && (route.Mtu | route.Mss) != 0)
            message.Add(RouteMetrics, [.. Metric(MetricMtu, route.Mtu), .. Metric(MetricMss, route.Mss)]);
        return message;
    }

    static byte[] Metric(ushort type, uint value) => value == 0 ? [] : [8, 0, .. BitConverter.GetBytes(type), .. BitConverter.GetBytes(value)];

    /// <summary>The unicast and throw routes of one table and family.</summary>
    public IReadOnlyList<Route> Routes(bool ipv6, uint table = MainTable)
    {
        var routes = new List<Route>();
        var message = new NetlinkMessage(GetRoute, NetlinkFlag.Dump);
        message.Fixed(12)[0] = Family(ipv6);
        _socket.Request(message, "list routes", (type, body) =>
        {
            if (type == NewRoute && body.Length >= 12 && body[7] is Unicast or Throw && ReadRoute(body) is { } route && route.Table == table) routes.Add(route);
        });
        return routes;
    }

    /// <summary>The table of a route message; null for what is no route but a cached decision.</summary>
    internal static uint? TableOf(ReadOnlySpan<byte> body)
    {
        const uint cloned = 0x200;
        return ReadRoute(body) is { } route && (BitConverter.ToUInt32(body[8..]) & cloned) == 0 ? route.Table : null;
    }

    static Route? ReadRoute(ReadOnlySpan<byte> body)
    {
        if (body.Length < 12) return null;
        var ipv6 = body[0] == Af.Inet6;
        if (body[0] is not (Af.Inet or Af.Inet6)) return null;
        var route = new Route(ipv6 ? Address.Any6 : Address.Any4, body[1], body[4], 0, IsThrow: body[7] == Throw);
        var attributes = new NetlinkAttributes(body[12..]);
        while (attributes.Next())
        {
            var isAddress = attributes.Value.Length == (ipv6 ? 16 : 4);
            route = attributes.Type switch
            {
                RouteDestination when isAddress => route with { Network = Address.Read(attributes.Value) },
                RouteGateway when isAddress => route with { Gateway = Address.Read(attributes.Value) },
                RouteSource when isAddress => route with { Source = Address.Read(attributes.Value) },
                RouteTable => route with { Table = attributes.ValueAsUInt32 },
                RouteOutput => route with { LinkIndex = (int)attributes.ValueAsUInt32 },
                RoutePriority => route with { Priority = attributes.ValueAsUInt32 },
                _ => route,
            };
        }
        return route;
    }

    /// <summary>How a packet of ours with that mark would go to the destination; null if there is no way.</summary>
    public RouteDecision? Lookup(Address destination, uint mark = 0, Address? source = null)
    {
        var message = new NetlinkMessage(GetRoute, NetlinkFlag.Ack);
        var head = message.Fixed(12);
        (head[0], head[1]) = (Family(destination.IsIPv6), (byte)destination.Width);
        message.Add(RouteDestination, destination);
        if (source is { } from)
        {
            const ushort routeFrom = 2;
            head[2] = (byte)from.Width;
            message.Add(routeFrom, from);
        }
        if (mark != 0) message.Add(RouteMark, mark);
        RouteDecision? decision = null;
        var errno = _socket.TryRequest(message, out _, (type, body) =>
        {
            if (type == NewRoute && body.Length >= 12 && body[7] is Unicast or Local && ReadRoute(body) is { } route)
                decision = new(route.LinkIndex, route.Source, route.Gateway, body[7] == Local);
        });
        return errno == 0 ? decision : null;
    }
}
