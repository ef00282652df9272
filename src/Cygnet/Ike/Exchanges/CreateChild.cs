// CREATE_CHILD_SA, a further CHILD_SA. RFC 7296 1.3.1, 2.12.
//   SK {SA, Ni, [KEi,] TSi, TSr}  -->
//                         <--  SK {SA, Nr, [KEr,] TSi, TSr}
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class CreateChild(IkeSa ike, ChildWish? wish = null) : ChildExchange(ike)
{
    public override string Task => "CHILD_CREATE";

    /// <summary>What it was to bring up, for another IKE_SA to do; null if it is the peer that asks.</summary>
    public Wish.Initiate? Withdraw()
    {
        if (wish is null) return null;
        // who waits goes on waiting
        var watcher = wish.Watcher is { } waiting && Ike.Watchers.Remove(waiting) ? waiting : null;
        return new(Ike.Connection!, wish.Config, watcher) { Acquired = wish.Acquired };
    }

    /// <summary>What we want to bring up; null if it is the peer that asks.</summary>
    public ChildConfig? Wished => wish?.Config;

    ChildWish Wanted => wish ?? throw new InvalidOperationException("nobody wished for what the peer creates");

    public override void Begin()
    {
        if (Collisions.Duplicate(Ike, Wanted) is { } there)
        {
            var fresh = Ike.Engine.Host.Shared.NextChildId();
            Ike.Log(LogGroup.Ike, 1, $"not establishing CHILD_SA {Wanted.Config.Name}{{{fresh}}} due to existing duplicate {{{there.UniqueId}}} with SPIs {there.SpiIn:x8}_i {there.SpiOut:x8}_o and TS {string.Join(' ', there.LocalTs)} === {string.Join(' ', there.RemoteTs)}");
            Ike.Report(Wanted.Watcher, $"CHILD_SA '{Wanted.Config.Name}' is up already as {there}");
            Ike.Complete(this);
            return;
        }
        if (Collisions.PeerRekeysIke(Ike))
        {
            OnRefused(NotifyType.TemporaryFailure, "the peer is rekeying the IKE_SA");
            return;
        }
        New = ChildNegotiation.Begin(Ike, Wanted);
        Ike.Log(LogGroup.Ike, 0, $"establishing CHILD_SA {New}{New.Of}");
        Offer([]);
    }

    protected override void OnRefused(NotifyType notify, string reason)
    {
        DropNew();
        if (notify is NotifyType.TemporaryFailure or NotifyType.StateNotFound)
        {
            // the peer is busy with something that passes, or we were too slow: the wish stays
            var delay = Collisions.RetryDelay(Ike);
            Ike.Log(LogGroup.Ike, 1, $"creating CHILD_SA failed, trying again in {(int)delay.TotalSeconds} seconds");
            Ike.Later(delay, () => Ike.Current.Enqueue(new CreateChild(Ike.Current, wish)));
        }
        else
        {
            Ike.Log(LogGroup.Ike, 1, $"failed to establish CHILD_SA, keeping IKE_SA");
            Ike.Report(wish!.Watcher, reason);
        }
        Ike.Complete(this);
    }

    protected override void OnAgreed(KeyInput input)
    {
        var child = New!;
        New = null;
        if (DeletedByPeer.Contains(child.SpiOut))
        {
            child.Remove();
            Ike.Report(wish!.Watcher, "the peer deleted the CHILD_SA at once");
            Ike.Complete(this);
            return;
        }
        if (child.Install(input, weInitiated: true, rekeyed: null, delayOutbound: false) is { } why)
        {
            ChildNegotiation.NotInstalled(child, why);
            Ike.Report(wish!.Watcher, why);
            Ike.EnqueueFirst(new DeleteChild(Ike, child) { IsUnborn = true });
        }
        else
        {
            ChildNegotiation.Established(Ike, child);
            child.Report(null);
        }
        Ike.Complete(this);
    }

    public override void OnRequest(Message request) => Answer(request, rekeyed: null);

    protected override Verdict Judge() => Collisions.CreateChild(Ike);

    protected override void OnAnswered(ChildSa child, KeyInput input, Action<NotifyType?> respond)
    {
        var why = child.Install(input, weInitiated: false, rekeyed: null, delayOutbound: false);
        if (why is null) ChildNegotiation.Established(Ike, child);
        else ChildNegotiation.NotInstalled(child, why);
        respond(why is null ? null : NotifyType.NoAdditionalSas);
    }

    public override void Abandon(string? reason)
    {
        DropNew();
        if (wish is not null) Ike.Report(wish.Watcher, reason);
    }

    public override Exchange? For(IkeSa successor) => new CreateChild(successor, wish);
}
