// install, uninstall, list-policies, and start_action=trap, against policies that the test invents.
using Cygnet.Control;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class PolicyCommandTests
{
    static async Task<TestClient> WithConn(ControlSocket control, string startAction = "none", string mode = "tunnel", string rekey = "1h")
    {
        var client = control.Connect();
        var request = new ViciSection();
        request.AddSection("gw").AddSection("children").AddSection("net").Add("start_action", startAction).Add("mode", mode).Add("rekey_time", rekey);
        Assert.Null((await client.Request("load-conn", request)).Text("errmsg"));
        return client;
    }

    static LocatedPolicy Policy(string child, int id, ChildMode mode = ChildMode.Tunnel) => new(1, new("gw", child, id, mode == ChildMode.Tunnel ? 7u : 0, mode == ChildMode.Tunnel, mode,
        [TrafficSelector.Subnet(Address.Parse("10.1.0.0"), 16)], [TrafficSelector.Subnet(Address.Parse("10.2.0.0"), 16)]));

    static ViciSection Keys(string text)
    {
        var s = new ViciSection();
        foreach (var pair in text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) s.Add(pair.Split('=')[0], pair.Split('=')[1]);
        return s;
    }

    [Theory]
    [InlineData("install", "", "missing configuration name")]
    [InlineData("install", "child=x", "configuration name not found")]
    [InlineData("install", "child=net ike=x", "configuration name not found")]
    [InlineData("uninstall", "", "missing configuration name")]
    [InlineData("uninstall", "child=x", "policy 'x' not found")]
    [InlineData("uninstall", "child=trap ike=x", "policy 'trap' not found")]
    public async Task WhatIsMissingIsNamed(string command, string keys, string error)
    {
        await using var control = new ControlSocket();
        control.Daemon.Installed.Add(Policy("trap", 1));
        using var client = await WithConn(control);
        Assert.Equal(error, (await client.Request(command, Keys(keys))).Text("errmsg"));
        Assert.Empty(control.Daemon.Wishes);
    }

    [Fact]
    public async Task InstallAnswersWithTheOutcome()
    {
        await using var control = new ControlSocket();
        control.Daemon.OnWish = w => ((Wish.Install)w).Watcher!.Done(null);
        using var client = await WithConn(control);
        Assert.Equal("yes", (await client.Request("install", Keys("child=net ike=gw"))).Text("success"));
        control.Daemon.OnWish = w => ((Wish.Install)w).Watcher!.Done("'right=' must name one address or host");
        var refused = await client.Request("install", Keys("child=net"));
        Assert.Equal(("installing policy 'net' failed", "'right=' must name one address or host"), (refused.Text("errmsg"), refused.Utf8("x-reason")));
    }

    [Fact]
    public async Task UninstallTakesAShuntFirst()
    {
        await using var control = new ControlSocket();
        control.Daemon.Installed.AddRange([Policy("net", 1), Policy("net", 2, ChildMode.Drop) with { Shard = 3 }]);
        control.Daemon.OnWish = w => ((Wish.Uninstall)w).Watcher!.Done(null);
        using var client = control.Connect();
        Assert.Equal("yes", (await client.Request("uninstall", Keys("child=net"))).Text("success"));
        Assert.Equal(("gw", "net"), Assert.IsType<Wish.Uninstall>(Assert.Single(control.Daemon.Wishes)) is var w ? (w.Connection, w.Child) : default);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("trap=yes", "gw/a")]
    [InlineData("trap=no pass=yes", "gw/a gw/p")] // presence counts
    [InlineData("drop=yes pass=yes trap=yes", "gw/a gw/p gw/d")]
    [InlineData("drop=yes pass=yes trap=yes child=d", "gw/d")]
    [InlineData("drop=yes pass=yes trap=yes ike=x", "")]
    public async Task ListedIsWhatIsAskedForTrapsFirst(string keys, string expected)
    {
        await using var control = new ControlSocket();
        control.Daemon.Installed.AddRange([Policy("p", 1, ChildMode.Pass), Policy("d", 2, ChildMode.Drop), Policy("a", 3)]);
        using var client = control.Connect();
        var (events, response) = await client.Stream("list-policy", "list-policies", Keys(keys));
        Assert.Empty(response.Elements);
        Assert.Equal(expected, string.Join(' ', events.Select(e => e.Message.Sections.Single().Name)));
    }

    [Theory]
    [InlineData("trap=yes", "child=a reqid=7 ike=gw mode=TUNNEL local-ts=10.1.0.0/16 remote-ts=10.2.0.0/16")]
    [InlineData("trap=yes x-ext=yes", "child=a reqid=7 ike=gw mode=TUNNEL x-uniqueid=3 x-state=ROUTED local-ts=10.1.0.0/16 remote-ts=10.2.0.0/16")]
    [InlineData("pass=yes x-ext=yes", "child=p reqid=0 ike=gw mode=PASS local-ts=10.1.0.0/16 remote-ts=10.2.0.0/16")]
    public async Task APolicyHasTheReferencesKeys(string keys, string expected)
    {
        await using var control = new ControlSocket();
        control.Daemon.Installed.AddRange([Policy("p", 1, ChildMode.Pass), Policy("a", 3)]);
        using var client = control.Connect();
        var (events, _) = await client.Stream("list-policy", "list-policies", Keys(keys));
        Assert.Equal(expected, string.Join(' ', Assert.Single(events).Message.Sections.Single().Elements.Select(e => e is ViciValue v ? $"{v.Name}={v.Text}" : $"{e.Name}={string.Join(',', ((ViciList)e).Texts)}")));
    }

    [Theory]
    [InlineData("trap", "Install")]
    [InlineData("start", "Initiate")]
    [InlineData("trap|start", "Install Initiate")]
    public async Task StartActionsInstallAndInitiate(string action, string wishes)
    {
        await using var control = new ControlSocket();
        using var client = await WithConn(control, action);
        Assert.Equal(wishes, Wishes(control));
        // the same again changes nothing
        await WithConn(control, action);
        Assert.Equal(wishes, Wishes(control));
    }

    [Fact]
    public async Task AChangedTrapIsReplacedAndARemovedOneGoes()
    {
        await using var control = new ControlSocket();
        using var client = await WithConn(control, "trap");
        await WithConn(control, "trap", rekey: "2h");
        Assert.Equal("Install Install", Wishes(control));
        await WithConn(control, "none", rekey: "2h");
        Assert.Equal("Install Install Uninstall", Wishes(control));
        await WithConn(control, "trap", "drop");
        await client.Request("unload-conn", Keys("name=gw"));
        Assert.Equal("Install Install Uninstall Install Uninstall", Wishes(control));
    }

    static string Wishes(ControlSocket control) => string.Join(' ', control.Daemon.Wishes.Select(w => w.GetType().Name));
}
