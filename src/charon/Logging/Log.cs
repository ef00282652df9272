// The log: a bounded queue that never blocks who serves peers, and one thread that formats and writes.
using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading.Channels;
using Cygnet.Control;
using Cygnet.Ike;

namespace Cygnet.Charon.Logging;

/// <summary>Thread safe. A line that finds the queue full is counted, and the count is logged later.</summary>
sealed class Log : IDisposable
{
    const int QueueLength = 4096, TroubleLevel = 0;

    /// <summary>What waits when there is much to say fills the queue up to here, so that there always is room for what cannot wait.</summary>
    const int Patient = QueueLength / 2;
    static readonly LogLevels Silent = new(-1);

    readonly Channel<LogEntry> _queue = Channel.CreateBounded<LogEntry>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    readonly Lock _change = new();
    readonly List<int> _watched = [];
    readonly Thread _writer;
    readonly Action<string>? _lastResort;
    ImmutableArray<Logger> _loggers = [];
    volatile LogLevels _wanted = Silent;
    volatile int _watchedLevel = -1;
    int _lost;

    /// <summary>Somebody has waited in vain; until the next line is out nobody else does.</summary>
    volatile bool _isStuck;
    EventHub? _hub;

    /// <summary>For how long a log may stand still before nobody waits for it any more.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where an entry goes besides the loggers: the clients that registered for the log event.</summary>
    public EventHub? Hub
    {
        set
        {
            _hub = value;
            value!.RegistrationsChanged += Refresh;
        }
    }

    /// <param name="lastResort">Told that a logger cannot write, if no other one is there to say so.</param>
    public Log(Action<string>? lastResort = null)
    {
        _lastResort = lastResort;
        _writer = new(Run) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>Replaces all loggers; the old ones are closed by the writer once their lines are out.</summary>
    public void Use(ImmutableArray<Logger> loggers)
    {
        foreach (var logger in loggers)
        {
            logger.Complain = text => Complain(text);
            logger.Tell = text => Write(LogGroup.Dmn, TroubleLevel, text);
        }
        ImmutableArray<Logger> old;
        lock (_change)
        {
            old = _loggers;
            _loggers = loggers;
        }
        Refresh();
        foreach (var logger in old) lock (logger) logger.Dispose();
    }

    void Complain(string text)
    {
        if (!_loggers.Any(l => l.CanTell && l.Levels[LogGroup.Dmn] >= TroubleLevel)) _lastResort?.Invoke(text);
        Write(LogGroup.Dmn, TroubleLevel, text);
    }

    public void SetLevel(LogGroup? group, int level)
    {
        lock (_change)
            foreach (var logger in _loggers) logger.Levels = logger.Levels.With(group, level);
        Refresh();
    }

    /// <summary>Until it is disposed, lines up to that level count as wanted: a client follows an SA.</summary>
    public IDisposable Watch(int level)
    {
        lock (_change) _watched.Add(level);
        Refresh();
        return new Watched(this, level);
    }

    public bool Wants(LogGroup group, int level) => level <= _wanted[group] || level <= _watchedLevel;

    public void Write(int thread, in LogLine line)
    {
        if (line.Level > _wanted[line.Group]) return;
        if (!_queue.Writer.TryWrite(new(DateTimeOffset.Now, thread, line))) Interlocked.Increment(ref _lost);
    }

    public void Write(LogGroup group, int level, string text, int thread = 0) => Write(thread, new LogLine(group, level, null, 0, text));

    /// <summary>
    /// The same for who may be held up, as a command that says a line about each of ten thousand connections: waits until there is room, but not
    /// for a log that does not move. Never to be called by who serves peers.
    /// </summary>
    public void WriteInTime(LogGroup group, int level, string text, int thread)
    {
        if (level > _wanted[group]) return;
        for (var waited = Stopwatch.StartNew(); !_isStuck && _queue.Reader.Count >= Patient; Thread.Sleep(1))
            if (waited.Elapsed > LongestWait) _isStuck = true;
        Write(group, level, text, thread);
    }

    void Refresh()
    {
        lock (_change)
        {
            var wanted = _loggers.Aggregate(Silent, (all, l) => all.Or(l.Levels));
            _wanted = _hub is { } hub && hub.IsWanted("log") ? wanted.Or(new(LogEvents.HighestLevel)) : wanted;
            _watchedLevel = _watched.Count == 0 ? -1 : _watched.Max();
        }
    }

    void Run()
    {
        var reader = _queue.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (reader.TryRead(out var entry)) Distribute(entry);
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
                Distribute(new(DateTimeOffset.Now, 0, new(LogGroup.Dmn, 1, null, 0, $"{lost} log lines lost, the log could not keep up")));
            foreach (var logger in _loggers) lock (logger) logger.Flush();
        }
    }

    void Distribute(LogEntry entry)
    {
        _isStuck = false;
        foreach (var logger in _loggers)
            if (logger.Wants(entry))
                lock (logger) logger.Write(entry);
        if (entry.Line.Level <= LogEvents.HighestLevel && _hub is { } hub) hub.Raise("log", () => LogEvents.Log(entry.Line, entry.Thread));
    }

    /// <summary>Writes what is queued, then closes the loggers.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _writer.Join(TimeSpan.FromSeconds(5));
        foreach (var logger in _loggers) lock (logger) logger.Dispose();
    }

    sealed class Watched(Log log, int level) : IDisposable
    {
        bool _ended;

        public void Dispose()
        {
            lock (log._change)
            {
                if (_ended) return;
                _ended = true;
                log._watched.Remove(level);
            }
            log.Refresh();
        }
    }
}
