// Which clients this gateway sends to another one when they connect. RFC 5685 3, 6; docs/redirect.md.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>A section of <c>charon.x-redirect</c>; all that it names must hold.</summary>
public sealed record RedirectRule
{
    public required string Name { get; init; }

    /// <summary>Addresses or host names; of several, one by chance.</summary>
    public required ImmutableArray<Identity> Gateways { get; init; }

    /// <summary>In the last answer of IKE_AUTH, else in that to IKE_SA_INIT.</summary>
    public bool IsAfterAuthentication { get; init; }

    /// <summary>Where the client calls from; null: anywhere.</summary>
    public TrafficSelector? PeerIp { get; init; }

    /// <summary>A pattern; only after authentication.</summary>
    public Identity? PeerId { get; init; }

    /// <summary>Name of the connection; only after authentication.</summary>
    public string? Connection { get; init; }

    /// <summary>Only while more IKE_SAs than this are up.</summary>
    public int? Above { get; init; }
}
