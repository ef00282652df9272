// The packet side of the engine: one object per packet thread. RFC 4303 3.3, 3.4.
namespace Cygnet.Esp;

/// <summary>
/// Seals and opens packets with its own buffers; belongs to one thread, takes no lock, allocates nothing per packet.
/// Several workers may use the same SA at once: sequence numbers are drawn atomically, each worker has its own cipher context,
/// and an inbound SA's replay window is held for the few instructions of a look-up or an update.
/// </summary>
public sealed partial class EspWorker
{
    readonly EspEngine _engine;
    readonly int _index;
    readonly long[] _drops = new long[Enum.GetValues<DropReason>().Length];

    internal EspWorker(EspEngine engine, int index)
    {
        (_engine, _index) = (engine, index);
        _ivs = new(engine.Random);
        for (var i = 0; i < _runs.Length; i++) _runs[i] = new();
    }

    /// <summary>The host's monotonic milliseconds; set before each batch.</summary>
    public long Now { get; set; }

    /// <summary>Packets that this worker dropped for that reason.</summary>
    public long Dropped(DropReason reason) => Volatile.Read(ref _drops[(int)reason]);

    /// <summary>Hands everything that is held to the sink; call at the end of each batch.</summary>
    public void Flush(IEspSink sink)
    {
        foreach (var run in _runs)
            if (run.Sa is not null) run.Flush(sink);
        _coalescer.Flush(sink);
    }

    void Drop(DropReason reason, int packets = 1) => Volatile.Write(ref _drops[(int)reason], _drops[(int)reason] + packets);
}
