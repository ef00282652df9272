// The client's side of a whole EAP conversation. RFC 3748 2.
namespace Cygnet.Eap;

/// <summary>
/// Identity, Notification, NAK and the method. One call at a time; each may come from another thread, inside a <c>Work</c>.
/// Nothing that is received makes it throw. After a failure it only says so again.
/// </summary>
public interface IEapPeer : IDisposable
{
    /// <summary>Estimated cost of the next <see cref="Receive"/> in microseconds: below 100 the host runs it inline.</summary>
    int Microseconds { get; }

    EapStep Receive(ReadOnlyMemory<byte> packet);

    /// <summary>Goes on after a step that was Pending.</summary>
    EapStep Resume();
}
