// The client's conversation. RFC 3748 4.2, 5.1 to 5.3.
namespace Cygnet.Eap;

sealed class EapPeer(EapPeerContext context) : IEapPeer
{
    public int Microseconds => 20;

    public EapStep Receive(ReadOnlyMemory<byte> packet) =>
        new(EapOutcome.Failure, null) { Reason = $"EAP for '{context.Me}' is not built yet" };

    public void Dispose()
    {
    }
}
