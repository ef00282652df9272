// initiate, terminate, rekey, list-sas against SAs that the test invents.
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class SaCommandTests
{
    static async Task<TestClient> WithConn(ControlSocket control, string startAction = "none")
    {
        var client = control.Connect();
        var request = new ViciSection();
        request.AddSection("gw").AddSection("children").AddSection("net").Add("start_action", startAction);
        Assert.Null((await client.Request("load-conn", request)).Text("errmsg"));
        return client;
    }

    static LocatedSa Sa(int id, params (string Name, int Id)[] children) => new(0, new()
    {
        Name = "gw",
        UniqueId = id,
        State = IkeState.Established,
        Local = new(Address.Parse("192.0.2.1"), 4500),
        Remote = new(Address.Parse("192.0.2.2"), 4500),
        LocalId = Identity.Parse("moon.example"),
        RemoteId = Identity.Parse("sun.example"),
        IsInitiator = true,
        InitiatorSpi = 0x0123456789abcdef,
        ResponderSpi = 2,
        NatRemote = true,
        Established = new(990_000),
        RekeyAt = new(1_100_000),
        Proposal = new(SecurityProtocol.Ike, [new(TransformType.Encryption, Encr.AesCbc, 128), new(TransformType.Integrity, Integ.HmacSha256_128),
            new(TransformType.Prf, PrfId.HmacSha256), new(TransformType.KeyExchange, Ke.Curve25519)]),
        TasksActive = ["IKE_DPD"],
        Children = [.. children.Select(c => new ChildSnapshot
        {
            Name = c.Name,
            UniqueId = c.Id,
            Reqid = 7,
            State = ChildState.Installed,
            UdpEncapsulation = true,
            SpiIn = 0xc0000001,
            SpiOut = 0x2,
            Proposal = new(SecurityProtocol.Esp, [new(TransformType.Encryption, Encr.AesGcm16, 256), new(TransformType.ExtendedSequenceNumbers, 1)]),
            ExtendedSequenceNumbers = true,
            In = new(100, 2, 997_500),
            RekeyAt = new(999_000),
            ExpiresAt = new(1_060_000),
            Installed = new(980_000),
            LocalTs = [TrafficSelector.Subnet(Address.Parse("10.1.0.0"), 16)],
            RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.2.0.0"), 16)],
        })],
    });

    [Fact]
    public async Task ListSaHasTheKeysInTheReferencesOrder()
    {
        await using var control = new ControlSocket();
        control.Daemon.Sas.Add(Sa(3, ("net", 5)));
        using var client = control.Connect();
        var (events, response) = await client.Stream("list-sa", "list-sas");
        Assert.Empty(response.Elements);
        var ike = Assert.Single(Assert.Single(events).Message.Sections);
        Assert.Equal("gw", ike.Name);
        Assert.Equal(
            "uniqueid=3 version=2 state=ESTABLISHED local-host=192.0.2.1 local-port=4500 local-id=moon.example remote-host=192.0.2.2 remote-port=4500 "
            + "remote-id=sun.example initiator=yes initiator-spi=0123456789abcdef responder-spi=0000000000000002 nat-remote=yes nat-any=yes encr-alg=AES_CBC "
            + "encr-keysize=128 integ-alg=HMAC_SHA2_256_128 prf-alg=PRF_HMAC_SHA2_256 dh-group=CURVE_25519 established=10 rekey-time=100 tasks-active=[IKE_DPD] "
            + "child-sas={net-5={name=net uniqueid=5 reqid=7 state=INSTALLED mode=TUNNEL protocol=ESP encap=yes spi-in=c0000001 spi-out=00000002 encr-alg=AES_GCM_16 "
            + "encr-keysize=256 esn=1 bytes-in=100 packets-in=2 use-in=2 bytes-out=0 packets-out=0 rekey-time=-1 life-time=60 install-time=20 "
            + "local-ts=[10.1.0.0/16] remote-ts=[10.2.0.0/16]}}", Show(ike));
    }

    static string Show(ViciSection s) => string.Join(' ', s.Elements.Select(e => e switch
    {
        ViciValue v => $"{v.Name}={v.Text}",
        ViciList l => $"{l.Name}=[{string.Join(' ', l.Texts)}]",
        ViciSection inner => $"{inner.Name}={{{Show(inner)}}}",
        _ => "?",
    }));

    [Fact]
    public async Task ChildFiltersDropChildrenAndIkeFiltersDropEvents()
    {
        await using var control = new ControlSocket();
        control.Daemon.Sas.AddRange([Sa(1, ("a", 1), ("b", 2)), Sa(2)]);
        using var client = control.Connect();
        var (events, _) = await client.Stream("list-sa", "list-sas", new ViciSection().Add("child", "b"));
        Assert.Equal(2, events.Count);
        Assert.Equal(["b-2"], events[0].Message.Section("gw")!.Section("child-sas")!.Sections.Select(s => s.Name));
        Assert.Empty(events[1].Message.Section("gw")!.Section("child-sas")!.Sections);
        using var second = control.Connect();
        (events, _) = await second.Stream("list-sa", "list-sas", new ViciSection().Add("ike-id", "2"));
        Assert.Equal("2", Assert.Single(events).Message.Section("gw")!.Text("uniqueid"));
    }

    [Theory]
    [InlineData("x-name=a", "1 a-1 b-2")]
    [InlineData("x-name=gw", "1 a-1 b-2, 2")]
    [InlineData("x-name=other", "")]
    [InlineData("child=b x-ext=yes", "1 b-2")]
    [InlineData("child-id=1 x-ext=yes", "1 a-1")]
    [InlineData("child-id=9 x-ext=yes", "")]
    [InlineData("ike-id=2 x-ext=yes", "2")]
    public async Task WhoMeansOneSaIsNotToldOfOthers(string keys, string expected)
    {
        await using var control = new ControlSocket();
        control.Daemon.Sas.AddRange([Sa(1, ("a", 1), ("b", 2)), Sa(2)]);
        using var client = control.Connect();
        var (events, _) = await client.Stream("list-sa", "list-sas", Keys(keys));
        Assert.Equal(expected, string.Join(", ", events.Select(e => e.Message.Section("gw")!).Select(s => string.Join(' ', [s.Text("uniqueid"), .. s.Section("child-sas")!.Sections.Select(c => c.Name)]))));
    }

    [Theory]
    [InlineData("", "gw: a b, a: c d, e:")]
    [InlineData("ike=a", "a: c d")]
    [InlineData("x-name=a", "gw: a b, a: c d")]
    [InlineData("x-name=d", "a: c d")]
    [InlineData("x-name=e", "e:")]
    [InlineData("x-name=a ike=gw", "gw: a b")]
    [InlineData("x-child=a", "gw: a, a: c d")]
    [InlineData("x-child=d", "a: d")]
    [InlineData("x-child=nobody", "")]
    public async Task WhoMeansOneConnectionIsNotToldOfOthers(string keys, string expected)
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        foreach (var (name, children) in ((string, string[])[])[("gw", ["a", "b"]), ("a", ["c", "d"]), ("e", [])])
        {
            var request = new ViciSection();
            var section = request.AddSection(name).AddSection("children");
            foreach (var child in children) section.AddSection(child);
            Assert.Null((await client.Request("load-conn", request)).Text("errmsg"));
        }
        var (events, _) = await client.Stream("list-conn", "list-conns", Keys(keys));
        Assert.Equal(expected, string.Join(", ", events.Select(e => e.Message.Sections.Single()).Select(s => string.Join(' ', [$"{s.Name}:", .. s.Section("children")!.Sections.Select(c => c.Name)]))));
    }

    /// <summary>Each list as the reference makes it: of list-conns the number of the vendor apart, of statusall, whose form the brief one has, both numbers.</summary>
    [Theory]
    [InlineData("eap-mschapv2", "eap-type=EAP_MSCHAPV2", "EAP_MSCHAPV2")]
    [InlineData("eap-13-1234", "eap-type=EAP_TLS eap-vendor=1234", "13-1234")]
    [InlineData("eap-99-7", "eap-type=(99) eap-vendor=7", "99-7")]
    [InlineData("eap-255", "eap-type=EAP_EXPERIMENTAL", "EAP_EXPERIMENTAL")]
    [InlineData("eap-256", "eap-type=EAP_RADIUS", "EAP_RADIUS")]
    [InlineData("eap-radius", "eap-type=EAP_RADIUS", "EAP_RADIUS")]
    [InlineData("eap-dynamic", "eap-type=EAP_DYNAMIC", "EAP_DYNAMIC")]
    public async Task EapMethodsAreListedByTheirNames(string method, string listed, string brief)
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        Assert.Null((await client.Request("load-conn", Notation.Message($"gw.remote.auth={method}"))).Text("errmsg"));
        async Task<ViciSection> Round(string keys)
        {
            using var asking = control.Connect();
            return Assert.Single((await asking.Stream("list-conn", "list-conns", Keys(keys))).Events).Message.Sections.Single().Section("remote-1")!;
        }
        Assert.Contains($"class=EAP {listed} groups", Notation.Show(await Round("")));
        Assert.Equal(brief, (await Round("x-brief=yes")).Text("eap-type"));
    }

    [Theory]
    [InlineData("eap-0")]
    [InlineData("eap-13-x")]
    [InlineData("eap-1-2-3")]
    public async Task AnEapMethodThatIsNoneIsRefused(string method)
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        Assert.Contains("invalid value for: auth", (await client.Request("load-conn", Notation.Message($"gw.remote.auth={method}"))).Text("errmsg"));
    }

    [Fact]
    public async Task WhoWantsItBriefIsToldOfManyConnectionsInAnEvent()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        foreach (var words in (string[])[
            "gw.local_addrs[]=192.0.2.1 gw.version=2 gw.dpd_delay=30 gw.local.auth=psk gw.local.id=moon gw.remote.auth=eap-md5 gw.remote.eap_id=%any gw.children.net.remote_ts[]=10.2.0.0/16 gw.children.net.dpd_action=start",
            "other.remote_addrs[]=192.0.2.9,192.0.2.10 other.remote.revocation=strict other.remote.groups[]=a,b other.children.net.mode=transport"])
            Assert.Null((await client.Request("load-conn", Notation.Message(words))).Text("errmsg"));
        var (events, _) = await client.Stream("list-conn", "list-conns", Keys("x-brief=yes"));
        Assert.Equal("gw {local_addrs=[192.0.2.1] remote_addrs=[%any] version=IKEv2 dpd_delay=30 local-1 {class=pre-shared key id=moon} remote-1 {class=EAP eap-type=EAP_MD5 eap_id=%any}"
            + " children {net {mode=TUNNEL dpd_action=start local-ts=[dynamic] remote-ts=[10.2.0.0/16]}}}"
            + " other {local_addrs=[%any] remote_addrs=[192.0.2.9 192.0.2.10] version=IKEv1/2 local-1 {} remote-1 {revocation=GOOD groups=[a b]}"
            + " children {net {mode=TRANSPORT local-ts=[dynamic] remote-ts=[dynamic]}}}", Notation.Show(Assert.Single(events).Message));
        using var asking = control.Connect();
        Assert.Equal("other", Assert.Single(Assert.Single((await asking.Stream("list-conn", "list-conns", Keys("x-brief=yes x-name=other"))).Events).Message.Sections).Name);
    }

    [Fact]
    public async Task AConnectionOfManyChildrenContinuesInFurtherEvents()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var request = new ViciSection();
        var section = request.AddSection("gw").Add("dpd_delay", "30").AddSection("children");
        var names = Enumerable.Range(0, 1000).Select(i => $"net-{i}").ToArray();
        foreach (var name in names) section.AddSection(name);
        Assert.Null((await client.Request("load-conn", request)).Text("errmsg"));
        var (events, _) = await client.Stream("list-conn", "list-conns", Keys("x-brief=yes"));
        var parts = events.Select(e => Assert.Single(e.Message.Sections)).ToList();
        Assert.True(parts.Count > 2, $"{parts.Count} events");
        Assert.Equal(names, parts.SelectMany(p => p.Section("children")!.Sections).Select(c => c.Name));
        Assert.All(parts, p => Assert.Equal(("gw", 30), (p.Name, p.Number("dpd_delay"))));
        Assert.Equal(parts.Skip(1), parts.Where(p => p.Boolean("x-continued")));
    }

    [Theory]
    [InlineData("", "missing configuration name")]
    [InlineData("child=x", "CHILD_SA config 'x' not found")]
    [InlineData("ike=x", "IKE_SA config 'x' not found")]
    [InlineData("ike=x child=net", "CHILD_SA config 'net' not found")]
    public async Task InitiateNamesWhatIsMissing(string keys, string error)
    {
        await using var control = new ControlSocket();
        using var client = await WithConn(control);
        Assert.Equal(error, (await client.Request("initiate", Keys(keys))).Text("errmsg"));
    }

    static ViciSection Keys(string text)
    {
        var s = new ViciSection();
        foreach (var pair in text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) s.Add(pair.Split('=')[0], pair.Split('=')[1]);
        return s;
    }

    [Fact]
    public async Task InitiateStreamsTheLogUpToTheLevelThenAnswers()
    {
        await using var control = new ControlSocket();
        using var client = await WithConn(control);
        control.Daemon.OnWish = wish =>
        {
            var watcher = ((Wish.Initiate)wish).Watcher!;
            watcher.Log(new(LogGroup.Ike, 0, "gw", 4, "initiating"));
            watcher.Log(new(LogGroup.Enc, 2, "gw", 4, "too much"));
            watcher.Log(new(LogGroup.Net, 1, "gw", 4, "sending"));
            watcher.Done(null);
        };
        var (events, response) = await client.Stream("control-log", "initiate", Keys("child=net"));
        Assert.Equal("yes", response.Text("success"));
        Assert.Equal(["initiating", "sending"], events.Select(e => e.Message.Text("msg")));
        Assert.Equal("group=IKE level=0 ikesa-name=gw ikesa-uniqueid=4 msg=initiating", Show(events[0].Message));
        var wish = Assert.IsType<Wish.Initiate>(Assert.Single(control.Daemon.Wishes));
        Assert.Equal(("gw", "net"), (wish.Connection.Name, wish.Child?.Name));
    }

    [Theory]
    [InlineData("child=net", "establishing CHILD_SA 'net' failed")]
    [InlineData("ike=gw", "establishing IKE_SA 'gw' failed")]
    public async Task AFailedInitiationSaysSo(string keys, string error)
    {
        await using var control = new ControlSocket();
        using var client = await WithConn(control);
        control.Daemon.OnWish = wish => ((Wish.Initiate)wish).Watcher!.Done("peer not responding");
        Assert.Equal(error, (await client.Request("initiate", Keys(keys))).Text("errmsg"));
    }

    [Fact]
    public async Task InitiateGivesUpAfterItsTimeoutOrDoesNotWaitAtAll()
    {
        await using var control = new ControlSocket();
        using var client = await WithConn(control);
        Assert.Equal("CHILD_SA 'net' not established after 1ms", (await client.Request("initiate", Keys("child=net timeout=1"))).Text("errmsg"));
        Assert.Equal("yes", (await client.Request("initiate", Keys("child=net timeout=-1"))).Text("success"));
        Assert.Null(Assert.IsType<Wish.Initiate>(control.Daemon.Wishes.Last()).Watcher);
    }

    [Fact]
    public async Task InitLimitsAreKept()
    {
        await using var control = new ControlSocket();
        (control.Daemon.InitLimitHalfOpen, control.Daemon.HalfOpen) = (1, 1);
        using var client = await WithConn(control);
        Assert.Equal("establishing CHILD_SA 'net' not possible at the moment due to limits", (await client.Request("initiate", Keys("child=net init-limits=yes"))).Text("errmsg"));
    }

    [Theory]
    [InlineData("", "missing terminate selector")]
    [InlineData("ike=x", "no matching SAs to terminate found")]
    [InlineData("ike=gw", null, "I1 I2")]
    [InlineData("ike=x ike-id=2", null, "I2")]
    [InlineData("child=net", null, "C5 C6")]
    [InlineData("child=net child-id=6", null, "C6")]
    [InlineData("child=net ike-id=1", null, "C5")]
    public async Task TerminateFindsWhatIsMeant(string keys, string? error, string wishes = "")
    {
        await using var control = new ControlSocket();
        control.Daemon.Sas.AddRange([Sa(1, ("net", 5)), Sa(2, ("net", 6))]);
        control.Daemon.OnWish = wish => (wish switch { Wish.TerminateIke i => i.Watcher, Wish.TerminateChild c => c.Watcher, _ => null })!.Done(null);
        using var client = control.Connect();
        var response = await client.Request("terminate", Keys(keys));
        Assert.Equal(error, response.Text("errmsg"));
        Assert.Equal(wishes, string.Join(' ', control.Daemon.Wishes.Select(w => w switch
        {
            Wish.TerminateIke i => $"I{i.UniqueId}",
            Wish.TerminateChild c => $"C{c.UniqueId}",
            _ => "?",
        })));
        if (error is null) Assert.Equal(response.Text("matches"), response.Text("terminated"));
    }

    [Theory]
    [InlineData("ike-id=1", "terminating SA failed", 0)]
    [InlineData("ike=gw", "not all matching SAs could be terminated", 1)]
    public async Task TerminateCountsWhatFailed(string keys, string error, int terminated)
    {
        await using var control = new ControlSocket();
        control.Daemon.Sas.AddRange([Sa(1), Sa(2)]);
        control.Daemon.OnWish = wish => ((Wish.TerminateIke)wish).Watcher!.Done(((Wish.TerminateIke)wish).UniqueId == 1 ? "no" : null);
        using var client = control.Connect();
        var response = await client.Request("terminate", Keys(keys));
        Assert.Equal((error, terminated.ToString()), (response.Text("errmsg"), response.Text("terminated")));
    }

    [Fact]
    public async Task AForcedTerminateWithATimeoutWaitsFirst()
    {
        await using var control = new ControlSocket();
        control.Daemon.Sas.Add(Sa(1));
        IWatcher? waiting = null;
        control.Daemon.OnWish = wish =>
        {
            var w = (Wish.TerminateIke)wish;
            if (w.Force) waiting!.Done(null);
            else waiting = w.Watcher;
        };
        using var client = control.Connect();
        var response = await client.Request("terminate", Keys("ike=gw force=yes timeout=1"));
        Assert.Equal("yes", response.Text("success"));
        Assert.Equal([false, true], control.Daemon.Wishes.Cast<Wish.TerminateIke>().Select(w => w.Force));
    }

    [Fact]
    public async Task StartActionsFollowTheConfiguration()
    {
        await using var control = new ControlSocket();
        using var client = await WithConn(control, "start");
        Assert.Equal("net", Assert.IsType<Wish.Initiate>(Assert.Single(control.Daemon.Wishes)).Child?.Name);

        // On whichever shard there is an IKE_SA for it, which only the daemon can tell.
        Assert.Equal("gw", Assert.Single(control.Daemon.Initiated).Connection.Name);

        // The same again changes nothing; without it, its SA goes.
        await WithConn(control, "start");
        Assert.Single(control.Daemon.Wishes);
        control.Daemon.Sas.Add(Sa(9, ("net", 1)));
        await client.Request("unload-conn", Keys("name=gw"));
        Assert.Equal(9, Assert.IsType<Wish.TerminateIke>(control.Daemon.Wishes.Last()).UniqueId);
    }

    [Fact]
    public async Task SasOfAConnectionWithoutStartActionSurviveItsRemoval()
    {
        await using var control = new ControlSocket();
        using var client = await WithConn(control);
        control.Daemon.Sas.Add(Sa(9, ("net", 1)));
        await client.Request("unload-conn", Keys("name=gw"));
        Assert.Empty(control.Daemon.Wishes);
    }

    [Fact]
    public async Task ARunningInitiationOutlivesItsClient()
    {
        await using var control = new ControlSocket();
        IWatcher? watcher = null;
        var wished = new TaskCompletionSource();
        control.Daemon.OnWish = wish =>
        {
            watcher = ((Wish.Initiate)wish).Watcher;
            wished.SetResult();
        };
        using (var client = await WithConn(control)) client.Send(ViciPacket.Request("initiate", Keys("child=net")));
        await wished.Task;
        watcher!.Log(new(LogGroup.Ike, 1, "gw", 1, "still here"));
        watcher.Done(null);
        using var other = control.Connect();
        Assert.Equal(["gw"], (await other.Request("get-conns")).List("conns"));
    }

    [Theory]
    [InlineData("", 1, "")]
    [InlineData("name=net", 1, "net")]
    [InlineData("all=yes", 1, "net")]
    [InlineData("name=other", 0, null)]
    public async Task CountersAreChosenByName(string keys, int sections, string? name)
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var response = await client.Request("get-counters", Keys(keys));
        Assert.Equal(sections, response.Section("counters")!.Sections.Count());
        Assert.Equal(name, response.Section("counters")!.Sections.FirstOrDefault()?.Name);
        Assert.Equal(name is null ? "no counters found for this connection" : null, response.Text("errmsg"));
        if (name == "net") Assert.Equal("20", response.Section("counters")!.Sections.First().Text("info-out-resp"));
    }

    [Theory]
    [InlineData("ike=gw", "missing target gateway")]
    [InlineData("ike=gw gateway=a@b", "unsupported gateway identity")]
    [InlineData("ike=gw gateway=", "unsupported gateway identity")]
    [InlineData("gateway=192.0.2.9", "missing redirect selector")]
    [InlineData("gateway=192.0.2.9 peer-ip=nonsense", "invalid peer IP selector")]
    [InlineData("gateway=192.0.2.9 ike=other", "no matching SAs to redirect found")]
    [InlineData("gateway=192.0.2.9 ike=gw peer-ip=192.0.2.128/25", "no matching SAs to redirect found")]
    [InlineData("gateway=192.0.2.9 ike-id=1 peer-id=*.org", "no matching SAs to redirect found")]
    [InlineData("gateway=192.0.2.9 ike=gw", null, 1, 2)]
    [InlineData("gateway=vpn.example ike-id=2", null, 2)]
    [InlineData("gateway=2001:db8::1 peer-ip=192.0.2.0-192.0.2.7 peer-id=*.example", null, 1, 2)]
    [InlineData("gateway=192.0.2.9 peer-id=sun.example ike-id=1 ike=gw", null, 1)]
    public async Task RedirectNeedsAGatewayAndSelectsTheSas(string keys, string? error, params int[] ids)
    {
        await using var control = new ControlSocket();
        control.Daemon.Sas.AddRange([Sa(1), Sa(2)]);
        using var client = control.Connect();
        var response = await client.Request("redirect", Keys(keys));
        Assert.Equal((error, error is null), (response.Text("errmsg"), response.Text("success") == "yes"));
        Assert.Equal(ids, control.Daemon.Wishes.Select(w => Assert.IsType<Wish.Redirect>(w).UniqueId));
        if (ids.Length > 0) Assert.Equal($"{ids.Length}", response.Text("matches"));
    }
}
