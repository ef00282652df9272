// Signs of life for the service's supervisor, as long as what it watches really answers. sd_watchdog_enabled(3).
namespace Cygnet.Linux;

/// <summary>Asks three times within the supervisor's patience. An answer that stays away is waited for, not asked for again.</summary>
public sealed class Watchdog : IDisposable
{
    readonly CancellationTokenSource _end = new();
    readonly Task _watching;

    /// <param name="socket">Null, or one without a watchdog: nothing is asked.</param>
    /// <param name="answers">Whether all is well; an exception is a no.</param>
    public Watchdog(NotifySocket? socket, Func<Task<bool>> answers) =>
        _watching = socket?.Watchdog is { } patience ? Task.Run(() => Watch(socket, patience / 3, answers)) : Task.CompletedTask;

    async Task Watch(NotifySocket socket, TimeSpan interval, Func<Task<bool>> answers)
    {
        try
        {
            while (true)
            {
                if (await IsWell(answers).WaitAsync(_end.Token).ConfigureAwait(false)) socket.IsAlive();
                await Task.Delay(interval, _end.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // nobody watches any more
        }
    }

    static async Task<bool> IsWell(Func<Task<bool>> answers)
    {
        try
        {
            return await answers().ConfigureAwait(false);
        }
        catch (Exception)
        {
            return false; // asked again a little later
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _watching.Wait();
        _end.Dispose();
    }
}
