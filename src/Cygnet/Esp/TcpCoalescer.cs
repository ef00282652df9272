// Merges in-order TCP segments of a flow into super-packets, so that the TUN device takes them in one write. The reverse of Segmenter.
using System.Buffers.Binary;

namespace Cygnet.Esp;

/// <summary>One worker's own. Packets of one flow leave in the order in which they came; flows may pass each other.</summary>
sealed class TcpCoalescer
{
    const int Flows = 8;
    const byte Fin = 0x01, Syn = 0x02, Rst = 0x04, Psh = 0x08, Ack = 0x10;

    readonly TcpRun[] _runs = new TcpRun[Flows];
    int _active, _evict;

    public TcpCoalescer()
    {
        for (var i = 0; i < Flows; i++) _runs[i] = new();
    }

    /// <summary>Takes a packet of exactly its own length. It is delivered now, or held until <see cref="Flush"/>.</summary>
    public void Add(ReadOnlySpan<byte> packet, in InnerHeader h, IEspSink sink)
    {
        if (h.Protocol != InnerHeader.Tcp || !h.HasPorts)
        {
            sink.Deliver(packet, Offload.None);
            return;
        }
        var key = FlowKey.Of(h);
        var run = Find(key);
        if (!TryReadSegment(packet, h, out var headerBytes, out var flags))
        {
            // A flag or an acknowledgement must not overtake the data before it.
            if (run is not null) Deliver(run, sink);
            sink.Deliver(packet, Offload.None);
            return;
        }
        var isLast = (flags & Psh) != 0;
        if (run is not null)
        {
            if (run.TryAppend(packet, headerBytes, out var isFull))
            {
                if (isLast || isFull) Deliver(run, sink);
                return;
            }
            Deliver(run, sink);
        }
        if (isLast)
        {
            sink.Deliver(packet, Offload.None);
            return;
        }
        Free(sink).Start(key, packet, h, headerBytes);
        _active++;
    }

    public void Flush(IEspSink sink)
    {
        if (_active == 0) return;
        foreach (var run in _runs)
            if (run.IsActive) Deliver(run, sink);
    }

    // Only data with nothing but ACK and PSH, without IP options, extensions or fragmentation.
    static bool TryReadSegment(ReadOnlySpan<byte> packet, in InnerHeader h, out int headerBytes, out byte flags)
    {
        (headerBytes, flags) = (0, 0);
        if (h.IsFirstFragment || h.TransportOffset != (h.IsIPv6 ? 40 : 20)) return false;
        var tcp = packet[h.TransportOffset..];
        if (tcp.Length < 20) return false;
        var tcpHeader = (tcp[12] >> 4) * 4;
        headerBytes = h.TransportOffset + tcpHeader;
        flags = tcp[13];
        return tcpHeader >= 20 && tcp.Length > tcpHeader && (flags & ~Psh) == Ack && (tcp[12] & 0xf) == 0;
    }

    TcpRun? Find(in FlowKey key)
    {
        if (_active == 0) return null;
        foreach (var run in _runs)
            if (run.IsActive && run.Key == key) return run;
        return null;
    }

    TcpRun Free(IEspSink sink)
    {
        foreach (var run in _runs)
            if (!run.IsActive) return run;
        var oldest = _runs[_evict++ % Flows];
        Deliver(oldest, sink);
        return oldest;
    }

    void Deliver(TcpRun run, IEspSink sink)
    {
        _active--;
        run.Deliver(sink);
    }
}
