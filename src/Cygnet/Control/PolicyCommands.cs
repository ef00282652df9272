// install, uninstall, list-policies: trap and shunt policies. docs/vici.md.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Control;

sealed class PolicyCommands(IDaemon daemon)
{
    public void AddTo(Dictionary<string, Command> table)
    {
        table["install"] = (_, p) => Install(p.Message);
        table["uninstall"] = (_, p) => Uninstall(p.Message);
        table["list-policies"] = List;
    }

    async Task<ViciSection> Install(ViciSection request)
    {
        if (request.Text("child") is not { } name) return Answer.No("missing configuration name");
        if (daemon.Store.Current.Connections.First(request.Utf8("ike"), name) is not ({ } connection, { } child)) return Answer.No("configuration name not found");
        var wait = new Waiting();
        daemon.Wish(daemon.HomeShard(connection), new Wish.Install(connection, child, wait));
        return await wait.Outcome.ConfigureAwait(false) is { } reason ? Answer.No($"installing policy '{name}' failed").Add("x-reason", reason) : Answer.Yes();
    }

    async Task<ViciSection> Uninstall(ViciSection request)
    {
        if (request.Text("child") is not { } name) return Answer.No("missing configuration name");
        var ike = request.Utf8("ike");
        var policies = (await daemon.Policies(ike, name).ConfigureAwait(false)).OrderBy(p => p.Policy.IsTrap).ToList(); // shunts first
        if (policies.Count == 0) return Answer.No($"policy '{name}' not found");
        var wait = new Waiting();
        daemon.Wish(policies[0].Shard, new Wish.Uninstall(policies[0].Policy.Connection, name, wait));
        return Answer.Of(await wait.Outcome.ConfigureAwait(false));
    }

    /// <summary>All traps, then all shunts, of the kinds that the request names.</summary>
    async Task<ViciSection> List(Session session, ViciPacket packet)
    {
        var request = packet.Message;
        var (ike, child, extended) = (request.Utf8("ike"), request.Utf8("child"), request.Boolean("x-ext"));
        foreach (var (_, policy) in (await daemon.Policies(ike, child).ConfigureAwait(false)).OrderBy(p => !p.Policy.IsTrap))
        {
            if (!request.Has(policy.Mode switch { _ when policy.IsTrap => "trap", ChildMode.Pass => "pass", _ => "drop" })) continue;
            await session.Room().ConfigureAwait(false);
            session.Stream("list-policy", Render(policy, extended));
        }
        return new();
    }

    static ViciSection Render(PolicySnapshot p, bool extended)
    {
        var message = new ViciSection();
        // swanctl prints the reqid of shunts too.
        var s = message.AddSection($"{p.Connection}/{p.Child}").Add("child", p.Child).Add("reqid", p.Reqid).Add("ike", p.Connection).Add("mode", SaRendering.Word(p.Mode));
        if (extended && p.IsTrap) s.Add("x-uniqueid", p.UniqueId).Add("x-state", "ROUTED");
        s.AddList("local-ts", p.LocalTs.Select(t => t.ToString())).AddList("remote-ts", p.RemoteTs.Select(t => t.ToString()));
        return message;
    }

    sealed class Waiting : IWatcher
    {
        readonly TaskCompletionSource<string?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string?> Outcome => _done.Task;

        public bool WantsLog => false;

        public void Log(in LogLine line) { }

        public void Done(string? error) => _done.TrySetResult(error);
    }
}
