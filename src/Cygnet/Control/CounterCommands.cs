// get-counters and reset-counters: IKE messages and rekeyings, for the whole daemon and by connection.
using Cygnet.Ike;

namespace Cygnet.Control;

sealed class CounterCommands(IDaemon daemon)
{
    static readonly string[] Keys =
    [
        "ike-rekey-init", "ike-rekey-resp", "child-rekey", "invalid", "invalid-spi",
        "ike-init-in-req", "ike-init-in-resp", "ike-init-out-req", "ike-init-out-resp",
        "ike-auth-in-req", "ike-auth-in-resp", "ike-auth-out-req", "ike-auth-out-resp",
        "create-child-in-req", "create-child-in-resp", "create-child-out-req", "create-child-out-resp",
        "info-in-req", "info-in-resp", "info-out-req", "info-out-resp",
    ];

    public void AddTo(Dictionary<string, Command> table)
    {
        table["get-counters"] = Get;
        table["reset-counters"] = (_, p) =>
        {
            daemon.ResetCounters(p.Message.Utf8("name"), p.Message.Boolean("all"));
            return Task.FromResult(Answer.Yes());
        };
    }

    async Task<ViciSection> Get(Session session, ViciPacket packet)
    {
        var (name, all) = (packet.Message.Utf8("name"), packet.Message.Boolean("all"));
        var counters = await daemon.Counters().ConfigureAwait(false);
        var chosen = all ? counters.Where(c => c.Key.Length > 0).OrderBy(c => c.Key, StringComparer.Ordinal) : counters.Where(c => name is null ? c.Key.Length == 0 : c.Key.Length > 0 && c.Key == name);
        var response = new ViciSection();
        var sections = response.AddSection("counters");
        var found = 0;
        foreach (var (connection, values) in chosen)
        {
            var s = sections.AddSection(connection);
            for (var i = 0; i < Keys.Length; i++) s.Add(Keys[i], values[i]);
            found++;
        }
        return !all && found == 0
            ? response.Add("success", "no").Add("errmsg", "no counters found for this connection")
            : response.Add("success", "yes");
    }
}
