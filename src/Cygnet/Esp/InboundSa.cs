// An inbound SA: its replay window, counters and the peer's present endpoint. RFC 4303 3.4.3; RFC 3948 3; RFC 7296 2.23.
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>
/// Window and counters belong to whoever holds the spin lock, for a few nanoseconds: packets of one SA come on several threads only while
/// its path changes or over raw sockets.
/// </summary>
sealed class InboundSa : SecurityAssociation
{
    readonly IDataPlaneEvents _events;
    const int SmallestWindow = 128;

    readonly ReplayWindow _window;
    readonly ulong _packetAlarm, _byteAlarm;
    ulong _bytes, _packets;
    SaPath? _reported;
    int _held;

    public InboundSa(SaParameters p, Transform encryption, int workers, IDataPlaneEvents events)
        : base(p, encryption, workers)
    {
        _events = events;
        // super-packets leave in runs of up to 64 packets, and two threads may receive them: a window of 32 would lose good ones
        var window = p.ReplayWindow == 0 ? 0 : Math.Clamp(p.ReplayWindow, SmallestWindow, ReplayWindow.Largest);
        _window = new(window, p.ExtendedSequenceNumbers);
        _byteAlarm = Math.Min(SoftBytes, HardBytes);
        _packetAlarm = Math.Min(SoftPackets, HardPackets);
    }

    public override SaCounters Counters => new(Volatile.Read(ref _bytes), Volatile.Read(ref _packets), LastUsed);

    /// <summary>The whole sequence number, and whether it may be new: the cheap test before decryption.</summary>
    public bool Check(uint sent, out ulong sequence)
    {
        Hold();
        var isFresh = _window.Check(sent, out sequence);
        Release();
        return isFresh;
    }

    /// <summary>Enters an authenticated packet into window, counters and limits; false if it is a replay after all.</summary>
    public bool Accept(ulong sequence, int bytes, in EspPath from)
    {
        Hold();
        var isFresh = _window.Accept(sequence, out var isNewest);
        if (!isFresh)
        {
            Release();
            return false;
        }
        var totalBytes = _bytes += (ulong)bytes;
        var totalPackets = ++_packets;
        Release();
        if (totalPackets >= _packetAlarm || totalBytes >= _byteAlarm) CheckLimits(totalPackets, totalBytes);
        // An old packet says nothing about where the peer is now.
        if (isNewest && from.UdpEncapsulation && from.Remote != Path.Path.Remote) ReportMapping(from);
        return true;
    }

    void CheckLimits(ulong packets, ulong bytes)
    {
        if (bytes >= HardBytes || packets >= HardPackets)
        {
            if (RaiseHard()) _events.Expire(Direction, Spi, Path.Path.Remote.Address, hard: true);
        }
        else if (RaiseSoft())
        {
            _events.Expire(Direction, Spi, Path.Path.Remote.Address, hard: false);
        }
    }

    // Once per change: until IKE has updated the SA, every packet comes from the new endpoint.
    void ReportMapping(in EspPath from)
    {
        var path = Path;
        if (!path.Path.UdpEncapsulation) return;
        var reported = Volatile.Read(ref _reported);
        if (reported is not null && reported.Path.Remote == from.Remote && reported.Path.Local == path.Path.Remote) return;
        // Local holds what the report was made against, so that a return to an endpoint reported before is news again.
        if (Interlocked.CompareExchange(ref _reported, new(new(path.Path.Remote, from.Remote, true)), reported) != reported) return;
        _events.MappingChanged(Spi, from.Remote);
    }

    void Hold()
    {
        if (Interlocked.CompareExchange(ref _held, 1, 0) == 0) return;
        var spin = new SpinWait();
        while (Interlocked.CompareExchange(ref _held, 1, 0) != 0) spin.SpinOnce();
    }

    void Release() => Volatile.Write(ref _held, 0);
}
