// Keeps what a worker sends and delivers.
using Cygnet.Esp;

namespace Cygnet.Tests.Esp;

sealed class RecordingSink : IEspSink
{
    public List<(EspPath Path, byte[] Packets, int SegmentSize)> Runs { get; } = [];

    public List<(byte[] Packet, Offload Offload)> Delivered { get; } = [];

    public IEnumerable<byte[]> Packets => Runs.SelectMany(r => r.Packets.Chunk(r.SegmentSize));

    public void Send(in EspPath path, ReadOnlySpan<byte> packets, int segmentSize) => Runs.Add((path, packets.ToArray(), segmentSize));

    public List<byte[]> Passed { get; } = [];

    public void Pass(ReadOnlySpan<byte> packet, in Offload offload) => Passed.Add(packet.ToArray());

    public void Deliver(ReadOnlySpan<byte> packet, in Offload offload) => Delivered.Add((packet.ToArray(), offload));
}
