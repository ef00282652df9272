// Tickets: asked for by a client, given by a gateway, in IKE_AUTH or INFORMATIONAL. RFC 5723 4.1, 4.2.
//   SK {.. N(TKT_REQ)}  -->
//                         <--  SK {.. N(TKT_LFT) | N(TKT_NACK) | N(TKT_ACK)}     TKT_ACK: the ticket comes later
//                         <--  SK {N(TKT_LFT)}
//   SK {}  -->
using System.Buffers.Binary;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class Resumption(IkeSa ike) : Exchange(ike)
{
    const int LongestTicket = 8192;

    public override string Task => "IKE_TICKET";
    public override ExchangeType Type => ExchangeType.Informational;

    public static bool IsMeant(Message request) => request.Has(NotifyType.TicketRequest) || request.Has(NotifyType.TicketLifetimeOpaque);

    public override void OnRequest(Message request)
    {
        List<Payload> payloads = [];
        Answer(Ike, request, payloads);
        if (request.Has(NotifyType.TicketLifetimeOpaque)) Note(Ike, request);
        Ike.Respond(this, payloads);
    }

    /// <summary>Client, in the first IKE_AUTH request.</summary>
    public static void Ask(IkeSa ike, List<Payload> payloads)
    {
        if (ike.Connection is { Resumes: true }) payloads.Add(new NotifyPayload(NotifyType.TicketRequest));
    }

    /// <summary>Client: the ticket, in the last IKE_AUTH response or later. The keys that it stands for are those of now.</summary>
    public static void Note(IkeSa ike, Message message)
    {
        if (ike.Connection is not { Resumes: true } connection || !ike.IsOriginalInitiator || ike.PeerAddressBlocks is not null) return;
        if (message.Has(NotifyType.TicketNack)) ike.Log(LogGroup.Ike, 1, $"received TICKET_NACK, the peer gives no ticket");
        if (message.Notify(NotifyType.TicketLifetimeOpaque) is not { Data.Length: > 4 and <= LongestTicket + 4 } notify) return;
        var lifetime = TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(notify.Data));
        ike.Log(LogGroup.Ike, 1, $"received a ticket to resume the session within {(long)lifetime.TotalSeconds}s");
        var reauth = ike.ReauthenticationIn is { } left ? ike.Engine.Now + left : Instant.Never;
        ike.OwnTicket = new(connection, notify.Data[4..], ike.Engine.Now + lifetime)
        {
            SkD = (byte[])ike.Keys!.SkD.Clone(), Proposal = ike.Proposal!, LocalId = ike.LocalId!, RemoteId = ike.RemoteId!, ReauthAt = reauth,
        };
        ike.Engine.Host.Shared.Tickets.Keep(ike.OwnTicket);
    }

    /// <summary>Gateway: the ticket that the client asks for, or that it gets none.</summary>
    public static void Answer(IkeSa ike, Message request, List<Payload> payloads)
    {
        if (!request.Has(NotifyType.TicketRequest)) return;
        payloads.Add(Issue(ike) is { } ticket ? new NotifyPayload(NotifyType.TicketLifetimeOpaque, ticket) : new NotifyPayload(NotifyType.TicketNack));
    }

    /// <summary>Lifetime and ticket. It ends with the authentication; what an authentication server has granted, or a certificate limits, is not to be had by a ticket.</summary>
    static byte[]? Issue(IkeSa ike)
    {
        if (ike.Engine.Settings.TicketLifetime is not { } lifetime || lifetime < TimeSpan.FromSeconds(1) || ike.IsOriginalInitiator || ike.Grant is not null || ike.PeerAddressBlocks is not null || ike.Connection is null) return null;
        var keys = ike.Engine.Host.Shared.TicketKeys;
        var now = ike.Engine.Now;
        var left = ike.ReauthenticationIn is { } reauth && reauth < lifetime ? reauth : lifetime;
        if (left < TimeSpan.FromSeconds(1)) return null;
        Span<byte> id = stackalloc byte[16];
        ike.Engine.Host.Random.Fill(id);
        var state = new TicketState
        {
            Id = BinaryPrimitives.ReadUInt128BigEndian(id), Expires = now + left, Connection = ike.Connection.Name, Settings = keys.NumberOf(ike.Connection),
            Credentials = keys.NumberOf((object)ike.Engine.Configuration!.Credentials), LocalId = ike.LocalId!, RemoteId = ike.RemoteId!, RemoteEapId = ike.RemoteEapId,
            Proposal = ike.Proposal!, SkD = ike.Keys!.SkD, ReauthAt = ike.ReauthenticationIn is { } r ? now + r : Instant.Never, IkeId = ike.UniqueId,
        };
        ike.RevokeTicket();
        ike.GivenTicket = new(state.Id);
        ike.Log(LogGroup.Ike, 1, $"giving the peer a ticket to resume the session within {(long)left.TotalSeconds}s");
        var data = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(data, (uint)left.TotalSeconds);
        return [.. data, .. keys.Seal(state, now, lifetime, ike.Engine.Host.Random)];
    }

    /// <summary>Gateway: the connection of a ticket, if it is still there as it was, and so are the credentials.</summary>
    public static Connection? Current(IkeEngine engine, TicketState state)
    {
        var keys = engine.Host.Shared.TicketKeys;
        return engine.Configuration is { } now && keys.NumberOf((object)now.Credentials) == state.Credentials
            && now.Connections.Find(state.Connection) is { } connection && keys.NumberOf(connection) == state.Settings ? connection : null;
    }
}
