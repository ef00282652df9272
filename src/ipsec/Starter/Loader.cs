// Brings what the files say into charon: all in one transaction, then starts what is to be started. swanctl.conf(5).
using Cygnet.Config;
using Cygnet.Control;

namespace Cygnet.Command.Starter;

/// <summary>
/// Remembers what it has loaded. An update sends only what differs and leaves the rest alone; SAs of changed conns stay up.
/// </summary>
sealed class Loader(StarterLog log)
{
    /// <summary>Digests of the IKE settings by connection, and of each child with its action by (connection, child).</summary>
    Dictionary<string, string> _connections = [];
    Dictionary<(string, string), string> _children = [];

    /// <summary>Conns that the daemon did not take when it was given the others of their connection.</summary>
    HashSet<(string Connection, string Child)> _leftOut = [];

    /// <summary>Digests of certificates, keys, secrets and pools by command and label.</summary>
    Dictionary<(string, string), string> _credentials = [];

    /// <summary>How often secrets had been replaced as a whole when we last loaded some; -1 for a daemon that has none yet.</summary>
    long _readings;

    /// <summary>A daemon that was started anew knows nothing.</summary>
    public void Forget() => (_connections, _children, _credentials, _leftOut, _readings) = ([], [], [], [], -1);

    /// <summary>
    /// Loads the plan. With <paramref name="everything"/> all conns count as changed. False, and nothing has changed, if the daemon refuses some of it.
    /// </summary>
    public bool Load(IVici charon, Configuration configuration, bool everything)
    {
        var plan = configuration.Plan;
        // What a daemon that was there before us has, wins over our memory; one of another make does not tell.
        var present = Digests(charon) ?? _connections.Keys.ToDictionary(n => n, _ => "");
        List<PlannedConnection> changed = [.. plan.Connections.Where(c => everything || !present.TryGetValue(c.Name, out var digest) || digest != c.Digest)];
        var changedNames = changed.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var names = plan.Connections.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        List<string> gone = [.. present.Keys.Where(name => !names.Contains(name) || changedNames.Contains(name))];

        var credentials = plan.Credentials.Concat(plan.Pools).DistinctBy(c => (c.Command, c.Label)).ToDictionary(c => (c.Command, c.Label), c => Digest(c.Message));
        var secrets = charon.Call("get-shared", new ViciSection().Add("x-source", Lowering.SecretsSource));
        var readings = secrets?.Number("x-readings") ?? 0;
        var isFirst = _readings < 0 && readings == 0;
        // "ipsec rereadsecrets" has replaced what we remember.
        if (readings != _readings)
            foreach (var key in _credentials.Keys.Where(k => k.Item1 is "load-key" or "load-shared" or "load-token").ToArray()) _credentials.Remove(key);
        // A card that is not in its slot must not keep the connections from being loaded.
        var absent = plan.Credentials.Where(c => IsWanted(c) && (c.Command == "load-token" ? IsAbsent(charon, c) : c.Command == "load-authority" && IsAbsentAuthority(charon, c))).ToHashSet();
        foreach (var token in absent) credentials.Remove((token.Command, token.Label));
        List<LoadRequest> requests =
        [
            .. isFirst ? [Lowering.ClearSecrets(configuration.SecretsFile, isAnew: false, [])] : Vanished(secrets, configuration),
            .. _credentials.Keys.Where(k => !credentials.ContainsKey(k)).Select(k => k.Item1 switch
            {
                "load-authority" => new LoadRequest("unload-authority", new ViciSection().Add("name", k.Item2), k.Item2),
                "x-cache-crls" => new LoadRequest(k.Item1, new(), k.Item2),
                _ => null,
            }).OfType<LoadRequest>(),
            .. plan.Credentials.Concat(plan.Pools).Where(c => IsWanted(c) && !absent.Contains(c)),
            .. gone.Select(name => new LoadRequest("unload-conn", new ViciSection().Add("name", name), name)),
        ];
        if (!Send(charon, requests, changed, isFirst ? plan.DirectoriesLog : [], out var leftOut)) return false;
        bool IsWanted(LoadRequest c) => everything || _credentials.GetValueOrDefault((c.Command, c.Label)) != Digest(c.Message);

        // What the daemon did not take stays out until it changes.
        leftOut.UnionWith(_leftOut.Where(c => !changedNames.Contains(c.Connection)));
        var planned = Without(plan.Connections, leftOut);
        var connections = planned.ToDictionary(c => c.Name, c => c.IkeDigest);
        var children = planned.SelectMany(c => c.Children.Select(child => (Key: (c.Name, child.Name), Digest: ChildDigest(child)))).ToDictionary(c => c.Key, c => c.Digest);
        List<(string Connection, PlannedChild Child)> toAct =
        [
            .. from c in planned
               from child in c.Children
               where child.Action != PlannedAction.Add
               let isNew = everything || (changedNames.Contains(c.Name) && _connections.GetValueOrDefault(c.Name) != connections[c.Name])
               where isNew || (_children.GetValueOrDefault((c.Name, child.Name)) is var old && old != children[(c.Name, child.Name)] && (old is not null || changedNames.Contains(c.Name)))
               select (c.Name, child),
        ];
        List<(string Connection, string Child)> toUnroute = [.. ToUnroute(charon, planned, present)];
        (_connections, _children, _credentials, _leftOut) = (connections, children, credentials, leftOut);
        _readings = readings + (isFirst ? 1 : 0);
        foreach (var (connection, child) in toUnroute)
            Complain($"unrouting '{child}' failed", charon.Call("uninstall", new ViciSection().Add("child", child).Add("ike", connection)));
        var actions = toAct.Select(a => a.Child.Action == PlannedAction.Route
            ? ("install", new ViciSection().Add("child", a.Child.Name).Add("ike", a.Connection))
            : ("initiate", new ViciSection().Add("child", a.Child.Name).Add("ike", a.Connection).Add("timeout", -1)));
        foreach (var ((_, child), answer) in toAct.Zip(charon.CallAll(actions)))
            Complain($"{(child.Action == PlannedAction.Route ? "routing" : "initiating")} '{child.Name}' failed", answer);
        return true;
    }

