// ipsec stroke and the commands that go through it: usage, options, exit codes, and the requests that follow from the words.
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class StrokeTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("stroke").FullName;
    readonly StringWriter _out = new(), _error = new();
    CannedVici _charon = Lab.Charon(Lab.Sas);

    public StrokeTests() => File.WriteAllText($"{_root}/charon.pid", "1\n");

    public void Dispose() => Directory.Delete(_root, true);

    byte[]? _typed;

    int Run(params string[] args) => Ipsec.Run(new(new Paths(_root, "/usr/libexec/ipsec", _root, _root, ""), _out, _error)
    {
        Connect = () => _charon, AskSecret = prompt => prompt == "Password: " ? _typed : null, Now = () => new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero),
    }, "ipsec", args);

    static string Usage => File.ReadAllText(Golden.PathOf("stroke-help.txt"));

    [Theory]
    [InlineData("stroke --help")]
    [InlineData("stroke listcerts -h")]
    [InlineData("listcerts --he")]
    [InlineData("stroke -dother -h")]
    [InlineData("listcerts -hx")]
    [InlineData("stroke --help --nosuch")]
    public void Help(string command)
    {
        Assert.Equal(0, Run(command.Split(' ')));
        Golden.Equal("stroke-help.txt", _out.ToString());
        Assert.Equal("", _error.ToString());
    }

    /// <summary>What the reference does not hand on is not looked at either.</summary>
    [Theory]
    [InlineData("status nosuch --nosuch", "list-sas")]
    [InlineData("purgecerts x --nosuch", "flush-certs type=X509")]
    [InlineData("purgecrls -x", "flush-certs type=X509_CRL")]
    [InlineData("leases a b --nosuch", "get-pools leases=yes")]
    [InlineData("purgeike --nosuch", "list-sas")]
    public void WhatIsTooMuchIsLeftOut(string command, string request)
    {
        _charon = Lab.Charon(Lab.Sas).Yes("flush-certs").On("get-pools", new ViciSection());
        Run(command.Split(' '));
        Assert.Equal("", _error.ToString());
        Assert.Contains(request, _charon.Requests);
    }

    [Fact]
    public void TheAddressesOfDownSrcipArePartedAtBlanks()
    {
        Assert.Equal(0, Run("down-srcip", " 10.9.0.1\t10.9.0.2"));
        Assert.Equal("list-sas", _charon.Requests[^1]);
        Assert.Equal("", _error.ToString());
        Assert.Equal(255, Run("down-srcip", "", " "));
        Assert.EndsWith("Error: \"down-srcip\" needs start and optional end address\n", _error.ToString());
    }

    [Theory]
    [InlineData("stroke", "", "command missing")]
    [InlineData("stroke --utc", "", "command missing")]
    [InlineData("stroke nosuch", "", "unknown command")]
    [InlineData("stroke up", "", "\"up\" needs a connection name")]
    [InlineData("stroke up-nb", "", "\"up\" needs a connection name")]
    [InlineData("stroke down-nb", "", "\"down\" needs a connection name")]
    [InlineData("stroke down-srcip", "", "\"down-srcip\" needs start and optional end address")]
    [InlineData("stroke rekey", "", "\"rekey\" needs a connection name")]
    [InlineData("stroke loglevel ike", "", "\"logtype\" needs more parameters...")]
    [InlineData("stroke exportx509", "", "\"export\" needs a name")]
    [InlineData("listcerts --nosuch", "/usr/libexec/ipsec/stroke: unrecognized option '--nosuch'\n", "invalid option")]
    [InlineData("listcerts --nosuch=1", "/usr/libexec/ipsec/stroke: unrecognized option '--nosuch'\n", "invalid option")]
    [InlineData("listcerts --utc=1", "/usr/libexec/ipsec/stroke: option '--utc' doesn't allow an argument\n", "invalid option")]
    [InlineData("listcerts --daemon", "/usr/libexec/ipsec/stroke: option '--daemon' requires an argument\n", "invalid option")]
    [InlineData("listcerts -d", "/usr/libexec/ipsec/stroke: option requires an argument -- 'd'\n", "invalid option")]
    [InlineData("listcerts -x", "/usr/libexec/ipsec/stroke: invalid option -- 'x'\n", "invalid option")]
    public void WhatIsWrongIsSaidAfterTheUsage(string command, string complaint, string reason)
    {
        Assert.Equal(255, Run(command.Split(' ')));
        Assert.Equal($"{complaint}{Usage}\nError: {reason}\n", _error.ToString());
        Assert.Equal("", _out.ToString());
        Assert.Empty(_charon.Requests);
    }

    [Theory]
    [InlineData("stroke up-nb second-child", "initiate child=second-child ike=net-net timeout=-1")]
    [InlineData("stroke down-nb rsa", "terminate ike-id=2 timeout=-1")]
    [InlineData("stroke down-nb rsa{*}", "terminate child-id=5 timeout=-1", "terminate child-id=6 timeout=-1")]
    [InlineData("stroke rekey rsa", "rekey ike-id=2")]
    [InlineData("stroke rekey rsa{}", "rekey child-id=5")]
    [InlineData("stroke rekey rsa{*}", "rekey child-id=5", "rekey child-id=6")]
    [InlineData("stroke rekey {7}", "rekey child-id=7")]
    [InlineData("stroke rekey nosuch")]
    [InlineData("stroke loglevel ike 2", "x-set-loglevel group=ike level=2")]
    [InlineData("stroke loglevel any -- -1", "x-set-loglevel group=any level=-1")]
    [InlineData("resetcounters", "reset-counters")]
    [InlineData("resetcounters net-net", "reset-counters name=net-net")]
    [InlineData("resetcounters all", "reset-counters name=all")]
    [InlineData("purgecerts", "flush-certs type=X509")]
    [InlineData("purgecrls", "flush-certs type=X509_CRL")]
    [InlineData("purgeocsp", "flush-certs type=OCSP_RESPONSE")]
    public void WordsThatPrintNothing(string command, params string[] requests)
    {
        foreach (var name in (string[])["initiate", "terminate", "rekey", "x-set-loglevel", "reset-counters", "flush-certs"]) _charon.Yes(name);
        Assert.Equal(0, Run(command.Split(' ')));
        Assert.Equal("", $"{_out}{_error}");
        Assert.Equal(requests, _charon.Requests.Where(r => !r.StartsWith("list-", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("up-nb nosuch", "no config named 'nosuch'\n")]
    [InlineData("loglevel nosuch 2", "unknown type 'nosuch'!\n")]
    public void WordsThatComplain(string command, string expected)
    {
        _charon.No("x-set-loglevel", "unknown type 'nosuch'");
        Assert.Equal(0, Run(["stroke", .. command.Split(' ')]));
        Assert.Equal(expected, _out.ToString());
    }

    [Fact]
    public void APasswordIsAskedForIfItIsNotGiven()
    {
        _charon.Yes("x-user-creds");
        Assert.Equal(0, Run("stroke", "user-creds", "net", "carol", "secret"));
        Assert.Equal(["x-user-creds name=net username=carol password=secret"], _charon.Requests);
        _charon.Requests.Clear();
        Run("stroke", "user-creds", "net", "carol"); // nothing is typed
        Assert.Equal(["x-user-creds name=net username=carol"], _charon.Requests);
        _typed = "typed"u8.ToArray();
        Run("stroke", "user-creds", "net", "carol");
        Assert.Equal("x-user-creds name=net username=carol password=typed", _charon.Requests[^1]);
        Assert.Equal("", $"{_out}{_error}");
        _charon = new CannedVici().No("x-user-creds", "config 'net' unsuitable for user credentials");
        Assert.Equal(0, Run("stroke", "user-creds", "net", "carol")); // and nobody is asked
        Assert.Equal("config 'net' unsuitable for user credentials\n", _out.ToString());
        Assert.Single(_charon.Requests);
    }

    [Fact]
    public void AddAndDelete()
    {
        _charon = new CannedVici().Yes("load-conn").No("unload-conn", "unload: connection 'x' not found");
        Assert.Equal(255, Run("stroke", "add", "x", "@moon", "@sun", "10.0.0.1", "10.0.0.2", "10.1.0.0/16"));
        Assert.EndsWith("\nError: \"add\" needs more arguments...\n", _error.ToString());
        _error.GetStringBuilder().Clear();
        Assert.Equal(0, Run("stroke", "add", "x", "@moon", "@sun", "10.0.0.1", "10.0.0.2", "10.1.0.0/16", "10.2.0.0/16"));
        Assert.Equal(0, Run("stroke", "delete", "x"));
        Assert.Equal(["load-conn x", "unload-conn name=x"], _charon.Requests);
        Assert.Equal("unload: connection 'x' not found\n", _error.ToString());
    }

    [Fact]
    public void CertificatesAreExported()
    {
        var sa = new ViciSection();
        sa.AddSection("rsa").Add("uniqueid", 1).Add("remote-id", "C=CH, O=Golden Lab, OU=rsa, CN=moon.golden.test");
        var asked = new List<string>();
        _charon = new CannedVici().On("list-sas", new(), sa).Streams("list-certs", request =>
        {
            asked.Add($"{request.Text("flag")} {request.Text("subject")}");
            return request.Text("subject") switch
            {
                "C=CH, O=Golden Lab, OU=rsa, CN=moon.golden.test" => [ListTests.Certificate("moon-expired"), ListTests.Certificate("moon-rsa"), ListTests.Certificate("moon-early")],
                "C=CH, O=Golden Lab, CN=Golden Root CA" => [ListTests.Certificate("ca")],
                _ => [],
            };
        });
        Assert.Equal(0, Run("stroke", "exportconncert", "rsa"));
        Assert.Equal(ListTests.Pem("moon-rsa"), _out.ToString());
        _out.GetStringBuilder().Clear();
        Assert.Equal(0, Run("stroke", "exportconnchain", "rsa"));
        Assert.Equal(ListTests.Pem("moon-rsa") + ListTests.Pem("ca"), _out.ToString());
        Assert.Equal(["NONE C=CH, O=Golden Lab, OU=rsa, CN=moon.golden.test", "NONE C=CH, O=Golden Lab, OU=rsa, CN=moon.golden.test", "CA C=CH, O=Golden Lab, CN=Golden Root CA"], asked);
        _out.GetStringBuilder().Clear();
        Run("stroke", "exportx509", "C=CH, O=Golden Lab, CN=Golden Root CA");
        Assert.Equal(ListTests.Pem("ca"), _out.ToString());
        _out.GetStringBuilder().Clear();
        Assert.Equal(0, Run("stroke", "exportconncert", "nosuch"));
        Assert.Equal("", _out.ToString());
    }

    [Fact]
    public void PurgeIkeClosesWhatHasNoChild()
    {
        var childless = new ViciSection();
        childless.AddSection("bad-ts").Add("uniqueid", 12).Add("state", "ESTABLISHED").AddSection("child-sas");
        _charon = Lab.Charon([.. Lab.Sas.Take(2), childless]).Yes("terminate", CannedVici.Log("deleting IKE_SA bad-ts[12] between …"));
        Assert.Equal(0, Run("purgeike"));
        Assert.Equal("deleting IKE_SA bad-ts[12] between …\nIKE_SA [12] closed successfully\n", _out.ToString());
        Assert.Equal(["list-sas", "terminate ike-id=12 loglevel=1"], _charon.Requests);
    }

    [Fact]
    public void StatusWithoutWaiting()
    {
        Assert.Equal(0, Run("stroke", "statusall-nb", "rsa"));
        Assert.Contains("list-sas noblock=yes", _charon.Requests);
        Assert.Equal(0, Run("stroke", "status"));
        Assert.Equal("list-sas", _charon.Requests[^1]);
    }

    [Fact]
    public void StatusAsJson()
    {
        Assert.Equal(3, Run("statusall", "--json", "rsa"));
        using var document = System.Text.Json.JsonDocument.Parse(_out.ToString());
        var ike = Assert.Single(document.RootElement.GetProperty("sas").EnumerateArray());
        Assert.Equal(("rsa", 2), (ike.GetProperty("name").GetString(), ike.GetProperty("uniqueid").GetInt32()));
        Assert.Equal(2, ike.GetProperty("child-sas").GetArrayLength());
        Assert.Equal("43d4da17", ike.GetProperty("child-sas")[0].GetProperty("spi-in").GetString());
        Assert.True(ike.GetProperty("child-sas")[0].GetProperty("encap").GetBoolean());
        Assert.Equal("rsa", Assert.Single(document.RootElement.GetProperty("connections").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(16, document.RootElement.GetProperty("stats").GetProperty("workers").GetProperty("total").GetInt32());
        _out.GetStringBuilder().Clear();
        Run("status", "--json", "second-child");
        using var second = System.Text.Json.JsonDocument.Parse(_out.ToString());
        Assert.Equal("second-child", Assert.Single(second.RootElement.GetProperty("sas")[0].GetProperty("child-sas").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public void StatusTellsTheStarterAlsoIfCharonDoesNotAnswer()
    {
        File.WriteAllText($"{_root}/starter.charon.pid", $"{Environment.ProcessId}\n");
        var world = new Surroundings(new Paths(_root, _root, _root, _root, ""), _out, _error) { Connect = () => throw new ViciFailure("nobody listens") };
        Assert.Equal(0, Ipsec.Run(world, "ipsec", ["status"]));
        Assert.Equal("nobody listens\n", _error.ToString());
        Assert.Equal(255, Ipsec.Run(world, "ipsec", ["stroke", "status"]));
    }
}
