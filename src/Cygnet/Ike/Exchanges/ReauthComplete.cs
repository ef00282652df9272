// The last task of an IKE_SA that replaces another: what the old one did is done here now, so it is deleted. No message of its own.
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class ReauthComplete(IkeSa ike, IkeSa replaced) : Exchange(ike)
{
    public override string Task => "IKE_REAUTH_COMPLETE";
    public override ExchangeType Type => ExchangeType.Informational;

    public override Exchange? For(IkeSa successor) => new ReauthComplete(successor, replaced);

    public override void Begin()
    {
        Ike.Complete(this);
        if (replaced.Current is { IsAlive: true } old) old.Delete(null);
    }
}
