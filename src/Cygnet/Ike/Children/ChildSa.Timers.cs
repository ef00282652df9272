// The deadlines of a CHILD_SA.
using System.Runtime.CompilerServices;

namespace Cygnet.Ike;

sealed partial class ChildSa : Timed
{
    enum When { Rekey, Expire, Idle, Linger }

    const int DeadlineCount = (int)When.Linger + 1;

    [InlineArray(DeadlineCount)]
    struct DeadlineArray
    {
        Instant _first;
    }

    DeadlineArray _deadlines;

    Alarm _rekey => new(this, (int)When.Rekey);
    Alarm _expire => new(this, (int)When.Expire);
    Alarm _idle => new(this, (int)When.Idle);
    Alarm _linger => new(this, (int)When.Linger);

    internal override Span<Instant> Deadlines => _deadlines;

    internal override IkeSa Owner => Ike;

    internal override void OnDue(int which)
    {
        switch ((When)which)
        {
            case When.Rekey: OnRekeyDue(); break;
            case When.Expire: OnExpired(hard: true); break;
            case When.Idle: OnIdle(); break;
            case When.Linger: OnLingered(); break;
        }
    }
}
