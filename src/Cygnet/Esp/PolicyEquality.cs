// When two policies are the same one, so that references to it can be counted. RFC 4301 4.4.1.
namespace Cygnet.Esp;

/// <summary>Compares all but the outer addresses and the wish for routes: outer addresses may move while a policy stays (MOBIKE).</summary>
public sealed class PolicyEquality : IEqualityComparer<PolicyParameters>
{
    public static readonly PolicyEquality Instance = new();

    public bool Equals(PolicyParameters? a, PolicyParameters? b) => ReferenceEquals(a, b) || (a is not null && b is not null
        && a.Reqid == b.Reqid && a.Mode == b.Mode && a.IsTrap == b.IsTrap && a.MarkIn == b.MarkIn && a.MarkOut == b.MarkOut && a.IfIdIn == b.IfIdIn && a.IfIdOut == b.IfIdOut
        && a.Interface == b.Interface && a.Priority == b.Priority && a.Protocol == b.Protocol && a.IsCompressed == b.IsCompressed && a.LocalTs.SequenceEqual(b.LocalTs) && a.RemoteTs.SequenceEqual(b.RemoteTs));

    public int GetHashCode(PolicyParameters p)
    {
        var h = new HashCode();
        h.Add(p.Reqid);
        h.Add(p.IsTrap);
        foreach (var ts in p.LocalTs) h.Add(ts);
        foreach (var ts in p.RemoteTs) h.Add(ts);
        return h.ToHashCode();
    }
}
