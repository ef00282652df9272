// The starter's life: starts charon and starts it again, loads the configuration, obeys signals. ipsec(8).
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Cygnet.Linux;

namespace Cygnet.Command.Starter;

/// <summary>One thread that takes signals one after the other.</summary>
/// <param name="hangLimit">How long the daemon may owe an answer before it is ended; zero: for ever.</param>
sealed class Supervisor(Surroundings world, Paths paths, StarterOptions options, string conf, TimeSpan hangLimit, StarterLog log)
{
    const int Alarm = 14;
    static readonly TimeSpan _connectLimit = TimeSpan.FromSeconds(10), _connectPoll = TimeSpan.FromMilliseconds(20), _writeLimit = TimeSpan.FromSeconds(2);

    readonly BlockingCollection<int> _signals = [];
    readonly Loader _loader = new(log);
    readonly Backoff _backoff = new();
    readonly NotifySocket? _notify = NotifySocket.TakeFromEnvironment();
    volatile CharonProcess? _charon;
    Stopwatch _lived = new();

    /// <summary>The last configuration without fatal errors: what a new daemon gets while the files are broken.</summary>
    Configuration? _lastGood;

    /// <summary>No daemon runs, and we see to it that one will.</summary>
    volatile bool _isBetweenDaemons;

    /// <summary>Set as soon as the signal comes, so that no wait outlasts it.</summary>
    volatile bool _isStopping;
    long? _restartAt, _updateAt, _loadAgainAt;

    /// <summary>What the last attempt to load was said to fail of; told once.</summary>
    string? _unreached;

    public int Run()
    {
        // Before the PID file tells others whom to send them to.
        var registrations = ((int[])[UnixSignal.Hup, UnixSignal.Usr1, UnixSignal.Term, UnixSignal.Int, UnixSignal.Quit, UnixSignal.Chld, Alarm])
            .Select(signal => UnixSignal.On(signal, () => OnSignal(signal))).ToArray();
        try
        {
            return RunAlone();
        }
        finally
        {
            foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        }
    }

    int RunAlone()
    {
        PidFile? pidFile;
        try
        {
            pidFile = PidFile.TryCreate(paths.StarterPidFile, out _);
        }
        catch (IOException e)
        {
            log.Write($"unable to start {Product.Name} -- {e.Message}");
            return ExitCode.Failed;
        }
        if (pidFile is null)
        {
            log.Write($"starter is already running ({paths.Printed(paths.StarterPidFile)} exists) -- no fork done");
            return ExitCode.Success;
        }
        using (pidFile)
        {
            using var watchdog = new Watchdog(_notify, () => Task.Run(DaemonAnswers));
            // Where systemd watches, it is he who judges.
            using var hangs = _notify?.Watchdog is null && hangLimit > TimeSpan.Zero ? new HangWatch(hangLimit, () => _charon?.Pid, DaemonAnswers, EndHung) : null;
            return Live();
        }
    }

    void OnSignal(int signal)
    {
        _isStopping |= signal is UnixSignal.Term or UnixSignal.Int or UnixSignal.Quit;
        _signals.Add(signal);
    }

    int Live()
    {
        if (LostCharon.Find(paths) is { } lost)
        {
            _charon = CharonProcess.Adopt(lost, () => _signals.Add(UnixSignal.Chld));
            _lived.Start();
            Load(everything: false);
        }
        else if (PidFile.ReadLive(paths.CharonPidFile) is { } foreign) Serve(foreign);
        else if (!StartCharon()) return ExitCode.Failed;
        WholeProgram.LoadInBackground();
        while (!_isStopping)
        {
            var isSignal = _signals.TryTake(out var signal, UntilNext());
            if (_isStopping) break;
            if (_charon?.Status is { } status)
            {
                _charon.TellEnd(paths, log);
                _charon = null;
                if (GivesUp(status)) return ExitCode.Failed;
                PidFile.RemoveStale(paths.CharonPidFile);
                ScheduleRestart("has died");
            }
            if (isSignal && signal == UnixSignal.Hup) Reload(everything: false);
            if (isSignal && signal == UnixSignal.Usr1) Reload(everything: true);
            if (signal == Alarm || _restartAt <= Environment.TickCount64)
            {
                var foreign = _charon is null ? PidFile.ReadLive(paths.CharonPidFile) : null;
                if (foreign is { } pid && _isBetweenDaemons) Serve(pid);
                else if (_charon is null && foreign is null && !StartCharon()) return ExitCode.Failed;
            }
            if (_updateAt <= Environment.TickCount64) Reload(everything: false);
            if (_loadAgainAt <= Environment.TickCount64) LoadAgain();
        }
        _notify?.Stopping();
        _charon?.Stop(paths, log);
        // One that crashed, or had to be killed, has left what it changed on this host.
        if (_charon?.EndedWell(paths) != true && PidFile.ReadLive(paths.CharonPidFile) is null) CharonProcess.Clean(paths);
        log.Write("ipsec starter stopped");
        return ExitCode.Success;
    }

    /// <summary>Ours, or somebody else's.</summary>
    bool DaemonRuns => _charon is { } charon ? charon.Status is null : PidFile.ReadLive(paths.CharonPidFile) is not null;

    /// <summary>A daemon that somebody else started, perhaps while ours was being started, is not ours to watch or to stop; without the files it would do nothing.</summary>
    void Serve(int foreign)
    {
        _restartAt = null;
        _isBetweenDaemons = false;
        _loader.Forget();
        log.Write($"{paths.DaemonName} ({foreign}) was started by somebody else -- it gets the connections, and is neither watched nor stopped; end it and 'ipsec restart' has one started that is");
        Load(everything: false);
    }

