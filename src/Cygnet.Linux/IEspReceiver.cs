// Where sockets bring ESP packets. RFC 4303, RFC 3948.
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>Takes the ESP packets of one socket, on that socket's thread.</summary>
public interface IEspReceiver
{
    /// <summary>
    /// ESP packets of one sender, one behind the other: all have <paramref name="segmentSize"/> bytes but the last, which may be shorter.
    /// <paramref name="trafficClass"/> is that of the outer header. The memory may be written to, and is only valid during the call.
    /// </summary>
    void Receive(Endpoint local, Endpoint remote, Span<byte> packets, int segmentSize, byte trafficClass);

    /// <summary>Nothing more is waiting right now.</summary>
    void EndBatch();
}
