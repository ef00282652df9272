// The virtual addresses of this IKE_SA as the others see them, and what dynamic selectors stand for. RFC 7296 2.19.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    /// <summary>Null as long as there is nothing of the kind.</summary>
    public VirtualAddresses? Virtual { get; set; }

    /// <summary>Assigned to us by the peer.</summary>
    public ImmutableArray<Address> LocalVips => Virtual?.Local ?? [];

    /// <summary>Assigned to the peer by us.</summary>
    public ImmutableArray<Address> RemoteVips => Virtual?.Remote ?? [];

    /// <summary>
    /// What <c>dynamic</c> means for our end: virtual addresses if we have some; any that we ask for, as long as we have no answer; nothing if
    /// we got none; the outer address only where no virtual one is configured.
    /// </summary>
    public ImmutableArray<Address> LocalHosts =>
        !LocalVips.IsEmpty ? LocalVips
        : Connection is not { Vips: { IsEmpty: false } vips } ? [Local.Address]
        : IsInitiator && Phase < Phase.Established ? vips : [];

    /// <summary>What <c>dynamic</c> means for the peer's end. A peer that got no virtual address from our pools must not come in with its outer one.</summary>
    public ImmutableArray<Address> RemoteHosts => RemoteVips is { IsEmpty: false } vips ? vips : Connection is { Pools.IsEmpty: false } ? [] : [Remote.Address];
}
