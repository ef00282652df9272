// Request ids: the number that ties policies to SAs. Equal selectors share one; numbers count from 1.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Thread safe. A reqid is held while a CHILD_SA or trap uses it.</summary>
public sealed class ReqidTable
{
    readonly Lock _lock = new();
    readonly Dictionary<string, (uint Reqid, int Uses)> _byKey = [];
    readonly Dictionary<uint, string> _keyOf = [];
    uint _last;

    /// <summary>The reqid for these selectors; every Acquire needs one Release.</summary>
    public uint Acquire(IReadOnlyList<TrafficSelector> local, IReadOnlyList<TrafficSelector> remote, Address peer)
    {
        var key = $"{string.Join(' ', local)} === {string.Join(' ', remote)} {peer}";
        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var held))
            {
                _byKey[key] = (held.Reqid, held.Uses + 1);
                return held.Reqid;
            }
            do _last++;
            while (_last == 0 || _keyOf.ContainsKey(_last));
            _byKey[key] = (_last, 1);
            _keyOf[_last] = key;
            return _last;
        }
    }

    /// <summary>One more user of a reqid that is held already (rekeying, the SA of a trap); false if nobody holds it.</summary>
    public bool TryHold(uint reqid)
    {
        lock (_lock)
        {
            if (!_keyOf.TryGetValue(reqid, out var key)) return false;
            _byKey[key] = (reqid, _byKey[key].Uses + 1);
            return true;
        }
    }

    public void Release(uint reqid)
    {
        lock (_lock)
        {
            if (!_keyOf.TryGetValue(reqid, out var key)) return; // a configured reqid is not counted
            var uses = _byKey[key].Uses - 1;
            if (uses > 0)
            {
                _byKey[key] = (reqid, uses);
                return;
            }
            _byKey.Remove(key);
            _keyOf.Remove(reqid);
        }
    }
}
