// Where a worker's results go: the sockets and the TUN device of the host, or a test's lists.
namespace Cygnet.Esp;

/// <summary>Receives what an <see cref="EspWorker"/> made. The spans are valid during the call only.</summary>
public interface IEspSink
{
    /// <summary>
    /// ESP packets for one path, one after the other, each <paramref name="segmentSize"/> bytes long but for the last, which may be shorter:
    /// what UDP_SEGMENT takes in one call. At most 64 packets and 65,000 bytes. Without UDP encapsulation the host sends them one by one.
    /// </summary>
    void Send(in EspPath path, ReadOnlySpan<byte> packets, int segmentSize);

    /// <summary>An outbound packet whose policy is to pass: it leaves in clear, if the host has a way for it.</summary>
    void Pass(ReadOnlySpan<byte> packet, in Offload offload);

    /// <summary>An inner IP packet, perhaps a super-packet that the host's TUN device takes as such.</summary>
    void Deliver(ReadOnlySpan<byte> packet, in Offload offload);
}
