// docs/differences.md is well formed, and whatever the scenes beside the reference leave out of a comparison is a row of it.
using System.Text.RegularExpressions;

namespace Cygnet.Command.Tests;

public sealed partial class DifferencesTests
{
    static readonly Lazy<List<string[]>> s_rows = new(() => [.. File.ReadLines(Golden.PathOf("../../docs/differences.md")).Where(l => l.StartsWith('|') && !l.StartsWith("|---", StringComparison.Ordinal))
        .Select(l => l.Trim('|').Split(" | ").Select(c => c.Trim()).ToArray()).Where(c => c[0] != "where")]);

    [Fact]
    public void Every_row_says_where_what_there_what_here_and_why()
    {
        Assert.InRange(s_rows.Value.Count, 100, 400);
        Assert.All(s_rows.Value, row => Assert.Equal(4, row.Length));
        Assert.All(s_rows.Value, row => Assert.All(row, cell => Assert.InRange(cell.Length, 1, 400)));
        Assert.Empty(s_rows.Value.GroupBy(row => row[0]).Where(g => g.Count() > 1).Select(g => g.Key));
    }

    [Fact]
    public void What_a_comparison_leaves_out_is_a_row()
    {
        var rows = s_rows.Value.Select(row => row[0]).ToHashSet(StringComparer.Ordinal);
        List<string> named = [];
        List<string> texts = [.. Directory.EnumerateFiles(Golden.PathOf("../Interop/Scenes"), "*.cs").Select(File.ReadAllText)];
        var constants = texts.SelectMany(text => Constant().Matches(text)).DistinctBy(m => m.Groups[1].Value).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        foreach (var text in texts)
        {
            var allowances = Allowance().Matches(text);
            // each call is one that this test can read
            Assert.Equal(Regex.Count(text, @"\.(?:Allow|SameOutput)\("), allowances.Count);
            named.AddRange(Local().Matches(text).Select(m => m.Groups["row"].Value));
            named.AddRange(allowances.Select(m => m.Groups["row"].Value).Select(w => w.StartsWith('"') ? w.Trim('"') : constants[w == "row" ? "Nobody" : w]));
        }
        Assert.InRange(named.Count, 20, 200);
        Assert.Empty(named.Except(rows));
    }

    [GeneratedRegex(@"\.(?:Allow\(@""(?:[^""]|"""")*"", |SameOutput\()(?<row>""[^""]*""|\w+)")]
    private static partial Regex Allowance();

    // a function of the test's own in between
    [GeneratedRegex(@"(?<!\.)SameOutput\(""[^""]*"", ""(?<row>[^""]*)""\)")]
    private static partial Regex Local();

    [GeneratedRegex(@"(?:const string|, string) (\w+) = ""([^""]*)""")]
    private static partial Regex Constant();
}