    static List<PlannedConnection> Without(IReadOnlyList<PlannedConnection> connections, HashSet<(string Connection, string Child)> leftOut)
    {
        if (leftOut.Count == 0) return [.. connections];
        var names = leftOut.GroupBy(c => c.Connection).ToDictionary(g => g.Key, g => g.Select(c => c.Child).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        return [.. connections.Select(c => names.TryGetValue(c.Name, out var some) ? c.Without(some) : c).OfType<PlannedConnection>()];
    }

    bool IsAbsent(IVici charon, LoadRequest token)
    {
        if (Commands.RereadSecrets.TokenRefusal(charon, token.Message) is not { } reason) return false;
        log.Write($"  loading private key from {token.Label} failed");
        log.Write(reason);
        return true;
    }

    bool IsAbsentAuthority(IVici charon, LoadRequest authority)
    {
        if (authority.Message.Sections.First() is not { } section || !section.Has("handle")) return false;
        var from = new SmartcardName(section.Has("slot") ? section.Number("slot", 0) : null, section.Text("module"), section.Text("handle")!);
        var answer = charon.Call("x-check-authority", authority.Message);
        if (answer?.Boolean("success") == true)
        {
            log.Write($"  loaded ca certificate \"{answer.Utf8("subject")}\" from '{from}'", 2);
            return false;
        }
        log.Write($"  loading ca certificate from '{from}' failed");
        log.Write(answer?.Utf8("errmsg") ?? "the daemon does not know tokens");
        return true;
    }

    /// <summary>What the daemon has from ipsec.conf: digests by name; null if it does not tell. They come in events, as an answer would be too long for many.</summary>
    static Dictionary<string, string>? Digests(IVici charon)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        var answer = charon.Call("x-get-conn-digests", new ViciSection().Add("source", Lowering.Source), "x-conn-digests", Take);
        if (answer is null) return null;
        Take(answer); // one without the event puts them all into its answer
        return all;

        void Take(ViciSection message)
        {
            foreach (var s in message.Sections) all[s.Name] = s.Text("digest") ?? "";
        }
    }

