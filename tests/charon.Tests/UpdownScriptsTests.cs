// Scripts run in order, with nothing but their variables; what they say is logged, what they do wrong ends nothing.
using Cygnet.Charon.Logging;
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

    void Event(string script, bool up = true, string name = "net") => _scripts.Handle(new SaEvent.ChildUpDown(up,
        new() { Name = "gw", UniqueId = 1, State = IkeState.Established, Local = new(Address.Parse("192.0.2.1"), 500), Remote = new(Address.Parse("192.0.2.2"), 500) },
        new()
        {
            Name = name, UniqueId = 1, Reqid = 1, State = ChildState.Installed, Updown = script,
            LocalTs = [TrafficSelector.Subnet(Address.Parse("10.1.0.0"), 16)], RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.2.0.0"), 16)],
        }));

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
