// An outbound SA: sequence numbers and limits shared by all workers. RFC 4303 3.3.3; RFC 4301 4.4.2.1.
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

sealed class OutboundSa : SecurityAssociation
{
    // Time to rekey before the numbers run out: an eighth of them is minutes at a million packets a second.
    const ulong SoftSequence = uint.MaxValue / 8ul * 7;

    const int MostTfcBytes = 9000;

    readonly IDataPlaneEvents _events;
    readonly int _tfcBytes;
    readonly ulong _lastSequence, _packetAlarm, _byteAlarm;
    ulong _sequence, _firstSequence, _bytes;

    public OutboundSa(SaParameters p, Transform encryption, int workers, IDataPlaneEvents events)
        : base(p, encryption, workers)
    {
        _events = events;
        // In the other modes only a length of its own inside tells padding from content. RFC 4303 2.7.
        _tfcBytes = Mode == ChildMode.Tunnel ? Math.Clamp(p.TfcPadding, 0, MostTfcBytes) : 0;
        // With ESN nobody gets to the end; stopping early keeps the shared counter from ever wrapping.
        _lastSequence = (ulong)(IsExtended ? long.MaxValue : uint.MaxValue);
        _byteAlarm = Math.Min(SoftBytes, HardBytes);
        _packetAlarm = Math.Min(Math.Min(SoftPackets, HardPackets), IsExtended ? _lastSequence : SoftSequence);
    }

    public override SaCounters Counters => new(Volatile.Read(ref _bytes), Packets(Math.Min(Volatile.Read(ref _sequence), _lastSequence)), LastUsed);

    /// <summary>What the content is padded to, so that its length says nothing. RFC 4303 2.7.</summary>
    public int PaddedBytes(int contentBytes) => Math.Max(contentBytes, _tfcBytes);

    /// <summary>For tests: the next packet gets the number after this one.</summary>
    internal void StartAfter(ulong sequence) => _firstSequence = _sequence = sequence;

    /// <summary>
    /// Takes consecutive sequence numbers for packets of so many inner bytes in all, and raises the events that fall due.
    /// All or none; null, or why they must be dropped.
    /// </summary>
    public DropReason? Reserve(int packets, int bytes, out ulong first)
    {
        first = 0;
        if (IsExpired) return Volatile.Read(ref _sequence) >= _lastSequence ? DropReason.SequenceExhausted : DropReason.Expired;
        var last = Interlocked.Add(ref _sequence, (ulong)packets);
        first = last - (ulong)packets + 1;
        var total = Interlocked.Add(ref _bytes, (ulong)bytes);
        if (last >= _packetAlarm || total >= _byteAlarm) CheckLimits(last, total);
        return last > _lastSequence ? DropReason.SequenceExhausted : null;
    }

    void CheckLimits(ulong last, ulong bytes)
    {
        var packets = Packets(last);
        if (bytes >= HardBytes || packets >= HardPackets || last >= _lastSequence)
        {
            if (RaiseHard()) _events.Expire(Direction, Spi, Path.Path.Remote.Address, hard: true);
        }
        else if (bytes >= SoftBytes || packets >= SoftPackets || (!IsExtended && last >= SoftSequence))
        {
            if (RaiseSoft()) _events.Expire(Direction, Spi, Path.Path.Remote.Address, hard: false);
        }
    }

    ulong Packets(ulong sequence) => sequence - _firstSequence;
}
