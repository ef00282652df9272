// docs/settings.md is true: charon names exactly those settings that have no effect there; strongswan.conf(5) describes the others.
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Cygnet.Linux;

namespace Cygnet.Charon.Tests;

public sealed partial class SettingsTableTests
{
    /// <summary>Where 1 would not do, or would keep charon from reading others.</summary>
    static readonly Dictionary<string, string> _values = new()
    {
        ["charon.data_plane"] = "fake", ["charon.port"] = "15500", ["charon.port_nat_t"] = "14500", ["charon.interfaces_use"] = "lo", ["charon.spi_min"] = "0xc0000000", ["charon.spi_max"] = "0xcfffffff",
        ["charon.routing_table"] = "220", ["charon.routing_table_prio"] = "220", ["charon.rdn_matching"] = "relaxed", ["charon.spi_mask"] = "0xff",
        ["charon.plugins.eap-radius.server"] = "127.0.0.1", ["charon.plugins.eap-radius.dae.port"] = "13799", ["charon.plugins.eap-radius.dae.listen"] = "127.0.0.1",
        ["charon.plugins.eap-radius.dae.x-clients"] = "127.0.0.1", ["charon.plugins.updown.dns_handler"] = "no", ["charon.plugins.pkcs11.modules.one.path"] = "/nowhere", ["charon.plugins.attr.dns"] = "192.0.2.53",
        ["charon.filelog.one.default"] = "1", ["charon.syslog.daemon.default"] = "-1", ["charon.syslog.daemon.ike"] = "-1", ["charon.start-scripts.one"] = "echo from the start script",
        ["charon.stop-scripts.one"] = "echo from the stop script", ["charon.user"] = "", ["charon.group"] = "",
    };

    static readonly Dictionary<string, string> _names = new()
    {
        ["charon.filelog.<name>.<subsystem>"] = "charon.filelog.one.ike", ["charon.syslog.<facility>.<subsystem>"] = "charon.syslog.daemon.ike", ["charon.plugins.attr.<attr>"] = "charon.plugins.attr.dns",
    };

