// The reread commands: what of a directory goes to charon, all at once or not at all, and what is said about it.
using Cygnet.Config;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class RereadTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("reread").FullName;
    readonly StringWriter _out = new(), _error = new();
    readonly List<(string Command, ViciSection Request)> _sent = [];
    string? _refusing;

    public RereadTests()
    {
        File.WriteAllText($"{_root}/charon.pid", "1\n");
        foreach (var directory in (string[])["cacerts", "aacerts", "acerts", "ocspcerts", "crls"]) Directory.CreateDirectory($"{_root}/ipsec.d/{directory}");
        Give("ca", "cacerts");
        Give("aa", "aacerts");
        Give("acert", "acerts");
        Give("ocsp", "ocspcerts");
        Give("ca.crl", "crls");
    }

    public void Dispose() => Directory.Delete(_root, true);

    void Give(string name, string directory) => File.Copy(Golden.PathOf($"../ipsec.Tests/Pki/{name}.pem"), $"{_root}/ipsec.d/{directory}/{name}.pem");

    /// <summary>Answers yes to everything but what it is told to refuse.</summary>
    sealed class Charon(RereadTests test) : IVici
    {
        public ViciSection? Call(string command, ViciSection? request = null, string? stream = null, Action<ViciSection>? each = null)
        {
            test._sent.Add((command, request ?? new()));
            return command == test._refusing ? new ViciSection().Add("success", "no").Add("errmsg", "it does not like that") : new ViciSection().Add("success", "yes");
        }
    }

    int Run(params string[] args) => Ipsec.Run(new(new Paths(_root, _root, _root, _root, ""), _out, _error) { Connect = () => new Charon(this) }, "ipsec", args);

    IEnumerable<string> Commands => _sent.Select(s => s.Command);

    IReadOnlyList<string> Log => _sent.Single(s => s.Command == "x-commit").Request.List("log");

    [Theory]
    [InlineData("rereadcacerts", "CA", "ca", "cacerts")]
    [InlineData("rereadaacerts", "AA", "aa", "aacerts")]
    public void ADirectoryTakesThePlaceOfWhatWasLoadedFromIt(string word, string flag, string name, string directory)
    {
        Assert.Equal(0, Run(word));
        Assert.Equal("", $"{_out}{_error}");
        Assert.Equal(["x-begin", "x-replace-certs", "x-commit"], Commands);
        var request = _sent[1].Request;
        Assert.Equal(("X509", flag, Lowering.SourceOf(flag)), (request.Text("type"), request.Text("flag"), request.Text("source")));
        Assert.Single(request.Lists.Single().Items);
        Assert.Equal($"rereading {name} certificates from '{_root}/ipsec.d/{directory}'", Log[0]);
        Assert.Contains($"\" from '{_root}/ipsec.d/{directory}/{name}.pem'", Log[1]);
    }

    [Fact]
    public void ADirectoryThatCannotBeReadChangesNothing()
    {
        Directory.Delete($"{_root}/ipsec.d/cacerts", recursive: true);
        File.WriteAllText($"{_root}/ipsec.d/cacerts", "");
        Assert.Equal(0, Run("rereadcacerts"));
        Assert.Empty(Commands);
        Assert.StartsWith($"opening directory '{_root}/ipsec.d/cacerts' failed: ", _error.ToString());
        Assert.EndsWith("\nthose that were loaded before stay\n", _error.ToString());
    }

    [Fact]
    public void AnEmptyDirectoryTakesAllAway()
    {
        File.Delete($"{_root}/ipsec.d/cacerts/ca.pem");
        Assert.Equal(0, Run("rereadcacerts"));
        Assert.Equal(["x-begin", "x-replace-certs", "x-commit"], Commands);
        Assert.Empty(_sent[1].Request.Lists.Single().Items);
    }

    [Theory]
    [InlineData("rereadacerts", "X509_AC", "attribute certificates", "acerts", "  loaded attribute certificate from '{0}/ipsec.d/acerts/acert.pem'")]
    [InlineData("rereadocspcerts", "X509", "ocsp signer certificates", "ocspcerts", "  loaded certificate \"C=CH, O=Golden Lab, CN=ocsp.golden.test\" from '{0}/ipsec.d/ocspcerts/ocsp.pem'")]
    [InlineData("rereadcrls", "X509_CRL", "crls", "crls", "  loaded crl from '{0}/ipsec.d/crls/ca.crl.pem'")]
    public void TheOthersAreAdded(string word, string type, string what, string directory, string loaded)
    {
        Assert.Equal(0, Run(word));
        Assert.Equal(["x-begin", "load-cert", "x-commit"], Commands);
        Assert.Equal(type, _sent[1].Request.Text("type"));
        Assert.Equal([$"rereading {what} from '{_root}/ipsec.d/{directory}'", string.Format(null, loaded, _root)], Log);
    }

    [Fact]
    public void WhatCannotBeReadIsLeftOutAndSaid()
    {
        Give("aa", "cacerts"); // no CA
        File.WriteAllText($"{_root}/ipsec.d/cacerts/bad.pem", "garbage");
        Assert.Equal(0, Run("rereadcacerts"));
        Assert.Single(_sent[1].Request.Lists.Single().Items);
        Assert.Contains($"  loading ca certificate from '{_root}/ipsec.d/cacerts/bad.pem' failed\n", _error.ToString());
        Assert.Contains("lacks ca basic constraint, discarded", _error.ToString());
        Assert.Contains($"  loading ca certificate from '{_root}/ipsec.d/cacerts/bad.pem' failed", Log);
        Assert.Equal("", _out.ToString());
    }

    [Theory]
    [InlineData("x-begin", "x-begin x-abort")]
    [InlineData("x-replace-certs", "x-begin x-replace-certs x-abort")]
    [InlineData("x-commit", "x-begin x-replace-certs x-commit")]
    public void WhatCharonRefusesChangesNothing(string refusing, string commands)
    {
        _refusing = refusing;
        Assert.Equal(0, Run("rereadcacerts"));
        Assert.Equal(commands.Split(' '), Commands);
        Assert.Equal("loading ca certificates failed: it does not like that; those that were loaded before stay\n", _error.ToString());
    }

    [Fact]
    public void ManyGoInSeveralMessages()
    {
        var bytes = File.ReadAllBytes($"{_root}/ipsec.d/cacerts/ca.pem");
        for (var i = 0; i < 1000; i++) File.WriteAllBytes($"{_root}/ipsec.d/cacerts/{i}.pem", bytes);
        Assert.Equal(0, Run("rereadcacerts"));
        var replacing = _sent.Where(s => s.Command == "x-replace-certs").Select(s => s.Request).ToList();
        Assert.Equal(1001, replacing.Sum(r => r.Lists.Single().Items.Count));
        Assert.True(replacing.Count > 1);
        Assert.All(replacing, r => Assert.True(r.Lists.Single().Items.Sum(i => i.Length) <= 400_000));
        Assert.All(replacing.SkipLast(1), r => Assert.True(r.Boolean("more")));
        Assert.False(replacing[^1].Boolean("more"));
    }
}
