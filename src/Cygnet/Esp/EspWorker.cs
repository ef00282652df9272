// The packet side of the engine: one object per packet thread. RFC 4303 3.3, 3.4.
namespace Cygnet.Esp;

/// <summary>
/// Seals and opens packets with its own buffers; belongs to one thread, takes no lock, allocates nothing per packet.
/// Several workers may use the same SA at once.
/// </summary>
public sealed class EspWorker
{
    internal EspWorker(EspEngine engine, int index) => (Engine, Index) = (engine, index);

    internal EspEngine Engine { get; }

    internal int Index { get; }

    /// <summary>The host's monotonic milliseconds; set before each batch.</summary>
    public long Now { get; set; }

    /// <summary>
    /// An inner packet read from the TUN device. Super-packets are cut, checksums finished, each piece sealed; what is complete goes to the sink,
    /// the rest waits for more of its kind until <see cref="Flush"/>. The packet's bytes may be changed.
    /// </summary>
    public void Outbound(Span<byte> packet, in Offload offload, IEspSink sink)
    {
    }

    /// <summary>
    /// One ESP packet, or several of <paramref name="segmentSize"/> bytes each (the last may be shorter; UDP_GRO). They start with the SPI and
    /// are opened in place. In-order TCP segments of a flow are held to be merged until <see cref="Flush"/>.
    /// </summary>
    public void Inbound(in EspPath from, Span<byte> datagrams, int segmentSize, IEspSink sink)
    {
    }

    /// <summary>Hands everything that is held to the sink; call at the end of each batch.</summary>
    public void Flush(IEspSink sink)
    {
    }
}
