// What follows when the peer is dead or closes something: dpdaction, closeaction. ipsec.conf(5).
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    /// <summary>
    /// The IKE_SA is about to end though nobody here wished it: what its children's actions ask for, to be granted once it is gone.
    /// </summary>
    public List<Wish> Reestablishment(Func<ChildConfig, ChildAction> action)
    {
        List<Wish> wishes = [];
        if (HasTask<Exchanges.DeleteIke>(_ => true)) return wishes; // it waited for an exchange to end: somebody here did wish it
        foreach (var child in Children)
            if (child.State is ChildState.Installed or ChildState.Rekeying) AddActions(wishes, child.Config, action(child.Config));
        // what was up before a reauthentication shall be up after it
        if (IsOriginalInitiator && HasTask<Exchanges.ReauthComplete>(_ => true)) return [.. wishes, .. WithdrawChildren()];
        if (!IsAsymmetric || wishes.RemoveAll(w => w is Wish.Initiate) == 0) return wishes;
        Log(LogGroup.Ike, 1, $"unable to reestablish IKE_SA due to asymmetric setup");
        Log(LogGroup.Cfg, 1, $"the peer of '{Name}' authenticates by EAP or has a virtual address from us: only it can initiate");
        return wishes;
    }

    /// <summary>The peer closed one child.</summary>
    public List<Wish> AfterClose(ChildSa child)
    {
        List<Wish> wishes = [];
        AddActions(wishes, child.Config, child.Config.CloseAction);
        return wishes;
    }

    public void Forward(List<Wish> wishes)
    {
        foreach (var wish in wishes) Engine.Host.Forward(wish);
    }

    /// <summary>By the configuration of now: what is not configured any more is not brought up again.</summary>
    void AddActions(List<Wish> wishes, ChildConfig child, ChildAction action)
    {
        if (action == ChildAction.None) return;
        if (Engine.Configured(Connection!.Name, child.Name) is not var (connection, current))
        {
            Log(LogGroup.Cfg, 1, $"'{child.Name}' is not configured any more, it stays down");
            return;
        }
        if (action.HasFlag(ChildAction.Trap)) wishes.Add(new Wish.Install(connection, current, null));
        if (!action.HasFlag(ChildAction.Start)) return;
        Log(LogGroup.Ike, 1, $"restarting CHILD_SA {child.Name}");
        wishes.Add(new Wish.Initiate(connection, current, null) { Vips = LocalVips });
    }

    /// <summary>The peer is a client that we cannot call: it authenticated by EAP, or has an address of ours.</summary>
    bool IsAsymmetric => !RemoteVips.IsEmpty || RemoteEapId is not null
        || Connection!.Remote.Any(r => r.Class is AuthClass.Eap or AuthClass.XAuth) && !Connection.Local.Any(r => r.Class is AuthClass.Eap or AuthClass.XAuth);
}
