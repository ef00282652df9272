// ipsec why [--json] [name]: what was refused, by whom, and the setting that would change it. An extension; docs/why.md.
using System.Globalization;
using System.Text.Json;
using Cygnet.Control;

namespace Cygnet.Command.Commands;

/// <summary>The newest refusal stands last, next to the prompt.</summary>
static class Why
{
    public static int Run(Surroundings world, IReadOnlyList<string> args)
    {
        var json = args.Contains("--json");
        string[] names = [.. args.Where(a => a != "--json")];
        if (names.Length > 1 || names.Any(n => n.StartsWith("--", StringComparison.Ordinal)))
        {
            world.Out.Write("Usage: ipsec why [--json] [<connection name>]\n");
            return ExitCode.Usage;
        }
        if (!world.HasDaemon) return ExitCode.NotRunning;
        Print(world.Connect(), world.Out, json, names.FirstOrDefault());
        return ExitCode.Success;
    }

    public static void Print(IVici charon, TextWriter to, bool json, string? name)
    {
        var all = new List<ViciSection>();
        foreach (var connection in Connections(charon, name))
            if (charon.Call("x-why", new ViciSection().Add("name", connection), "x-refusal", all.Add) is null)
                throw new ViciFailure("the daemon does not know 'x-why'; is it an older one?");
        if (json)
        {
            to.Write($"{Reports.Json.Text(w => Json(w, all))}\n");
            return;
        }
        if (all.Count == 0) to.Write(name is null ? "nothing was refused since the daemon started\n" : $"nothing was refused for '{name}' since the daemon started\n");
        foreach (var refusal in all) Write(to, refusal);
    }

    /// <summary>A conn may be loaded as the child of another; one that is loaded no more may still have been refused.</summary>
    static IEnumerable<string?> Connections(IVici charon, string? name) =>
        name is not null && Lookup.Find(charon, name, out _) is { } found ? found.Select(f => (string?)f.Ike).Distinct() : [name];

    static void Write(TextWriter to, ViciSection r)
    {
        var connection = r.Utf8("connection") is { Length: > 0 } name ? name : "(no connection)";
        var times = r.Number("times") is > 1 and var n ? $", {n} times since {Local(r.Text("first"))}" : "";
        to.Write($"{connection}: {Local(r.Text("at"))}{times}, {Who(r)}\n");
        if (r.Number("local-port") != 0 || r.Number("remote-port") != 0) to.Write($"  {Peer(r)}\n"); // none of them: it was not loaded
        to.Write($"  why: {r.Utf8("reason")}\n");
        foreach (var fact in Utf8(r, "facts")) to.Write($"       {fact}\n");
        if (r.Utf8("change") is { } change) to.Write($"  to change it: {change}\n");
    }

    static string Who(ViciSection r)
    {
        var what = r.Text("kind") switch
        {
            "peer" => "this pair of addresses",
            "ike" => "IKE proposals",
            "child" => "ESP proposals",
            "selectors" => "traffic selectors",
            "identity" => "identities",
            "authentication" => "authentication",
            "limit" => "limits",
            "dataplane" => "the data plane",
            "message" => "a message",
            var other => other ?? "?",
        };
        return r.Text("by") switch
        {
            "us" => $"we refused: {what}",
            "peer" => $"the peer refused: {what}",
            _ => "no answer",
        };
    }

    static string Peer(ViciSection r)
    {
        var from = $"{End(r, "local")}...{End(r, "remote")}";
        return r.Boolean("initiator") ? $"we initiated, {from}" : $"the peer initiated, {from}";
    }

    static string End(ViciSection r, string side) => $"{r.Text($"{side}-host")}[{r.Utf8($"{side}-id") ?? "?"}]";

    static string Local(string? at) => DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, out var time)
        ? time.ToLocalTime().ToString("MMM dd HH:mm:ss", CultureInfo.InvariantCulture) : "?";

    static IEnumerable<string> Utf8(ViciSection r, string list) =>
        r.Lists.Where(l => l.Name == list).SelectMany(l => l.Items).Select(i => System.Text.Encoding.UTF8.GetString(i));

    static void Json(Utf8JsonWriter to, List<ViciSection> all)
    {
        to.WriteStartArray();
        foreach (var refusal in all) Reports.Json.Write(to, refusal);
        to.WriteEndArray();
    }
}
