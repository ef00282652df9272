// The policies by remote prefix: a path-compressed binary trie that is never changed, only replaced along one path. RFC 4301 4.4.1.
using System.Numerics;

namespace Cygnet.Esp;

/// <summary>A node; the root of each family is what packet threads read. Keys are addresses shifted to the left end of 128 bits.</summary>
sealed class PolicyTrie
{
    readonly UInt128 _prefix;
    readonly int _length;
    readonly PolicyEntry[] _entries;
    readonly PolicyTrie? _zero, _one;

    PolicyTrie(UInt128 prefix, int length, PolicyEntry[] entries, PolicyTrie? zero, PolicyTrie? one) =>
        (_prefix, _length, _entries, _zero, _one) = (prefix, length, entries, zero, one);

    public static PolicyTrie Add(PolicyTrie? at, UInt128 prefix, int length, PolicyEntry entry)
    {
        if (at is null) return new(prefix, length, [entry], null, null);
        var common = Math.Min(Math.Min(at._length, length), (int)UInt128.LeadingZeroCount(at._prefix ^ prefix));
        if (common == at._length)
        {
            if (common == length) return at.With([.. at._entries, entry], at._zero, at._one);
            return Bit(prefix, common) == 0
                ? at.With(at._entries, Add(at._zero, prefix, length, entry), at._one)
                : at.With(at._entries, at._zero, Add(at._one, prefix, length, entry));
        }
        // The two part ways above this node, or the new one is a part of its path.
        var above = prefix & Mask(common);
        PolicyTrie? sibling = common == length ? null : new(prefix, length, [entry], null, null);
        PolicyEntry[] entries = common == length ? [entry] : [];
        return Bit(at._prefix, common) == 0 ? new(above, common, entries, at, sibling) : new(above, common, entries, sibling, at);
    }

    public static PolicyTrie? Remove(PolicyTrie? at, UInt128 prefix, int length, InstalledPolicy policy)
    {
        if (at is null || length < at._length || ((at._prefix ^ prefix) & Mask(at._length)) != 0) return at;
        if (length == at._length) return Joined(at, [.. at._entries.Where(e => e.Policy != policy)], at._zero, at._one);
        return Bit(prefix, at._length) == 0
            ? Joined(at, at._entries, Remove(at._zero, prefix, length, policy), at._one)
            : Joined(at, at._entries, at._zero, Remove(at._one, prefix, length, policy));
    }

    /// <summary>The entry that rules over all others that cover the packet, or null.</summary>
    public static PolicyEntry? Find(PolicyTrie? root, in InnerHeader h)
    {
        var key = h.IsIPv6 ? h.Destination : h.Destination << 96;
        PolicyEntry? best = null;
        for (var at = root; at is not null && ((at._prefix ^ key) & Mask(at._length)) == 0;)
        {
            foreach (var e in at._entries)
                if (e.Covers(h) && (best is null || e.RulesOver(best))) best = e;
            if (at._length == 128) break;
            at = Bit(key, at._length) == 0 ? at._zero : at._one;
        }
        return best;
    }

    // A node without entries is there only to part two ways.
    static PolicyTrie? Joined(PolicyTrie at, PolicyEntry[] entries, PolicyTrie? zero, PolicyTrie? one) =>
        entries.Length == 0 && (zero is null || one is null) ? zero ?? one : at.With(entries, zero, one);

    PolicyTrie With(PolicyEntry[] entries, PolicyTrie? zero, PolicyTrie? one) => new(_prefix, _length, entries, zero, one);

    static UInt128 Mask(int length) => length == 0 ? 0 : UInt128.MaxValue << (128 - length);

    static int Bit(UInt128 key, int at) => (int)(key >> (127 - at)) & 1;
}
