// Runs commands that change the loaded state: at once, or inside the session's transaction; then the start actions that the change calls for.
using System.Text;

namespace Cygnet.Control;

/// <summary>Changes are serialised, start actions included.</summary>
sealed class StateCommands(IDaemon daemon) : IDisposable
{
    const int MostLines = 10_000, MostLineBytes = 1_000;

    readonly SemaphoreSlim _turn = new(1);

    /// <summary>The command for the table. <paramref name="read"/> makes it again of its request, if that may be done later.</summary>
    public Command Wrap(StateCommand command, Func<ViciPacket, StateCommand>? read = null) => async (session, request) =>
    {
        if (session.Transaction is { } open) return open.Try(command, request, read);
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

    /// <summary>
    /// The same for a command that needs files or tokens: <paramref name="read"/> fetches them on a thread of its own, before the state is locked, and only
    /// once inside a transaction. A card takes seconds, or for ever; other clients go on meanwhile. What <paramref name="isSlow"/> denies needs no thread.
    /// </summary>
    public Command WrapSlow(Func<ViciPacket, StateCommand> read, Func<ViciPacket, bool>? isSlow = null) => async (session, request) =>
        await (isSlow?.Invoke(request) == false ? Wrap(read(request), read) : Wrap(await Slowly(() => read(request)).ConfigureAwait(false)))(session, request).ConfigureAwait(false);

    /// <summary>Runs what may wait for a device where it holds up nobody.</summary>
    public static Task<T> Slowly<T>(Func<T> act) => Task.Factory.StartNew(act, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Applies the steps. A client that read files brings, as the list <c>log</c>, the lines about them; ours about certificates are not said then.</summary>
    public async Task<ViciSection> Commit(Transaction transaction, ViciSection request)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var errors = daemon.Store.ApplyAll(transaction.Steps, out var before, out var after, transaction.Outcome);
            if (errors.Length > 0)
                return Answer.No($"{errors[0]}{(errors.Length > 1 ? $" (and {errors.Length - 1} more errors)" : "")}, nothing was changed").AddList("errors", errors);
            var lines = request.Lists.Where(l => l.Name == "log").SelectMany(l => l.Items).Take(MostLines).Select(Line).ToList();
            lines.ForEach(line => daemon.Log(Ike.LogGroup.Cfg, 1, line));
            ChangeLog.Write(daemon, before, after, loadedCertificates: lines.Count == 0);
            await StartActions.Run(daemon, before, after).ConfigureAwait(false);
            var (old, now) = (before.Connections.Select(c => c.Name).ToHashSet(), after.Connections.Select(c => c.Name).ToHashSet());
            return Answer.Yes()
                .Add("loaded", transaction.Steps.Count(s => s.Name.StartsWith("load-", StringComparison.Ordinal)))
                .Add("removed", old.Count(n => !now.Contains(n)));
        }
        finally { _turn.Release(); }
    }

    // What a log shows must not steer a terminal.
    static string Line(byte[] utf8) => string.Concat(Encoding.UTF8.GetString(utf8.AsSpan(0, Math.Min(utf8.Length, MostLineBytes))).Select(c => char.IsControl(c) ? '?' : c));

    public void Dispose() => _turn.Dispose();
}