    static string Docs([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../docs/settings.md");

    static List<(string Path, string Status)> Rows() =>
        [.. Row().Matches(File.ReadAllText(Docs())).Select(m => (Named(m.Groups[1].Value), m.Groups[2].Value))];

    static string Named(string path) => _names.GetValueOrDefault(path) ?? path.Replace("<facility>", "daemon").Replace("<name>", "one").Replace("<conn>", "one").Replace("<class>", "high");

    /// <summary>Settings that the manual page describes, of the reference and our own.</summary>
    static List<string> InTheManual() => [.. Described().Matches(File.ReadAllText(Path.Combine(Path.GetDirectoryName(Docs())!, "man", "strongswan.conf.5"))).Select(m => m.Groups[1].Value.Replace("\\-", "-"))];

    [Fact]
    public void TheManualPageHasWhatWorks()
    {
        var described = InTheManual();
        var working = Row().Matches(File.ReadAllText(Docs())).Where(m => m.Groups[2].Value is not ("no effect" or "ignored")).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(described.Distinct(), described);
        Assert.Empty(working.Except(described));
        var unlisted = Row().Matches(File.ReadAllText(Docs())).Select(m => m.Groups[1].Value).Except(working);
        Assert.Empty(described.Intersect(unlisted));
    }

    /// <summary>What is said to work is shown to.</summary>
    [Fact]
    public void WhatWorksHasATest()
    {
        static string Whole(string name) => name.StartsWith("starter.", StringComparison.Ordinal) ? name : $"charon.{name}";
        var working = Row().Matches(File.ReadAllText(Docs())).Where(m => m.Groups[2].Value is not ("no effect" or "ignored")).Select(m => m.Groups[1].Value).ToList();
        var tested = TestedSettings.Tests.SelectMany(t => t.Settings.Split(' ')).Select(Whole).ToList();
        Assert.Equal(tested.Distinct(), tested);
        Assert.Equal(working.Order(StringComparer.Ordinal), tested.Order(StringComparer.Ordinal));
        var known = TestsOf(Path.Combine(Path.GetDirectoryName(Docs())!, "../tests"));
        Assert.All(TestedSettings.Tests, t => Assert.Contains(t.Test, known));
    }

    // Other test projects are not referenced: their sources say what there is.
    static HashSet<string> TestsOf(string folder)
    {
        HashSet<string> all = [];
        foreach (var file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            if (ClassName().Match(text) is { Success: true } type) all.UnionWith(TestMethod().Matches(text).Select(m => $"{type.Groups[1].Value}.{m.Groups[1].Value}"));
        }
        return all;
    }

    [SwanctlFact]
    public async Task CharonNamesWhatHasNoEffect()
    {
        var rows = Rows();
        // Sections of a form of their own are left out; what else the manual page has must not be named.
        foreach (var own in InTheManual().Where(n => !n.Contains("x-redirect", StringComparison.Ordinal) && !n.Contains(".servers.", StringComparison.Ordinal)).Select(Named))
            if (rows.TrueForAll(r => r.Path != own)) rows.Add((own, "works"));
        Assert.InRange(rows.Count, 300, 400);
        Assert.All(rows, r => Assert.Contains(r.Status, (string[])["works", "no effect", "ignored", "starter", "starter, ipsec"]));
        var directory = Directory.CreateTempSubdirectory("charon").FullName;
        Dictionary<string, object> tree = [];
        foreach (var (path, _) in rows)
            if (Value(path, directory) is { Length: > 0 } value) Put(tree, path.Split('.'), value);

        await using var charon = new RunningCharon(string.Concat(Lines(tree)), directory);
        await charon.Ready();
        charon.Signal(UnixSignal.Term);
        var (code, text) = await charon.End();
        text += await File.ReadAllTextAsync(charon.Path("log"));
        Assert.Equal(0, code);
        var named = NoEffect().Matches(text).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal).ToList();
        var expected = rows.Where(r => r.Status == "no effect" && Value(r.Path, directory).Length > 0).Select(r => r.Path).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(expected, named);
        Assert.Contains("one: from the start script", text);
        Assert.Contains("one: from the stop script", text);
    }

    static string Value(string path, string directory) => path switch
    {
        "charon.filelog.one.path" => $"{directory}/log",
        "charon.x-qcd.file" => $"{directory}/qcd",
        "charon.plugins.vici.socket" => $"unix://{directory}/charon.vici",
        _ => _values.GetValueOrDefault(path, "1"),
    };

    static void Put(Dictionary<string, object> tree, string[] path, string value)
    {
        foreach (var name in path[..^1])
        {
            if (!tree.TryGetValue(name, out var below)) tree[name] = below = new Dictionary<string, object>();
            tree = (Dictionary<string, object>)below;
        }
        tree.TryAdd(path[^1], value);
    }

    static IEnumerable<string> Lines(Dictionary<string, object> tree) =>
        tree.SelectMany(p => p.Value is Dictionary<string, object> below ? [$"{p.Key} {{\n", .. Lines(below), "}\n"] : (IEnumerable<string>)[$"{p.Key} = {p.Value}\n"]);

    [GeneratedRegex(@"(?m)^\| `([^`]+)` \| ([^|]+) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"(?m)^\.B ((?:charon|starter)\.\S+)")]
    private static partial Regex Described();

    [GeneratedRegex(@"(?m)^public (?:sealed )?(?:unsafe )?(?:partial )?class (\w+)")]
    private static partial Regex ClassName();

    // With one of xunit's attributes above, or another below that.
    [GeneratedRegex(@"(?m)^    public (?:async Task|unsafe void|void) (\w+)\(")]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"'([^']+)' has no effect")]
    private static partial Regex NoEffect();
}
