// The first message of a client that has a ticket. RFC 5723 4.3.
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

public sealed partial class IkeEngine
{
    /// <summary>As IKE_SA_INIT, with the same limits; a ticket that opens nothing leaves nothing behind.</summary>
    void ReceiveResume(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint local, Endpoint remote)
    {
        if (!header.FromInitiator || header.InitiatorSpi == 0 || header.MessageId != 0)
        {
            Drop(DropReason.Malformed);
            return;
        }
        if (IsRepeated(header, datagram, remote)) return;
        if (Settings.InitiatorOnly || Configuration is null)
        {
            Drop(Configuration is null ? DropReason.NotConfigured : DropReason.InitiatorOnly);
            return;
        }
        if (!Message.TryParse(datagram, out var message).IsOk || message.Encrypted is not null || message.Get<NoncePayload>() is not { } nonce
            || message.Notify(NotifyType.TicketOpaque) is not { } ticket)
        {
            Drop(DropReason.Malformed);
            return;
        }
        if (!MayEnter(header, message, nonce.Data, local, remote)) return;
        if (Settings.TicketLifetime is null || Host.Shared.TicketKeys.Open(ticket.Data, Now) is not { } state || Exchanges.Resumption.Current(this, state) is not { } connection
            || !ConnectionTable.Of([connection]).For(local.Address, remote.Address).Contains(connection))
        {
            Refused(RefusalKind.Authentication, LogGroup.Ike, $"{remote.Address} resumes a session with a ticket that is not valid any more, sending TICKET_NACK", local, remote,
                "it authenticates anew: the ticket is spent, too old, of another gateway or start of the daemon, or its connection has changed", []);
            Refuse(header, local, remote, new(NotifyType.TicketNack));
            return;
        }
        var sa = new IkeSa(this, isInitiator: false, local, remote) { InitiatorSpi = header.InitiatorSpi, ResponderSpi = NewIkeSpi(), State = IkeState.Connecting };
        sa.Handshake!.InitRequest = datagram.ToArray();
        sa.Handshake.Candidates = [connection];
        Enter(sa, message, datagram.Length, () => sa.AnswerFirst(new Exchanges.SessionResume(sa, state), message));
    }
}
