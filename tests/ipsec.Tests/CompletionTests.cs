// Completion in bash and zsh: every command and option, and the connections of ipsec.conf and of what it includes.
using System.Text.RegularExpressions;
using Cygnet.Command.Commands;
using Cygnet.Command.Starter;

namespace Cygnet.Command.Tests;

public sealed partial class CompletionTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("completion").FullName;

    public CompletionTests()
    {
        Directory.CreateDirectory($"{_folder}/ipsec.d");
        File.WriteAllText($"{_folder}/ipsec.conf", "config setup\n\nconn %default\n\tleft=1.2.3.4\nconn net-net # one\nconn  nat\ninclude ipsec.d/*.conf # more\ninclude /nowhere/*.conf\n");
        File.WriteAllText($"{_folder}/ipsec.d/more.conf", "conn road\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string[] OfBash(params string[] words) => Completion.OfBash(_folder, words);

    [Fact]
    public void BashCompletesConnectionsAndOptions()
    {
        Assert.Equal(["nat", "net-net"], OfBash("ipsec", "up", "n"));
        Assert.Equal(["nat", "net-net", "road"], OfBash("ipsec", "down", ""));
        Assert.Equal(["net-net"], OfBash("ipsec", "stroke", "rekey", "ne"));
        Assert.Equal(["nat", "net-net", "road"], OfBash("ipsec", "resetcounters", ""));
        Assert.Equal(["--json", "--utc"], OfBash("ipsec", "listcerts", "--"));
        Assert.Contains("--copyright", OfBash("ipsec", "--c"));
        Assert.Equal(["exportconncert", "exportconnchain"], OfBash("ipsec", "stroke", "exportconn"));
        Assert.Empty(OfBash("ipsec", "up", "net-net", ""));
        Assert.Empty(Completion.OfBash("/nowhere", "ipsec", "up", ""));
    }

    /// <summary>What the program has, it offers, and nothing else; zsh takes its words from the same script.</summary>
    [Fact]
    public void Every_command_and_option_is_offered()
    {
        Assert.Equal(Sorted(Ipsec.Words.Where(w => w[0] != '-').Append("pki")), OfBash("ipsec", ""));
        Assert.Equal(Sorted(Ipsec.Words.Where(w => w[0] == '-')), OfBash("ipsec", "-"));
        Assert.Equal(Sorted(Stroke.Words.Concat(StrokeOptions.Names)), OfBash("ipsec", "stroke", ""));
        foreach (var start in (string[])["start", "restart"])
            Assert.Equal(Sorted(Option().Matches(StarterOptions.Usage).Select(m => m.Value).Append("--conftest")), OfBash("ipsec", start, ""));
        Assert.Equal(Sorted(PkiCommand().Matches(File.ReadAllText(Golden.PathOf("pki-help.txt"))).Select(m => m.Groups[1].Value)), OfBash("ipsec", "pki", ""));
        foreach (var list in Lists.Words)
        {
            Assert.Contains("--json", OfBash("ipsec", list, "--"));
            if (list != "listcounters") Assert.Contains("--utc", OfBash("ipsec", "stroke", list, "--"));
        }
        foreach (var word in (string[])["status", "statusall", "leases", "why", "checkconf"]) Assert.Equal(["--json"], OfBash("ipsec", word, "--"));
        foreach (var word in (string[])["up", "down", "route", "unroute", "status", "statusall", "why", "listcounters", "resetcounters", "stroke up-nb", "stroke down-nb", "stroke rekey", "stroke user-creds", "stroke delete"])
            Assert.Contains("road", OfBash(["ipsec", .. word.Split(' '), ""]));

        static string[] Sorted(IEnumerable<string> words) => [.. words.Distinct().Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Options_of_pki_are_asked_of_it_and_files_are_files()
    {
        Assert.Equal(["--in", "--keyid"], OfBash("ipsec", "pki", "--pub", "--"));
        foreach (var words in (string[][])[["checkconf"], ["pki", "--pub", "--in"], ["start", "--conf"]])
            Assert.Equal([$"{_folder}/ipsec.conf", $"{_folder}/ipsec.d"], OfBash(["ipsec", .. words, $"{_folder}/ipsec"]));
        Assert.Empty(OfBash("ipsec", "start", "--auto-update", ""));
    }

    [GeneratedRegex(@"--[a-z-]+")]
    private static partial Regex Option();

    [GeneratedRegex(@"(?m)^ +pki (--[a-z0-9]+)")]
    private static partial Regex PkiCommand();

    [ZshTheory]
    [InlineData("ipsec pki --signc", "ipsec pki --signcrl")]
    [InlineData("ipsec start --nof", "ipsec start --nofork")]
    [InlineData("ipsec --piddi", "ipsec --piddir")]
    [InlineData("ipsec listcac", "ipsec listcacerts")]
    [InlineData("ipsec up ne", "ipsec up net-net")]
    [InlineData("ipsec down r", "ipsec down road")]
    [InlineData("ipsec stroke exportconnch", "ipsec stroke exportconnchain")]
    [InlineData("ipsec listcerts --ut", "ipsec listcerts --utc")]
    public void ZshCompletes(string typed, string wanted) => Assert.Equal(wanted, Completion.OfZsh(_folder, _folder, typed, wanted));
}
