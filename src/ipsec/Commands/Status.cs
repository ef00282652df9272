// ipsec status and statusall. ipsec(8).
using System.Text;
using Cygnet.Command.Text;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Commands;

/// <summary>Prints what runs. The exit code says whether the starter lives, whatever there was to print.</summary>
static class Status
{
    public static int Run(Surroundings world, IReadOnlyList<string> args)
    {
        try
        {
            if (world.HasDaemon) Stroke.Run(world, args);
        }
        catch (ViciFailure e)
        {
            world.Error.Write($"{e.Message}\n");
        }
        if (!world.HasStarter) return ExitCode.NotRunningStatus;
        return PidFile.ReadLive(world.Paths.StarterPidFile) is null ? ExitCode.Dead : ExitCode.Success;
    }

    public static void Print(IVici charon, TextWriter to, bool all, string? name, bool wait = true)
    {
        // Connections also tell how an SA would authenticate again.
        var localAuth = new Dictionary<string, string>(StringComparer.Ordinal);
        if (all) Daemon(charon, to, localAuth, name);
        Policies(charon, to, name);

        // Lines are made of each event as it comes, and kept: there may be thousands, and the daemon does not wait for who reads ours. SAs are
        // counted by them, so that the line in front and what follows it are of the same moment.
        using var text = new StringWriter();
        var lines = new SaLines(text, all) { LocalAuth = ike => localAuth.GetValueOrDefault(ike, "") };
        var (up, connecting) = (0, 0);
        string? shown = null;
        charon.Call("list-sas", SaRequest(wait), "list-sa", e =>
        {
            foreach (var ike in e.Sections)
            {
                var isContinued = ike.Boolean("x-continued");
                if (ike.Text("state") == "CONNECTING") connecting++;
                else if (!isContinued) up++;
                List<ViciSection> children = [.. (ike.Section("child-sas")?.Sections ?? []).Where(c => name is null || c.Text("name") == name)];
                if (name is not null && ike.Name != name && children.Count == 0) continue;
                // One with more children than an event takes comes in several, of which a name may mean the later ones alone.
                if (!isContinued || shown != ike.Text("uniqueid")) lines.Ike(ike);
                shown = ike.Text("uniqueid");
                children.ForEach(lines.Child);
            }
        });
        to.Write($"Security Associations ({up} up, {connecting} connecting):\n");
        if (text.GetStringBuilder().Length == 0) to.Write(name is null ? "  none\n" : "  no match\n");
        to.Write(text.GetStringBuilder());
    }

    /// <summary>The root sections of the events that a list command streams; one that came in several events is one.</summary>
    public static List<ViciSection> Events(IVici charon, string command, string @event, ViciSection? request = null)
    {
        var all = new List<ViciSection>();
        charon.Call(command, request, @event, e =>
        {
            foreach (var section in e.Sections)
                if (section.Boolean("x-continued") && all.Count > 0 && all[^1].Name == section.Name && Children(all[^1]) is { } former) former.Elements.AddRange(Children(section)?.Elements ?? []);
                else all.Add(section);
        });
        return all;

        static ViciSection? Children(ViciSection section) => section.Section("children") ?? section.Section("child-sas");
    }

    /// <summary>The IKE_SAs; without <paramref name="wait"/> those that are busy are left out.</summary>
    public static List<ViciSection> SaEvents(IVici charon, bool wait) => Events(charon, "list-sas", "list-sa", SaRequest(wait));

    static ViciSection? SaRequest(bool wait) => wait ? null : new ViciSection().Add("noblock", "yes");

    /// <summary>Traps and shunts, all or those of a child's name.</summary>
    public static IEnumerable<ViciSection> PolicyEvents(IVici charon, string? name) =>
        Events(charon, "list-policies", "list-policy", new ViciSection().Add("child", name).Add("trap", "yes").Add("pass", "yes").Add("drop", "yes").Add("x-ext", "yes"))
            .Where(p => name is null || p.Text("child") == name);

    static void Daemon(IVici charon, TextWriter to, Dictionary<string, string> localAuth, string? name)
    {
        var stats = charon.Call("stats") ?? new();
        var version = charon.Call("version") ?? new();
        to.Write($"Status of IKE charon daemon ({Product.Name} {version.Text("version")}, {version.Text("sysname")} {version.Text("release")}, {version.Text("machine")}):\n");
        to.Write($"  uptime: {stats.Section("uptime")?.Text("running")}, since {stats.Section("uptime")?.Text("since")}\n");
        if (stats.Section("mallinfo") is { } m)
            to.Write($"  malloc: sbrk {m.Text("sbrk")}, mmap {m.Text("mmap")}, used {m.Text("used")}, free {m.Text("free")}\n");
        var workers = stats.Section("workers");
        to.Write($"  worker threads: {workers?.Text("idle")} of {workers?.Text("total")} idle, {ByPriority(workers?.Section("active"))} working, "
            + $"job queue: {ByPriority(stats.Section("queues"))}, scheduled: {stats.Text("scheduled")}\n");
        to.Write($"  loaded plugins: {string.Join(' ', stats.List("plugins"))}\n");

        List<ViciSection> pools = [.. (charon.Call("get-pools")?.Sections ?? []).Where(p => p.Number("size") > 0 && (name is null || p.Name == name))];
        if (pools.Count > 0) to.Write("Virtual IP pools (size/online/offline):\n");
        foreach (var pool in pools) to.Write($"  {pool.Name}: {pool.Text("size")}/{pool.Text("online")}/{pool.Text("offline")}\n");

        to.Write("Listening IP addresses:\n");
        foreach (var address in charon.Call("x-list-addresses")?.List("addresses") ?? []) to.Write($"  {address}\n");
        var text = new StringBuilder();
        var last = "";
        charon.Call("list-conns", new ViciSection().Add("x-name", name).Add("x-brief", "yes"), "list-conn", e =>
        {
            foreach (var connection in e.Sections)
            {
                // Most have the same: one string for all of these.
                if (!connection.Boolean("x-continued")) localAuth[connection.Name] = ConnLines.LocalClasses(connection) is var classes && classes == last ? last : last = classes;
                if (name is null || connection.Name == name) ConnLines.Write(text, connection);
            }
        });
        to.Write("Connections:\n");
        to.Write(text);
    }

    static string ByPriority(ViciSection? s) => $"{s?.Text("critical")}/{s?.Text("high")}/{s?.Text("medium")}/{s?.Text("low")}";

    static void Policies(IVici charon, TextWriter to, string? name)
    {
        var policies = PolicyEvents(charon, name).ToLookup(p => p.Text("mode") is "PASS" or "DROP");
        if (policies[true].Any()) to.Write("Shunted Connections:\n");
        foreach (var p in policies[true]) to.Write($"{p.Text("child"),12}:  {SaLines.Selectors(p)} {p.Text("mode")}\n");
        if (policies[false].Any()) to.Write("Routed Connections:\n");
        foreach (var p in policies[false])
        {
            var head = $"{p.Text("child"),12}{{{p.Text("x-uniqueid") ?? p.Text("reqid")}}}:";
            to.Write($"{head}  {p.Text("x-state") ?? "ROUTED"}, {p.Text("mode")}, reqid {p.Text("reqid")}\n{head}   {SaLines.Selectors(p)}\n");
        }
    }
}
