// Notices a daemon that lives and does nothing more, where no systemd does it. docs/operation.md.
namespace Cygnet.Command.Starter;

/// <summary>
/// Asks the daemon now and then. A question that stays unanswered is waited for in several turns, and it is the turns that count: a machine that
/// slept, or was stopped by its hypervisor, wakes up in one of them. A daemon that a debugger holds is left alone.
/// </summary>
sealed class HangWatch : IDisposable
{
    /// <summary>Loading ten thousand connections takes a daemon some seconds, and it answers meanwhile.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(3);

    const int Turns = 6;

    readonly CancellationTokenSource _end = new();
    readonly Task _watching;

    /// <param name="pid">The daemon's; null while there is none.</param>
    /// <param name="asks">Returns when it has answered, or could not be asked.</param>
    /// <param name="ends">Called with the number of a daemon that has not answered for so long.</param>
    /// <param name="interval">Between two questions; null: a turn.</param>
    public HangWatch(TimeSpan limit, Func<int?> pid, Func<bool> asks, Action<int> ends, TimeSpan? interval = null) =>
        _watching = Task.Run(() => Watch(interval ?? limit / Turns, limit / Turns, pid, asks, ends));

    async Task Watch(TimeSpan interval, TimeSpan turn, Func<int?> pid, Func<bool> asks, Action<int> ends)
    {
        try
        {
            while (true)
            {
                await Task.Delay(interval, _end.Token).ConfigureAwait(false);
                if (pid() is { } asked) await Ask(turn, asked, pid, asks, ends).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // nobody watches any more
        }
    }

    async Task Ask(TimeSpan turn, int asked, Func<int?> pid, Func<bool> asks, Action<int> ends)
    {
        // A thread of its own: who is deaf may keep it for as long as he lives.
        var answer = Task.Factory.StartNew(asks, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        for (var unanswered = 0; unanswered < Turns; unanswered++)
        {
            if (await Task.WhenAny(answer, Task.Delay(turn, _end.Token)).ConfigureAwait(false) == answer) return;
            _end.Token.ThrowIfCancellationRequested();
            if (IsDebugged(asked)) unanswered = 0;
        }
        if (pid() == asked) ends(asked);
        // Its end closes the connection; a new one is asked anew.
        await answer.WaitAsync(_end.Token).ConfigureAwait(false);
    }

    static bool IsDebugged(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").Any(line => line.StartsWith("TracerPid:", StringComparison.Ordinal) && !line.EndsWith("\t0", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _watching.Wait();
        _end.Dispose();
    }
}
