// The door for requests of RADIUS servers: charon.plugins.eap-radius.dae. RFC 5176.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Radius;

public sealed record DaeSettings
{
    public Address Listen { get; init; } = Address.Any4;
    public ushort Port { get; init; } = 3799;
    public required byte[] Secret { get; init; }

    /// <summary>Whom we take requests from, besides the servers themselves: addresses and subnets (<c>dae.x-clients</c>).</summary>
    public ImmutableArray<TrafficSelector> Clients { get; init; } = [];

    public override string ToString() => $"{Listen}[{Port}]";
}
