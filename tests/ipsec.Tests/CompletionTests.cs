// Completion in bash and zsh: commands, options, and the connections of ipsec.conf and of what it includes.
namespace Cygnet.Command.Tests;

public sealed class CompletionTests : IDisposable
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

    [ZshTheory]
    [InlineData("ipsec listcac", "ipsec listcacerts")]
    [InlineData("ipsec up ne", "ipsec up net-net")]
    [InlineData("ipsec down r", "ipsec down road")]
    [InlineData("ipsec stroke exportconnch", "ipsec stroke exportconnchain")]
    [InlineData("ipsec listcerts --ut", "ipsec listcerts --utc")]
    public void ZshCompletes(string typed, string wanted) => Assert.Equal(wanted, Completion.OfZsh(_folder, _folder, typed, wanted));
}
