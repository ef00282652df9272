// The daemon as a child process of the starter: start, wait, stop. ipsec(8).
using System.Diagnostics;
using System.Globalization;
using Cygnet.Command.Commands;
using Cygnet.Linux;

namespace Cygnet.Command.Starter;

/// <summary>One run of charon: our child, or that of a starter before us that was killed.</summary>
sealed class CharonProcess
{
    /// <summary>The exit status of a daemon that was no child of ours: nobody tells us.</summary>
    const int UnknownStatus = -1;

    const int StartPolls = 500, KillAfter = 40, TermsBeforeKill = 9;
    static readonly TimeSpan _startPoll = TimeSpan.FromMilliseconds(20), _stopPoll = TimeSpan.FromMilliseconds(200), _cleanLimit = TimeSpan.FromSeconds(60), _lostPoll = TimeSpan.FromSeconds(0.5);

    readonly DetachedProcess? _process;
    readonly LostCharon? _lost;
    readonly Lock _lock = new();
    int? _status;

    CharonProcess(DetachedProcess process) => _process = process;

    CharonProcess(LostCharon lost) => _lost = lost;

    public int Pid => _process?.Pid ?? _lost!.Pid;

    /// <summary>Takes over a daemon that has lost its starter. <paramref name="onEnd"/> is called once it has ended, as a signal says it of a child.</summary>
    public static CharonProcess Adopt(LostCharon lost, Action onEnd)
    {
        _ = Task.Run(async () =>
        {
            while (!lost.HasEnded) await Task.Delay(_lostPoll).ConfigureAwait(false);
            onEnd();
        });
        return new(lost);
    }

    /// <summary>For `ipsec stop`, where no starter is left to do it.</summary>
    public static void StopLost(LostCharon lost, Paths paths, StarterLog log) => new CharonProcess(lost).Stop(paths, log);

    /// <summary>
    /// The runtime would let garbage grow to the size of the processor's cache, tens of megabytes, before it looks for any: many times what
    /// a daemon of a few tunnels needs. No file of the runtime can say so. Whoever sets the variable himself knows better.
    /// </summary>
    static Dictionary<string, string> Variables(Paths paths)
    {
        const string garbage = "DOTNET_GCgen0size";
        var all = Programs.Variables(paths);
        if (Environment.GetEnvironmentVariable(garbage) is null) all[garbage] = "400000"; // hexadecimal: 4 MB
        all[LostCharon.Mark] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return all;
    }

    /// <summary>The exit status if it has ended.</summary>
    public int? Status
    {
        get
        {
            lock (_lock) return _status ??= _process is not null ? _process.TryWait() : _lost!.HasEnded ? UnknownStatus : null;
        }
    }

    /// <summary>It has ended and says so itself, or by the file that it takes away at its end.</summary>
    public bool EndedWell(Paths paths) => Status is ExitCode.Success || Status is UnknownStatus && !paths.HasHostState;

    /// <summary>Ends it as a crash would. Not once it was waited for: its number may be somebody else's by then.</summary>
    public void Kill()
    {
        lock (_lock)
            if (_status is null) UnixSignal.Send(Pid, UnixSignal.Kill);
    }

    /// <summary>
    /// Starts charon and waits for its PID file, or until <paramref name="isStopping"/>; null, and a line in the log, if it does not come up.
    /// </summary>
    public static CharonProcess? Start(
        Paths paths, StarterOptions options, IEnumerable<string> debugOptions, StarterLog log, Func<bool> isStopping, out int? exitStatus)
    {
        exitStatus = null;
        var started = Stopwatch.StartNew();
        List<string> args = [paths.Charon, .. options.NoFork ? (IEnumerable<string>)[] : ["--use-syslog"], .. debugOptions];
        CharonProcess charon;
        try
        {
            charon = new(DetachedProcess.Start(paths.Charon, args, newSession: false, keepOutput: options.NoFork, environment: Variables(paths)));
        }
        catch (Exception e) when (e is LinuxException or IOException)
        {
            log.Write($"can't execv({paths.Charon}): {e.Message}");
            return null;
        }
        for (var poll = 0; poll < StartPolls; poll++)
        {
            // The file alone may be an old one of a process that happens to have this number.
            if (PidFile.ReadLive(paths.CharonPidFile) == charon.Pid)
            {
                log.Write($"{paths.DaemonName} ({charon.Pid}) started after {started.ElapsedMilliseconds} ms");
                return charon;
            }
            if ((exitStatus = charon.Status) is not null)
            {
                charon.TellEnd(paths, log);
                log.Write($"{paths.DaemonName} refused to be started");
                return null;
            }
            if (isStopping()) return charon;
            Thread.Sleep(_startPoll);
        }
        log.Write($"{paths.DaemonName} too long to start... - kill kill");
        UnixSignal.Send(charon.Pid, UnixSignal.Int);
        for (var i = 0; i <= TermsBeforeKill && charon.Status is null; i++)
        {
            Thread.Sleep(_startPoll);
            UnixSignal.Send(charon.Pid, i < TermsBeforeKill ? UnixSignal.Term : UnixSignal.Kill);
        }
        return null;
    }

    /// <summary>Has charon undo what one left that crashed; it does not take part in anything else.</summary>
    public static void Clean(Paths paths)
    {
        if (!File.Exists(paths.Charon)) return;
        try
        {
            var charon = new CharonProcess(DetachedProcess.Start(paths.Charon, [paths.Charon, "--clean", "--use-syslog"], newSession: false, environment: Variables(paths)));
            for (var waited = Stopwatch.StartNew(); charon.Status is null; Thread.Sleep(_startPoll))
                if (waited.Elapsed > _cleanLimit) UnixSignal.Send(charon.Pid, UnixSignal.Kill);
            // One that has become another user leaves it, empty.
            PidFile.RemoveStale(paths.CharonPidFile);
        }
        catch (LinuxException)
        {
            // what cannot be run has left nothing either
        }
    }

    /// <summary>Says how it has ended to whoever wants to know more.</summary>
    public void TellEnd(Paths paths, StarterLog log)
    {
        // As a shell has it, a signal is 128 and its number.
        if (Status is { } status) log.Write($"child {Pid} ({paths.DaemonName}) has {(status > 128 ? $"been killed by sig {status - 128}" : $"quit (exit code {status})")}", 2);
    }

    /// <summary>INT, then TERM every 200 ms, KILL from the 40th time on.</summary>
    public void Stop(Paths paths, StarterLog log)
    {
        var started = Stopwatch.StartNew();
        for (var i = 0; Status is null; i++)
        {
            UnixSignal.Send(Pid, i == 0 ? UnixSignal.Int : i < KillAfter ? UnixSignal.Term : UnixSignal.Kill);
            if (i == KillAfter) log.Write($"starter_stop_charon(): {paths.DaemonName} does not respond, sending KILL");
            for (var waited = TimeSpan.Zero; waited < _stopPoll && Status is null; waited += _startPoll) Thread.Sleep(_startPoll);
        }
        TellEnd(paths, log);
        log.Write($"{paths.DaemonName} stopped after {started.ElapsedMilliseconds} ms");
        PidFile.RemoveStale(paths.CharonPidFile);
        // One that is not root cannot take it away itself. Somebody else's keeps his.
        if (PidFile.ReadLive(paths.CharonPidFile) is null) File.Delete(paths.ViciSocket);
    }
}
