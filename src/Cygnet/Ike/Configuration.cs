// What the daemon is configured to do: an immutable snapshot, replaced as a whole.
using System.Collections.Immutable;
using Cygnet.Auth;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Connections in load order, and the credentials.</summary>
public sealed record Configuration(ImmutableArray<Connection> Connections, ICredentials Credentials);
