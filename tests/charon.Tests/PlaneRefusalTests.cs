// What the data plane does not carry is not loaded: by name, with the remedy, and ipsec why knows it.
using Cygnet.Control;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class PlaneRefusalTests
{
    static ViciSection Conn(params string[] modes)
    {
        var message = new ViciSection();
        var children = message.AddSection("net").Add("version", "2").AddSection("children");
        foreach (var mode in modes) children.AddSection(mode).Add("mode", mode);
        return message;
    }

    [Fact]
    public async Task AChildThatThePlaneDoesNotCarryIsNamedWithTheRemedy()
    {
        await using var control = new ControlSocket();
        control.Daemon.OnRefuses = c => c.Mode == ChildMode.Transport ? new("the data plane 'tun' does not carry transport mode", "'type=tunnel' would do") : null;
        using var client = control.Connect();
        var load = await client.Request("load-conn", Conn("tunnel", "transport"));
        Assert.Equal("child 'transport': the data plane 'tun' does not carry transport mode; 'type=tunnel' would do, config discarded", load.Text("errmsg"));
        Assert.Empty(control.Daemon.Store.Current.Connections);
        Assert.Equal("yes", (await client.Request("load-conn", Conn("tunnel"))).Text("success"));

        var kept = Assert.Single(control.Daemon.Kept.Of("net"));
        Assert.Equal(("CHILD_SA 'transport' is not loaded: the data plane 'tun' does not carry transport mode", "'type=tunnel' would do", 1), (kept.Reason, kept.Change, kept.Times));
    }

    [Fact]
    public async Task WhoLoadsManyLeavesItOut()
    {
        await using var control = new ControlSocket();
        control.Daemon.OnRefuses = c => c.Mode == ChildMode.Transport ? new("no", "yes") : null;
        using var client = control.Connect();
        await client.Request("x-begin");
        var sent = Conn("tunnel", "transport", "beet");
        var load = await client.Request("load-conn", new ViciSection().Add("x-leave-out", "yes").Add(sent.Section("net")!));
        Assert.Equal("yes", load.Text("success"));
        Assert.Equal(["transport"], load.List("refused"));
        Assert.Equal(["no; yes"], load.List("reasons"));
        Assert.Equal("yes", (await client.Request("x-commit")).Text("success"));
        Assert.Equal(["tunnel", "beet"], Assert.Single(control.Daemon.Store.Current.Connections).Children.Select(c => c.Name));
        // Who sends it again finds that it is what he sent.
        Assert.Equal(ConnDigest.Of(sent.Section("net")!), control.Daemon.Store.Current.Connections.DigestOf("net"));
        Assert.Equal(1, Assert.Single(control.Daemon.Kept.Of("net")).Times);
    }

    [Fact]
    public async Task WhatIsLeftOutWhollyIsNotLoaded()
    {
        await using var control = new ControlSocket();
        control.Daemon.OnRefuses = _ => new("no", "yes");
        using var client = control.Connect();
        var load = await client.Request("load-conn", Conn("tunnel", "transport").Add("x-leave-out", "yes"));
        Assert.Equal(["tunnel", "transport"], load.List("refused"));
        Assert.Empty(control.Daemon.Store.Current.Connections);
        // What is wrong otherwise is refused as ever.
        Assert.Equal("invalid value for: mode, config discarded", (await client.Request("load-conn", Conn("nonsense").Add("x-leave-out", "yes"))).Text("errmsg"));
    }
}
