// Anti-replay: which sequence numbers were seen. RFC 4303 3.4.3, appendix A2; the ring of RFC 6479, which never shifts.
namespace Cygnet.Esp;

/// <summary>
/// The window ends at the highest authenticated number. Numbers are 64 bits wide; without ESN the upper half stays 0. Not thread safe.
/// </summary>
sealed class ReplayWindow
{
    public const int Largest = 8192;

    // Bit n of the ring stands for the one number within reach that is n modulo its length.
    readonly ulong[] _seen;
    readonly ulong _size;
    readonly bool _isExtended;
    ulong _top;

    /// <param name="size">Numbers, at most <see cref="Largest"/>; 0 accepts everything.</param>
    /// <param name="isExtended">The sender counts in 64 bits and sends the lower 32.</param>
    public ReplayWindow(int size, bool isExtended)
    {
        _size = (ulong)size;
        _isExtended = isExtended;
        // One word more than the window needs: the word that the window is moving into is cleared whole.
        _seen = size == 0 ? [] : new ulong[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)((size + 63) / 64 + 1))];
    }

    /// <summary>The highest number accepted so far.</summary>
    public ulong Top => _top;

    /// <summary>The whole sequence number that the sent half stands for, and whether a packet with it may still be accepted.</summary>
    public bool Check(uint sent, out ulong sequence) => TryExtend(sent, out sequence) && IsFresh(sequence);

    /// <summary>Marks an authenticated number; false if another thread was faster with the same.</summary>
    public bool Accept(ulong sequence, out bool isNewest)
    {
        isNewest = sequence > _top;
        if (!IsFresh(sequence)) return false;
        if (_size == 0)
        {
            if (isNewest) _top = sequence;
            return true;
        }
        var mask = (ulong)_seen.Length - 1;
        if (isNewest)
        {
            var from = _top >> 6;
            var steps = Math.Min((sequence >> 6) - from, (ulong)_seen.Length);
            for (var i = 1ul; i <= steps; i++) _seen[(from + i) & mask] = 0;
            _top = sequence;
        }
        _seen[(sequence >> 6) & mask] |= 1ul << (int)(sequence & 63);
        return true;
    }

    bool IsFresh(ulong sequence)
    {
        // A sender starts at 1 and must not wrap (RFC 4303 2.2): 0 is nobody's number.
        if (sequence == 0) return false;
        if (_size == 0 || sequence > _top) return true;
        if (_top - sequence >= _size) return false;
        return (_seen[(sequence >> 6) & ((ulong)_seen.Length - 1)] & (1ul << (int)(sequence & 63))) == 0;
    }

    // RFC 4303 A2.1: the window is at most 2^31 wide, so one upper half fits.
    bool TryExtend(uint sent, out ulong sequence)
    {
        sequence = sent;
        if (!_isExtended) return true;
        var size = _size == 0 ? 1u << 31 : (uint)_size;
        var low = (uint)_top;
        var high = _top >> 32;
        var bottom = unchecked(low - size + 1);
        if (low >= size - 1)
        {
            if (sent < bottom) high++;
        }
        else if (sent >= bottom)
        {
            if (high == 0) return false;
            high--;
        }
        sequence |= high << 32;
        return high <= uint.MaxValue;
    }
}
