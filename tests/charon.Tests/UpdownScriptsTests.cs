// Scripts run in order, with nothing but their variables; what they say is logged, what they do wrong ends nothing.
using Cygnet.Charon.Logging;
using Cygnet.Charon.Scripts;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class UpdownScriptsTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("updown").FullName;
    readonly MemoryStream _lines = new();
    readonly Log _log = new();
    readonly UpdownScripts _scripts;

    public UpdownScriptsTests()
    {
        _log.Use([new FileLogger(new(1), _lines, false) { FlushesLines = true }]);
        _scripts = new(_ => new("eth0", "ipsec0"), _log);
    }

    public void Dispose()
    {
        _log.Dispose();
        Directory.Delete(_folder, true);
    }

    void Event(string script, bool up = true, string name = "net") => _scripts.Handle(Of(script, up, name));

    static SaEvent Of(string script, bool up, string name) => new SaEvent.ChildUpDown(up,
        new() { Name = "gw", UniqueId = 1, State = IkeState.Established, Local = new(Address.Parse("192.0.2.1"), 500), Remote = new(Address.Parse("192.0.2.2"), 500) },
        new()
        {
            Name = name, UniqueId = 1, Reqid = 1, State = ChildState.Installed, Updown = script,
            LocalTs = [TrafficSelector.Subnet(Address.Parse("10.1.0.0"), 16)], RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.2.0.0"), 16)],
        });

    string Log()
    {
        _log.Dispose();
        return System.Text.Encoding.UTF8.GetString(_lines.ToArray());
    }

    [Fact]
    public async Task One_after_the_other_in_the_order_of_events()
    {
        for (var i = 0; i < 5; i++)
        {
            Event($"sleep 0.0{5 - i}; echo $PLUTO_VERB >> {_folder}/order");
            Event($"echo $PLUTO_VERB >> {_folder}/order", up: false);
        }
        await _scripts.Finish();
        Assert.Equal(string.Concat(Enumerable.Repeat("up-client\ndown-client\n", 5)), await File.ReadAllTextAsync($"{_folder}/order"));
    }

    [Fact]
    public async Task After_a_crash_scripts_are_told_that_the_tunnels_are_down()
    {
        var file = $"{_folder}/state";
        const string verb = "echo $PLUTO_VERB $PLUTO_CONNECTION $PLUTO_PEER_CLIENT \"$PLUTO_MY_ID\" >> ";
        using (var crashed = new Linux.HostState(file))
        {
            var scripts = new UpdownScripts(_ => new("eth0", "ipsec0"), _log, crashed);
            scripts.Handle(Of($"{verb}{_folder}/a", true, "one"));
            scripts.Handle(Of($"{verb}{_folder}/b", true, "two"));
            scripts.Handle(Of($"{verb}{_folder}/b", false, "two")); // down in time
            await scripts.Finish();
        }
        Assert.Single(await File.ReadAllLinesAsync(file));
        using (var state = new Linux.HostState(file))
        {
            var next = new UpdownScripts(_ => new(null, null), _log, state);
            next.TakeDownLeft();
            await next.Finish();
        }
        Assert.Equal("up-client one 10.2.0.0/16 %any\ndown-client one 10.2.0.0/16 %any\n", await File.ReadAllTextAsync($"{_folder}/a"));
        Assert.Equal("up-client two 10.2.0.0/16 %any\ndown-client two 10.2.0.0/16 %any\n", await File.ReadAllTextAsync($"{_folder}/b"));
        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData("")]
    [InlineData("running")]
    [InlineData("updown")]
    [InlineData("updown %zz =")]
    [InlineData("updown x PLUTO_VERB PLUTO_VERB=up-client")]
    public void Lines_of_another_kind_are_passed_over(string line)
    {
        File.WriteAllText($"{_folder}/state", $"text {line}\naddress\nnameserver x\n\n");
        using var state = new Linux.HostState($"{_folder}/state");
        Assert.Empty(state.LeftAddresses);
        Assert.Empty(new LeftUpdown(state).TakeLeft());
    }

    [Fact]
    public async Task Nothing_else_is_inherited()
    {
        Environment.SetEnvironmentVariable("SOMETHING_ELSE", "x");
        Event($"env > {_folder}/env; ls -l /proc/self/fd > {_folder}/fds");
        await _scripts.Finish();
        // the shell adds some of its own
        var names = File.ReadLines($"{_folder}/env").Select(l => l.Split('=')[0]).Where(n => n is not ("PWD" or "_" or "SHLVL" or "OLDPWD") && !n.StartsWith("PLUTO_", StringComparison.Ordinal));
        Assert.Equal(["CYGNET_TUN", "PATH"], names.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("socket:", await File.ReadAllTextAsync($"{_folder}/fds"));
    }

    [Fact]
    public async Task What_it_says_is_logged_and_a_failure_ends_nothing()
    {
        Event("echo out; echo err >&2; exit 3");
        Event("no-such-program-anywhere");
        Event("echo still here");
        await _scripts.Finish();
        var log = Log();
        Assert.Contains("[CHD] updown: out", log);
        Assert.Contains("[CHD] updown: err", log);
        Assert.Contains("left with exit code 3", log);
        Assert.Contains("no-such-program-anywhere", log);
        Assert.Contains("[CHD] updown: still here", log);
    }

    [Fact]
    public async Task Another_conn_does_not_wait()
    {
        Event($":; while [ ! -e {_folder}/go ]; do sleep 0.01; done; echo one >> {_folder}/order", name: "one");
        Event($"echo other >> {_folder}/order; touch {_folder}/go", name: "other");
        await _scripts.Finish();
        Assert.Equal("other\none\n", await File.ReadAllTextAsync($"{_folder}/order"));
    }
}
