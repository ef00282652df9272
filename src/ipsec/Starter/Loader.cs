// Brings what the files say into charon: all in one transaction, then starts what is to be started. swanctl-conf.md section 8.3.
using System.Security.Cryptography;
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

    /// <summary>Digests of certificates, keys and secrets by command and label.</summary>
    Dictionary<(string, string), string> _credentials = [];

    /// <summary>A daemon that was started anew knows nothing.</summary>
    public void Forget() => (_connections, _children, _credentials) = ([], [], []);

    /// <summary>
    /// Loads the plan. With <paramref name="everything"/> all conns count as changed. False, and nothing has changed, if the daemon refuses some of it.
    /// </summary>
    public bool Load(IVici charon, Configuration configuration, bool everything)
    {
        var plan = configuration.Plan;
        var connections = plan.Connections.ToDictionary(c => c.Name, IkeDigest);
        var children = plan.Connections.SelectMany(c => c.Children.Select(child => (Key: (c.Name, child.Name), Digest: ChildDigest(c, child)))).ToDictionary(c => c.Key, c => c.Digest);

        var credentials = plan.Credentials.DistinctBy(c => (c.Command, c.Label)).ToDictionary(c => (c.Command, c.Label), c => Digest(c.Message, ""));

        // What a daemon that was there before us has, wins over our memory; one of another make does not tell.
        var present = charon.Call("x-get-conn-digests", new ViciSection().Add("source", Lowering.Source))?.Sections.ToDictionary(s => s.Name, s => s.Text("digest") ?? "")
            ?? _connections.Keys.ToDictionary(n => n, _ => "");
        List<PlannedConnection> changed = [.. plan.Connections.Where(c => everything || !present.TryGetValue(c.Name, out var digest) || digest != c.Digest)];
        List<string> gone = [.. present.Keys.Where(name => !connections.ContainsKey(name) || changed.Exists(c => c.Name == name))];
        List<(string Connection, string Child)> toStart =
        [
            .. from c in plan.Connections
               from child in c.Children
               where child.Action == PlannedAction.Start
               let isNew = everything || (changed.Contains(c) && _connections.GetValueOrDefault(c.Name) != connections[c.Name])
               where isNew || (_children.GetValueOrDefault((c.Name, child.Name)) is var old && old != children[(c.Name, child.Name)] && (old is not null || changed.Contains(c)))
               select (c.Name, child.Name),
        ];

        List<LoadRequest> requests =
        [
            .. Vanished(charon, configuration),
            .. plan.Credentials.Where(c => everything || _credentials.GetValueOrDefault((c.Command, c.Label)) != Digest(c.Message, "")),
            .. gone.Select(name => new LoadRequest("unload-conn", new ViciSection().Add("name", name), name)),
            .. changed.Select(c => c.Request),
        ];
        if (!Send(charon, requests)) return false;
        (_connections, _children, _credentials) = (connections, children, credentials);
        foreach (var (connection, child) in toStart)
            Complain($"initiating '{child}' failed", charon.Call("initiate", new ViciSection().Add("child", child).Add("ike", connection).Add("timeout", -1)));
        return true;
    }

    /// <summary>Shared secrets of an earlier reading that are in the file no more.</summary>
    static IEnumerable<LoadRequest> Vanished(IVici charon, Configuration configuration)
    {
        if (!configuration.HasAllSecrets) return [];
        var kept = configuration.Plan.Credentials.Where(r => r.Command == "load-shared").Select(r => r.Label).ToHashSet();
        return (charon.Call("get-shared")?.List("keys") ?? []).Where(id => id.StartsWith("ipsec.secrets:", StringComparison.Ordinal) && !kept.Contains(id))
            .Select(id => new LoadRequest("unload-shared", new ViciSection().Add("id", id), id));
    }

    bool Send(IVici charon, List<LoadRequest> requests)
    {
        if (requests.Count == 0) return true;
        var isTransaction = charon.Call("x-begin")?.Boolean("success") == true;
        var ok = true;
        foreach (var request in requests) ok &= Complain($"{request.Command} '{request.Label}' failed", charon.Call(request.Command, request.Message));
        if (!isTransaction) return ok;
        if (ok) return Complain("loading the configuration failed", charon.Call("x-commit"));
        charon.Call("x-abort");
        return false;
    }

    bool Complain(string what, ViciSection? answer)
    {
        if (answer?.Boolean("success") == true) return true;
        log.Write($"{what}: {answer?.Utf8("errmsg") ?? "the daemon does not know the command"}");
        return false;
    }

    static string IkeDigest(PlannedConnection connection)
    {
        var ike = new ViciSection(connection.Name);
        ike.Elements.AddRange(connection.Message.Sections.SelectMany(s => s.Elements).Where(e => e is not ViciSection { Name: "children" }));
        return Digest(ike, "");
    }

    static string ChildDigest(PlannedConnection connection, PlannedChild child) =>
        Digest(connection.Message.Section(connection.Name)?.Section("children")?.Section(child.Name) ?? new(), child.Action.ToString());

    static string Digest(ViciSection section, string more)
    {
        using var encoded = new MemoryStream();
        string? reason = null;
        Vici.Encode(section, encoded, ref reason);
        return more + Convert.ToHexStringLower(SHA256.HashData(encoded.ToArray()));
    }
}
