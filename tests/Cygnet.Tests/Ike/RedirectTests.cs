// A gateway sends its client to another one, at each of the three moments, and what a client does not follow. RFC 5685.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class RedirectTests
{
    const string StarAddress = "192.0.2.3";

    readonly Pair _pair;
    readonly Gateway _star;

    /// <summary>Moon is configured for sun; star is another gateway before the same network, with the same identity.</summary>
    public RedirectTests() : this(1) { }

    RedirectTests(ulong seed)
    {
        _pair = new(seed, change: c => c with { LocalAddrs = ["%any"] });
        _star = _pair.Network.Add("star", StarAddress);
        Pair.Configure(_star, _pair.Moon, 2, 1, 1, AsSun, "%any");
    }

    static Connection AsSun(Connection c) => c with { Local = [new() { Class = AuthClass.Psk, Id = Identity.Parse("@sun.example") }] };

    static void SendAway(Gateway gateway, string to, bool afterAuthentication = false, Func<RedirectRule, RedirectRule>? change = null)
    {
        var rule = new RedirectRule { Name = "all", Gateways = [Identity.Parse(to)], IsAfterAuthentication = afterAuthentication };
        gateway.Engine.Settings = gateway.Engine.Settings with { Redirects = [change is null ? rule : change(rule)] };
    }

    static void Redirect(Gateway gateway, string to) => gateway.Do(new Wish.Redirect(Pair.Ike(gateway).UniqueId, Identity.Parse(to)));

    bool Carries(Gateway with)
    {
        var (there, back) = (Pair.InnerPacket(1, 2, 0, 0x5eed), Pair.InnerPacket(2, 1, 0, 0xbac4));
        _pair.Moon.SendInner(there);
        with.SendInner(back);
        _pair.Network.Run(TimeSpan.FromSeconds(2));
        return with.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(there)) && _pair.Moon.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(back));
    }

    void ShouldBeWithStar()
    {
        Assert.Equal(StarAddress, Pair.Ike(_pair.Moon).Remote.Address.ToString());
        Assert.Single(Pair.Ike(_star).Children);
        Assert.Empty(_pair.Sun.Engine.Snapshots());
        Assert.True(Carries(_star));
        _pair.ShouldHaveNoFaults();
    }

    void ShouldHaveLogged(Gateway gateway, string words) => Assert.Contains(gateway.LogLines, l => l.EndsWith(words, StringComparison.Ordinal));

    [Fact]
    public void In_the_answer_to_IKE_SA_INIT()
    {
        SendAway(_pair.Sun, StarAddress);
        Assert.Null(_pair.Up().Error);
        ShouldBeWithStar();
        Assert.Equal(1, Pair.Ike(_pair.Moon).UniqueId);
        ShouldHaveLogged(_pair.Sun, $"redirecting peer to {StarAddress}");
        ShouldHaveLogged(_pair.Moon, $"redirected to {StarAddress}");
        ShouldHaveLogged(_star, $"client got redirected from {Pair.SunAddress}");
        Assert.Equal(0, _pair.Sun.Engine.HalfOpenCount);
    }

    [Fact]
    public void In_the_answer_to_IKE_AUTH()
    {
        SendAway(_pair.Sun, StarAddress, afterAuthentication: true, r => r with { PeerId = Identity.Parse("*.example"), Connection = _pair.SunConnection.Name });
        Assert.Null(_pair.Up().Error);
        ShouldBeWithStar();
        ShouldHaveLogged(_star, $"client got redirected from {Pair.SunAddress}");
        Assert.Equal(0, _pair.Sun.Plane.Engine.SaCount);
    }

    [Fact]
    public void While_it_is_up_and_no_packet_is_lost()
    {
        _pair.Up();
        Redirect(_pair.Sun, StarAddress);
        for (var i = 0; i < 300; i++)
        {
            _pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
            _pair.Network.Run(TimeSpan.FromMilliseconds(1));
        }
        _pair.Settle(2);
        Assert.Equal(300, _pair.Sun.Plane.Delivered.Count + _star.Plane.Delivered.Count);
        Assert.NotEmpty(_star.Plane.Delivered);
        ShouldBeWithStar();
    }

    [Fact]
    public void To_a_host_name()
    {
        _pair.Moon.Lookup = name => name == "vpn.example" ? [Address.Parse(StarAddress)] : [];
        SendAway(_pair.Sun, "vpn.example");
        Assert.Null(_pair.Up().Error);
        ShouldBeWithStar();
    }

    /// <summary>Whatever packet gets lost, and whichever moment it is.</summary>
    [Theory]
    [InlineData(0), InlineData(1), InlineData(2)]
    public void Whatever_is_lost(int moment)
    {
        for (var lost = 0; lost < 16; lost++)
        {
            var scene = new RedirectTests();
            if (moment < 2) SendAway(scene._pair.Sun, StarAddress, afterAuthentication: moment == 1);
            else scene._pair.Up();
            var seen = 0;
            scene._pair.Network.Filter = (kind, _, _, _) => kind != PacketKind.Ike || seen++ != lost;
            if (moment < 2) Assert.Null(scene._pair.Up().Error);
            else Redirect(scene._pair.Sun, StarAddress);
            scene._pair.Settle(120);
            scene.ShouldBeWithStar();
        }
    }

    public static TheoryData<RekeyTests.What, bool, int> UnderWay()
    {
        var data = new TheoryData<RekeyTests.What, bool, int>();
        foreach (var what in Enum.GetValues<RekeyTests.What>())
            foreach (var atClient in (bool[])[true, false])
                for (var lost = -1; lost < 10; lost++) data.Add(what, atClient, lost);
        return data;
    }

    /// <summary>While any other exchange is in flight, from either end, with each of the following packets lost.</summary>
    [Theory]
    [MemberData(nameof(UnderWay))]
    public void Whatever_else_is_under_way(RekeyTests.What what, bool atClient, int lost)
    {
        for (ulong seed = 1; seed <= 4; seed++)
        {
            var scene = new RedirectTests(seed);
            var pair = scene._pair;
            pair.Up();
            pair.Network.MostDelay = seed % 2 == 0 ? 40 : 1;
            var seen = 0;
            pair.Network.Filter = (kind, _, _, _) => kind != PacketKind.Ike || seen++ != lost;
            var id = Pair.Ike(pair.Sun).UniqueId;
            RekeyTests.Do(atClient ? pair.Moon : pair.Sun, what, pair);
            pair.Sun.Do(new Wish.Redirect(id, Identity.Parse(StarAddress)));
            pair.Settle(400);
            pair.ShouldHaveNoFaults();
            Assert.Empty(pair.Sun.Engine.Snapshots());
            if (what is RekeyTests.What.IkeDelete or RekeyTests.What.ChildDelete) continue; // what is closed need not come back
            Assert.Equal(StarAddress, Pair.Ike(pair.Moon).Remote.Address.ToString());
            Assert.True(scene.Carries(scene._star));
        }
    }

    [Fact]
    public void Whoever_has_not_seen_our_nonce_redirects_nobody()
    {
        var isForged = false;
        _pair.Network.Filter = (_, from, to, data) =>
        {
            if (data[18] != (byte)ExchangeType.IkeSaInit || isForged || from.Address.ToString() != Pair.MoonAddress || !IkeHeader.TryRead(data, out var request)) return true;
            isForged = true;
            foreach (var nonce in (byte[][])[new byte[32], [], new byte[31]])
                _pair.Network.At(TimeSpan.Zero, () => _pair.Moon.Engine.Receive(from, to, Message.EncodePlain(new(request.InitiatorSpi, 0, ExchangeType.IkeSaInit, HeaderFlags.Response, 0),
                    [new NotifyPayload(NotifyType.Redirect, GatewayIdentity.Write(Identity.Parse(StarAddress), nonce))]), _pair.Network.Now));
            return true;
        };
        Assert.Null(_pair.Up().Error);
        Assert.True(isForged);
        Assert.Equal(3, _pair.Moon.Engine.Counters.Drops[(int)DropReason.Integrity]);
        Assert.True(_pair.Carries());
        Assert.Empty(_star.Engine.Snapshots());
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Not_in_a_circle(bool afterAuthentication)
    {
        // each of three sends to the next: none goes straight back
        var third = _pair.Network.Add("third", "192.0.2.4");
        Pair.Configure(third, _pair.Moon, 2, 1, 1, AsSun, Pair.MoonAddress);
        SendAway(_pair.Sun, StarAddress, afterAuthentication);
        SendAway(_star, "192.0.2.4", afterAuthentication);
        SendAway(third, Pair.SunAddress, afterAuthentication);
        var outcome = _pair.Up();
        Assert.NotNull(outcome.Error);
        Assert.Equal(6, _pair.Moon.LogLines.Count(l => l.Contains(" redirected to ")));
        ShouldHaveLogged(_pair.Moon, "only 5 redirects are allowed within 300 seconds");
        Assert.Contains(_pair.Moon.Shared.Refusals.Of(_pair.MoonConnection.Name), r => r.Reason.EndsWith("the 6th redirect in a row", StringComparison.Ordinal));
        _pair.Settle(100);
        Assert.All(_pair.Network.Gateways, g => Assert.DoesNotContain(g.Engine.Snapshots(), s => s.Children.Length > 0));
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Nobody_is_sent_back_to_where_he_comes_from()
    {
        SendAway(_pair.Sun, StarAddress);
        SendAway(_star, Pair.SunAddress);
        Assert.Null(_pair.Up().Error);
        ShouldBeWithStar();
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2)]
    public void Not_if_the_client_is_configured_not_to(int moment)
    {
        _pair.Moon.Engine.Settings = _pair.Moon.Engine.Settings with { FollowRedirects = false };
        if (moment < 2) SendAway(_pair.Sun, StarAddress, afterAuthentication: moment == 1);
        Assert.Null(_pair.Up().Error);
        if (moment == 2)
        {
            Redirect(_pair.Sun, StarAddress);
            _pair.Settle(1);
            ShouldHaveLogged(_pair.Sun, "client does not support IKE redirection");
        }
        Assert.True(_pair.Carries());
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void A_client_redirects_nobody()
    {
        _pair.Up();
        Redirect(_pair.Moon, StarAddress);
        _pair.Settle(60);
        ShouldHaveLogged(_pair.Moon, "unable to redirect IKE_SA as initiator");
        Assert.True(_pair.Carries());
    }

    /// <summary>An address that nobody could have, or that is our own, is not called.</summary>
    [Theory]
    [InlineData("224.0.0.1"), InlineData("127.0.0.1"), InlineData(Pair.MoonAddress), InlineData("nobody.example"), InlineData("2001:db8::1")]
    public void Where_nobody_can_go(string gateway)
    {
        _pair.Up();
        Redirect(_pair.Sun, gateway);
        _pair.Settle(5);
        ShouldHaveLogged(_pair.Moon, $"unable to resolve gateway ID '{gateway}', redirect failed");
        Assert.True(_pair.Carries());
        Assert.Single(_pair.Moon.Engine.Snapshots());
        // the gateway keeps to its word
        _pair.Settle(60);
        Assert.Empty(_pair.Moon.Engine.Snapshots());
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Back_to_the_configured_gateway_if_the_other_does_not_answer()
    {
        _pair.Reconfigure(_pair.Moon, c => c with { KeyingTries = 2 });
        SendAway(_pair.Sun, "192.0.2.99", change: r => r with { PeerIp = TrafficSelector.Subnet(Address.Parse(Pair.MoonAddress), 32) });
        var outcome = new Outcome();
        _pair.Moon.Do(new Wish.Initiate(_pair.MoonConnection, _pair.MoonConnection.Children[0], outcome));
        _pair.Settle(60);
        _pair.Sun.Engine.Settings = new();
        _pair.Network.RunUntil(() => outcome.IsDone, TimeSpan.FromMinutes(10));
        Assert.Null(outcome.Error);
        Assert.True(_pair.Carries());
    }

    /// <summary>The gateway ends its IKE_SA after half a minute; closeaction then begins at the configured gateway.</summary>
    [Fact]
    public void An_IKE_SA_whose_new_gateway_is_dead_comes_back()
    {
        _pair.Reconfigure(_pair.Moon, c => c with { KeyingTries = 1, Children = [.. c.Children.Select(k => k with { CloseAction = ChildAction.Start })] });
        _pair.Up();
        _pair.Moon.Engine.Settings = _pair.Moon.Engine.Settings with { RetransmitTries = 1 };
        Redirect(_pair.Sun, "192.0.2.99");
        _pair.Settle(100);
        Assert.Equal(Pair.SunAddress, Pair.Ike(_pair.Moon).Remote.Address.ToString());
        Assert.Equal(1, _pair.Moon.LogLines.Count(l => l.EndsWith("restarting CHILD_SA net0", StringComparison.Ordinal)));
        Assert.True(_pair.Carries());
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Only_above_the_number_of_IKE_SAs_that_the_rule_names()
    {
        var fourth = _pair.Network.Add("fourth", "192.0.2.5");
        Pair.Configure(fourth, _pair.Sun, 3, 2, 1, c => c, Pair.SunAddress);
        Pair.Configure(_pair.Sun, fourth, 2, 3, 1, c => c, "192.0.2.5");
        SendAway(_pair.Sun, StarAddress, change: r => r with { Above = 0 });
        fourth.Do(new Wish.Initiate(fourth.Connections[0], fourth.Connections[0].Children[0], null));
        _pair.Settle(1);
        Assert.Equal(1, _pair.Sun.Shared.Peers.Count);
        Assert.Null(_pair.Up().Error);
        Assert.Equal(StarAddress, Pair.Ike(_pair.Moon).Remote.Address.ToString());
    }

    [Fact]
    public void The_data_of_the_notify_is_read_within_its_bounds()
    {
        foreach (var text in (string[])["192.0.2.3", "2001:db8::3", "vpn-1.example.org"])
        {
            var data = GatewayIdentity.Write(Identity.Parse(text), [1, 2, 3]);
            Assert.Equal(Identity.Parse(text), GatewayIdentity.Read(data, out var nonce));
            Assert.Equal([1, 2, 3], nonce);
            for (var n = 0; n < data.Length - 3; n++) Assert.Null(GatewayIdentity.Read(data.AsSpan(0, n), out _));
        }
        byte[][] wrong = [[1, 4, 0, 0, 0, 0], [1, 16, .. new byte[16]], [2, 4, 1, 1, 1, 1], [0, 4, 1, 1, 1, 1], [4, 1, (byte)'a'], [3, 0], [3, 3, (byte)'a', (byte)'\n', (byte)'b'], [3, 255, .. Enumerable.Repeat((byte)'a', 255)]];
        foreach (var data in wrong) Assert.Null(GatewayIdentity.Read(data, out _));
    }
}
