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
            || !PeerConfigs.ByAddress([connection], local.Address, remote.Address).Contains(connection))
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

    /// <summary>The first request of an IKE_SA that is being set up, again.</summary>
    bool IsRepeated(in IkeHeader header, ReadOnlySpan<byte> datagram, Endpoint remote)
    {
        if (!_inits.TryGetValue((remote.Address, header.InitiatorSpi), out var known)) return false;
        if (known.Handshake is { } h && known.Receiving is { Expected: 1, Response: not null } && h.InitRequest.AsSpan().SequenceEqual(datagram)) known.RepeatInit();
        else Drop(DropReason.Busy);
        return true;
    }

    /// <summary>A stranger's IKE_SA begins.</summary>
    void Enter(IkeSa sa, Message message, int bytes, Action answer)
    {
        Register(sa);
        _inits[(sa.Remote.Address, sa.InitiatorSpi)] = sa;
        BeginHalfOpen(sa);
        try
        {
            sa.TakeLogAllowance();
            sa.Log(LogGroup.Net, 1, $"received packet: from {sa.Remote} to {sa.Local} ({bytes} bytes)");
            sa.Log(LogGroup.Enc, 1, $"parsed {Notation.Describe(message.Header, message.Payloads)}");
            answer();
        }
        catch (Exception e) { Fault(sa, e); }
    }
}
