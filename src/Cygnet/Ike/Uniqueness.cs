// uniqueids and INITIAL_CONTACT: what becomes of other IKE_SAs between the same identities. RFC 7296 2.4; ike-behaviour section 8.
using Cygnet.Policy;

namespace Cygnet.Ike;

static class Uniqueness
{
    /// <summary>uniqueids=keep: a duplicate is refused, unless the peer says that it starts afresh.</summary>
    public static bool Refuses(IkeSa ike, bool initialContact)
    {
        if (ike.Connection is not { Unique: UniquePolicy.Keep } || initialContact) return false;
        return ike.Engine.Host.Shared.Peers.Between(ike.LocalId!, ike.RemoteId!).Length > 0;
    }

    /// <summary>
    /// The new SA, of which we are the responder, stands. Those that the peer forgot go without a word; of the others, if the policy is to
    /// replace, the older goes; where both ends initiated at once, both keep the one with the lower initiator SPI, or each would delete
    /// what the other keeps.
    /// </summary>
    public static void Enforce(IkeSa ike, bool initialContact)
    {
        var policy = ike.Connection!.Unique;
        if (policy == UniquePolicy.Never) return;
        foreach (var other in ike.Engine.Host.Shared.Peers.Between(ike.LocalId!, ike.RemoteId!))
        {
            if (other.UniqueId == ike.UniqueId) continue;
            // an SA that came up while this one was being made was not there when the peer wrote INITIAL_CONTACT
            if (initialContact && other.Established < ike.Created)
            {
                ike.Log(LogGroup.Ike, 1, $"destroying duplicate IKE_SA for peer '{ike.RemoteId}', received INITIAL_CONTACT");
                ike.Engine.Host.Forward(new Wish.TerminateIke(other.UniqueId, Force: true, null));
                continue;
            }
            if (policy == UniquePolicy.No) continue;
            if (Settle(ike, other) == ike.UniqueId) return;
        }
    }

    /// <summary>
    /// We initiated the new SA, and meanwhile the peer's own came up, of which we are the responder: the peer decides by the same rule.
    /// </summary>
    public static void EnforceAsInitiator(IkeSa ike)
    {
        if (ike.Connection!.Unique is UniquePolicy.Never or UniquePolicy.No) return;
        foreach (var other in ike.Engine.Host.Shared.Peers.Between(ike.LocalId!, ike.RemoteId!))
            // the one that this one replaces goes by itself
            if (!other.WeInitiated && ike.Engine.Find(other.UniqueId) is not { IsReplaced: true } && Settle(ike, other) == ike.UniqueId) return;
    }

    /// <summary>Deletes one of the two and says which.</summary>
    static int Settle(IkeSa ike, PeerEntry other)
    {
        var loser = other.WeInitiated != ike.IsInitiator && other.InitiatorSpi < ike.InitiatorSpi ? ike.UniqueId : other.UniqueId;
        ike.Log(LogGroup.Ike, 1, $"deleting duplicate IKE_SA for peer '{ike.RemoteId}' due to uniqueness policy");
        ike.Engine.Host.Forward(new Wish.TerminateIke(loser, Force: false, null));
        return loser;
    }
}
