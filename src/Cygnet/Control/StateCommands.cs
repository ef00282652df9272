// Runs commands that change the loaded state: at once, or inside the session's transaction; then the start actions that the change calls for.
namespace Cygnet.Control;

/// <summary>Changes are serialised, start actions included.</summary>
sealed class StateCommands(IDaemon daemon) : IDisposable
{
    readonly SemaphoreSlim _turn = new(1);

    /// <summary>The command for the table.</summary>
    public Command Wrap(StateCommand command) => async (session, request) =>
    {
        if (session.Transaction is { } open) return open.Try(command, request);
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var response = daemon.Store.Apply(command, request, out var before, out var after);
            ChangeLog.Write(daemon, before, after);
            await StartActions.Run(daemon, before, after).ConfigureAwait(false);
            return response;
        }
        finally { _turn.Release(); }
    };

    public async Task<ViciSection> Commit(Transaction transaction)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var errors = daemon.Store.ApplyAll(transaction.Steps, out var before, out var after);
            if (errors.Length > 0)
                return Answer.No($"{errors[0]}{(errors.Length > 1 ? $" (and {errors.Length - 1} more errors)" : "")}, nothing was changed").AddList("errors", errors);
            ChangeLog.Write(daemon, before, after);
            await StartActions.Run(daemon, before, after).ConfigureAwait(false);
            var (old, now) = (before.Connections.Select(c => c.Name).ToHashSet(), after.Connections.Select(c => c.Name).ToHashSet());
            return Answer.Yes()
                .Add("loaded", transaction.Steps.Count(s => s.Request.Name.StartsWith("load-", StringComparison.Ordinal)))
                .Add("removed", old.Count(n => !now.Contains(n)));
        }
        finally { _turn.Release(); }
    }

    public void Dispose() => _turn.Dispose();
}
