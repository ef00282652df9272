// load-pool, unload-pool, get-pools: the words of the reference, leases that survive, and a pool that goes while somebody takes from it.
using Cygnet.Control;
using Cygnet.Policy;
using Cygnet.Pools;
using Cygnet.Wire;

namespace Cygnet.Charon.Tests;

public sealed class PoolCommandTests : IAsyncLifetime
{
    readonly ControlSocket _control = new();
    readonly TestClient _client;

    public PoolCommandTests() => _client = _control.Connect();

    // xunit 2 ends a test's IAsyncLifetime, and leaves an IAsyncDisposable as it is.
    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _control.DisposeAsync();
    }

    /// <summary>"addrs=10.3.0.0/28 dns[]=10.1.0.53,fd00::53".</summary>
    static ViciSection Request(string name, string settings)
    {
        var message = new ViciSection();
        var section = message.AddSection(name);
        foreach (var pair in settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)))
            if (pair[0].EndsWith("[]", StringComparison.Ordinal)) section.AddList(pair[0][..^2], pair[1].Split(','));
            else section.Add(pair[0], pair[1]);
        return message;
    }

    async Task<string?> Load(string name, string settings) => (await _client.Request("load-pool", Request(name, settings))).Text("errmsg");

    async Task<string?> Unload(string name) => (await _client.Request("unload-pool", new ViciSection().Add("name", name))).Text("errmsg");

    // without a connection nothing is published yet
    Pool Published(string name) => _control.Daemon.Store.Current.Pools.Single(p => p.Name == name);

    VirtualLease Take(string pool, string owner) => Pool.Acquire([Published(pool)],
        new(Identity.Parse(owner), Identity.Parse("moon"), default, Published(pool).Addresses.Range.First.IsIPv6 ? Address.Any6 : Address.Any4) { Now = 1 }, _ => { })!;

    [Theory]
    [InlineData("", "missing addrs for pool 'x'")]
    [InlineData("addrs=10.1.1.0/24 addrs=10.1.2.0/24", "multiple addrs defined")]
    [InlineData("addrs=bla", "invalid addrs value: bla")]
    [InlineData("addrs=10.1.1.1-10.1.1.0", "invalid addrs value: 10.1.1.1-10.1.1.0")]
    [InlineData("addrs=10.1.1.0/24 dns=10.1.1.1", "invalid attribute: dns")]
    [InlineData("addrs=10.1.1.0/24 foo[]=10.1.1.1", "invalid attribute: foo")]
    [InlineData("addrs=10.1.1.0/24 0[]=x", "invalid attribute: 0")]
    [InlineData("addrs=10.1.1.0/24 99999[]=x", "invalid attribute: 99999")]
    [InlineData("addrs=10.1.1.0/24 dns[]=foo", "invalid attribute value for dns")]
    [InlineData("addrs=10.1.1.0/24 subnet[]=10.0.0.0/33", "invalid attribute value for subnet")]
    public async Task WhatIsWrongIsSaid(string settings, string error)
    {
        Assert.Equal(error, await Load("x", settings));
        Assert.Empty((await _client.Request("get-pools")).Sections);
    }

    [Fact]
    public async Task AddressesThatAreNoTextAreRefused()
    {
        var message = new ViciSection();
        message.AddSection("x").Add("addrs", [1, 2]);
        Assert.Equal("invalid addrs value", (await _client.Request("load-pool", message)).Text("errmsg"));
    }

    [Fact]
    public async Task PoolsAreListedWithTheirLeases()
    {
        Assert.Null(await Load("first", "addrs=10.3.0.0/28"));
        Assert.Null(await Load("second", "addrs=fd03::/120"));
        Assert.Null(await Load("empty", "addrs=%config"));
        Take("first", "carol");
        Take("first", "dave").Release();
        var pools = await _client.Request("get-pools");
        Assert.Equal(["first 10.3.0.0 14 1 1", "second fd03:: 254 0 0", "empty %any 0 0 0"],
            pools.Sections.Select(p => $"{p.Name} {string.Join(' ', p.Values.Select(v => v.Text))}"));
        Assert.All(pools.Sections, p => Assert.Null(p.Section("leases")));
        var first = Assert.Single((await _client.Request("get-pools", new ViciSection().Add("leases", "yes").Add("name", "first"))).Sections);
        Assert.Equal(["0 address=10.3.0.1 identity=carol status=online", "1 address=10.3.0.2 identity=dave status=offline"],
            first.Section("leases")!.Sections.Select(l => $"{l.Name} {string.Join(' ', l.Values.Select(v => $"{v.Name}={v.Text}"))}"));
        Assert.Equal(["added vici pool first: 10.3.0.0, 14 entries", "added vici pool second: fd03::, 254 entries", "added vici pool empty: %any, 0 entries"], _control.Daemon.Lines);
    }

    [Fact]
    public async Task WithTheSameAddressesLeasesStayAndAttributesAreNew()
    {
        await Load("x", "addrs=10.3.0.0/28 dns[]=10.1.0.53");
        Take("x", "carol");
        Assert.Null(await Load("x", "addrs=10.3.0.0/28 dns[]=10.1.0.54,fd00::54 subnet[]=10.1.0.0/16,fd00::/64 25[]=example.org 13[]=10.2.0.0"));
        Assert.Equal(1, Published("x").Addresses.OnlineCount);
        Assert.Equal(["3:0A010036", "10:FD000000000000000000000000000054", "13:0A010000FFFF0000", "15:FD00000000000000000000000000000040", "25:6578616D706C652E6F7267", "13:0A020000"],
            Published("x").Attributes.Select(a => $"{a.Type}:{Convert.ToHexString(a.Value)}"));
        Assert.Equal("updated vici pool x: 10.3.0.0, 14 entries", _control.Daemon.Lines.Last());
    }

    [Fact]
    public async Task OtherAddressesReplaceOnlyAnIdlePool()
    {
        await Load("x", "addrs=10.3.0.0/28");
        var lease = Take("x", "carol");
        Assert.Equal("vici pool x has online leases, unable to replace", await Load("x", "addrs=10.4.0.0/28"));
        Assert.Equal("vici pool x has online leases, unable to replace", await Load("x", "addrs=%config"));
        Assert.Equal("x has online leases, unable to unload", await Unload("x"));
        lease.Release();
        Assert.Null(await Load("x", "addrs=10.4.0.0/28"));
        Assert.Equal("replaced vici pool x: 10.4.0.0, 14 entries", _control.Daemon.Lines.Last());
        Assert.Equal("10.4.0.1", Take("x", "carol").Address.ToString());
        Assert.Null(lease.Pool!.Addresses.Acquire(LeaseStep.New, new(Identity.Parse("late"), Identity.Parse("moon"), default, Address.Any4) { Now = 2 }, out _));
    }

    [Fact]
    public async Task UnloadedPoolsAreGone()
    {
        Assert.Equal("missing pool name to unload", (await _client.Request("unload-pool")).Text("errmsg"));
        Assert.Equal("x not found", await Unload("x"));
        await Load("x", "addrs=10.3.0.0/28");
        Assert.Null(await Unload("x"));
        Assert.Empty((await _client.Request("get-pools")).Sections);
        Assert.Equal("unloaded vici pool x", _control.Daemon.Lines.Last());
    }

    [Fact]
    public async Task APoolOfIpsecConfIsSaidInItsWords()
    {
        await Load("10.3.0.0/28", "addrs=10.3.0.0/28 x-source=ipsec.conf");
        await Load("10.3.0.0/28", "addrs=10.3.0.0/28 x-source=ipsec.conf");
        await Load("fd04::/64", "addrs=fd04::/64 x-source=ipsec.conf");
        Assert.Equal(["adding virtual IP address pool 10.3.0.0/28", "reusing virtual IP address pool 10.3.0.0/28", "virtual IP pool too large, limiting to fd04::/97",
            "adding virtual IP address pool fd04::/64"], _control.Daemon.Lines);
    }

    /// <summary>The lease comes after the transaction was tried and before it is committed: then nothing of it happens.</summary>
    [Fact]
    public async Task ALeaseInTheLastMomentKeepsTheWholeTransactionOut()
    {
        await Load("a", "addrs=10.3.0.0/28");
        await Load("b", "addrs=10.4.0.0/28");
        await _client.Request("x-begin");
        Assert.Null(await Unload("a"));
        Assert.Null(await Load("b", "addrs=10.5.0.0/28"));
        var lease = Take("b", "carol");
        var commit = await _client.Request("x-commit");
        Assert.Equal(["vici pool b has online leases, unable to replace"], commit.List("errors"));
        Assert.NotNull(Take("a", "dave"));
        lease.Release();
        Assert.Null(await Load("b", "addrs=10.5.0.0/28"));
    }

    /// <summary>Even in the moment between the command and the publication nobody is given an address of a pool that goes.</summary>
    [Fact]
    public void ALeaseBetweenCommandAndPublicationRefusesTheCommand()
    {
        AddressRange.TryParse("10.3.0.0/28", out var range, out _);
        var (a, b) = (new Pool("a", new(range)), new Pool("b", new(range)));
        var store = new ConfigurationStore(_ => { });
        store.Apply((s, _) => Change.Done(s with { Pools = [a, b] }), null!, out _, out _);
        var response = store.Apply((s, _) =>
        {
            Pool.Acquire([b], new(Identity.Parse("late"), Identity.Parse("moon"), default, Address.Any4) { Now = 1 }, _ => { });
            return Change.Done(s with { Pools = [] });
        }, null!, out _, out var after);
        Assert.Equal("pool b has online leases", response.Text("errmsg"));
        Assert.Equal(2, after.Pools.Length);
        Assert.NotNull(Pool.Acquire([a], new(Identity.Parse("carol"), Identity.Parse("moon"), default, Address.Any4) { Now = 2 }, _ => { }));
    }

    [SwanctlFact]
    public async Task SwanctlLoadsAndListsPools()
    {
        var file = $"{_control.Path}.conf";
        await File.WriteAllTextAsync(file, "pools {\n rw {\n  addrs = 10.3.0.0/28\n  dns = 10.1.0.53, fd00::53\n }\n}\n");
        Assert.Contains("successfully loaded 1 pools", await RunningCharon.Swanctl(_control.Uri, null, "--load-pools", "--file", file));
        Take("rw", "carol");
        var listed = await RunningCharon.Swanctl(_control.Uri, null, "--list-pools", "--leases");
        Assert.Equal(["rw 10.3.0.0 1 / 0 / 14", "10.3.0.1 online 'carol'"],
            listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Equal([ConfigurationAttributeType.InternalIp4Dns, ConfigurationAttributeType.InternalIp6Dns], Published("rw").Attributes.Select(a => a.Type));
    }
}
