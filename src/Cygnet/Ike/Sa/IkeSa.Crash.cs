// The peer has lost this IKE_SA, and proves it. RFC 6290 4.4, 4.5.
using Cygnet.Wire;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    /// <summary>Unprotected answers of a second that are looked at: each costs a comparison and no more.</summary>
    const int TokensPerSecond = 10;

    LogAllowance _tokenAllowance;

    /// <summary>By which the peer would prove that it has lost this IKE_SA; null: it makes none.</summary>
    public byte[]? PeerToken { get; set; }

    /// <summary>The peer has our token of this IKE_SA.</summary>
    public bool HasSentToken { get; set; }

    /// <summary>An answer to our request that nothing protects. True if it is the peer's word that it knows nothing of us any more.</summary>
    bool IsCrashNotice(Message message)
    {
        if (message.Encrypted is not null || !message.Has(NotifyType.InvalidIkeSpi) || !_tokenAllowance.Take(Engine.Now, TokensPerSecond, out _)) return false;
        if (Exchanges.CrashDetection.Proves(this, message)) return true;
        Log(LogGroup.Ike, 1, $"received INVALID_IKE_SPI without a token that proves it, ignored");
        return false;
    }

    /// <summary>Nothing is to be said to the peer: it would not know of what. What dpdaction asks for follows at once.</summary>
    void OnPeerCrashed(Exchange exchange)
    {
        Log(LogGroup.Ike, 0, $"peer {Remote} has lost IKE_SA {this}, as its token proves");
        Alert(AlertType.PeerCrashed);
        if (Phase == Phase.Deleting)
        {
            Destroy((exchange as Exchanges.DeleteIke)?.Reason);
            return;
        }
        var wishes = IsReplaced ? [] : Reestablishment(c => c.DpdAction);
        Destroy("the peer has lost the IKE_SA");
        Forward(wishes);
    }

    /// <summary>A rekeyed IKE_SA has other SPIs, so another token; whoever could not put it into the rekeying sends it now. RFC 6290 4.3.</summary>
    void SendToken()
    {
        if (!HasSentToken && Engine.Host.CrashTokens is not null) Enqueue(new Exchanges.CrashDetection(this));
        HasSentToken = true;
    }
}
