// What of the host's network counts for IKE, from strongswan.conf.
namespace Cygnet.Linux;

/// <summary>Defaults are those of strongSwan 5.9.8.</summary>
public sealed record HostAddressOptions
{
    /// <summary>Routes of this table are our own and not told of.</summary>
    public uint OwnTable { get; init; }

    /// <summary>Devices that IKE uses: <c>interfaces_use</c>, <c>interfaces_ignore</c>.</summary>
    public InterfaceFilter Interfaces { get; init; } = new();

    /// <summary>Whether changes of routes are told of: <c>process_route</c>.</summary>
    public bool FollowsRoutes { get; init; } = true;

    /// <summary>Whether changes of routing rules are, as changes of routes: <c>kernel-netlink.process_rules</c>.</summary>
    public bool FollowsRules { get; init; }

    /// <summary>Temporary IPv6 addresses (RFC 8981) before permanent ones: <c>prefer_temporary_addrs</c>.</summary>
    public bool PrefersTemporary { get; init; }
}
