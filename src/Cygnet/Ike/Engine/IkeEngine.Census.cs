// What an engine and the tables that shards share hold, for tests that look for leaks.
namespace Cygnet.Ike;

public sealed partial class IkeEngine
{
    /// <summary>CHILD_SAs that have an SPI: those that are up, are made, or receive for a moment after their rekeying.</summary>
    internal int ChildCount => _children.Count;

    /// <summary>All of it in one line.</summary>
    internal string Census => $"{_sas.Count} IKE_SAs, {_bySpi.Count} SPIs, {_inits.Count} first messages, {_halfOpenByIp.Count} half-open addresses, {_roaming.Count} roaming, "
        + $"{_children.Count} CHILD_SAs, {_standing.Count} traps, {Host.Shared.Peers.Count} peers, {Host.Shared.Reqids.Count} reqids";

    /// <summary>Whether nothing is left of any SA or trap, here and in the tables of all shards.</summary>
    internal bool IsEmpty => _sas.Count + _bySpi.Count + _inits.Count + _halfOpenByIp.Count + _roaming.Count + _children.Count + _standing.Count
        + Host.Shared.Peers.Count + Host.Shared.Reqids.Count == 0;
}
