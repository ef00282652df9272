// Every command and option that there is has a test beside the reference, and that test is there and runs it.
using System.Text.RegularExpressions;
using Cygnet.Command.Commands;
using Cygnet.Command.Starter;

namespace Cygnet.Command.Tests;

public sealed partial class ComparedCommandsTests
{
    static readonly Lazy<Dictionary<string, string>> s_tests = new(ReadTests);

    static HashSet<string> Forms => [.. ComparedCommands.All.Select(c => c.Form)];

    [Fact]
    public void Every_command_is_compared()
    {
        Assert.Equal(Forms.Count, ComparedCommands.All.Length);
        Assert.InRange(Ipsec.Words.Count, 50, 80);
        Assert.Empty(Ipsec.Words.Except(Forms));
        Assert.Empty(Forms.Select(f => f.Split(' ')[0]).Except([.. Ipsec.Words, "", "NAME"]));
        // What ipsec has too is the same there.
        Assert.Empty(Stroke.Words.Concat(StrokeOptions.Names).Except(Ipsec.Words).Select(w => $"stroke {w}").Except(Forms));
        Assert.Empty(OptionName().Matches(StarterOptions.Usage).Select(m => $"start {m.Value}").Append("start --conftest").Except(Forms));
    }

    [Fact]
    public void Every_form_of_the_help_is_compared()
    {
        List<string> forms = [];
        foreach (Match line in HelpLine().Matches(File.ReadAllText(Golden.PathOf("help.txt"))))
            foreach (var word in line.Groups[1].Value.Split('|'))
            {
                forms.Add(word);
                if (line.Groups[2].Value.Contains("[--utc]")) forms.Add($"{word} --utc");
                // Those of our own take --json, which belongs to every list.
                if (line.Groups[2].Value is "[name]" or "[<connectionname>]") forms.Add($"{word} name");
            }
        Assert.InRange(forms.Count, 50, 80);
        Assert.Empty(forms.Except([.. Forms, "pki"])); // a NAME; what it says is compared by the tests of pki
    }

    public static TheoryData<string> Lines() => [.. ComparedCommands.All.Select(c => c.Form)];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Its_test_runs_it(string form)
    {
        var (_, test, seen) = ComparedCommands.All.First(c => c.Form == form);
        Assert.True(s_tests.Value.TryGetValue(test, out var body), $"there is no test {test}");
        Assert.Contains(seen, body);
    }

    // The scenes are in a project that is not referenced: the sources say what there is.
    static Dictionary<string, string> ReadTests()
    {
        Dictionary<string, string> all = [];
        foreach (var folder in (string[])["../Interop/Scenes", "../ipsec.Tests"])
            foreach (var file in Directory.EnumerateFiles(Golden.PathOf(folder), "*.cs"))
            {
                var text = File.ReadAllText(file);
                if (ClassName().Match(text) is not { Success: true } type) continue;
                // from one test to the next
                foreach (var part in text.Split("\n    [Fact]").SelectMany(p => p.Split("\n    [Theory]")).Skip(1))
                    if (Method().Match(part) is { Success: true } method) all.TryAdd($"{type.Groups[1].Value}.{method.Groups[1].Value}", part);
            }
        return all;
    }

    [GeneratedRegex(@"--[a-z-]+")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"(?m)^\t([a-z|-]+) ?(.*)$")]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"(?m)^public (?:sealed )?(?:partial )?class (\w+)")]
    private static partial Regex ClassName();

    [GeneratedRegex(@"public (?:static )?(?:async )?(?:void|Task) (\w+)\(")]
    private static partial Regex Method();
}
