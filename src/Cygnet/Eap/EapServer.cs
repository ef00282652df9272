// The server's conversation. RFC 3748 4.2, 5.1 to 5.3.
namespace Cygnet.Eap;

sealed class EapServer(EapServerContext context) : IEapServer
{
    public int Microseconds => 20;

    public ValueTask<EapStep> Begin() => ValueTask.FromResult(new EapStep(EapOutcome.Failure, [4, 0, 0, 4]) { Reason = $"EAP for '{context.Peer}' is not built yet" });

    public ValueTask<EapStep> Receive(ReadOnlyMemory<byte> packet) => Begin();

    public void Dispose()
    {
    }
}
