// A shard: its queue of inputs, its engine, the thread that brings them together. An IKE_SA lives on one shard, so nothing in the engine is locked.
using System.Buffers;
using Cygnet.Ike;
using Cygnet.Linux;
using Cygnet.Policy;

namespace Cygnet.Charon.Shards;

/// <summary>
/// Inputs may come from any thread. The engine is called by one thread at a time: the shard's own, or that of a socket which brings a datagram while
/// the shard has nothing to do. Waking the other thread for it would cost as much as a cheap message does.
/// </summary>
sealed partial class Shard : IDisposable
{
    /// <summary>Datagrams that may wait; more are dropped, as a full socket buffer would do.</summary>
    const int MaxDatagrams = 4096;

    readonly Lock _lock = new(), _turn = new(); // of the queue; of the engine, which is taken first
    readonly WakeUp _wake = new();
    readonly IEngine _engine;
    readonly Thread _thread;
    readonly Queue<Work> _inline = new();
    List<ShardInput> _inputs = [], _batch = [];
    int _datagrams;
    long _dropped;
    bool _isWaiting, _isStopped;
    Instant _deadline = Instant.Never, _sleepsUntil = Instant.Never;

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

    /// <summary>Copies the datagram and queues it; or handles it at once, if <paramref name="mayLinger"/> and nobody is with the engine.</summary>
    public void Receive(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, bool mayLinger = false)
    {
        if (mayLinger && TryHandle(local, remote, datagram)) return;
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

    bool TryHandle(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram)
    {
        if (!_turn.TryEnter()) return false;
        try
        {
            lock (_lock)
                if (!_isWaiting || _isStopped) return false;
            var deadline = _deadline;
            Handle(local, remote, datagram);
            if (_deadline < deadline) WakeForDeadline();
            return true;
        }
        finally
        {
            _turn.Exit();
        }
    }

    void WakeForDeadline()
    {
        lock (_lock)
        {
            if (!_isWaiting || _sleepsUntil <= _deadline) return;
            _isWaiting = false;
        }
        _wake.Set();
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
            lock (_turn)
            {
                foreach (var input in _batch) Handle(input);
                _batch.Clear();
                if (_deadline > Now) continue;
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
            _sleepsUntil = _deadline;
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
            Handle(input.Local, input.Remote, buffer.AsSpan(0, input.Length));
            ArrayPool<byte>.Shared.Return(buffer);
            return;
        }
        try { input.Act!(_engine, Now); }
        catch (Exception e) { Fault(e); }
        FinishInline();
    }

    void Handle(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram)
    {
        try { _engine.Receive(local, remote, datagram, Now); }
        catch (Exception e) { Fault(e); }
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
        // A socket's thread may still be with the engine.
        if (_turn.TryEnter(TimeSpan.FromSeconds(5))) _turn.Exit();
        if (_thread.IsAlive && Thread.CurrentThread != _thread) _thread.Join(TimeSpan.FromSeconds(5));
    }
}