    TimeSpan UntilNext()
    {
        var next = Math.Min(Math.Min(_restartAt ?? long.MaxValue, _updateAt ?? long.MaxValue), _loadAgainAt ?? long.MaxValue);
        return next == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(0, next - Environment.TickCount64));
    }

    void ScheduleRestart(string why)
    {
        var delay = _backoff.After(_lived.Elapsed);
        _isBetweenDaemons = true;
        _restartAt = Environment.TickCount64 + (long)delay.TotalMilliseconds;
        var line = $"{paths.DaemonName} {why} -- restart scheduled ({delay.TotalSeconds:0}sec)";
        log.Write(line);
        _notify?.Status(line);
    }

    /// <summary>Asks for figures that every shard has to give.</summary>
    bool DaemonAnswers()
    {
        if (_isBetweenDaemons) return true;
        var charon = world.Connect();
        using (charon as IDisposable) return charon.Call("stats") is not null;
    }

    /// <summary>By another thread: ours may be waiting for the very answer that does not come.</summary>
    void EndHung(int pid)
    {
        if (_charon is not { } charon || charon.Pid != pid) return;
        log.Write($"{paths.DaemonName} ({pid}) has not answered for {hangLimit.TotalSeconds:0}s, it hangs -- kill");
        charon.Kill();
    }

    bool GivesUp(int status)
    {
        if (status is < ExitCode.DaemonGivesUp or >= 128) return false;
        log.Write($"{paths.DaemonName} has quit: " + status switch
        {
            64 => "integrity test of libstrongswan failed",
            65 => "integrity test of charon failed",
            66 => "initialization failed",
            _ => $"exit status {status}",
        });
        return true;
    }

    /// <summary>False if it makes no sense to try again.</summary>
    bool StartCharon()
    {
        _restartAt = null;
        log.Write($"Attempting to start {paths.DaemonName}...", 2);
        var configuration = Configuration.Read(paths, conf, asksNames: true, traced: options.LogLevel);
        if (configuration.Plan.IsFatal && _lastGood is { } old)
        {
            Starter.Print(configuration, log);
            log.Write("can't reload config file due to errors -- keeping old one");
            configuration = old;
        }
        _loader.Forget();
        _lived = new();
        _charon = CharonProcess.Start(paths, options, configuration.DebugOptions(), log, () => _isStopping, out var status);
        if (_charon is not null)
        {
            _lived.Start();
            _isBetweenDaemons = false;
            Load(configuration, everything: true);
            return true;
        }
        if (status is not null && AwaitForeign() is { } foreign)
        {
            Serve(foreign);
            return true;
        }
        if (status is { } s && GivesUp(s)) return false;
        ScheduleRestart("could not be started");
        return true;
    }

    /// <summary>The daemon that ours gave way to, which need not have written its number yet.</summary>
    int? AwaitForeign()
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < _writeLimit && File.Exists(paths.CharonPidFile); Thread.Sleep(_connectPoll))
            if (PidFile.ReadLive(paths.CharonPidFile) is { } pid) return pid;
        return null;
    }

    void LoadAgain()
    {
        _loadAgainAt = null;
        if (DaemonRuns) Load(everything: false);
    }

    void Reload(bool everything)
    {
        log.Write("Reloading config...", 2);
        _notify?.Reloading();
        Load(everything);
    }

    void Load(bool everything)
    {
        var configuration = Configuration.Read(paths, conf, asksNames: true, traced: options.LogLevel);
        Starter.Print(configuration, log);
        Load(configuration, everything);
    }

    void Load(Configuration configuration, bool everything)
    {
        if (options.AutoUpdateSeconds > 0) _updateAt = Environment.TickCount64 + options.AutoUpdateSeconds * 1000L;
        var problem = TryLoad(configuration, everything);
        // What thousands of conns were read with would else stay in a process that has nothing more to do until the next signal.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _notify?.Ready(problem ?? $"{paths.DaemonName} runs, {configuration.Plan.Connections.Count} connections loaded");
    }

    /// <summary>Null, or the line that was logged because it failed.</summary>
    string? TryLoad(Configuration configuration, bool everything)
    {
        _loadAgainAt = null;
        if (configuration.Plan.IsFatal) return Said("can't reload config file due to errors -- keeping old one");
        try
        {
            var charon = Connect();
            _unreached = null;
            using (charon as IDisposable)
            {
                if (!_loader.Load(charon, configuration, everything)) return Said("can't load config due to errors -- keeping old one");
                _lastGood = configuration;
                charon.Call("x-loaded");
                return null;
            }
        }
        catch (ViciFailure e)
        {
            // A daemon without its control socket makes one as soon as it can; nobody else would tell it of the files then.
            if (DaemonRuns) _loadAgainAt = Environment.TickCount64 + (long)_connectLimit.TotalMilliseconds;
            if (e.Message == _unreached) return e.Message;
            return _unreached = Said(e.Message);
        }
    }

    string Said(string line)
    {
        log.Write(line);
        return line;
    }

    /// <summary>The socket may come a little later than the PID file.</summary>
    IVici Connect()
    {
        for (var waited = Stopwatch.StartNew(); ; Thread.Sleep(_connectPoll))
        {
            try
            {
                return world.Connect();
            }
            catch (ViciFailure) when (!_isStopping && waited.Elapsed < _connectLimit && DaemonRuns)
            {
                // Not listening yet.
            }
        }
    }
}
