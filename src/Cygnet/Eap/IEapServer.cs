// The server's side of a whole EAP conversation. RFC 3748 2.
namespace Cygnet.Eap;

/// <summary>As <see cref="IEapPeer"/>; asynchronous, because a RADIUS server may be behind it. Those of this folder always complete at once.</summary>
public interface IEapServer : IDisposable
{
    /// <summary>Estimated cost of the next call in microseconds: below 100 the host runs it inline.</summary>
    int Microseconds { get; }

    /// <summary>The first request; called once, before <see cref="Receive"/>.</summary>
    ValueTask<EapStep> Begin();

    ValueTask<EapStep> Receive(ReadOnlyMemory<byte> packet);

    /// <summary>Goes on after a step that was Pending; only for who makes such steps.</summary>
    ValueTask<EapStep> Resume() => throw new InvalidOperationException("nothing is pending");

    /// <summary>The value of a private notify (RADIUS_ATTRIBUTE, 40969) that came with the client's message; called before the packet of that message is given.</summary>
    void Note(byte[] notify)
    {
        // only for a server behind this one
    }
}

/// <summary>Makes the server's side of a conversation.</summary>
public delegate IEapServer EapServerFactory(EapServerContext context);
