// Whether less was agreed on for a CHILD_SA than its configuration asks for. RFC 7296 2.9.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

static class Narrowing
{
    /// <summary>Tells those who watch, once for each end whose selectors were narrowed.</summary>
    public static void Note(ChildSa child)
    {
        if (IsNarrowed(ChildNegotiation.Local(child.Ike, child.Config), child.LocalTs)) child.Ike.Alert(AlertType.TsNarrowed);
        if (IsNarrowed(ChildNegotiation.Remote(child.Ike, child.Config), child.RemoteTs)) child.Ike.Alert(AlertType.TsNarrowed);
    }

    static bool IsNarrowed(ImmutableArray<TrafficSelector> configured, ImmutableArray<TrafficSelector> agreed) => configured.Any(c => !agreed.Any(a => a.Contains(c)));
}
