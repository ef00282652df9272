// What the starter sends for a first load, an update and a reload, and what it does when the daemon refuses.
using Cygnet.Command.Starter;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class LoaderTests : IDisposable
{
    readonly string _etc = Directory.CreateTempSubdirectory("loader").FullName;
    readonly StringWriter _log = new();
    readonly Loader _loader;

    public LoaderTests()
    {
        _loader = new(new StarterLog(_log, 1, toSyslog: false));
        Secrets("10.0.0.1 10.0.0.2 : PSK \"secret\"\n");
    }

    public void Dispose() => Directory.Delete(_etc, true);

    void Secrets(string text) => File.WriteAllText($"{_etc}/ipsec.secrets", text);

    Configuration Conf(params string[] conns)
    {
        File.WriteAllText($"{_etc}/ipsec.conf", string.Concat(conns.Select(c => $"{c}\n")));
        var paths = new Paths("/usr", _etc, _etc, _etc, $"{_etc}/strongswan.conf");
        var configuration = Configuration.Read(paths, paths.IpsecConf);
        Assert.Empty(configuration.Plan.Errors);
        return configuration;
    }

    static string Conn(string name, string subnet, string more = "auto=add", string right = "10.0.0.2") =>
        $"conn {name}\n\tleft=10.0.0.1\n\tright={right}\n\tauthby=secret\n\tkeyexchange=ikev2\n\tleftsubnet={subnet}\n\t{more}\n";

    /// <summary>A daemon that has what the configuration says.</summary>
    static CannedVici Charon(Configuration? loaded = null, ViciSection[]? policies = null, (string Command, ViciSection Answer)[]? answers = null)
    {
        var charon = new CannedVici();
        foreach (var (command, answer) in answers ?? []) charon.On(command, answer);
        var digests = new ViciSection();
        foreach (var c in loaded?.Plan.Connections ?? []) digests.AddSection(c.Name).Add("digest", c.Digest).Add("source", "ipsec.conf");
        return charon.On("x-get-conn-digests", digests).On("get-shared", new ViciSection().AddList("keys", loaded is null ? [] : ["ipsec.secrets:1"]))
            .Yes("x-begin").Yes("x-commit").Yes("x-abort").Yes("load-conn").Yes("unload-conn").Yes("load-shared").Yes("unload-shared").Yes("initiate").Yes("install").Yes("uninstall").On("list-policies", new(), policies ?? []);
    }

    List<string> Load(Configuration now, CannedVici charon, bool everything = false, bool expected = true)
    {
        charon.Requests.Clear();
        Assert.Equal(expected, _loader.Load(charon, now, everything));
        return [.. charon.Requests.Where(r => !r.StartsWith("x-get") && !r.StartsWith("get-") && !r.StartsWith("list-") && !r.StartsWith("load-shared")).Select(r => r.Replace(" x-leave-out=yes", ""))];
    }

    [Fact]
    public void TheFirstLoadIsOneTransactionAndThenStarts()
    {
        var requests = Load(Conf(Conn("a", "10.1.0.0/24"), Conn("b", "10.2.0.0/24", "auto=start"), Conn("c", "10.3.0.0/24", "auto=start", "10.0.0.3")), Charon(), everything: true);
        Assert.Equal(["x-begin", "load-conn a", "load-conn c", "x-commit", "initiate child=b ike=a timeout=-1", "initiate child=c ike=c timeout=-1"], requests);
    }

    /// <summary>A daemon that begins logs what was found in ipsec.d, in the reference's order; an update rereads nothing and says nothing.</summary>
    [Fact]
    public void ADaemonThatBeginsIsToldWhatWasRead()
    {
        var now = Conf(Conn("a", "10.1.0.0/24"));
        Assert.Equal([.. new[] { "ca certificates", "aa certificates", "ocsp signer certificates", "attribute certificates", "crls" }
            .Zip(["cacerts", "aacerts", "ocspcerts", "acerts", "crls"], (what, folder) => $"loading {what} from '{_etc}/ipsec.d/{folder}'")], now.Plan.DirectoriesLog);
        CannedVici Ready(Configuration? loaded = null) => Charon(loaded).Yes("x-clear-secrets");
        _loader.Forget();
        Assert.Contains("x-commit log", Load(now, Ready(), everything: true));
        Assert.Contains("x-commit", Load(Conf(Conn("a", "10.1.1.0/24")), Ready(now)));
    }

    [Fact]
    public void OfTooManyLinesTheLogHasTheFirst()
    {
        var lines = Config.LogLines.For([.. Enumerable.Range(0, 10_000).Select(i => $"{i} {new string('x', 90)}")]).List("log");
        Assert.InRange(lines.Count, 1_000, 5_000);
        Assert.StartsWith("0 x", lines[0]);
        Assert.Equal($"  and {10_000 - (lines.Count - 1)} more lines", lines[^1]);
    }

    [Fact]
    public void MoreConnsToOnePeerThanAMessageCarriesAreSentInParts()
    {
        string[] conns = [.. Enumerable.Range(0, 2000).Select(i => Conn($"c{i}", $"10.{i / 256}.{i % 256}.0/24"))];
        var now = Conf(conns);
        var requests = Load(now, Charon(), everything: true);
        Assert.True(requests.Count > 4);
        Assert.Equal(["x-begin", .. Enumerable.Repeat("load-conn c0", requests.Count - 2), "x-commit"], requests);
        Assert.DoesNotContain(Load(now, Charon(now)), r => r.Contains("conn "));
    }

    [Fact]
    public void AnUpdateLeavesUnchangedConnsAlone()
    {
        string a = Conn("a", "10.1.0.0/24", "auto=start"), b = Conn("b", "10.2.0.0/24", "auto=start", "10.0.0.3"), c = Conn("c", "10.3.0.0/24", "auto=add", "10.0.0.4");
        var before = Conf(a, b, c);
        Load(before, Charon(), everything: true);
        Assert.DoesNotContain(Load(before, Charon(before)), r => r.Contains("conn ") || r.StartsWith("initiate"));

        // b changes, c vanishes, d is new
        var after = Conf(a, Conn("b", "10.2.1.0/24", "auto=start", "10.0.0.3"), Conn("d", "10.4.0.0/24", "auto=start", "10.0.0.5"));
        Assert.Equal(
            ["x-begin", "unload-conn name=b", "unload-conn name=c", "load-conn b", "load-conn d", "x-commit", "initiate child=b ike=b timeout=-1", "initiate child=d ike=d timeout=-1"],
            Load(after, Charon(before)));
    }

    [Fact]
    public void AnUpdateSendsOnlyWhatHasChanged()
    {
        string[] conns = [.. Enumerable.Range(0, 100).Select(i => Conn($"c{i}", $"10.1.{i}.0/24", right: $"10.0.1.{i}"))];
        var first = Conf(conns);
        Load(first, Charon(), everything: true);
        conns[50] = Conn("c50", "10.9.9.0/24", right: "10.0.1.50");
        var charon = Charon(first);
        Load(Conf(conns), charon);
        // One refusal must not spoil the rest.
        Assert.Equal("load-conn c50 x-leave-out=yes", Assert.Single(charon.Requests, r => r.StartsWith("load-conn")));
    }

    [Fact]
    public void OnlyTheNewChildOfASharedConnectionIsStarted()
    {
        var a = Conn("a", "10.1.0.0/24", "auto=start");
        var before = Conf(a);
        Load(before, Charon(), everything: true);
        var after = Conf(a, Conn("b", "10.2.0.0/24", "auto=start"));
        Assert.Equal(["x-begin", "unload-conn name=a", "load-conn a", "x-commit", "initiate child=b ike=a timeout=-1"], Load(after, Charon(before)));
    }

    [Fact]
    public void AutoAloneStartsAConnThatWasOnlyAdded()
    {
        var before = Conf(Conn("a", "10.1.0.0/24"));
        Load(before, Charon(), everything: true);
        Assert.Equal("initiate child=a ike=a timeout=-1", Load(Conf(Conn("a", "10.1.0.0/24", "auto=start")), Charon(before))[^1]);
    }

    static ViciSection Policy(string ike, string child)
    {
        var message = new ViciSection();
        message.AddSection($"{ike}/{child}").Add("child", child).Add("ike", ike).Add("mode", "TUNNEL");
        return message;
    }

    [Fact]
    public void RoutedConnsAreInstalledReplacedAndUninstalled()
    {
        string a = Conn("a", "10.1.0.0/24", "auto=route"), b = Conn("b", "10.2.0.0/24", "auto=route", "10.0.0.3"), c = Conn("c", "10.3.0.0/24", "auto=route", "10.0.0.4"), d = Conn("d", "10.4.0.0/24", "auto=add", "10.0.0.5");
        var before = Conf(a, b, c, d);
        Assert.Equal(["install child=a ike=a", "install child=b ike=b", "install child=c ike=c"], Load(before, Charon(), everything: true).Where(r => r.StartsWith("install")));
        ViciSection[] routed = [Policy("a", "a"), Policy("b", "b"), Policy("c", "c"), Policy("d", "d"), Policy("of-swanctl", "x")];
        Assert.DoesNotContain(Load(before, Charon(before, routed)), r => r.Contains("install"));

        // a changes, b is only added now, c vanishes, d was routed by hand
        var after = Conf(Conn("a", "10.1.1.0/24", "auto=route"), Conn("b", "10.2.0.0/24", "auto=add", "10.0.0.3"), d);
        Assert.Equal(["x-begin", "unload-conn name=a", "unload-conn name=c", "load-conn a", "x-commit", "uninstall child=b ike=b", "uninstall child=c ike=c", "install child=a ike=a"],
            Load(after, Charon(before, routed)));
    }

    [Fact]
    public void AReloadTreatsAllAsChanged()
    {
        var conf = Conf(Conn("a", "10.1.0.0/24", "auto=start"));
        Load(conf, Charon(), everything: true);
        Assert.Equal(["x-begin", "unload-conn name=a", "load-conn a", "x-commit", "initiate child=a ike=a timeout=-1"], Load(conf, Charon(conf), everything: true));
    }

    [Fact]
    public void AStarterThatFindsARunningDaemonStartsNothingThatIsThere()
    {
        var conf = Conf(Conn("a", "10.1.0.0/24", "auto=start"));
        Assert.DoesNotContain(Load(conf, Charon(conf)), r => r.StartsWith("initiate"));
    }

    [Fact]
    public void WhatTheDaemonRefusesAbortsAllOfIt()
    {
        var charon = new CannedVici().On("x-get-conn-digests", new()).On("get-shared", new()).Yes("x-begin").Yes("x-commit").Yes("x-abort").Yes("load-shared")
            .No("load-conn", "invalid value for: proposals, config discarded");
        var requests = Load(Conf(Conn("a", "10.1.0.0/24", "auto=start")), charon, everything: true, expected: false);
        Assert.Equal(["x-begin", "load-conn a", "x-abort"], requests);
        Assert.Equal("load-conn 'a' failed: invalid value for: proposals, config discarded\n", _log.ToString());
    }

    [Fact]
    public void WhatTheDataPlaneDoesNotCarryIsRefusedByNameAndTheRestLoads()
    {
        string a = Conn("a", "10.1.0.0/24"), b = Conn("b", "10.2.0.0/24", "auto=start"), c = Conn("c", "10.3.0.0/24", "auto=start", "10.0.0.3");
        ViciSection Refused(params string[] names) => new ViciSection().Add("success", "yes").AddList("refused", names).AddList("reasons", names.Select(_ => "the data plane 'tun' does not carry transport mode; 'type=tunnel' would do"));
        CannedVici Refusing(Configuration? loaded = null) => Charon(loaded, answers: [("load-conn", Refused("b")), ("load-conn", Refused("c"))]);
        Assert.Equal(["x-begin", "load-conn a", "load-conn c", "x-commit"], Load(Conf(a, b, c), Refusing(), everything: true));
        const string SaysC = "conn 'c' is not loaded: the data plane 'tun' does not carry transport mode; 'type=tunnel' would do\n";
        Assert.Equal($"conn 'b' is not loaded: the data plane 'tun' does not carry transport mode; 'type=tunnel' would do\n{SaysC}", _log.ToString());

        // The daemon has a, without b: that is no change. It has nothing of c, which is tried again.
        _log.GetStringBuilder().Clear();
        var now = Conf(a, b, c);
        ViciSection has = new();
        has.AddSection("a").Add("digest", now.Plan.Connections[0].Digest).Add("source", "ipsec.conf");
        CannedVici Later(string refused) => Charon(answers: [("load-conn", Refused(refused)), ("x-get-conn-digests", has)]);
        for (var update = 0; update < 2; update++)
        {
            Assert.Equal(["x-begin", "load-conn c", "x-commit"], Load(now, Later("c")));
            Assert.Equal(SaysC, _log.ToString());
            _log.GetStringBuilder().Clear();
        }
        // What auto= says of the one that is left out has no effect before it is loaded.
        Assert.DoesNotContain(Load(Conf(a, b.Replace("auto=start", "auto=route"), c), Later("c")), r => r.StartsWith("install"));
        // b is told again once its connection is sent again, and started once it can be had.
        _log.GetStringBuilder().Clear();
        Assert.Equal(["x-begin", "unload-conn name=a", "load-conn a", "x-commit"], Load(Conf(Conn("a", "10.1.9.0/24"), b), Later("b")));
        Assert.StartsWith("conn 'b' is not loaded", _log.ToString());
        Assert.Contains("initiate child=b ike=a timeout=-1", Load(Conf(Conn("a", "10.1.8.0/24"), b), Charon(answers: [("x-get-conn-digests", has)])));
    }

    [Fact]
    public void VanishedSecretsAreUnloadedUnlessTheFileIsBroken()
    {
        var conf = Conf(Conn("a", "10.1.0.0/24"));
        var charon = Charon(conf);
        Secrets("# nothing left\n");
        Assert.Contains("unload-shared id=ipsec.secrets:1 x-source=ipsec.secrets", Load(Conf(Conn("a", "10.1.0.0/24")), charon));
        Secrets("10.0.0.1 : NONSENSE \"x\"\n");
        var paths = new Paths("/usr", _etc, _etc, _etc, $"{_etc}/strongswan.conf");
        var broken = Configuration.Read(paths, paths.IpsecConf);
        Assert.NotEmpty(broken.Plan.Errors);
        Assert.DoesNotContain("unload-shared id=ipsec.secrets:1 x-source=ipsec.secrets", Load(broken, charon));
    }

    [Fact]
    public void OnlyChangedSecretsAreSentAgain()
    {
        var conf = Conf(Conn("a", "10.1.0.0/24"));
        var charon = Charon(conf);
        Load(conf, charon);
        Assert.Contains(charon.Requests, r => r.StartsWith("load-shared"));
        Load(conf, charon);
        Assert.DoesNotContain("x-begin", charon.Requests);
        Secrets("10.0.0.1 10.0.0.2 : PSK \"another\"\n");
        Load(Conf(Conn("a", "10.1.0.0/24")), charon);
        Assert.Contains(charon.Requests, r => r.StartsWith("load-shared"));
    }

    [Fact]
    public void DebugLevelsBecomeOptions()
    {
        File.WriteAllText($"{_etc}/ipsec.conf", "config setup\n\tcharondebug=\"ike 2, knl 3,cfg -1\"\n");
        var paths = new Paths("/usr", _etc, _etc, _etc, $"{_etc}/strongswan.conf");
        Assert.Equal(["--debug-ike", "2", "--debug-knl", "3", "--debug-cfg", "-1"], Configuration.Read(paths, paths.IpsecConf).DebugOptions());
    }
}
