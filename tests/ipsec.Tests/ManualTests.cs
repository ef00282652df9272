// The manual page and the completion know every command that there is.
using System.Diagnostics;
using System.Text.RegularExpressions;
using Cygnet.Command.Commands;

namespace Cygnet.Command.Tests;

public sealed partial class ManualTests
{
    static string File(string path) => System.IO.File.ReadAllText(Golden.PathOf($"../../{path}"));

    /// <summary>The word version is the option under another name.</summary>
    public static TheoryData<string> Commands() => [.. Named().Matches(File("tests/Golden/help.txt")).SelectMany(m => m.Groups[1].Value.Split('|'))
        .Concat(Lists.Words).Concat(Purge.Words).Concat(Reread.Words).Distinct().Except(["version"])];

    [Theory]
    [MemberData(nameof(Commands))]
    public void TheManualHasIt(string command) => Assert.Matches($@"(?m)^\.(B|BI|BR) ""?{Regex.Escape(command.Replace("-", "\\-"))}\b", File("docs/man/ipsec.8"));

    [Theory]
    [MemberData(nameof(Commands))]
    public void ItIsCompleted(string command) => Assert.Contains(command, Complete("ipsec", command[..^1]));

    [Fact]
    public void ConnectionsAndOptionsAreCompleted()
    {
        var directory = Directory.CreateTempSubdirectory("completion").FullName;
        try
        {
            System.IO.File.WriteAllText($"{directory}/ipsec.conf", "config setup\n\nconn %default\n\tleft=1.2.3.4\nconn net-net # one\nconn  nat\n");
            Assert.Equal(["nat", "net-net"], Complete("ipsec", "up", "n").WithConns(directory));
            Assert.Equal(["net-net"], Complete("ipsec", "stroke", "rekey", "ne").WithConns(directory));
            Assert.Equal(["nat", "net-net"], Complete("ipsec", "resetcounters", "").WithConns(directory));
        }
        finally { Directory.Delete(directory, true); }
        Assert.Equal(["--json", "--utc"], Complete("ipsec", "listcerts", "--"));
        Assert.Contains("--copyright", Complete("ipsec", "--c"));
        Assert.Equal(["exportconncert", "exportconnchain"], Complete("ipsec", "stroke", "exportconn"));
    }

    static Completion Complete(params string[] words) => new(words);

    /// <summary>What bash offers for the last of the words, sorted.</summary>
    sealed class Completion(string[] words) : List<string>(Ask(words, "/nowhere"))
    {
        public IEnumerable<string> WithConns(string confDir) => Ask(words, confDir);

        static IEnumerable<string> Ask(string[] words, string confDir)
        {
            // The command is only asked where the configuration is.
            var script = $"ipsec() {{ echo '{confDir}'; }}\nsource '{Golden.PathOf("../../packaging/completion/ipsec.bash")}'\nCOMP_WORDS=(\"$@\")\nCOMP_CWORD=$(($# - 1))\n_ipsec_complete\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n";
            using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", script, "bash", .. words]) { RedirectStandardOutput = true })!;
            var said = bash.StandardOutput.ReadToEnd();
            bash.WaitForExit();
            return said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
        }
    }

    [GeneratedRegex(@"(?m)^\t([a-z|-]+)")]
    private static partial Regex Named();
}
