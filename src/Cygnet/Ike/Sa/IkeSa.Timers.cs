// The deadlines of an IKE_SA: what they are and what happens at each. RFC 7296 2.4, 2.8; RFC 3948 4.
using System.Runtime.CompilerServices;

namespace Cygnet.Ike;

sealed partial class IkeSa : Timed
{
    enum When { Retransmit, Rekey, Reauth, Expire, Liveness, Keepalive, HalfOpen, Uniqueness }

    const int DeadlineCount = (int)When.Uniqueness + 1;

    [InlineArray(DeadlineCount)]
    struct DeadlineArray
    {
        Instant _first;
    }

    DeadlineArray _deadlines;

    Alarm _retransmit => new(this, (int)When.Retransmit);
    Alarm _rekey => new(this, (int)When.Rekey);
    Alarm _reauth => new(this, (int)When.Reauth);
    Alarm _expire => new(this, (int)When.Expire);
    Alarm _liveness => new(this, (int)When.Liveness);
    Alarm _keepalive => new(this, (int)When.Keepalive);
    Alarm _halfOpen => new(this, (int)When.HalfOpen);
    Alarm _uniqueness => new(this, (int)When.Uniqueness);

    internal override Span<Instant> Deadlines => _deadlines;

    internal override IkeSa Owner => this;

    internal override void OnDue(int which)
    {
        switch ((When)which)
        {
            case When.Retransmit: OnRetransmit(); break;
            case When.Rekey: OnRekeyDue(); break;
            case When.Reauth: OnReauthDue(); break;
            case When.Expire: OnExpire(); break;
            case When.Liveness: OnLiveness(); break;
            case When.Keepalive: OnKeepalive(); break;
            case When.HalfOpen: OnHalfOpenTimeout(); break;
            case When.Uniqueness: Uniqueness.Settle(this); break;
        }
    }

    void CancelTimers() => Deadlines.Fill(Instant.Never);
}
