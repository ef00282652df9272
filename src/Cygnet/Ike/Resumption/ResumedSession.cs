// The session that an IKE_SA resumes, while it is being authenticated. RFC 5723 5.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Who the ends are; as the gateway, what the ticket held.</summary>
sealed record ResumedSession(Identity LocalId, Identity RemoteId, TicketState? Ticket, Instant ReauthAt);
