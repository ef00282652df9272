// The log and control-log events, and the watcher that streams control-log to the client that initiates or terminates an SA.
using Cygnet.Ike;

namespace Cygnet.Control;

/// <summary>Streams the lines of one SA up to a level, and remembers how the wish ended.</summary>
sealed class ControlLog(Session session, int level) : IWatcher
{
    readonly TaskCompletionSource<string?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null on success, else the reason.</summary>
    public Task<string?> Outcome => _done.Task;

    public void Log(in LogLine line)
    {
        if (line.Level <= level && session.Registrations("control-log") > 0) session.Stream("control-log", LogEvents.ControlLog(line));
    }

    public void Done(string? error) => _done.TrySetResult(error);

    /// <summary>Waits for the end. False if <paramref name="milliseconds"/> passed first; 0 waits without limit.</summary>
    public async Task<bool> Wait(long milliseconds)
    {
        if (milliseconds <= 0)
        {
            await Outcome.ConfigureAwait(false);
            return true;
        }
        using var cancel = new CancellationTokenSource();
        var limit = Task.Delay(TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue)), cancel.Token);
        var first = await Task.WhenAny(Outcome, limit).ConfigureAwait(false);
        await cancel.CancelAsync().ConfigureAwait(false);
        return first == Outcome;
    }
}
