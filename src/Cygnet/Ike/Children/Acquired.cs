// What a packet that met a trap asks for. RFC 7296 2.9; RFC 4301 4.4.1.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>The trap's request id, which the CHILD_SA is to use, and the packet's own selectors, which are proposed before the configured ones.</summary>
public sealed record Acquired(uint Reqid, TrafficSelector Local, TrafficSelector Remote)
{
    /// <summary>A packet that came before we had a virtual address cannot have had it.</summary>
    internal bool IsCoveredBy(ChildSa child) =>
        (!child.Ike.LocalVips.IsEmpty || child.LocalTs.Any(t => t.Contains(Local))) && child.RemoteTs.Any(t => t.Contains(Remote));
}
