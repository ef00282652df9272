// What is told of a CHILD_SA, to scripts, VICI and accounting: what came up goes down once, or another takes its place. vici(7), child-updown and child-rekey.
namespace Cygnet.Ike;

sealed partial class ChildSa
{
    bool _isTold;
    ChildSa? _toldSuccessor;

    /// <summary>It is up, and took no other's place.</summary>
    public void TellUp()
    {
        _isTold = true;
        var host = Ike.Engine.Host;
        if (host.WantsUp || Config.Updown is not null) host.Raise(new SaEvent.ChildUpDown(true, Ike.Snapshot(), Snapshot()));
    }

    /// <summary>
    /// Another took its place. Where both ends rekey at once, one may have done so before, which does not stay: then it is that one's place.
    /// And if this one was closed meanwhile, the other is a new one.
    /// </summary>
    public void TellReplacedBy(ChildSa fresh)
    {
        var told = this;
        while (told is { _isTold: false, _toldSuccessor: { } next }) told = next;
        if (!told._isTold)
        {
            fresh.TellUp();
            return;
        }
        told._isTold = false;
        told._toldSuccessor = fresh;
        fresh._isTold = true;
        Ike.Engine.Host.Raise(new SaEvent.ChildRekey(Ike.Snapshot(), told.Snapshot(), fresh.Snapshot()));
    }

    /// <summary>It is gone, and nothing took its place. Idempotent.</summary>
    void TellDown()
    {
        if (!_isTold) return;
        _isTold = false;
        Ike.Engine.Host.Raise(new SaEvent.ChildUpDown(false, Ike.Snapshot(), Snapshot()));
    }
}
