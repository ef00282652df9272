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
        var check = await client.Request("x-check-conn", Conn("tunnel", "transport"));
        Assert.Equal(["transport"], check.List("refused"));
        Assert.Equal(["the data plane 'tun' does not carry transport mode; 'type=tunnel' would do"], check.List("reasons"));
        Assert.Empty(control.Daemon.Store.Current.Connections);

        var load = await client.Request("load-conn", Conn("tunnel", "transport"));
        Assert.Equal("child 'transport': the data plane 'tun' does not carry transport mode; 'type=tunnel' would do, config discarded", load.Text("errmsg"));
        Assert.Empty(control.Daemon.Store.Current.Connections);
        Assert.Equal("yes", (await client.Request("load-conn", Conn("tunnel"))).Text("success"));

        var kept = Assert.Single(control.Daemon.Kept.Of("net"));
        Assert.Equal(("CHILD_SA 'transport' is not loaded: the data plane 'tun' does not carry transport mode", "'type=tunnel' would do", 2), (kept.Reason, kept.Change, kept.Times));
    }
}
