// What met a trap waits here for the SA that it called for, in order and for a while. RFC 4301 5.1.
namespace Cygnet.Esp;

/// <summary>
/// A queue of a few packets: when it is full, the oldest goes. Packet threads put in, whoever installs the SA takes out.
/// </summary>
sealed class KeptPackets
{
    /// <summary>An exchange of four messages over a slow path, met by a sender that does not wait for answers.</summary>
    public const int MostPackets = 64;

    public const int MostBytes = 128 * 1024;

    /// <summary>A packet is sent within this time or not at all, milliseconds: its sender has sent it again by then.</summary>
    const long For = 30_000;

    readonly Lock _lock = new();
    Queue<KeptPacket>? _packets; // most traps are never met
    int _bytes;

    public void Add(ReadOnlySpan<byte> packet, in Offload offload, long now)
    {
        lock (_lock)
        {
            _packets ??= new();
            _packets.Enqueue(new(packet.ToArray(), offload, now));
            _bytes += packet.Length;
            while (_packets.Count > MostPackets || _bytes > MostBytes) _bytes -= _packets.Dequeue().Packet.Length;
        }
    }

    /// <summary>All that is not too old, oldest first; nothing stays.</summary>
    public KeptPacket[] Take(long now)
    {
        lock (_lock)
        {
            if (_packets is null) return [];
            KeptPacket[] taken = [.. _packets.Where(p => now - p.At <= For)];
            (_packets, _bytes) = (null, 0);
            return taken;
        }
    }
}

/// <param name="Packet">One IP packet, or several segments as <paramref name="Offload"/> says.</param>
/// <param name="At">When it met the trap, milliseconds of the worker's clock.</param>
public readonly record struct KeptPacket(byte[] Packet, Offload Offload, long At);
