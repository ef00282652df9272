// Connections with more children than a message of the protocol carries: loaded in parts, listed in several events. docs/vici.md.
using Cygnet.Config;
using Cygnet.Control;

namespace Cygnet.Charon.Tests;

public sealed class ConnectionPartsTests
{
    const int Many = 3000;

    /// <summary>What ipsec.conf says of so many conns to one peer: one connection.</summary>
    static PlannedConnection Planned(int conns = Many)
    {
        var ike = new ViciWriter().Add("version", 2).AddList("remote_addrs", "192.0.2.2").Add("x-source", "ipsec.conf");
        return new("net-0", ike.Written.ToArray(), "", [.. Enumerable.Range(0, conns).Select(i =>
        {
            var child = new ViciWriter().AddList("local_ts", "10.1.0.0/16").AddList("remote_ts", $"10.{2 + i / 256}.{i % 256}.0/24").Add("updown", new string('u', 200));
            return new PlannedChild($"net-{i}", PlannedAction.Add, new("ipsec.conf", 1, 1), new($"net-{i}", child.Written.ToArray()));
        })]);
    }

    static async Task<string?> Load(TestClient client, IEnumerable<LoadRequest> requests)
    {
        foreach (var request in requests)
            if ((await client.Request(request.Command, request.Message)).Text("errmsg") is { } error) return error;
        return null;
    }

    [Fact]
    public async Task CountsWhenTheLastPartHasCome()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var planned = Planned();
        var requests = planned.Requests.ToList();
        Assert.True(requests.Count > 3);
        Assert.All(requests, r => Assert.NotNull(ViciPacket.Request(r.Command, r.Message).ToSegment(out _)));
        Assert.Null(await Load(client, requests[..^1]));
        Assert.Empty(control.Daemon.Store.Current.Connections);
        Assert.Null(await Load(client, requests[^1..]));
        var loaded = Assert.Single(control.Daemon.Store.Current.Connections);
        Assert.Equal(planned.Children.Select(c => c.Name), loaded.Children.Select(c => c.Name));
        Assert.Equal("10.13.183.0/24", Assert.Single(loaded.Children[^1].RemoteTs).ToString());
        Assert.Equal(planned.Digest, control.Daemon.Store.Current.Connections.DigestOf("net-0"));
        Assert.Empty(control.Daemon.Store.Current.IncomingConnections);
    }

    [Fact]
    public async Task ATransactionTakesPartsToo()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        await client.Request("x-begin");
        Assert.Null(await Load(client, Planned().Requests));
        Assert.Empty(control.Daemon.Store.Current.Connections);
        Assert.Equal("yes", (await client.Request("x-commit")).Text("success"));
        Assert.Equal(Many, Assert.Single(control.Daemon.Store.Current.Connections).Children.Length);
        Assert.Empty(control.Daemon.Store.Current.IncomingConnections);
    }

    [Fact]
    public async Task APartThatDoesNotFollowIsRefused()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var requests = Planned().Requests.ToList();
        const string refusal = "part 2 of connection 'net-0' comes without those before it";
        Assert.Equal(refusal, await Load(client, [requests[0], requests[2]]));
        // What had come is forgotten.
        Assert.Equal(refusal.Replace('2', '1'), await Load(client, requests[1..]));
        Assert.Empty(control.Daemon.Store.Current.IncomingConnections);
        // So it is by a beginning, and by a request that is whole.
        Assert.Null(await Load(client, [requests[0], requests[0], .. requests[1..]]));
        Assert.Equal(Many, Assert.Single(control.Daemon.Store.Current.Connections).Children.Length);
        Assert.Null(await Load(client, [requests[0], .. Planned(1).Requests]));
        Assert.Equal(["net-0"], Assert.Single(control.Daemon.Store.Current.Connections).Children.Select(c => c.Name));
        Assert.Empty(control.Daemon.Store.Current.IncomingConnections);
    }

    [Fact]
    public async Task EachPartNamesWhatIsLeftOutOfIt()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        control.Daemon.OnRefuses = child => child.Name is "net-1" or "net-2999" ? new("no", "yes") : null;
        var planned = Planned();
        List<string[]> refused = [];
        foreach (var request in planned.Requests)
            refused.Add([.. (await client.Request(request.Command, request.Message.Add("x-leave-out", "yes"))).List("refused")]);
        Assert.Equal(["net-1"], refused[0]);
        Assert.All(refused[1..^1], Assert.Empty);
        Assert.Equal(["net-2999"], refused[^1]);
        Assert.Equal(planned.Children.Select(c => c.Name).Except(["net-1", "net-2999"]), Assert.Single(control.Daemon.Store.Current.Connections).Children.Select(c => c.Name));
        Assert.Equal(planned.Digest, control.Daemon.Store.Current.Connections.DigestOf("net-0"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yes")]
    public async Task IsListedInSeveralEvents(string brief)
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var planned = Planned();
        Assert.Null(await Load(client, planned.Requests));
        var (events, _) = await client.Stream("list-conn", "list-conns", new ViciSection().Add("x-brief", brief));
        var parts = events.Select(e => Assert.Single(e.Message.Sections)).ToList();
        Assert.True(parts.Count > 1);
        Assert.All(parts, p => Assert.Equal("net-0", p.Name));
        Assert.Equal(parts.Skip(1), parts.Where(p => p.Boolean("x-continued")));
        Assert.Equal(planned.Children.Select(c => c.Name), parts.SelectMany(p => p.Section("children")!.Sections).Select(c => c.Name));
    }
}
