// Setting up: IKE_SA_INIT with its retries, IKE_AUTH with its refusals, the first CHILD_SA. RFC 7296 1.2.
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class EstablishTests
{
    [Fact]
    public void A_tunnel_comes_up_and_carries()
    {
        var pair = new Pair();
        var outcome = pair.Up();
        Assert.True(outcome.IsDone);
        Assert.Null(outcome.Error);
        pair.ShouldAgree();
        Assert.True(pair.Carries());
        pair.ShouldHaveNoFaults();
        Assert.Equal("net0", Assert.Single(Pair.Ike(pair.Sun).Children).Name);
    }

    [Fact]
    public void Cookies_are_asked_for_and_given()
    {
        var pair = new Pair();
        pair.Sun.Engine.Settings = new() { CookieThreshold = 1 };
        pair.Sun.Shared.AddHalfOpen(1);
        var outcome = pair.Up();
        Assert.Null(outcome.Error);
        Assert.Contains(outcome.Lines, l => l.Contains("N(COOKIE)", StringComparison.Ordinal));
        Assert.True(pair.Carries());
    }

    [Fact]
    public void Another_key_exchange_method_is_tried_when_the_peer_requests_it()
    {
        var pair = new Pair(change: c => c.Name == "sun-moon"
            ? c with { Proposals = [c.Proposals[0] with { Transforms = [.. c.Proposals[0].Transforms.Where(t => t is not { Type: TransformType.KeyExchange, Id: Ke.Curve25519 })] }] } : c);
        var outcome = pair.Up();
        Assert.Null(outcome.Error);
        Assert.Contains("peer didn't accept DH group CURVE_25519, it requested ECP_256", outcome.Lines);
        Assert.True(pair.Carries());
    }

    [Fact]
    public void No_common_proposal_is_refused_and_leaves_nothing()
    {
        var pair = new Pair(change: c => c.Name == "sun-moon"
            ? c with { Proposals = [new(SecurityProtocol.Ike, [new(TransformType.Encryption, Encr.AesGcm16, 256), new(TransformType.Prf, PrfId.HmacSha512), new(TransformType.KeyExchange, Ke.Curve25519)])] } : c);
        var outcome = pair.Up();
        Assert.NotNull(outcome.Error);
        Assert.Contains("received NO_PROPOSAL_CHOSEN notify error", outcome.Lines);
        ShouldBeEmpty(pair);
    }

    [Fact]
    public void A_wrong_secret_is_refused_and_leaves_nothing()
    {
        var pair = new Pair();
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret("battery staple")));
        var outcome = pair.Up();
        Assert.NotNull(outcome.Error);
        Assert.Contains("received AUTHENTICATION_FAILED notify error", outcome.Lines);
        Assert.Contains(pair.Sun.LogLines, l => l.EndsWith("tried 1 shared key for 'sun.example' - 'moon.example', but MAC mismatched", StringComparison.Ordinal));
        ShouldBeEmpty(pair);
    }

    [Fact]
    public void A_wrong_identity_is_refused_and_leaves_nothing()
    {
        var pair = new Pair(change: c => c.Name == "sun-moon" ? c with { Remote = [c.Remote[0] with { Id = Identity.Parse("@mars.example") }] } : c);
        var outcome = pair.Up();
        Assert.Contains("received AUTHENTICATION_FAILED notify error", outcome.Lines);
        Assert.Contains(pair.Sun.LogLines, l => l.EndsWith("no matching peer config found", StringComparison.Ordinal));
        ShouldBeEmpty(pair);
    }

    [Fact]
    public void Unacceptable_selectors_keep_the_IKE_SA()
    {
        var pair = new Pair(change: c => c.Name == "sun-moon" ? c with { Children = [c.Children[0] with { LocalTs = [TrafficSelector.Subnet(Address.Parse("10.77.0.0"), 24)] }] } : c);
        var outcome = pair.Up();
        Assert.Contains("received TS_UNACCEPTABLE notify, no CHILD_SA built", outcome.Lines);
        Assert.Contains("failed to establish CHILD_SA, keeping IKE_SA", outcome.Lines);
        Assert.Empty(Pair.Ike(pair.Moon).Children);
        Assert.Empty(Pair.Ike(pair.Sun).Children);
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Selectors_are_narrowed_to_what_both_allow()
    {
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Children = [c.Children[0] with { RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.0.0.0"), 8)] }] } : c);
        Assert.Null(pair.Up().Error);
        Assert.Equal("10.2.0.0/24", Assert.Single(Assert.Single(Pair.Ike(pair.Moon).Children).RemoteTs).ToString());
        Assert.True(pair.Carries());
    }

    [Fact]
    public void Another_child_goes_onto_the_same_IKE_SA()
    {
        var pair = Pair.Established(children: 3);
        Assert.Null(pair.Up(1).Error);
        Assert.Null(pair.Up(2).Error);
        Assert.Equal(3, Pair.Ike(pair.Moon).Children.Length);
        pair.ShouldAgree();
        for (var i = 0; i < 3; i++) Assert.True(pair.Carries(i));
    }

    [Fact]
    public void A_child_that_is_up_is_not_built_again()
    {
        var pair = Pair.Established();
        var again = pair.Up();
        Assert.NotNull(again.Error);
        Assert.StartsWith("not establishing CHILD_SA net0{", Assert.Single(again.Lines));
        Assert.Single(Pair.Ike(pair.Moon).Children);
    }

    [Fact]
    public void A_silent_peer_is_given_up_after_the_reference_schedule()
    {
        var pair = new Pair();
        pair.Sun.Crash();
        var from = pair.Network.Now;
        var outcome = pair.Up();
        Assert.Equal("peer not responding", outcome.Error);
        Assert.Equal(5, outcome.Lines.Count(l => l.StartsWith("retransmit ", StringComparison.Ordinal)));
        Assert.InRange((pair.Network.Now - from).TotalSeconds, 165, 167);
        Assert.Equal(0, pair.Moon.Engine.HeldCount);
        Assert.True(pair.Moon.Plane.Engine.IsEmpty);
    }

    [Fact]
    public void The_peer_being_silent_it_is_tried_as_often_as_keyingtries_says()
    {
        var pair = new Pair(change: c => c with { KeyingTries = 3 });
        pair.Sun.Crash();
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], outcome));
        pair.Network.Run(TimeSpan.FromMinutes(30));
        Assert.Contains("peer not responding, trying again (2/3)", outcome.Lines);
        Assert.Contains("peer not responding, trying again (3/3)", outcome.Lines);
        Assert.Equal("establishing IKE_SA failed, peer not responding", outcome.Lines[^1]);
    }

    /// <summary>Each of the first packets lost, one at a time, by its number on the wire.</summary>
    [Theory]
    [InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public void Any_one_packet_may_get_lost(int which)
    {
        var pair = new Pair();
        var seen = 0;
        pair.Network.Filter = (_, _, _, _) => seen++ != which;
        Assert.Null(pair.Up().Error);
        pair.Settle();
        pair.ShouldAgree();
        Assert.True(pair.Carries());
    }

    [Fact]
    public void Long_messages_are_fragmented()
    {
        var pair = new Pair();
        pair.Moon.Engine.Settings = new() { FragmentSize = 200 };
        var outcome = pair.Up();
        Assert.Null(outcome.Error);
        var split = Assert.Single(outcome.Lines, l => l.StartsWith("splitting IKE message (", StringComparison.Ordinal));
        // both ends speak of the undivided message
        var bytes = split[split.IndexOf('(')..(split.IndexOf(')') + 1)];
        Assert.Contains(pair.Sun.LogLines, l => l.Contains($"reassembled fragmented IKE message {bytes}", StringComparison.Ordinal));
        Assert.True(pair.Carries());
    }

    [Fact]
    public void Both_ends_initiating_at_once_end_with_one_IKE_SA()
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            var pair = new Pair(seed);
            pair.Network.MostDelay = 30;
            pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], null));
            pair.Sun.Do(new Wish.Initiate(pair.SunConnection, pair.SunConnection.Children[0], null));
            pair.Settle(120);
            Pair.Ike(pair.Moon);
            pair.ShouldAgree();
            Assert.True(pair.Carries());
        }
    }

    static void ShouldBeEmpty(Pair pair)
    {
        pair.Settle();
        foreach (var g in new[] { pair.Moon, pair.Sun })
        {
            Assert.Equal(0, g.Engine.HeldCount);
            Assert.Equal(0, g.Engine.HalfOpenCount);
            Assert.True(g.Plane.Engine.IsEmpty);
        }
        pair.ShouldHaveNoFaults();
    }

    /// <summary>A daemon that has just started knows nobody yet: the peer must not take that for an answer.</summary>
    [Fact]
    public void A_gateway_that_has_loaded_nothing_yet_is_silent()
    {
        var pair = new Pair();
        var connections = pair.Sun.Connections;
        pair.Sun.Crash();
        pair.Sun.Reboot();
        pair.Network.At(TimeSpan.FromSeconds(3), () => pair.Sun.Engine.Configure(new(connections, new OneSecret())));
        Assert.Null(pair.Up().Error);
        Assert.True(pair.Carries());
        Assert.Single(pair.Sun.LogLines, l => l.Contains("no connections are loaded yet", StringComparison.Ordinal));
    }

    /// <summary>Who can read the packet sends a copy of it that is faster, from his own address: the answer goes there, and nothing else.</summary>
    [Theory]
    [InlineData(true), InlineData(false)]
    public void A_relayed_IKE_AUTH_does_not_draw_the_SA_to_the_relay(bool mobike)
    {
        var pair = new Pair(1, change: c => c with { Mobike = mobike });
        var thief = new Endpoint(Address.Parse("198.18.0.1"), 31323);
        var isTaken = false;
        pair.Network.Filter = (kind, source, destination, data) =>
        {
            if (isTaken || kind != PacketKind.Ike || !IkeHeader.TryRead(data, out var header) || header.Exchange != ExchangeType.IkeAuth) return true;
            isTaken = true;
            pair.Network.Deliver(kind, thief, destination, data);
            return false;
        };
        Assert.Null(pair.Up().Error);
        Assert.True(isTaken);
        Assert.Equal(pair.Moon.Address, Pair.Ike(pair.Sun).Remote.Address);
        Assert.True(pair.Carries());
    }
}
