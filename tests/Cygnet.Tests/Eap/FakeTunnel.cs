// A server of TLS inside EAP that does as a test tells it.
using Cygnet.Eap;
using Cygnet.Eap.Tls;

namespace Cygnet.Tests.Eap;

/// <summary>Drives a client through the handshake with a session of the test's own, then says inside whatever it likes.</summary>
sealed class FakeTunnel(EapPeer client, EapType type, TlsSession session)
{
    readonly TlsFraming _framing = new(type, new() { FragmentSize = 4000, MaxMessageCount = 0 }, isServer: true);
    readonly List<string> _lines = [];
    byte _id = 10;

    public EapStep Last { get; private set; } = new(EapOutcome.Continue, null);

    EapStep Give(byte[] data)
    {
        Last = client.Receive(EapPacket.Request(++_id, type, data));
        _lines.AddRange(Last.Lines);
        return Last;
    }

    // What the client answers, until it has said all.
    byte[] Flight(EapStep step)
    {
        while (step is { Outcome: EapOutcome.Continue, Packet: { } packet })
        {
            switch (_framing.Receive(EapPacket.TryParse(packet, out _)!.Data.Span, out var reason))
            {
                case TlsFrame.Message: return _framing.Flight;
                case TlsFrame.Piece: step = Give(TlsFraming.AcknowledgementData); break;
                case TlsFrame.Acknowledgement when _framing.HasMore: step = Give(_framing.Next()); break;
                case TlsFrame.Acknowledgement: return [];
                default: throw new InvalidOperationException(reason);
            }
        }
        return [];
    }

    /// <summary>Until nothing is to be sent any more; all that the client logged.</summary>
    public List<string> Handshake(out byte id)
    {
        var flight = Flight(Give(TlsFraming.StartData));
        for (var i = 0; i < 20; i++)
        {
            session.Receive(flight);
            var output = session.TakeOutput();
            if (output.Length == 0) break;
            flight = Flight(Give(_framing.Send(output)));
            if (flight.Length == 0) break;
        }
        id = _id;
        return _lines;
    }

    /// <summary>What the client has sent inside, as far as it was delivered to the session.</summary>
    public byte[] TakeData() => session.TakeData();

    /// <summary>Says that inside; the client's step, and what it answers inside.</summary>
    public EapStep Say(byte[] inside, out byte[] answer)
    {
        session.Write(inside);
        var step = Give(_framing.Send(session.TakeOutput()));
        session.Receive(Flight(step));
        answer = session.TakeData();
        return step;
    }
}
