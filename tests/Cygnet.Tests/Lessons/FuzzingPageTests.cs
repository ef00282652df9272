// docs/fuzzing.md names every target that there is, and no other.
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Cygnet.Tests.Lessons;

public sealed partial class FuzzingPageTests
{
    [Fact]
    public void The_page_has_every_target()
    {
        var targets = Target().Matches(File.ReadAllText(Repository("fuzz/Targets.cs"))).Select(m => m.Groups[1].Value).Order().ToList();
        var page = File.ReadLines(Repository("docs/fuzzing.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal)).SelectMany(l => Named().Matches(l.Split('|')[1]).Select(m => m.Groups[1].Value)).Order().ToList();
        Assert.NotEmpty(targets);
        Assert.Equal(targets, page);
    }

    [GeneratedRegex(@"^        \[""([a-z0-9-]+)""\] = ", RegexOptions.Multiline)]
    private static partial Regex Target();

    [GeneratedRegex("`([a-z0-9-]+)`")]
    private static partial Regex Named();

    static string Repository(string path, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../..", path);
}
