// The tickets that this host has from its gateways, with what it takes to use them. RFC 5723 4.2.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>One gateway's ticket, and our half of the session.</summary>
sealed record ClientTicket(Connection Connection, byte[] Opaque, Instant Expires)
{
    public required byte[] SkD { get; init; }
    public required Proposal Proposal { get; init; }
    public required Identity LocalId { get; init; }
    public required Identity RemoteId { get; init; }
    public required Instant ReauthAt { get; init; }
}

/// <summary>Thread safe; shared by all shards. The newest of each connection, in memory alone; each is used once.</summary>
sealed class ClientTickets
{
    readonly Lock _lock = new();
    readonly Dictionary<string, ClientTicket> _tickets = new(StringComparer.Ordinal);

    public void Keep(ClientTicket ticket)
    {
        lock (_lock) _tickets[ticket.Connection.Name] = ticket;
    }

    /// <summary>If it is the newest still.</summary>
    public void Forget(ClientTicket ticket)
    {
        lock (_lock)
            if (ReferenceEquals(_tickets.GetValueOrDefault(ticket.Connection.Name), ticket)) _tickets.Remove(ticket.Connection.Name);
    }

    /// <summary>The ticket of a connection that is as it was; whatever becomes of it, it is gone.</summary>
    public ClientTicket? Take(Connection connection, Instant now)
    {
        lock (_lock) return _tickets.Remove(connection.Name, out var ticket) && ticket.Connection.HasSameIkeSettings(connection) && now < ticket.Expires ? ticket : null;
    }
}
