// The outbound SAs of one request id: rekeying keeps two for a while. RFC 7296 2.8.
namespace Cygnet.Esp;

/// <summary>Shared by the policies of the request id; the array is replaced, never changed.</summary>
sealed class ReqidSas(uint reqid)
{
    /// <summary>A trap calls again after so long, milliseconds: the exchange that it asked for may have come to nothing.</summary>
    const long AcquireAgainAfter = 5000;

    OutboundSa[] _newestFirst = [];
    long _acquireAgainAt = long.MinValue;

    public uint Reqid { get; } = reqid;

    /// <summary>Policies that refer to it, traps among them; only the control side counts.</summary>
    public int Policies;

    public int Traps;

    public bool HasTrap => Volatile.Read(ref Traps) > 0;

    public OutboundSa[] NewestFirst => Volatile.Read(ref _newestFirst);

    public bool IsUnused => Policies == 0 && _newestFirst.Length == 0;

    public void Add(OutboundSa sa) => Volatile.Write(ref _newestFirst, [sa, .. _newestFirst]);

    /// <summary>What met the trap, so that it is not lost while the SA is negotiated.</summary>
    public KeptPackets Kept { get; } = new();

    public void Remove(OutboundSa sa)
    {
        Volatile.Write(ref _newestFirst, [.. _newestFirst.Where(s => s != sa)]);
        // An SA that was of use is missed at once; one that was not would be called for again and again.
        if (sa.LastUsed != 0) Volatile.Write(ref _acquireAgainAt, long.MinValue);
    }

    /// <summary>True for one caller per interval: the acquire is to be raised.</summary>
    public bool TakeAcquire(long now)
    {
        var at = Volatile.Read(ref _acquireAgainAt);
        return now >= at && Interlocked.CompareExchange(ref _acquireAgainAt, now + AcquireAgainAfter, at) == at;
    }
}
