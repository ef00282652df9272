// CREATE_CHILD_SA, rekeying a CHILD_SA. RFC 7296 1.3.3, 2.8, 2.8.1 (collisions), 2.25.
//   SK {N(REKEY_SA), SA, Ni, [KEi,] TSi, TSr}  -->
//                         <--  SK {SA, Nr, [KEr,] TSi, TSr}
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class RekeyChild(IkeSa ike, ChildSa old, bool byPeer = false) : ChildExchange(ike)
{
    public override string Task => "CHILD_REKEY";

    public ChildSa Old => old;

    public override void Begin()
    {
        if (old.State != ChildState.Installed)
        {
            Ike.Complete(this); // the peer was faster, or it is gone
            return;
        }
        old.State = ChildState.Rekeying;
        New = new(Ike, old.Config) { LocalTs = old.LocalTs, RemoteTs = old.RemoteTs };
        Ike.Log(LogGroup.Ike, 1, $"establishing CHILD_SA {New} reqid {old.Reqid}");
        var spi = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(spi, old.SpiIn);
        Offer([new NotifyPayload(NotifyType.RekeySa, [], SecurityProtocol.Esp, spi)]);
    }

    protected override void OnRefused(NotifyType notify, string reason)
    {
        DropNew();
        if (old.RekeyedByPeer is { } theirs)
        {
            // the peer's rekeying went through; ours is not needed any more
            old.RekeyedByPeer = null;
            if (old.State == ChildState.Rekeying) old.State = ChildState.Rekeyed;
            Ike.Log(LogGroup.Ike, 1, $"CHILD_SA rekey collision lost, CHILD_SA {theirs.New} takes over");
        }
        else if (old.State == ChildState.Rekeying && notify == NotifyType.ChildSaNotFound)
        {
            // RFC 7296 2.25: the peer has lost it. What it is for is wanted still
            Ike.Log(LogGroup.Ike, 1, $"the peer does not know CHILD_SA {old}, creating it anew");
            Ike.Engine.Host.Raise(new SaEvent.ChildUpDown(false, Ike.Snapshot(), old.Snapshot()));
            old.Remove();
            Ike.EnqueueFirst(new CreateChild(Ike, new(old.Config, null)));
        }
        else old.RetryRekey(Collisions.RetryDelay(Ike));
        Ike.Complete(this);
    }

    protected override void OnAgreed(byte[] secret, byte[] ni, byte[] nr)
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
        if (child.Install(secret, ni, nr, weInitiated: true, rekeyed: old, delayOutbound: false) is { } why)
        {
            ChildNegotiation.NotInstalled(Ike, child.Config, why);
            Ike.EnqueueFirst(new DeleteChild(Ike, child) { IsUnborn = true });
            old.RetryRekey(Collisions.RetryDelay(Ike));
            Ike.Complete(this);
            return;
        }
        Ike.Engine.Counters.Add(Counter.ChildRekey, Ike.Connection?.Name);
        if (old.RekeyedByPeer is { } theirs)
        {
            old.RekeyedByPeer = null;
            if (Collisions.OursIsRedundant(ni, nr, theirs.Ni, theirs.Nr))
            {
                Ike.Log(LogGroup.Ike, 1, $"CHILD_SA rekey collision lost, deleting redundant child {child}");
                if (old.State == ChildState.Rekeying) old.State = ChildState.Rekeyed; // the peer deletes it
                child.State = ChildState.Rekeyed;
                Ike.EnqueueFirst(new DeleteChild(Ike, child));
                Ike.Complete(this);
                return;
            }
            Ike.Log(LogGroup.Ike, 1, $"CHILD_SA rekey collision won, deleting old child {old}");
            if (theirs.New.State == ChildState.Installed) theirs.New.State = ChildState.Rekeyed; // the peer deletes it
            old.Replacement = null;
        }
        ChildNegotiation.Rekeyed(Ike, old, child);
        if (old.State is ChildState.Rekeying or ChildState.Installed)
        {
            old.State = ChildState.Rekeyed;
            Ike.EnqueueFirst(new DeleteChild(Ike, old));
        }
        Ike.Complete(this);
    }

    public override void OnRequest(Message request) => Answer(request, old.Config);

    protected override void OnAnswered(ChildSa child, byte[] secret, byte[] ni, byte[] nr, Action<string?> respond)
    {
        if (old.State is not (ChildState.Installed or ChildState.Rekeying))
        {
            child.Remove();
            respond("the CHILD_SA went away meanwhile");
            return;
        }
        var why = child.Install(secret, ni, nr, weInitiated: false, rekeyed: old, delayOutbound: true);
        if (why is null)
        {
            old.Replacement = child;
            var collides = Ike.HasTask<RekeyChild>(r => r.Old == old) && old.State == ChildState.Rekeying;
            if (collides) old.RekeyedByPeer = new(ni, nr, child);
            else old.State = ChildState.Rekeyed;
            Ike.Engine.Counters.Add(Counter.ChildRekey, Ike.Connection?.Name);
            ChildNegotiation.Rekeyed(Ike, old, child);
        }
        respond(why);
    }

    public override void Abandon(string? reason)
    {
        DropNew();
        if (!byPeer && old.State == ChildState.Rekeying) old.State = ChildState.Installed;
    }

    public override Exchange? For(IkeSa successor) => new RekeyChild(successor, old);
}
