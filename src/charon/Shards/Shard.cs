// A shard: one thread, its queue of inputs, its engine. An IKE_SA lives on one shard, so nothing in the engine is locked.
using System.Buffers;
using Cygnet.Ike;
using Cygnet.Linux;
using Cygnet.Policy;

namespace Cygnet.Charon.Shards;

/// <summary>Inputs may come from any thread; the engine is only ever called on the shard's own.</summary>
sealed partial class Shard : IDisposable
{
    /// <summary>Datagrams that may wait; more are dropped, as a full socket buffer would do.</summary>
    const int MaxDatagrams = 4096;

    readonly Lock _lock = new();
    readonly WakeUp _wake = new();
    readonly IEngine _engine;
    readonly Thread _thread;
    readonly Queue<Work> _inline = new();
    List<ShardInput> _inputs = [], _batch = [];
    int _datagrams;
    long _dropped;
    bool _isWaiting, _isStopped;
    Instant _deadline = Instant.Never;

    public Shard(int number, ShardSurroundings around, Action<Wish> forward, Func<IHost, IEngine> createEngine)
    {
        Number = number;
        _around = around;
        _forward = forward;
        _engine = createEngine(this);
        _thread = new Thread(Run) { IsBackground = true, Name = $"shard-{number}" };
    }

    public int Number { get; }

    /// <summary>Datagrams dropped because the queue was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public int Queued
    {
        get
        {
            lock (_lock) return _inputs.Count;
        }
    }

    /// <summary>Whether a timer is armed.</summary>
    public bool IsArmed => _deadline < Instant.Never;

    public static Instant Now => new(Environment.TickCount64);

    public void Start() => _thread.Start();

    /// <summary>Copies the datagram and queues it.</summary>
    public void Receive(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram)
    {
        if (Volatile.Read(ref _datagrams) >= MaxDatagrams)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(datagram.Length);
        datagram.CopyTo(buffer);
        Interlocked.Increment(ref _datagrams);
        Add(ShardInput.Datagram(local, remote, buffer, datagram.Length));
    }

    /// <summary>Queues something to do with the engine; false if the shard has ended.</summary>
    public bool Post(Action<IEngine, Instant> act) => Add(ShardInput.Action(act));

    /// <summary>Asks the engine something, on the shard; the continuation runs elsewhere.</summary>
    public Task<T> Ask<T>(Func<IEngine, Instant, T> ask)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var posted = Post((engine, now) =>
        {
            try { answer.SetResult(ask(engine, now)); }
            catch (Exception e) { answer.SetException(e); }
        });
        if (!posted) answer.SetCanceled();
        return answer.Task;
    }

    bool Add(in ShardInput input)
    {
        lock (_lock)
        {
            if (_isStopped) return false;
            _inputs.Add(input);
            if (!_isWaiting) return true;
            _isWaiting = false;
        }
        _wake.Set();
        return true;
    }

    void Run()
    {
        while (true)
        {
            var wait = Wait();
            if (wait < 0) return;
            if (wait > 0) _wake.Wait(wait == long.MaxValue ? Timeout.Infinite : (int)Math.Min(wait, int.MaxValue));
            foreach (var input in _batch) Handle(input);
            _batch.Clear();
            if (_deadline <= Now)
            {
                // Before the tick, which arms the next one.
                _deadline = Instant.Never;
                try { _engine.Tick(Now); }
                catch (Exception e) { Fault(e); }
                FinishInline();
            }
        }
    }

    /// <summary>Takes the waiting inputs; without any, the milliseconds to sleep. Negative: the shard ends.</summary>
    long Wait()
    {
        lock (_lock)
        {
            _isWaiting = false;
            if (_inputs.Count > 0)
            {
                (_inputs, _batch) = (_batch, _inputs);
                return 0;
            }
            if (_isStopped) return -1;
            if (_deadline == Instant.Never)
            {
                _isWaiting = true;
                return long.MaxValue;
            }
            var left = Math.Max(0, _deadline.Milliseconds - Now.Milliseconds);
            _isWaiting = left > 0;
            return left;
        }
    }

    void Handle(in ShardInput input)
    {
        if (input.Buffer is { } buffer)
        {
            Interlocked.Decrement(ref _datagrams);
            try { _engine.Receive(input.Local, input.Remote, buffer.AsSpan(0, input.Length), Now); }
            catch (Exception e) { Fault(e); }
            ArrayPool<byte>.Shared.Return(buffer);
        }
        else
        {
            try { input.Act!(_engine, Now); }
            catch (Exception e) { Fault(e); }
        }
        FinishInline();
    }

    /// <summary>Every input may begin cheap work, the tick too.</summary>
    void FinishInline()
    {
        while (_inline.TryDequeue(out var work))
        {
            work.Run();
            try { _engine.Finished(work, Now); }
            catch (Exception e) { Fault(e); }
        }
    }

    // The engine confines faults to the SA concerned; whatever still comes here must not end the daemon.
    void Fault(Exception e) => _around.Log.Write(LogGroup.Dmn, 1, $"fault in shard {Number}: {e}", ThreadNumber);

    /// <summary>Handles what is queued, then ends the thread.</summary>
    public void Dispose()
    {
        lock (_lock) _isStopped = true;
        _wake.Set();
        if (_thread.IsAlive && Thread.CurrentThread != _thread) _thread.Join(TimeSpan.FromSeconds(5));
    }
}
