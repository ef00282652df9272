// x-begin, x-commit, x-abort: all or nothing.
using Cygnet.Control;

namespace Cygnet.Charon.Tests;

public sealed class TransactionTests
{
    static ViciSection Conn(string name)
    {
        var m = new ViciSection();
        m.AddSection(name).AddSection("children").AddSection(name);
        return m;
    }

    static ViciSection BadConn(string name)
    {
        var m = new ViciSection();
        m.AddSection(name).Add("nosuchkey", "1");
        return m;
    }

    static ViciSection Secret(string id) => new ViciSection().Add("id", id).Add("type", "ike").Add("data", "secret");

    [Fact]
    public async Task NothingIsVisibleBeforeTheCommit()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        await client.Request("x-begin");
        Assert.Equal("yes", (await client.Request("load-conn", Conn("a"))).Text("success"));
        Assert.Equal("yes", (await client.Request("load-shared", Secret("s"))).Text("success"));
        using var other = control.Connect();
        Assert.Empty((await other.Request("get-conns")).List("conns"));
        Assert.Empty((await other.Request("get-shared")).List("keys"));
        Assert.Empty(control.Daemon.Published);

        var commit = await client.Request("x-commit");
        Assert.Equal("yes", commit.Text("success"));
        Assert.Equal("2", commit.Text("loaded"));
        Assert.Equal(["a"], (await other.Request("get-conns")).List("conns"));
        Assert.Equal(["s"], (await other.Request("get-shared")).List("keys"));
        var published = Assert.Single(control.Daemon.Published);
        Assert.Equal("a", Assert.Single(published.Connections).Name);
    }

    [Fact]
    public async Task OneErrorKeepsEverythingOutAndEveryErrorIsListed()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        await client.Request("load-conn", Conn("old"));
        await client.Request("x-begin");
        await client.Request("load-conn", Conn("new"));
        Assert.Equal("no", (await client.Request("load-conn", BadConn("b"))).Text("success"));
        Assert.Equal("no", (await client.Request("unload-conn", new ViciSection().Add("name", "gone"))).Text("success"));
        await client.Request("unload-conn", new ViciSection().Add("name", "old"));
        var commit = await client.Request("x-commit");
        Assert.Equal("no", commit.Text("success"));
        Assert.Equal(["unknown option: nosuchkey, config discarded", "unload: connection 'gone' not found"], commit.List("errors"));
        Assert.Equal(["old"], (await client.Request("get-conns")).List("conns"));
    }

    [Fact]
    public async Task LaterStepsSeeEarlierOnes()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        await client.Request("x-begin");
        await client.Request("load-conn", Conn("a"));
        Assert.Equal("yes", (await client.Request("unload-conn", new ViciSection().Add("name", "a"))).Text("success"));
        Assert.Equal("yes", (await client.Request("x-commit")).Text("success"));
        Assert.Empty((await client.Request("get-conns")).List("conns"));
    }

    [Fact]
    public async Task ChangesOfOthersInBetweenSurvive()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        using var other = control.Connect();
        await client.Request("x-begin");
        await client.Request("load-conn", Conn("mine"));
        await other.Request("load-conn", Conn("theirs"));
        await client.Request("x-commit");
        Assert.Equal(["theirs", "mine"], (await client.Request("get-conns")).List("conns"));
    }

    [Fact]
    public async Task AnAbortAndALostConnectionLeaveNothing()
    {
        await using var control = new ControlSocket();
        using (var client = control.Connect())
        {
            await client.Request("x-begin");
            await client.Request("load-conn", Conn("a"));
            Assert.Equal("yes", (await client.Request("x-abort")).Text("success"));
            Assert.Equal("no", (await client.Request("x-commit")).Text("success"));
            await client.Request("x-begin");
            Assert.Equal("no", (await client.Request("x-begin")).Text("success"));
            await client.Request("load-conn", Conn("b"));
        }
        using var other = control.Connect();
        Assert.Empty((await other.Request("get-conns")).List("conns"));
    }

    [Fact]
    public async Task ALoadWithoutTransactionKeepsWhatCameBeforeTheError()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var both = Conn("good");
        both.Add(BadConn("bad").Sections.Single());
        Assert.Equal("unknown option: nosuchkey, config discarded", (await client.Request("load-conn", both)).Text("errmsg"));
        Assert.Equal(["good"], (await client.Request("get-conns")).List("conns"));
    }

    [Fact]
    public async Task DigestsAreThoseOfTheRequest()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var request = new ViciSection();
        request.AddSection("a").Add("x-source", "ipsec.conf").AddSection("children").AddSection("a");
        await client.Request("load-conn", request);
        await client.Request("load-conn", Conn("foreign"));
        var digests = await client.Request("x-get-conn-digests", new ViciSection().Add("source", "ipsec.conf"));
        var own = Assert.Single(digests.Sections);
        Assert.Equal(("a", ConnDigest.Of(request.Sections.Single())), (own.Name, own.Text("digest")));
    }

    [Fact]
    public async Task DigestsOfThousandsComeInEvents()
    {
        const int many = 5000;
        await using var control = new ControlSocket();
        using var client = control.Connect();
        // More than one message of the protocol holds.
        var longest = new string('x', 200);
        await client.Request("x-begin");
        for (var i = 0; i < many; i++) await client.Request("load-conn", Conn($"{longest}-{i}"));
        Assert.Equal("yes", (await client.Request("x-commit")).Text("success"));
        var (events, response) = await client.Stream("x-conn-digests", "x-get-conn-digests");
        Assert.Empty(response.Elements);
        Assert.Equal(Enumerable.Range(0, many).Select(i => $"{longest}-{i}"), events.SelectMany(e => e.Message.Sections).Select(s => s.Name));
        Assert.All(events.SelectMany(e => e.Message.Sections), s => Assert.Equal(64, s.Text("digest")!.Length));
        using var other = control.Connect();
        Assert.Contains("exceeds the limit", (await other.Request("x-get-conn-digests")).Text("errmsg"));
    }

    [Fact]
    public async Task ACommitCountsWhatOthersHaveDoneMeanwhile()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        await client.Request("x-begin");
        await client.Request("load-conn", Conn("a"));
        using var other = control.Connect();
        await other.Request("load-conn", Conn("b"));
        Assert.Equal("yes", (await client.Request("x-commit")).Text("success"));
        Assert.Equal(["b", "a"], (await client.Request("get-conns")).List("conns"));
    }

    [Fact]
    public async Task ANameMeansAConnectionOrAChild()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var merged = Conn("a");
        merged.Section("a")!.Section("children")!.AddSection("b");
        await client.Request("load-conn", merged);
        await client.Request("load-conn", Conn("c"));
        foreach (var (name, found) in ((string, string?)[])[("a", "a"), ("b", "a"), ("c", "c"), ("d", null)])
        {
            using var asking = control.Connect();
            var (events, _) = await asking.Stream("list-conn", "list-conns", new ViciSection().Add("x-name", name));
            Assert.Equal(found is null ? [] : [found], events.Select(e => e.Message.Sections.Single().Name));
        }
    }

    [Fact]
    public async Task AMalformedLoadIsRefused()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        client.SendSegment([0, 9, .. "load-conn"u8, 1, 1, (byte)'a', 9]);
        Assert.Equal("parsing request failed", (await client.Receive())!.Message.Text("errmsg"));
        Assert.Empty((await client.Request("get-conns")).List("conns"));
    }

    [Fact]
    public async Task ASecretWithTheSameIdIsReplaced()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        await client.Request("load-shared", Secret("s"));
        await client.Request("load-shared", new ViciSection().Add("id", "s").Add("type", "IKE").Add("data", "other").AddList("owners", ["a.example", "b.example"]));
        var secret = Assert.Single(control.Daemon.Store.Current.Credentials.Secrets);
        Assert.Equal("other"u8.ToArray(), secret.Value);
        Assert.Equal("yes", (await client.Request("unload-shared", new ViciSection().Add("id", "never loaded"))).Text("success"));
        Assert.Equal("yes", (await client.Request("clear-creds")).Text("success"));
        Assert.Empty(control.Daemon.Store.Current.Credentials.Secrets);
    }
}