    /// <summary>
    /// Policies of conns that are gone, and of those that were auto=route and are not any more. A conn that is changed and still routed is
    /// routed anew instead: that replaces its policy without a gap.
    /// </summary>
    IEnumerable<(string Connection, string Child)> ToUnroute(IVici charon, List<PlannedConnection> planned, Dictionary<string, string> present)
    {
        if (present.Count == 0) yield break;
        var policies = new List<ViciSection>();
        var actions = planned.SelectMany(c => c.Children.Select(child => (Key: (c.Name, child.Name), child.Action))).ToDictionary(c => c.Key, c => c.Action);
        charon.Call("list-policies", new ViciSection().Add("trap", "yes").Add("pass", "yes").Add("drop", "yes"), "list-policy", e => policies.AddRange(e.Sections));
        foreach (var policy in policies)
        {
            if (policy.Text("ike") is not { } connection || policy.Text("child") is not { } child || !present.ContainsKey(connection)) continue;
            var isPlanned = actions.TryGetValue((connection, child), out var action);
            var wasRouted = _children.GetValueOrDefault((connection, child))?.StartsWith(nameof(PlannedAction.Route), StringComparison.Ordinal) == true;
            if (!isPlanned || wasRouted && action != PlannedAction.Route) yield return (connection, child);
        }
    }

    /// <summary>Shared secrets of an earlier reading that are in the file no more.</summary>
    static IEnumerable<LoadRequest> Vanished(ViciSection? secrets, Configuration configuration)
    {
        if (!configuration.HasAllSecrets) return [];
        var kept = configuration.Plan.Credentials.Where(r => r.Command == "load-shared").Select(r => r.Label).ToHashSet();
        return (secrets?.List("keys") ?? []).Where(id => !kept.Contains(id))
            .Select(id => new LoadRequest("unload-shared", new ViciSection().Add("id", id).Add("x-source", Lowering.SecretsSource), id));
    }

    /// <summary>
    /// Sends all of it in one transaction. Conns that the daemon's data plane does not carry, or whose certificates it cannot have, are refused by name, come back
    /// in <paramref name="leftOut"/>, and do not spoil the rest. Of what was read the daemon logs <paramref name="lines"/>.
    /// </summary>
    bool Send(IVici charon, List<LoadRequest> requests, List<PlannedConnection> connections, IReadOnlyList<string> lines, out HashSet<(string Connection, string Child)> leftOut)
    {
        leftOut = [];
        if (requests.Count == 0 && connections.Count == 0) return true;
        var isTransaction = charon.Call("x-begin")?.Boolean("success") == true;
        var ok = true;
        // A daemon of another make has no transactions, nothing that would have to go first, and leaves nothing out.
        var all = requests.Where(r => isTransaction || r.Command != "x-clear-secrets")
            .Concat(connections.SelectMany(c => isTransaction ? c.Requests.Select(LeavingOut) : c.Requests));
        // Thousands are encoded as they are sent.
        var sent = new List<(string Command, string Label)>();
        var answers = charon.CallAll(all.Select(r =>
        {
            sent.Add((r.Command, r.Label));
            return (r.Command, r.Message);
        })).ToList();
        foreach (var ((command, label), answer) in sent.Zip(answers))
        {
            ok &= Complain($"{command} '{label}' failed", answer);
            var (names, reasons) = (answer?.List("refused") ?? [], answer?.List("reasons") ?? []);
            for (var i = 0; i < names.Count; i++)
            {
                log.Write($"conn '{names[i]}' is not loaded: {reasons.ElementAtOrDefault(i)}");
                leftOut.Add((label, names[i]));
            }
        }
        if (!isTransaction) return ok;
        if (ok) return Complain("loading the configuration failed", charon.Call("x-commit", lines.Count == 0 ? null : LogLines.For(lines)));
        charon.Call("x-abort");
        return false;
    }

    static LoadRequest LeavingOut(LoadRequest request)
    {
        request.Message.Add("x-leave-out", "yes");
        return request;
    }

    bool Complain(string what, ViciSection? answer)
    {
        if (answer?.Boolean("success") == true) return true;
        log.Write($"{what}: {answer?.Utf8("x-reason") ?? answer?.Utf8("errmsg") ?? "the daemon does not know the command"}");
        return false;
    }

    // Of a child that nothing is done with nothing has to be remembered.
    static string ChildDigest(PlannedChild child) => child.Action == PlannedAction.Add ? nameof(PlannedAction.Add) : child.Action + ConnDigest.Of(child.Settings.Content);

    static string Digest(ViciSection section) => ConnDigest.Of(section);
}
