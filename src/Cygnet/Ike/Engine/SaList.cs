// The IKE_SAs of a shard by ascending unique id: found by binary search, listed from any id on, without a dictionary's entry for each.
namespace Cygnet.Ike;

/// <summary>Ids only grow, so a new SA goes to the end; one that is removed leaves a hole until half of it is holes.</summary>
sealed class SaList
{
    int[] _ids = new int[16];
    IkeSa?[] _sas = new IkeSa?[16];
    int _used;

    /// <summary>SAs in the list.</summary>
    public int Count { get; private set; }

    public IEnumerable<IkeSa> All
    {
        get
        {
            for (var i = 0; i < _used; i++)
                if (_sas[i] is { } sa) yield return sa;
        }
    }

    public IkeSa? Find(int id) => SlotAfter(id - 1) is var slot && slot < _used && _ids[slot] == id ? _sas[slot] : null;

    public void Add(IkeSa sa)
    {
        var slot = SlotAfter(sa.UniqueId - 1);
        if (slot < _used && _ids[slot] == sa.UniqueId)
        {
            if (_sas[slot] is null) Count++;
            _sas[slot] = sa;
            return;
        }
        if (_used == _ids.Length)
        {
            Array.Resize(ref _ids, _used * 2);
            Array.Resize(ref _sas, _used * 2);
        }
        Array.Copy(_ids, slot, _ids, slot + 1, _used - slot);
        Array.Copy(_sas, slot, _sas, slot + 1, _used - slot);
        (_ids[slot], _sas[slot]) = (sa.UniqueId, sa);
        _used++;
        Count++;
    }

    public void Remove(int id)
    {
        var slot = SlotAfter(id - 1);
        if (slot == _used || _ids[slot] != id || _sas[slot] is null) return;
        _sas[slot] = null;
        Count--;
        if (Count < _used / 2) Compact();
    }

    /// <summary>
    /// The SAs with a higher id than <paramref name="after"/>, at most so many slots of the list at a time.
    /// <paramref name="next"/> is where to go on, or -1 at the end.
    /// </summary>
    public IEnumerable<IkeSa> Page(int after, int most, out int next)
    {
        var from = SlotAfter(after);
        var to = Math.Min(_used, from + most);
        next = to == _used ? -1 : _ids[to - 1];
        return _sas.AsSpan(from, to - from).ToArray().OfType<IkeSa>();
    }

    // The first slot whose id is higher; holes keep their ids.
    int SlotAfter(int id)
    {
        var at = Array.BinarySearch(_ids, 0, _used, id);
        return at < 0 ? ~at : at + 1;
    }

    void Compact()
    {
        var kept = 0;
        for (var i = 0; i < _used; i++)
            if (_sas[i] is { } sa) (_ids[kept], _sas[kept++]) = (_ids[i], sa);
        Array.Clear(_sas, kept, _used - kept);
        _used = kept;
        if (_ids.Length <= 64 || _used >= _ids.Length / 4) return;
        Array.Resize(ref _ids, _ids.Length / 2);
        Array.Resize(ref _sas, _sas.Length / 2);
    }
}
