// Settings of the user-space data plane.
namespace Cygnet.Linux;

/// <summary>The TUN device, and where its routes stand.</summary>
public sealed record TunOptions
{
    /// <summary>If it is taken, the next free number is.</summary>
    public string Name { get; init; } = "ipsec0";

    /// <summary>Leaves room for ESP, UDP and IPv6 around an inner packet on a wire of 1500 bytes.</summary>
    public int Mtu { get; init; } = 1400;

    /// <summary>strongSwan's table and rule priority, which operators know.</summary>
    public uint RoutingTable { get; init; } = 220;
    public uint RulePriority { get; init; } = 220;
    public bool InstallRoutes { get; init; } = true;

    /// <summary>What packets look into the table; null: those without the mark of our sockets.</summary>
    public PacketMark? RuleMark { get; init; }

    /// <summary>Of the routes, bytes; 0: none.</summary>
    public uint RouteMtu { get; init; }
    public uint RouteMss { get; init; }
}
