// What is to be done about a request of a dynamic authorization client. RFC 5176.
using System.Collections.Immutable;

namespace Cygnet.Radius;

/// <summary><paramref name="Reply"/> is to be sent back. <paramref name="Ikes"/> are the IKE_SAs that matched, by their numbers.</summary>
public sealed record DaeVerdict(byte[] Reply, ImmutableArray<int> Ikes)
{
    /// <summary>Disconnect-Request: end them. Else change what they are authorized for.</summary>
    public bool Disconnects { get; init; }

    /// <summary>CoA-Request: the time after which they have to authenticate again; null: as it is.</summary>
    public TimeSpan? AuthLifetime { get; init; }

    /// <summary>CoA-Request: their group memberships from now on; null: as they are.</summary>
    public ImmutableArray<string>? Groups { get; init; }
}
