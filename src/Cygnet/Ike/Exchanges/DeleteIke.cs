// INFORMATIONAL, deleting the IKE_SA and with it all its CHILD_SAs. RFC 7296 1.4.1, 2.21.2.
//   SK {D(IKE)}  -->
//                         <--  SK {}
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class DeleteIke(IkeSa ike) : Exchange(ike)
{
    public override string Task => "IKE_DELETE";
    public override ExchangeType Type => ExchangeType.Informational;

    /// <summary>Instead of a delete: we could not authenticate the peer's last answer (AUTHENTICATION_FAILED).</summary>
    public NotifyType? Notify { get; init; }

    /// <summary>What those who wait are told; null if the delete is what they wait for.</summary>
    public string? Reason { get; init; }

    /// <summary>What follows the delete, told whether it is still wanted; once.</summary>
    public Action<bool>? Afterwards { get; set; }

    /// <summary>Somebody wants the IKE_SA down for good.</summary>
    public void CancelAfterwards() => Follow(false);

    public override void Begin()
    {
        Ike.Phase = Phase.Deleting;
        Ike.State = IkeState.Deleting;
        if (Notify is null)
        {
            Ike.Log(LogGroup.Ike, 0, $"deleting IKE_SA {Ike} between {Ike.Local.Address}[{Ike.LocalId}]...{Ike.Remote.Address}[{Ike.RemoteId}]");
            Ike.Log(LogGroup.Ike, 1, $"sending DELETE for IKE_SA {Ike}");
        }
        Ike.Request(this, [Notify is { } n ? new NotifyPayload(n, []) : new DeletePayload(SecurityProtocol.Ike, [])]);
    }

    public override void OnResponse(Message response)
    {
        Ike.Log(LogGroup.Ike, 0, $"IKE_SA deleted");
        Ike.Destroy(Reason);
    }

    public override void OnRequest(Message request)
    {
        Ike.Log(LogGroup.Ike, 1, $"received DELETE for IKE_SA {Ike}");
        Ike.Log(LogGroup.Ike, 0, $"deleting IKE_SA {Ike} between {Ike.Local.Address}[{Ike.LocalId}]...{Ike.Remote.Address}[{Ike.RemoteId}]");
        // both rekeyed at once, and the peer has seen that its own stands: what we wait for can only say the same
        if (Ike.RekeyedByPeer is { New: { IsAlive: true } successor }) Ike.HandOverTo(successor);
        var wished = Ike.Phase == Phase.Deleting;
        if (!wished && Ike.Successor is null) Ike.ForgetTicket();
        Ike.Respond(this, []);
        Ike.Log(LogGroup.Ike, 0, $"IKE_SA deleted");
        var wishes = wished || Ike.IsReplaced ? [] : Ike.Reestablishment(c => c.CloseAction);
        Ike.BecomeGhost(wished ? null : "the peer deleted the IKE_SA");
        Ike.Forward(wishes);
    }

    /// <summary>Who wanted this IKE_SA down wants its successor down.</summary>
    public override Exchange? For(IkeSa successor)
    {
        var afterwards = Afterwards;
        Afterwards = null;
        return new DeleteIke(successor) { Notify = Notify, Reason = Reason, Afterwards = afterwards };
    }

    public override void Abandon(string? reason)
    {
        Follow(true);
    }

    void Follow(bool isWanted)
    {
        var afterwards = Afterwards;
        Afterwards = null;
        afterwards?.Invoke(isWanted);
    }
}
