// x-why: the refusals as events.
using Cygnet.Control;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class WhyCommandTests
{
    static RefusalEntry Entry(string connection, string reason) => new()
    {
        Connection = connection, Kind = RefusalKind.Selectors, By = RefusedBy.Us, Reason = reason, Change = "'leftsubnet=' would", Facts = ["one", "two"],
        At = DateTimeOffset.UnixEpoch.AddSeconds(5), First = DateTimeOffset.UnixEpoch, IkeId = 7, Local = new(Address.Parse("192.0.2.1"), 500),
        Remote = new(Address.Parse("192.0.2.2"), 4500), RemoteId = "moon",
    };

    [Fact]
    public async Task RefusalsAreStreamedOldestFirstAndByName()
    {
        await using var control = new ControlSocket();
        control.Daemon.Kept.Add(Entry("a", "first") with { At = DateTimeOffset.UnixEpoch });
        control.Daemon.Kept.Add(Entry("b", "second"));
        using var client = control.Connect();
        var (events, response) = await client.Stream("x-refusal", "x-why");
        Assert.Equal("2", response.Text("count"));
        Assert.Equal(["first", "second"], events.Select(e => e.Message.Text("reason")));
        using var other = control.Connect();
        (events, _) = await other.Stream("x-refusal", "x-why", new ViciSection().Add("name", "b"));
        var m = Assert.Single(events).Message;
        Assert.Equal(("b", "selectors", "us", "1970-01-01T00:00:05Z", "1970-01-01T00:00:00Z", "1"),
            (m.Text("connection"), m.Text("kind"), m.Text("by"), m.Text("at"), m.Text("first"), m.Text("times")));
        Assert.Equal(["one", "two"], m.List("facts"));
        Assert.Equal(("192.0.2.2", "4500", "moon", null), (m.Text("remote-host"), m.Text("remote-port"), m.Text("remote-id"), m.Text("local-id")));
    }
}
