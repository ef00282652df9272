// uniqueids and INITIAL_CONTACT: what becomes of other IKE_SAs with the same peer. RFC 7296 2.4.
using Cygnet.Policy;

namespace Cygnet.Ike;

static class Uniqueness
{
    /// <summary>An old IKE_SA that the peer seems to replace has so long: its children overlap with those of the new one.</summary>
    static readonly TimeSpan s_overlap = TimeSpan.FromSeconds(10);

    /// <summary>Initiator: whether we have no IKE_SA with the peer, and shall say so; of a peer whose identity we do not know we cannot.</summary>
    public static bool IsInitialContact(IkeSa ike, AuthRound remote) => ike.Connection!.Unique != UniquePolicy.Never
        && remote is { IsIdLoose: false, Id: { Kind: not IdentityKind.Any, HasWildcards: false } peer }
        && ike.Engine.Host.Shared.Peers.Between(new(ike.LocalId!, peer, ike.Remote.Address.IsIPv6)).IsEmpty;

    /// <summary>Responder, uniqueids=keep: a duplicate is refused, unless the peer says that it starts afresh, or seems to reauthenticate.</summary>
    public static bool Refuses(IkeSa ike, bool initialContact)
    {
        if (ike.Connection is not { Unique: UniquePolicy.Keep } || initialContact || !Duplicates(ike).Any(o => o.Host != PeerEntry.Hash(ike.Remote))) return false;
        ike.Alert(AlertType.UniqueKeep);
        return true;
    }

    /// <summary>
    /// The new SA, of which we are the responder, stands. Those that the peer forgot go without a word; if the policy is to replace, the others
    /// go too: at once, or, if the peer may reauthenticate or both ends have begun at the same time, when it had time to see to it itself.
    /// </summary>
    public static void EnforceAsResponder(IkeSa ike, bool initialContact)
    {
        if (ike.Connection!.Unique == UniquePolicy.Never) return;
        foreach (var other in Others(ike))
        {
            // one that came up while this one was being made was not there when the peer wrote INITIAL_CONTACT
            if (!initialContact || other.Authenticated >= ike.Created) continue;
            ike.Log(LogGroup.Ike, 1, $"destroying duplicate IKE_SA for peer '{ike.RemoteAccount}', received INITIAL_CONTACT");
            ike.Engine.Host.Forward(new Wish.TerminateIke(other.UniqueId, Force: true, null) { IsForgotten = true });
        }
        if (ike.Connection.Unique == UniquePolicy.No) return;
        foreach (var other in Duplicates(ike))
        {
            if (initialContact && other.Authenticated < ike.Created) continue;
            var own = ike.PeerEntry;
            if (own.Collides(other)) SettleCollision(ike, other);
            else if (ike.Connection.Unique != UniquePolicy.Replace) continue;
            else if (other.Host == own.Host)
            {
                ike.Log(LogGroup.Ike, 1, $"schedule delete of duplicate IKE_SA for peer '{ike.RemoteAccount}' due to uniqueness policy and suspected reauthentication");
                ike.Alert(AlertType.UniqueReplace);
                ike.ArmUniqueness(s_overlap);
            }
            else
            {
                ike.Alert(AlertType.UniqueReplace);
                Delete(ike, other);
            }
        }
    }

    /// <summary>
    /// We initiated the new SA. Only what the peer began meanwhile is a duplicate: what was up before we replace on purpose.
    /// </summary>
    public static void EnforceAsInitiator(IkeSa ike)
    {
        if (ike.Connection!.Unique is UniquePolicy.Never or UniquePolicy.No) return;
        foreach (var other in Duplicates(ike))
            if (ike.PeerEntry.Collides(other)) SettleCollision(ike, other);
    }

    /// <summary>
    /// Both ends have initiated at once. Both keep the SA with the lower initiator SPI, or each would delete what the other keeps; whoever
    /// began the other one deletes it. A peer with another rule gets the time to apply it.
    /// </summary>
    static void SettleCollision(IkeSa ike, PeerEntry other)
    {
        var loser = ike.PeerEntry.FirstSpi < other.FirstSpi ? other : ike.PeerEntry;
        if (loser.WeBegan) Delete(ike, loser, yields: true);
        else ike.ArmUniqueness(s_overlap);
    }

    /// <summary>The time is up, and the peer has not seen to it: of each pair one goes.</summary>
    public static void Settle(IkeSa ike)
    {
        foreach (var other in Duplicates(ike))
        {
            var own = ike.PeerEntry;
            var loser = own.Collides(other) ? own.FirstSpi < other.FirstSpi ? other : own
                : own.Authenticated < other.Authenticated ? own : other;
            Delete(ike, loser);
            if (loser.UniqueId == ike.UniqueId) return;
        }
    }

    static void Delete(IkeSa ike, PeerEntry loser, bool yields = false)
    {
        ike.Log(LogGroup.Ike, 1, $"deleting duplicate IKE_SA for peer '{ike.RemoteAccount}' due to uniqueness policy");
        ike.Engine.Host.Forward(new Wish.TerminateIke(loser.UniqueId, Force: false, null) { Yields = yields });
    }

    static IEnumerable<PeerEntry> Others(IkeSa ike) => ike.Engine.Host.Shared.Peers.Between(ike.PeerKey).Where(o => o.UniqueId != ike.UniqueId);

    /// <summary>Those of the same connection: the same peer may well be served by several.</summary>
    static IEnumerable<PeerEntry> Duplicates(IkeSa ike) => Others(ike).Where(o => o.Connection == ike.Name);
}
