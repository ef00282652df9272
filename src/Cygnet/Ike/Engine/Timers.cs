// Deadlines of one shard. Moving a deadline later costs nothing: an entry that comes up early is put back.
namespace Cygnet.Ike;

/// <summary>
/// Something with a few deadlines, an SA above all. It is its own entry in the queue, once, at the earliest of them: an idle SA holds no
/// object a timer.
/// </summary>
abstract class Timed
{
    internal Instant Queued = Instant.Never;

    internal abstract Span<Instant> Deadlines { get; }

    /// <summary>A deadline has come; it is not set any more.</summary>
    internal abstract void OnDue(int which);

    /// <summary>The SA that a fault in <see cref="OnDue"/> ends.</summary>
    internal abstract IkeSa? Owner { get; }

    internal Instant Earliest
    {
        get
        {
            var earliest = Instant.Never;
            foreach (var deadline in Deadlines)
                if (deadline < earliest) earliest = deadline;
            return earliest;
        }
    }
}

/// <summary>One deadline of something.</summary>
readonly struct Alarm(Timed of, int which)
{
    internal Timed Of => of;

    internal ref Instant At => ref of.Deadlines[which];

    public Instant Deadline => At;

    public bool IsSet => At != Instant.Never;

    public IkeSa? Owner => of.Owner;

    public void Fire() => of.OnDue(which);
}

/// <summary>A deadline with an action of its own, for what is rare.</summary>
sealed class Timer(IkeSa? owner, Action fire) : Timed
{
    Instant _deadline = Instant.Never;

    internal override Span<Instant> Deadlines => new(ref _deadline);

    internal override void OnDue(int which) => fire();

    internal override IkeSa? Owner => owner;

    public static implicit operator Alarm(Timer timer) => new(timer, 0);
}

sealed class Timers
{
    readonly PriorityQueue<Timed, (long At, long Order)> _queue = new();
    long _order;
    int _stale; // entries that mean nothing any more

    public Instant Next => _queue.TryPeek(out _, out var at) ? new(at.At) : Instant.Never;

    /// <summary>Entries in the queue, those included that mean nothing any more.</summary>
    public int Count => _queue.Count;

    /// <summary>Sets or moves the deadline.</summary>
    public void Set(Alarm alarm, Instant at)
    {
        alarm.At = at;
        if (at >= alarm.Of.Queued) return;
        if (alarm.Of.Queued != Instant.Never) _stale++;
        Enqueue(alarm.Of, at);
        if (_stale > _queue.Count / 2) DropStale();
    }

    /// <summary>Cancels everything: the queue keeps nothing alive that is over.</summary>
    public void Forget(Timed of)
    {
        of.Deadlines.Fill(Instant.Never);
        if (of.Queued == Instant.Never) return;
        of.Queued = Instant.Never;
        _stale++;
        if (_stale > _queue.Count / 2) DropStale();
    }

    public static void Cancel(Alarm alarm) => alarm.At = Instant.Never;

    /// <summary>The next deadline that is due, to be fired by the caller; null when none is.</summary>
    public Alarm? TakeDue(Instant now)
    {
        while (_queue.TryPeek(out var of, out var entry) && entry.At <= now.Milliseconds)
        {
            _queue.Dequeue();
            if (of.Queued.Milliseconds != entry.At)
            {
                _stale--; // superseded by an earlier entry
                continue;
            }
            of.Queued = Instant.Never;
            var deadlines = of.Deadlines;
            var due = 0;
            for (var i = 1; i < deadlines.Length; i++)
                if (deadlines[i] < deadlines[due]) due = i;
            var at = deadlines[due];
            if (at > now)
            {
                if (at != Instant.Never) Enqueue(of, at);
                continue;
            }
            deadlines[due] = Instant.Never;
            if (of.Earliest is var next && next != Instant.Never) Enqueue(of, next);
            return new(of, due);
        }
        return null;
    }

    /// <summary>Past a half of them, so that an entry costs as much again as it did, and no more.</summary>
    void DropStale()
    {
        var valid = _queue.UnorderedItems.Where(i => i.Element.Queued.Milliseconds == i.Priority.At).ToArray();
        _queue.Clear();
        _queue.EnqueueRange(valid);
        _stale = 0;
    }

    void Enqueue(Timed of, Instant at)
    {
        of.Queued = at;
        _queue.Enqueue(of, (at.Milliseconds, _order++));
    }
}
