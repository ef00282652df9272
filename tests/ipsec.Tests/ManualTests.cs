// The manual pages know every command, keyword and kind of secret that there is.
using System.Diagnostics;
using System.Text.RegularExpressions;
using Cygnet.Command.Commands;
using Cygnet.Config;

namespace Cygnet.Command.Tests;

public sealed partial class ManualTests
{
    static string File(string path) => System.IO.File.ReadAllText(Golden.PathOf($"../../{path}"));

    /// <summary>The words that are left out are others under another name.</summary>
    public static TheoryData<string> Commands() => [.. Named().Matches(File("tests/Golden/help.txt")).SelectMany(m => m.Groups[1].Value.Split('|'))
        .Concat(Ipsec.Words.Where(w => w[0] != '-')).Distinct().Except(["version", "copyright", "secrets"])];

    [Theory]
    [MemberData(nameof(Commands))]
    public void TheManualHasIt(string command) => Assert.Matches($@"(?m)^\.(B|BI|BR) ""?{Regex.Escape(command.Replace("-", "\\-"))}\b", File("docs/man/ipsec.8"));

    static List<string> Entries(string page) => [.. Entry().Matches(File(page)).Select(m => m.Groups[1].Value.Replace("\\-", "-"))];

    /// <summary>One end stands for both there.</summary>
    [Fact]
    public void IpsecConfHasEveryKeyword()
    {
        var entries = Entries("docs/man/ipsec.conf.5");
        var keywords = Keywords.All.Where(k => k.Kind != KeywordKind.Deprecated && !k.Name.StartsWith("right", StringComparison.Ordinal)).Select(k => k.Name).Distinct().ToList();
        Assert.InRange(keywords.Count, 90, 200);
        Assert.Empty(keywords.Except(entries));
        Assert.Empty(entries.Except([.. keywords, "include", "also"]));
    }

    [Fact]
    public void IpsecConfHasEveryWordAndDefault()
    {
        // a word is found as an entry's own or in its text
        var page = File("docs/man/ipsec.conf.5").Replace("\\-", "-");
        foreach (var keyword in Keywords.All.Where(k => !k.Name.StartsWith("right", StringComparison.Ordinal)))
            foreach (var word in keyword.Words) Assert.Matches($@"\b{Regex.Escape(word)}\b", page);
    }

    [Fact]
    public void IpsecSecretsHasEveryKind() =>
        Assert.Equal(Enum.GetNames<SecretKind>().Select(n => n.ToUpperInvariant()).Order(), Entries("docs/man/ipsec.secrets.5").Except(["include"]).Order());

    [GroffTheory]
    [InlineData("ipsec.8"), InlineData("pki.1"), InlineData("ipsec.conf.5"), InlineData("ipsec.secrets.5"), InlineData("strongswan.conf.5")]
    public void ThePageIsSet(string page)
    {
        using var groff = Process.Start(new ProcessStartInfo("groff", ["-man", "-ww", "-z", "-Tascii", Golden.PathOf($"../../docs/man/{page}")]) { RedirectStandardError = true })!;
        var complaints = groff.StandardError.ReadToEnd();
        groff.WaitForExit();
        Assert.Equal("", complaints);
    }

    [GeneratedRegex(@"(?m)^\.T[PQ]\n\.B (\S+)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"(?m)^\t([a-z|-]+)")]
    private static partial Regex Named();
}

/// <summary>A theory that needs groff.</summary>
sealed class GroffTheoryAttribute : TheoryAttribute
{
    public GroffTheoryAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists(Path.Combine(d, "groff")))) Skip = "needs groff";
    }
}
