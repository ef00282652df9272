// The threads that run expensive Work: signatures, Diffie-Hellman, name lookups.
using System.Collections.Concurrent;

namespace Cygnet.Charon.Shards;

/// <summary>A fixed number of threads and one queue. How much can wait is bounded by the engine: one Work per SA, half-open SAs are limited.</summary>
sealed class WorkPool : IDisposable
{
    readonly BlockingCollection<Action> _queue = [];
    readonly ConcurrentDictionary<object, Lazy<WorkPool>> _devices = [];
    int _busy;

    public WorkPool(int threads, string name = "work")
    {
        Threads = threads;
        for (var i = 0; i < threads; i++)
            new Thread(Run) { IsBackground = true, Name = $"{name}-{i}" }.Start();
    }

    /// <summary>The queue of a device, with a thread of its own: whoever waits for a card takes no thread from the rest. There are as many as modules.</summary>
    public WorkPool For(object device) => _devices.GetOrAdd(device, _ => new(() => new(1, "token"))).Value;

    public int Threads { get; }
    public int Busy => Volatile.Read(ref _busy);
    public int Queued => _queue.Count;

    /// <summary>After the end of the pool the work is dropped: its owners are gone too.</summary>
    public void Enqueue(Action work)
    {
        try { _queue.Add(work); }
        catch (InvalidOperationException) { }
    }

    void Run()
    {
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            Interlocked.Increment(ref _busy);
            work();
            Interlocked.Decrement(ref _busy);
        }
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        foreach (var device in _devices.Values) device.Value.Dispose();
    }
}
