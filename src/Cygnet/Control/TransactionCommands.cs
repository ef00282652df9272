// x-begin, x-commit, x-abort: a configuration is applied whole, or not at all with every error listed.
namespace Cygnet.Control;

sealed class TransactionCommands(IDaemon daemon, StateCommands changes)
{
    public void AddTo(Dictionary<string, Command> table)
    {
        table["x-begin"] = (session, _) =>
        {
            if (session.Transaction is not null) return Task.FromResult(Answer.No("a transaction is open already"));
            session.Transaction = new(daemon.Store.Current);
            return Task.FromResult(Answer.Yes());
        };
        table["x-commit"] = (session, request) =>
        {
            if (session.Transaction is not { } open) return Task.FromResult(Answer.No("no transaction is open"));
            session.Transaction = null;
            return changes.Commit(open, request.Message);
        };
        table["x-abort"] = (session, _) =>
        {
            var response = Answer.Of(session.Transaction is null ? "no transaction is open" : null);
            session.Transaction = null;
            return Task.FromResult(response);
        };
    }
}
