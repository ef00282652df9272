// After a crash: what the tunnels of the daemon before this one took stays blocked until they are back; and undoing all that it left.
using Cygnet.Charon.Logging;
using Cygnet.Charon.Scripts;
using Cygnet.Ike;
using Cygnet.Linux;

namespace Cygnet.Charon;

sealed partial class Daemon
{
    const int LongestHoldSeconds = 180;

    // Whoever loads by single commands does not say when he is done.
    static readonly TimeSpan _loadingLimit = TimeSpan.FromSeconds(30), _holdPoll = TimeSpan.FromSeconds(0.5);

    /// <summary>Milliseconds; 0: none.</summary>
    readonly long _holdLimit;

    volatile bool _isLoaded;

    public void Loaded() => _isLoaded = true;

    /// <summary>
    /// Lets go when nothing is being set up any more. What should come back but cannot, because what it needs is itself behind the block (a name
    /// server, a responder), is the reason for a limit.
    /// </summary>
    async Task HoldUntilBack(Network network)
    {
        if (!network.HasLeft) return;
        _log.Write(LogGroup.Knl, 1, "a daemon before this one crashed; what its tunnels took is blocked until connections are back");
        var (started, quiet) = (Now, 0);
        while (quiet < 2)
        {
            if (await Task.WhenAny(_stop.Task, Task.Delay(_holdPoll)).ConfigureAwait(false) == _stop.Task) return;
            var held = Now.Milliseconds - started.Milliseconds;
            if (_holdLimit > 0 && held > _holdLimit)
            {
                _log.Write(LogGroup.Knl, 1, $"connections are not back after {_holdLimit / 1000}s ('charon.x-hold_limit'), the block is lifted");
                network.Release();
                return;
            }
            if (!_isLoaded && held < _loadingLimit.TotalMilliseconds) continue;
            quiet = await IsSettingUp().ConfigureAwait(false) ? 0 : quiet + 1;
        }
        network.Release();
        _log.Write(LogGroup.Knl, 1, "connections are back, the block is lifted");
    }

    async Task<bool> IsSettingUp()
    {
        await foreach (var (_, ike) in Snapshots().ConfigureAwait(false))
            if (ike.IsInitiator && (ike.State is IkeState.Created or IkeState.Connecting || ike.TasksQueued.Concat(ike.TasksActive).Any(t => t == "CHILD_CREATE"))) return true;
        return false;
    }

    /// <summary>Undoes what a daemon left that crashed, where none is to come after it.</summary>
    static async Task<int> Clean(Paths paths, DaemonConf conf, Log log)
    {
        if (TunDataPlane.RemoveLeft(Charon.Network.TunOptionsOf(conf, log), Charon.Network.SocketMark(conf, log), text => log.Write(LogGroup.Knl, 1, text)))
            log.Write(LogGroup.Knl, 1, "removed the device, routes and rules of a daemon that crashed");
        using var host = new HostConfiguration(conf, paths.HostState, log);
        host.RemoveLeft();
        var updown = new UpdownScripts(_ => new(null, null), log, host.State);
        updown.TakeDownLeft();
        await updown.Finish().ConfigureAwait(false);
        return ExitCode.Success;
    }
}
