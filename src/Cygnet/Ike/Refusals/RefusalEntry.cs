// One refusal as ipsec why shows it: who said no to what, why, and the setting that would change it.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>What did not fit.</summary>
public enum RefusalKind
{
    /// <summary>No connection is for these addresses.</summary>
    Peer,
    /// <summary>Proposals or key exchange of the IKE_SA.</summary>
    Ike,
    /// <summary>Proposals or key exchange of a CHILD_SA.</summary>
    Child,
    Selectors,
    Identity,
    /// <summary>A secret, key, certificate or EAP method.</summary>
    Authentication,
    /// <summary>Half-open limits, uniqueness, leases, what the daemon takes at once.</summary>
    Limit,
    DataPlane,
    /// <summary>A message that cannot be understood, or one that the other end could not.</summary>
    Message,
    /// <summary>No answer.</summary>
    Silence,
}

public enum RefusedBy { Us, Peer, Nobody }

/// <summary>A refusal, or several equal ones. <see cref="Reason"/> and <see cref="Change"/> are sentences for the operator.</summary>
public sealed record RefusalEntry
{
    /// <summary>Of the connection that it is about; empty if none could be found.</summary>
    public required string Connection { get; init; }
    public required RefusalKind Kind { get; init; }
    public required RefusedBy By { get; init; }
    public required string Reason { get; init; }

    /// <summary>The setting that would change it, and on which end; null if no setting does.</summary>
    public string? Change { get; init; }

    /// <summary>What was offered and what is allowed, what was looked for and where; a line each.</summary>
    public ImmutableArray<string> Facts { get; init; } = [];

    /// <summary>The last time, and the first of the equal ones that came one after the other.</summary>
    public required DateTimeOffset At { get; init; }
    public required DateTimeOffset First { get; init; }
    public int Times { get; init; } = 1;
    public int IkeId { get; init; }
    public bool WeInitiated { get; init; }
    public Endpoint Local { get; init; }
    public Endpoint Remote { get; init; }

    /// <summary>As far as they were known; null before.</summary>
    public string? LocalId { get; init; }
    public string? RemoteId { get; init; }

    /// <summary>The other end was not authenticated: whoever sends from that address may have written this.</summary>
    public bool IsStrangers { get; init; }

    internal bool IsSame(RefusalEntry o) => Kind == o.Kind && By == o.By && Reason == o.Reason && Remote.Address == o.Remote.Address && RemoteId == o.RemoteId
        && WeInitiated == o.WeInitiated;
}
