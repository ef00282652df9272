// Who wins when both ends act at once. RFC 7296 2.8.1, 2.8.2, 2.25. Decided here and nowhere else.
using Cygnet.Policy;

namespace Cygnet.Ike;

static class Collisions
{
    /// <summary>
    /// After simultaneous rekeying: whether the SA that we initiated is the redundant one. It is the SA with the lowest of the
    /// four nonces, compared as octets, a prefix being the lower; its initiator closes it. RFC 7296 2.8.1.
    /// </summary>
    public static bool OursIsRedundant(ReadOnlySpan<byte> ourNi, ReadOnlySpan<byte> ourNr, ReadOnlySpan<byte> theirNi, ReadOnlySpan<byte> theirNr)
    {
        var ours = ourNi.SequenceCompareTo(ourNr) < 0 ? ourNi : ourNr;
        var theirs = theirNi.SequenceCompareTo(theirNr) < 0 ? theirNi : theirNr;
        return ours.SequenceCompareTo(theirs) < 0;
    }

    /// <summary>
    /// The same when additional key exchanges are part of it: a peer that goes on with these has decided, be it by the nonces, be it that it never
    /// heard of our rekeying or has forgotten it. Only before that do the nonces count. RFC 9370 2.2.4.
    /// </summary>
    public static bool OursIsRedundant(KeyInput ours, PeerRekeying theirs) => theirs.IsDecided || OursIsRedundant(ours.Ni, ours.Nr, theirs.Ni, theirs.Nr);

    /// <summary>The peer asks for a CHILD_SA, a further one or in place of another. RFC 7296 2.25.2: not while we rekey the IKE_SA.</summary>
    public static Verdict CreateChild(IkeSa ike) => ike.Phase == Phase.Rekeying ? Verdict.TemporaryFailure : Verdict.Accept;

    /// <summary>
    /// The peer asks to rekey a CHILD_SA. RFC 7296 2.25.1: not one that we are closing; one that we are rekeying, yes: the nonces
    /// decide later, but not if we have gone on to the additional key exchanges already (RFC 9370 2.2.4).
    /// </summary>
    public static Verdict RekeyChild(IkeSa ike, ChildSa child) =>
        ike.Phase == Phase.Rekeying || child.State is ChildState.Deleting or ChildState.Deleted or ChildState.Rekeyed
            || ike.Sending.Pending is Exchanges.RekeyChild { IsFollowedUp: true } ours && ours.Old == child
            ? Verdict.TemporaryFailure : Verdict.Accept;

    /// <summary>The peer's rekeying of this CHILD_SA, if its additional key exchanges are awaited: ours has to wait for its end.</summary>
    public static Exchanges.RekeyChild? PeerRekeys(IkeSa ike, ChildSa child) =>
        ike.Awaited?.Origin is Exchanges.RekeyChild theirs && theirs.Old == child ? theirs : null;

    /// <summary>
    /// Additional key exchanges of the peer's rekeying of the IKE_SA are awaited: it would refuse to create anything now (RFC 7296 2.25.2).
    /// </summary>
    public static bool PeerRekeysIke(IkeSa ike) => ike.Awaited?.Origin is Exchanges.RekeyIke;

    /// <summary>
    /// The peer asks to rekey a CHILD_SA that we do not have: CHILD_SA_NOT_FOUND, unless it may be the one whose creation the peer has
    /// answered, and the answer is still on its way.
    /// </summary>
    public static bool IsUnknownForSure(IkeSa ike) => ike.Sending.Pending is not Exchanges.ChildExchange;

    /// <summary>
    /// The peer asks to rekey the IKE_SA. RFC 7296 2.25.2: not while we create, rekey or delete a CHILD_SA or delete the IKE_SA;
    /// while we rekey it ourselves, yes: the nonces decide later, but not if we have gone on to the additional key exchanges (RFC 9370 2.2.4).
    /// </summary>
    public static Verdict RekeyIke(IkeSa ike) => ike.Phase switch
    {
        Phase.Established => ike.Sending.Pending is Exchanges.CreateChild or Exchanges.RekeyChild or Exchanges.DeleteChild
            ? Verdict.TemporaryFailure : Verdict.Accept,
        Phase.Rekeying => ike.RekeyAnswered || ike.Sending.Pending is Exchanges.RekeyIke { IsFollowedUp: true } ? Verdict.TemporaryFailure : Verdict.Accept,
        _ => Verdict.TemporaryFailure,
    };

    /// <summary>How long to wait before a refused rekeying or creation is tried again: 15 s less up to 10 at random, as the reference.</summary>
    public static TimeSpan RetryDelay(IkeSa ike) => TimeSpan.FromMilliseconds(5000 + ike.Engine.RandomBelow(10_000));

    /// <summary>
    /// Whether a child that we are about to bring up is there already: same configuration, installed, and it carries the packet that asks for
    /// it (a peer may have narrowed the one that is there).
    /// </summary>
    public static ChildSa? Duplicate(IkeSa ike, ChildWish wish) =>
        ike.Children.FirstOrDefault(c => c.Config.Equals(wish.Config) && c.State is ChildState.Installed or ChildState.Rekeying && (wish.Acquired?.IsCoveredBy(c) ?? true));
}
