// Several sources of load at once, each on a thread of its own.
using Cygnet.Interop.Testbed;
using Cygnet.Policy;

namespace Cygnet.Benchmarks.Load;

/// <summary>The initiators of one host; together they set up SAs, or keep those that are up alive.</summary>
sealed class Initiators(IReadOnlyList<Initiator> all) : IDisposable
{
    public long Sent => all.Sum(i => i.Sent);

    /// <summary>The initiators share the connections; returns when the last SA is up.</summary>
    public void SetUp(IReadOnlyList<Connection> connections, int atOnce) => Together((initiator, n) =>
        initiator.SetUp([.. connections.Where((_, i) => i % all.Count == n)], Math.Max(1, atOnce / all.Count)));

    /// <summary>Answers the responder, and does nothing else, until <paramref name="isOver"/>.</summary>
    public void Serve(Func<bool> isOver) => Together((initiator, _) => initiator.Serve(isOver));

    /// <summary>The first sets up one SA after the other; the others serve meanwhile. Answers how long each took, in milliseconds.</summary>
    public List<double> OneByOne(Func<int, Connection> connection, Func<bool> isOver)
    {
        var times = new List<double>();
        var isDone = false;
        Together((initiator, n) =>
        {
            if (n > 0)
            {
                initiator.Serve(() => Volatile.Read(ref isDone));
                return;
            }
            try
            {
                for (var i = 0; !isOver(); i++)
                {
                    var clock = System.Diagnostics.Stopwatch.StartNew();
                    initiator.SetUp([connection(i)], 1);
                    times.Add(clock.Elapsed.TotalMilliseconds);
                }
            }
            finally
            {
                Volatile.Write(ref isDone, true);
            }
        });
        return times;
    }

    void Together(Action<Initiator, int> act)
    {
        Exception? failure = null;
        var threads = all.Select((initiator, n) => new Thread(() =>
        {
            try
            {
                act(initiator, n);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        if (failure is not null)
            throw new BedFailure(failure.Message, failure);
    }

    public void Dispose()
    {
        foreach (var initiator in all)
            initiator.Dispose();
    }
}
