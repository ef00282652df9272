// Runs the scripts of connections (leftupdown) beside the shards: in order for each conn, with nothing but their variables and PATH. docs/updown.md.
using System.Diagnostics;
using Cygnet.Charon.Logging;
using Cygnet.Ike;
using Cygnet.Linux;
using Cygnet.Policy;
using Cygnet.Updown;

namespace Cygnet.Charon.Scripts;

/// <summary>
/// A conn's scripts run one after another, in the order of its events, so that what one sets up the next can take down; different conns do not wait
/// for each other. A script that does not end within <see cref="Patience"/> is killed. Thread safe.
/// </summary>
sealed class UpdownScripts(Func<Address, UpdownDevices> devices, Log log, HostState? state = null)
{
    const int MostAtOnce = 16, MostLines = 100;

    /// <summary>How long a script may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What must go down when the daemon ends has this long altogether: whoever stops it waits.
    static readonly TimeSpan _farewell = TimeSpan.FromSeconds(5);

    readonly LeftUpdown _left = new(state);
    readonly Lock _lock = new();
    readonly Dictionary<string, Task> _last = new(StringComparer.Ordinal);
    readonly SemaphoreSlim _free = new(MostAtOnce);

    /// <summary>Queues the scripts that the event asks for. Never waits.</summary>
    public void Handle(SaEvent e)
    {
        if (e is not SaEvent.ChildUpDown { Child: { Updown: not null } child }) return;
        Queue(child.Name, [.. UpdownCall.Of(e, devices)]);
    }

    /// <summary>Tells the scripts of a daemon that crashed that its tunnels are down: what they had set up would stay for ever.</summary>
    public void TakeDownLeft()
    {
        foreach (var call in _left.TakeLeft()) Queue(call.Connection, [call]);
    }

    /// <summary>At the end of the daemon, which waits for no peer's answer: the scripts are told that the tunnels are down all the same.</summary>
    public void TakeDownStanding()
    {
        foreach (var call in _left.Standing()) Queue(call.Connection, [call]);
    }

    void Queue(string name, UpdownCall[] calls)
    {
        lock (_lock)
        {
            var before = _last.GetValueOrDefault(name, Task.CompletedTask);
            var now = RunAll(before, calls);
            _last[name] = now;
            // nothing is kept of a conn whose scripts have all run
            _ = now.ContinueWith(t =>
            {
                lock (_lock)
                    if (_last.GetValueOrDefault(name) == t) _last.Remove(name);
            }, TaskScheduler.Default);
        }
    }

    /// <summary>Waits for what is queued, but not for ever.</summary>
    public async Task Finish()
    {
        Task[] left;
        lock (_lock) left = [.. _last.Values];
        if (await Task.WhenAny(Task.WhenAll(left), Task.Delay(_farewell)).ConfigureAwait(false) is { } first && left.Any(t => !t.IsCompleted))
            log.Write(LogGroup.Chd, 1, $"{left.Count(t => !t.IsCompleted)} updown scripts have not ended in {_farewell.TotalSeconds:0}s");
    }

    async Task RunAll(Task before, UpdownCall[] calls)
    {
        await Task.Yield();
        await before.ConfigureAwait(false);
        await _free.WaitAsync().ConfigureAwait(false);
        try
        {
            foreach (var call in calls)
            {
                _left.Begin(call);
                await Run(call).ConfigureAwait(false);
                _left.End(call);
            }
        }
        finally
        {
            _free.Release();
        }
    }

    // Nothing that a script does may end the chain: the next one has to run.
    async Task Run(UpdownCall call)
    {
        try
        {
            // 2>&1 in front, as the reference has it: it is part of what users' command lines are pasted into
            var start = new ProcessStartInfo("/bin/sh", ["-c", $"2>&1 {call.Command}"]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
            start.Environment.Clear();
            start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path : "/sbin:/bin:/usr/sbin:/usr/bin";
            foreach (var (name, value) in call.Variables) start.Environment[name] = value;
            using var script = Process.Start(start)!;
            script.StandardInput.Close();
            using var end = new CancellationTokenSource(Patience);
            try
            {
                await Task.WhenAll(Show(script.StandardOutput, end.Token), Show(script.StandardError, end.Token)).ConfigureAwait(false);
                await script.WaitForExitAsync(end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                script.Kill(entireProcessTree: true);
                log.Write(LogGroup.Chd, 1, $"updown script '{call.Command}' has not ended in {Patience.TotalSeconds:0}s, killed");
                return;
            }
            if (script.ExitCode != 0) log.Write(LogGroup.Chd, 1, $"updown script '{call.Command}' left with exit code {script.ExitCode}");
        }
        catch (Exception e)
        {
            log.Write(LogGroup.Chd, 1, $"could not execute updown script '{call.Command}': {e.Message}");
        }
    }

    async Task Show(StreamReader from, CancellationToken end)
    {
        for (var lines = 0; await from.ReadLineAsync(end).ConfigureAwait(false) is { } line; lines++)
            if (lines < MostLines) log.Write(LogGroup.Chd, 1, $"updown: {line}");
    }
}
