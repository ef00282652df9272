// What is told of an IKE_SA, to VICI and accounting: what came up goes down once, or another takes its place. vici(7), ike-updown and ike-rekey.
namespace Cygnet.Ike;

sealed partial class IkeSa
{
    bool _isTold;

    /// <summary>Its peer is authenticated.</summary>
    void TellUp()
    {
        _isTold = true;
        if (Engine.Host.WantsUp) Engine.Host.Raise(new SaEvent.IkeUpDown(true, Snapshot()));
    }

    /// <summary>Rekeyed.</summary>
    void TellReplacedBy(IkeSa fresh)
    {
        if (!_isTold) return;
        (_isTold, fresh._isTold) = (false, true);
        Engine.Host.Raise(new SaEvent.IkeRekey(Snapshot(), fresh.Snapshot()));
    }

    /// <summary>It is gone, and its children follow.</summary>
    void TellDown()
    {
        if (!_isTold) return;
        _isTold = false;
        Engine.Host.Raise(new SaEvent.IkeUpDown(false, Snapshot()));
    }
}
