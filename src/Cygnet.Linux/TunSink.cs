// Where the engine's packets go: ESP to the sockets, inner packets to the TUN device.
using Cygnet.Esp;

namespace Cygnet.Linux;

/// <summary>The host's end of the ESP workers; used by all of them at once.</summary>
sealed class TunSink(TunDevice device, UdpSockets udp, RawEspSockets raw) : IEspSink
{
    long _failures;

    internal long Failures => Volatile.Read(ref _failures);

    public void Send(in EspPath path, ReadOnlySpan<byte> packets, int segmentSize)
    {
        var error = path.UdpEncapsulation
            ? udp.SendEsp(path.Local, path.Remote, packets, segmentSize, path.TrafficClass)
            : raw.SendEsp(path.Local, path.Remote, packets, segmentSize, path.TrafficClass);
        if (error != 0) Interlocked.Increment(ref _failures);
    }

    /// <summary>The rules of shunts take such packets past the device; one that came here all the same has no way out.</summary>
    public void Pass(ReadOnlySpan<byte> packet, in Offload offload) => Interlocked.Increment(ref _failures);

    public void Deliver(ReadOnlySpan<byte> packet, in Offload offload)
    {
        if (!device.Write(packet, offload)) Interlocked.Increment(ref _failures);
    }
}
