// The table of all commands: a name, and what runs it. The families stand in files of their own.
using System.Collections.Frozen;
using Cygnet.Ike;

namespace Cygnet.Control;

/// <summary>Runs a command for a session and returns its response.</summary>
delegate Task<ViciSection> Command(Session session, ViciPacket request);

/// <summary>All VICI commands of a daemon; shared by all sessions, which run in parallel.</summary>
public sealed class Commands
{
    /// <summary>Commands, events and keys with this prefix are ours and not in the reference.</summary>
    public const string ExtensionPrefix = "x-";

    readonly IDaemon _daemon;
    readonly FrozenDictionary<string, Command> _table;

    public Commands(IDaemon daemon)
    {
        _daemon = daemon;
        var table = new Dictionary<string, Command>(StringComparer.Ordinal);
        new DaemonCommands(daemon, () => Names).AddTo(table);
        new SaCommands(daemon).AddTo(table);
        new RedirectCommand(daemon).AddTo(table);
        new CertificateCommands(daemon).AddTo(table);
        new CounterCommands(daemon).AddTo(table);
        new WhyCommand(daemon).AddTo(table);
        var changes = new StateCommands(daemon);
        new ConnectionCommands(daemon, changes).AddTo(table);
        new CredentialCommands(daemon, changes).AddTo(table);
        new AuthorityCommands(daemon, changes).AddTo(table);
        new TransactionCommands(daemon, changes).AddTo(table);
        new PolicyCommands(daemon).AddTo(table);
        new PoolCommands(daemon, changes).AddTo(table);
        AlgorithmCommands.AddTo(table);
        _table = table.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public IEnumerable<string> Names => _table.Keys.Order(StringComparer.Ordinal);

    /// <summary>The response, or null if there is no such command.</summary>
    internal async Task<ViciSection?> Run(Session session, ViciPacket request)
    {
        if (!_table.TryGetValue(request.Name, out var command)) return null;
        try
        {
            return await command(session, request).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A fault in one command must neither end the daemon nor leave the client without an answer.
            _daemon.Log(LogGroup.Cfg, 1, $"command {request.Name} failed: {e}");
            return Answer.No($"internal error: {e.Message}");
        }
    }

    internal void Ignored(string what) => _daemon.Log(LogGroup.Cfg, 1, $"ignored vici message: {what}");
}
