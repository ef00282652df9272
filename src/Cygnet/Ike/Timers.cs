// Deadlines of one shard. Moving a deadline later costs nothing: an entry that comes up early is put back.
namespace Cygnet.Ike;

/// <summary>One deadline with its action. An SA owns a handful; a fault in the action ends that SA only.</summary>
sealed class Timer(object owner, Action fire)
{
    internal Instant Deadline = Instant.Never;
    internal Instant Queued = Instant.Never;
    internal readonly Action Fire = fire;
    internal readonly object Owner = owner;

    public bool IsSet => Deadline != Instant.Never;
}

sealed class Timers
{
    readonly PriorityQueue<Timer, (long At, long Order)> _queue = new();
    long _order;

    public Instant Next => _queue.TryPeek(out _, out var at) ? new(at.At) : Instant.Never;

    /// <summary>Sets or moves the deadline.</summary>
    public void Set(Timer timer, Instant at)
    {
        timer.Deadline = at;
        if (at < timer.Queued) Enqueue(timer, at);
    }

    public static void Cancel(Timer timer) => timer.Deadline = Instant.Never;

    /// <summary>The next timer that is due, to be fired by the caller; null when none is.</summary>
    public Timer? TakeDue(Instant now)
    {
        while (_queue.TryPeek(out var timer, out var entry) && entry.At <= now.Milliseconds)
        {
            _queue.Dequeue();
            if (timer.Queued.Milliseconds != entry.At) continue; // superseded by an earlier entry
            timer.Queued = Instant.Never;
            if (timer.Deadline == Instant.Never) continue;
            if (timer.Deadline > now)
            {
                Enqueue(timer, timer.Deadline);
                continue;
            }
            timer.Deadline = Instant.Never;
            return timer;
        }
        return null;
    }

    void Enqueue(Timer timer, Instant at)
    {
        timer.Queued = at;
        _queue.Enqueue(timer, (at.Milliseconds, _order++));
    }
}
