// CREATE_CHILD_SA, rekeying a CHILD_SA. RFC 7296 1.3.3, 2.8, 2.8.1 (collisions), 2.25; RFC 9370 2.2.4.
//   SK {N(REKEY_SA), SA, Ni, [KEi,] TSi, TSr}  -->
//                         <--  SK {SA, Nr, [KEr,] TSi, TSr}     [then IKE_FOLLOWUP_KE, see CreateChildSa.cs]
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class RekeyChild(IkeSa ike, ChildSa old, bool byPeer = false) : ChildExchange(ike)
{
    bool _weWantItToo;

    public override string Task => "CHILD_REKEY";

    public ChildSa Old => old;

    public override void Begin()
    {
        if (old.State != ChildState.Installed)
        {
            Ike.Complete(this); // the peer was faster, or it is gone
            return;
        }
        if (Collisions.PeerRekeys(Ike, old) is { } theirs)
        {
            theirs._weWantItToo = true;
            Ike.Complete(this);
            return;
        }
        if (Collisions.PeerRekeysIke(Ike))
        {
            old.RetryRekey(Collisions.RetryDelay(Ike));
            Ike.Complete(this);
            return;
        }
        old.State = ChildState.Rekeying;
        New = new(Ike, old.Config) { LocalTs = old.LocalTs, RemoteTs = old.RemoteTs, Mode = old.Mode };
        Ike.Log(LogGroup.Ike, 1, $"establishing CHILD_SA {New} reqid {old.Reqid}");
        var spi = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(spi, old.SpiIn);
        Offer([new NotifyPayload(NotifyType.RekeySa, [], old.Protocol, spi)]);
    }

    protected override void OnRefused(NotifyType notify, string reason)
    {
        DropNew();
        if (old.RekeyedByPeer is { } theirs)
        {
            // the peer's rekeying went through, or will; ours is not needed any more
            Ike.Log(LogGroup.Ike, 1, $"CHILD_SA rekey collision lost, CHILD_SA {theirs.New} takes over");
            YieldTo(theirs);
        }
        else if (old.State == ChildState.Rekeying && notify == NotifyType.ChildSaNotFound)
        {
            // RFC 7296 2.25: the peer has lost it. What it is for is wanted still
            Ike.Log(LogGroup.Ike, 1, $"the peer does not know CHILD_SA {old}, creating it anew");
            old.Remove();
            Ike.EnqueueFirst(new CreateChild(Ike, new(old.Config, null)));
        }
        else old.RetryRekey(Collisions.RetryDelay(Ike));
        Ike.Complete(this);
    }

    /// <summary>The peer's rekeying of the same SA stands, and not ours: the peer deletes the old SA, once it has the new one.</summary>
    void YieldTo(PeerRekey theirs)
    {
        old.RekeyedByPeer = null;
        if (old.State != ChildState.Rekeying) return;
        if (Collisions.PeerRekeys(Ike, old) is not { } awaited) old.State = ChildState.Rekeyed;
        else
        {
            old.State = ChildState.Installed;
            awaited._weWantItToo = true;
        }
    }

    /// <summary>
    /// RFC 9370 2.2.4: the collision is decided before the additional key exchanges. Nothing is there yet that could be deleted, so the one that
    /// loses just stops.
    /// </summary>
    protected override bool MayFollowUp(KeyInput input)
    {
        if (old.RekeyedByPeer is not { } theirs) return true;
        if (Collisions.OursIsRedundant(input, theirs))
        {
            Ike.Log(LogGroup.Ike, 1, $"CHILD_SA rekey collision lost, abort incomplete multi-KE rekeying");
            DropNew();
            YieldTo(theirs);
            Ike.Complete(this);
            return false;
        }
        Ike.Log(LogGroup.Ike, 1, $"CHILD_SA rekey collision won, continue with multi-KE rekeying");
        Overrule(theirs);
        return true;
    }

    /// <summary>Our rekeying stands: what the peer made at the same time it deletes, or does not finish.</summary>
    void Overrule(PeerRekey theirs)
    {
        old.RekeyedByPeer = null;
        if (theirs.New.State == ChildState.Installed) theirs.New.State = ChildState.Rekeyed;
        if (Collisions.PeerRekeys(Ike, old) is not null) Ike.Awaited!.Drop();
        old.Replacement = null;
    }

    protected override void OnAgreed(KeyInput input)
    {
        var child = New!;
        New = null;
        if (DeletedByPeer.Contains(child.SpiOut))
        {
            // the peer wants the tunnel no more: the old SA goes the same way
            child.Remove();
            if (old.State == ChildState.Rekeying) Ike.EnqueueFirst(new DeleteChild(Ike, old));
            Ike.Complete(this);
            return;
        }
        if (child.Install(input, weInitiated: true, rekeyed: old, delayOutbound: false) is { } why)
        {
            ChildNegotiation.NotInstalled(child, why);
            Ike.EnqueueFirst(new DeleteChild(Ike, child) { IsUnborn = true });
            old.RetryRekey(Collisions.RetryDelay(Ike));
            Ike.Complete(this);
            return;
        }
        Ike.Engine.Counters.Add(Counter.ChildRekey, Ike.Connection?.Name);
        if (old.RekeyedByPeer is { } theirs)
        {
            if (Collisions.OursIsRedundant(input, theirs))
            {
                Ike.Log(LogGroup.Ike, 1, $"CHILD_SA rekey collision lost, deleting redundant child {child}");
                YieldTo(theirs);
                child.State = ChildState.Rekeyed;
                Ike.EnqueueFirst(new DeleteChild(Ike, child));
                Ike.Complete(this);
                return;
            }
            Ike.Log(LogGroup.Ike, 1, $"CHILD_SA rekey collision won, deleting old child {old}");
            Overrule(theirs);
        }
        ChildNegotiation.Rekeyed(Ike, old, child);
        if (old.State is ChildState.Rekeying or ChildState.Installed)
        {
            old.State = ChildState.Rekeyed;
            Ike.EnqueueFirst(new DeleteChild(Ike, old));
        }
        Ike.Complete(this);
    }

    public override void OnRequest(Message request) => Answer(request, old);

    protected override Verdict Judge() => Collisions.RekeyChild(Ike, old);

    protected override void OnAwaiting(ChildSa child, KeyInput input)
    {
        if (Collides) old.RekeyedByPeer = new(input.Ni, input.Nr, child, IsDecided: false);
    }

    public override void OnContinued()
    {
        if (old.RekeyedByPeer is { } theirs && theirs.New == New) old.RekeyedByPeer = theirs with { IsDecided = true };
    }

    bool Collides => old.State == ChildState.Rekeying && Ike.HasTask<RekeyChild>(r => r.Old == old);

    protected override void OnAnswered(ChildSa child, KeyInput input, Action<NotifyType?> respond)
    {
        if (old.State is not (ChildState.Installed or ChildState.Rekeying))
        {
            // RFC 7296 2.25.1: it went away while we computed
            child.Remove();
            respond(NotifyType.TemporaryFailure);
            return;
        }
        var why = child.Install(input, weInitiated: false, rekeyed: old, delayOutbound: true);
        if (why is null)
        {
            old.Replacement = child;
            if (Collides) old.RekeyedByPeer = new(input.Ni, input.Nr, child, IsDecided: !child.Proposal!.AdditionalKeyExchanges.IsEmpty);
            else old.State = ChildState.Rekeyed;
            Ike.Engine.Counters.Add(Counter.ChildRekey, Ike.Connection?.Name);
            ChildNegotiation.Rekeyed(Ike, old, child);
        }
        else ChildNegotiation.NotInstalled(child, why);
        respond(why is null ? null : NotifyType.NoAdditionalSas);
    }

    /// <summary>The peer does not finish its rekeying: what we left to it, we do ourselves.</summary>
    public override void OnDropped()
    {
        if (old.RekeyedByPeer is { } theirs && theirs.New == New) old.RekeyedByPeer = null;
        base.OnDropped();
        if (_weWantItToo && Ike.IsAlive) old.RetryRekey(Collisions.RetryDelay(Ike));
    }

    public override void Abandon(string? reason)
    {
        DropNew();
        if (!byPeer && old.State == ChildState.Rekeying) old.State = ChildState.Installed;
    }

    public override Exchange? For(IkeSa successor) => new RekeyChild(successor, old);
}
