// Request ids: the number that ties policies to SAs. Equal selectors share one; numbers count from 1.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Thread safe. A reqid is held while a CHILD_SA or trap uses it.</summary>
public sealed class ReqidTable
{
    readonly Lock _lock = new();
    readonly Dictionary<UInt128, (uint Reqid, int Uses)> _byKey = [];
    readonly Dictionary<uint, UInt128> _keyOf = [];
    uint _last;

    /// <summary>Reqids that are held.</summary>
    internal int Count
    {
        get
        {
            lock (_lock) return _byKey.Count;
        }
    }

    /// <summary>The reqid for these selectors and marks; every Acquire needs one Release.</summary>
    public uint Acquire(IReadOnlyList<TrafficSelector> local, IReadOnlyList<TrafficSelector> remote, Address peer, ChildMarks? marks = null)
    {
        var key = Key(local, remote, peer, marks);
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

    /// <summary>The same for several, until the result is disposed of.</summary>
    internal IDisposable Hold(IEnumerable<uint> reqids)
    {
        var held = reqids.Where(TryHold).ToArray();
        return new Holding(this, held);
    }

    sealed class Holding(ReqidTable table, uint[] held) : IDisposable
    {
        bool _isOver;

        public void Dispose()
        {
            if (_isOver) return;
            _isOver = true;
            foreach (var reqid in held) table.Release(reqid);
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

    /// <summary>A digest instead of the selectors themselves: one of each is held for every CHILD_SA. A peer cannot find two with the same.</summary>
    static UInt128 Key(IReadOnlyList<TrafficSelector> local, IReadOnlyList<TrafficSelector> remote, Address peer, ChildMarks? marks)
    {
        const int one = 1 + 16 + 16 + 1 + 2 + 2;
        var size = 4 + (local.Count + remote.Count) * one + 1 + 16 + (marks is null ? 0 : 24);
        Span<byte> text = size <= 512 ? stackalloc byte[size] : new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(text, local.Count);
        var at = text[4..];
        foreach (var side in (ReadOnlySpan<IReadOnlyList<TrafficSelector>>)[local, remote])
            for (var i = 0; i < side.Count; i++)
            {
                var ts = side[i];
                at[0] = (byte)((ts.IsIPv6 ? 1 : 0) | (ts.IsDynamic ? 2 : 0));
                BinaryPrimitives.WriteUInt128BigEndian(at[1..], ts.From);
                BinaryPrimitives.WriteUInt128BigEndian(at[17..], ts.To);
                at[33] = ts.Protocol;
                BinaryPrimitives.WriteUInt16BigEndian(at[34..], ts.FromPort);
                BinaryPrimitives.WriteUInt16BigEndian(at[36..], ts.ToPort);
                at = at[one..];
            }
        at[0] = peer.IsIPv6 ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt128BigEndian(at[1..], peer.Bits);
        if (marks is not null)
        {
            at = at[17..];
            foreach (var n in (ReadOnlySpan<uint>)[marks.In.Value, marks.In.Mask, marks.Out.Value, marks.Out.Mask, marks.IfIdIn, marks.IfIdOut])
            {
                BinaryPrimitives.WriteUInt32BigEndian(at, n);
                at = at[4..];
            }
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }
}
