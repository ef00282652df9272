// What the daemon is configured to do: an immutable snapshot, replaced as a whole.
using System.Collections.Immutable;
using Cygnet.Auth;
using Cygnet.Policy;
using Cygnet.Pools;

namespace Cygnet.Ike;

/// <summary>Connections in load order, the credentials, the pools.</summary>
public sealed record Configuration(ConnectionTable Connections, ICredentials Credentials)
{
    /// <summary>Pools of virtual addresses, by load order.</summary>
    public ImmutableArray<Pool> Pools { get; init; } = [];
}
