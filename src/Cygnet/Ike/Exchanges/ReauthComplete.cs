// The last task of an IKE_SA that replaces another: its children are there, so the old one is deleted. No message of its own.
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class ReauthComplete(IkeSa ike, IkeSa? old, ChildConfig[] children) : Exchange(ike)
{
    /// <summary>Request ids of the old children.</summary>
    public IDisposable? Held { get; init; }

    public override string Task => "IKE_REAUTH_COMPLETE";
    public override ExchangeType Type => ExchangeType.Informational;

    public override void Begin()
    {
        Held?.Dispose();
        if (old?.Current is not { IsAlive: true } former)
        {
            Ike.Complete(this);
            return;
        }
        var late = former.Besides(children);
        foreach (var child in late) Ike.EnqueueLater(new CreateChild(Ike, new(child, null)));
        if (late.Length > 0) Ike.EnqueueLater(new ReauthComplete(Ike, former, [.. children, .. late]));
        else former.Delete(null);
        Ike.Complete(this);
    }

    public override void Abandon(string? reason)
    {
        Held?.Dispose();
        old?.Current.OnReauthFailed(Ike);
    }

    public override Exchange? For(IkeSa successor)
    {
        old?.Current.OnReplacementMoved(Ike, successor);
        return new ReauthComplete(successor, old, children) { Held = Held };
    }
}
