// What goes wrong is told to those who watch: each type of alert, at the end where the reference raises it, and none without a reason.
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class AlertTests
{
    static Func<Connection, Connection> AtSun(Func<Connection, Connection> change) => c => c.Name == "sun-moon" ? change(c) : c;

    static Func<Connection, Connection> AtMoon(Func<Connection, Connection> change) => c => c.Name == "moon-sun" ? change(c) : c;

    static Proposal One(SecurityProtocol protocol, string words)
    {
        Assert.True(ProposalText.TryParseOne(protocol, words, out var proposal, out _));
        return proposal;
    }

    static TrafficSelector Net(string text) => TrafficSelector.Subnet(Address.Parse(text.Split('/')[0]), int.Parse(text.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture));

    static void Equal(Pair pair, string[] moon, string[] sun)
    {
        Assert.Equal(moon, pair.Moon.Alerts);
        Assert.Equal(sun, pair.Sun.Alerts);
        pair.ShouldHaveNoFaults();
    }

    /// <summary>The SA that the first alert of that type is about.</summary>
    static IkeSnapshot About(Gateway g, string type) => Assert.IsType<IkeSnapshot>(g.Events.OfType<SaEvent.Alert>().First(a => a.Type == type).Ike);

    [Fact]
    public void A_good_life_raises_none()
    {
        var pair = Pair.Established(children: 2);
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle(5);
        pair.Sun.Do(new Wish.RekeyIke(Pair.Ike(pair.Sun).UniqueId, false));
        pair.Settle(5);
        pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, true));
        pair.Settle();
        pair.Moon.Do(new Wish.TerminateAll());
        pair.Settle();
        Equal(pair, [], []);
    }

    [Fact]
    public void Proposals_of_the_IKE_SA()
    {
        var pair = new Pair(change: AtSun(c => c with { Proposals = [One(SecurityProtocol.Ike, "aes128-sha256-x25519")] }));
        pair.Up();
        Equal(pair, [AlertType.ProposalMismatchIke], [AlertType.ProposalMismatchIke]);
        Assert.Equal("moon-sun", About(pair.Moon, AlertType.ProposalMismatchIke).Name);
    }

    [Fact]
    public void Proposals_of_a_child()
    {
        var pair = new Pair(change: AtSun(c => c with { Children = [c.Children[0] with { Proposals = [One(SecurityProtocol.Esp, "aes256gcm16")] }] }));
        pair.Up();
        Equal(pair, [AlertType.ProposalMismatchChild, AlertType.KeepOnChildSaFailure], [AlertType.ProposalMismatchChild, AlertType.KeepOnChildSaFailure]);
        Assert.Equal((IkeState.Established, "sun-moon"), (About(pair.Sun, AlertType.ProposalMismatchChild).State, About(pair.Sun, AlertType.ProposalMismatchChild).Name));
    }

    [Fact]
    public void Selectors_that_have_nothing_in_common()
    {
        var pair = new Pair(change: AtSun(c => c with { Children = [c.Children[0] with { LocalTs = [Net("10.77.0.0/24")] }] }));
        pair.Up();
        Equal(pair, [AlertType.TsMismatch, AlertType.KeepOnChildSaFailure], [AlertType.TsMismatch, AlertType.KeepOnChildSaFailure]);
    }

    [Fact]
    public void Selectors_that_have_less_in_common_than_either_end_asks_for()
    {
        // the moon asks for more of the sun's net, the sun for more of the moon's
        var pair = new Pair(change: c => c with { Children = [c.Children[0] with { RemoteTs = [c.Name == "moon-sun" ? Net("10.2.0.0/16") : Net("10.1.0.0/16")] }] });
        Assert.Null(pair.Up().Error);
        Equal(pair, [AlertType.TsNarrowed], [AlertType.TsNarrowed]);
    }

    [Fact]
    public void Both_ends_of_a_child_narrowed_are_two()
    {
        var pair = new Pair(change: AtMoon(c => c with { Children = [c.Children[0] with { LocalTs = [Net("10.1.0.0/16")], RemoteTs = [Net("10.2.0.0/16")] }] }));
        Assert.Null(pair.Up().Error);
        Equal(pair, [AlertType.TsNarrowed, AlertType.TsNarrowed], []);
    }

    [Fact]
    public void A_secret_that_the_responder_finds_wrong()
    {
        var pair = new Pair();
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret("battery staple")));
        pair.Up();
        Equal(pair, [AlertType.LocalAuthFailed], [AlertType.PeerAuthFailed]);
        Assert.Equal("sun-moon", About(pair.Sun, AlertType.PeerAuthFailed).Name);
    }

    [Fact]
    public void An_identity_that_no_connection_is_for()
    {
        var pair = new Pair(change: AtSun(c => c with { Remote = [c.Remote[0] with { Id = Identity.Parse("@mars.example") }] }));
        pair.Up();
        Equal(pair, [AlertType.LocalAuthFailed], [AlertType.PeerAuthFailed]);
        Assert.Equal("(unnamed)", About(pair.Sun, AlertType.PeerAuthFailed).Name);
    }

    [Fact]
    public void A_responder_that_the_initiator_does_not_believe()
    {
        var pair = new Pair(change: AtMoon(c => c with { Remote = [c.Remote[0] with { Id = Identity.Parse("@*.elsewhere") }] }));
        pair.Up();
        Equal(pair, [AlertType.PeerAuthFailed], [AlertType.LocalAuthFailed]);
    }

    [Fact]
    public void A_key_of_our_own_that_is_not_there()
    {
        var pair = new Pair(change: AtMoon(c => c with { Local = [c.Local[0] with { Class = AuthClass.PublicKey }] }));
        pair.Up();
        Equal(pair, [AlertType.LocalAuthFailed], []);
        pair = new Pair(change: AtSun(c => c with { Local = [c.Local[0] with { Class = AuthClass.PublicKey }] }));
        pair.Up();
        Equal(pair, [AlertType.LocalAuthFailed], [AlertType.LocalAuthFailed]);
    }

    [Fact]
    public void Repetition_until_the_answer_comes()
    {
        var pair = new Pair();
        var lost = 0;
        // the first answer, and the first repetition of the request
        pair.Network.Filter = (_, from, _, data) => data[18] != 34 || from.Address.ToString() != Pair.SunAddress || lost++ > 1;
        Assert.Null(pair.Up().Error);
        Equal(pair, [AlertType.RetransmitSend, AlertType.RetransmitSend, AlertType.RetransmitSendCleared], [AlertType.RetransmitReceive, AlertType.RetransmitReceive]);
        Assert.Equal(IkeState.Connecting, About(pair.Moon, AlertType.RetransmitSendCleared).State);
    }

    [Fact]
    public void Repetition_of_what_is_protected()
    {
        var pair = Pair.Established();
        var lost = 0;
        pair.Network.Filter = (_, from, _, data) => data[18] != 36 || from.Address.ToString() != Pair.SunAddress || lost++ > 0;
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle();
        Equal(pair, [AlertType.RetransmitSend, AlertType.RetransmitSendCleared], [AlertType.RetransmitReceive]);
        Assert.Equal("sun-moon", About(pair.Sun, AlertType.RetransmitReceive).Name);
    }

    [Fact]
    public void Silence()
    {
        var pair = new Pair();
        pair.Sun.Crash();
        pair.Up();
        Equal(pair, [.. Enumerable.Repeat(AlertType.RetransmitSend, 5), AlertType.RetransmitSendTimeout, AlertType.PeerInitUnreachable], []);
    }

    [Fact]
    public void A_peer_that_never_comes_to_an_end()
    {
        var pair = new Pair();
        pair.Network.Filter = (_, _, _, data) => data[18] != 35;
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], null));
        pair.Settle(120);
        Assert.Equal([AlertType.HalfOpenTimeout], pair.Sun.Alerts);
        Assert.Equal(IkeState.Connecting, About(pair.Sun, AlertType.HalfOpenTimeout).State);
    }

    [Fact]
    public void A_name_that_leads_nowhere()
    {
        var pair = new Pair(change: AtMoon(c => c with { RemoteAddrs = ["sun.example"] }));
        pair.Up();
        Assert.Equal([AlertType.PeerAddrFailed], pair.Moon.Alerts);
    }

    static void Throw(Pair pair, byte[] datagram) =>
        pair.Sun.Engine.Receive(new(Address.Parse(Pair.SunAddress), 500), new(Address.Parse("198.51.100.9"), 500), datagram, pair.Network.Now);

    [Fact]
    public void A_header_that_cannot_be_read()
    {
        var pair = new Pair();
        Throw(pair, [1, 2, 3]);
        Equal(pair, [], [AlertType.ParseErrorHeader]);
        Assert.Null(pair.Sun.Events.OfType<SaEvent.Alert>().Single().Ike);
    }

    /// <summary>Whatever it is that begins with it, another version too: that is not answered then.</summary>
    [Theory]
    [InlineData(0x20, ExchangeType.IkeSaInit)]
    [InlineData(0x20, ExchangeType.Informational)]
    [InlineData(0x30, ExchangeType.IkeSaInit)]
    public void An_initiators_SPI_of_zero_is_a_header_that_cannot_be_read(byte version, ExchangeType exchange)
    {
        var pair = new Pair();
        var sent = Message.EncodePlain(new(0, 0, exchange, HeaderFlags.Initiator, 0), [new NoncePayload(new byte[32])]);
        sent[17] = version;
        Throw(pair, sent);
        Equal(pair, [], [AlertType.ParseErrorHeader]);
        Assert.Equal(1, pair.Sun.Engine.Counters.Drops[(int)DropReason.Header]);
        Assert.Equal(1, pair.Sun.Engine.Counters.Drops.Sum());
    }

    [Fact]
    public void A_first_message_that_cannot_be_read()
    {
        var pair = new Pair();
        var sent = Message.EncodePlain(new(1, 0, ExchangeType.IkeSaInit, HeaderFlags.Initiator, 0), [new NoncePayload(new byte[32])]);
        sent[30] = 0xff; // the payload is longer than the message
        Throw(pair, sent);
        Equal(pair, [], [AlertType.ParseErrorBody]);
    }

    [Fact]
    public void A_message_that_was_changed_on_its_way()
    {
        var pair = new Pair();
        var isChanged = false;
        pair.Network.Filter = (_, _, _, data) =>
        {
            if (data[18] == 35 && !isChanged) (isChanged, data[^1]) = (true, (byte)(data[^1] ^ 1));
            return true;
        };
        pair.Up();
        Assert.Contains(AlertType.ParseErrorBody, pair.Sun.Alerts);
        Assert.Equal(IkeState.Connecting, About(pair.Sun, AlertType.ParseErrorBody).State);
    }

    [Fact]
    public void An_SPI_that_nobody_has()
    {
        var pair = new Pair();
        Throw(pair, Message.EncodePlain(new(1, 2, ExchangeType.Informational, HeaderFlags.Initiator, 7), [new NoncePayload(new byte[32])]));
        Equal(pair, [], [AlertType.InvalidIkeSpi]);
    }

    [Fact]
    public void What_strangers_cause_is_told_so_many_times_a_second()
    {
        var pair = new Pair();
        for (var i = 0; i < 1000; i++) Throw(pair, [1, 2, 3]);
        Assert.Equal(IkeEngine.AlertsPerSecond, pair.Sun.Alerts.Count());
        pair.Settle(2);
        Throw(pair, [1, 2, 3]);
        Assert.Equal(IkeEngine.AlertsPerSecond + 1, pair.Sun.Alerts.Count());
    }

    [Fact]
    public void Nothing_is_made_for_nobody()
    {
        var pair = new Pair();
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret("battery staple")));
        pair.Sun.WantsAlerts = pair.Moon.WantsAlerts = false;
        Throw(pair, [1, 2, 3]);
        pair.Up();
        Equal(pair, [], []);
    }

    [Theory]
    [InlineData(true, false, false, AlertType.InstallChildSaFailed), InlineData(false, true, false, AlertType.InstallChildSaFailed), InlineData(false, false, true, AlertType.InstallChildPolicyFailed)]
    public void A_data_plane_that_refuses(bool inbound, bool outbound, bool policies, string alert)
    {
        foreach (var isInitiator in (bool[])[true, false])
        {
            var pair = new Pair();
            var at = isInitiator ? pair.Moon : pair.Sun;
            at.Refusing = new(at.Plane) { RefusesInbound = inbound, RefusesOutbound = outbound, RefusesPolicies = policies };
            Assert.NotNull(pair.Up().Error);
            Assert.Equal([alert, AlertType.KeepOnChildSaFailure], at.Alerts);
            Assert.Equal(isInitiator ? [] : [AlertType.KeepOnChildSaFailure], pair.Moon.Alerts.Where(a => at != pair.Moon));
        }
    }

    [Fact]
    public void A_data_plane_that_refuses_the_second_half_of_a_rekeying()
    {
        var pair = Pair.Established();
        pair.Sun.Refusing = new(pair.Sun.Plane) { RefusesOutbound = true };
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle();
        Equal(pair, [], [AlertType.InstallChildSaFailed]);
    }

    [Fact]
    public void A_second_IKE_SA_of_one_peer()
    {
        foreach (var (policy, alert) in (ReadOnlySpan<(UniquePolicy, string)>)[(UniquePolicy.Replace, AlertType.UniqueReplace), (UniquePolicy.Keep, AlertType.UniqueKeep)])
        {
            var pair = new Pair(change: c => c with { Unique = policy, RemoteAddrs = c.Name == "moon-sun" ? c.RemoteAddrs : ["%any"] });
            Assert.Null(pair.Up().Error);
            var twin = pair.Network.Add("moon", "198.51.100.50");
            // one that says that it starts afresh would come in without a word
            var connection = Pair.Configure(twin, pair.Sun, 1, 2, 1, c => c with { Unique = UniquePolicy.Never }, Pair.SunAddress);
            twin.Do(new Wish.Initiate(connection, connection.Children[0], null));
            pair.Settle();
            Assert.Equal([alert], pair.Sun.Alerts);
            Assert.Equal(policy == UniquePolicy.Keep ? [AlertType.LocalAuthFailed] : [], twin.Alerts);
        }
    }

    [Fact]
    public void A_virtual_address_that_is_not_to_be_had()
    {
        var pair = new Pair(change: AtMoon(c => c with { Vips = [Address.Any4], Children = [c.Children[0] with { LocalTs = [TrafficSelector.Dynamic] }] }));
        pair.Up();
        Assert.Equal([AlertType.VipFailure, AlertType.KeepOnChildSaFailure], pair.Sun.Alerts);
    }

    [Fact]
    public void The_end_of_its_time()
    {
        // our rekeyings are not answered, and nobody looks whether the peer is there
        var pair = Pair.Established(change: c => c with { RekeyTime = TimeSpan.FromSeconds(3000), OverTime = TimeSpan.FromSeconds(5) });
        pair.Network.Filter = (_, _, _, data) => data[18] != 36;
        pair.Settle(3020);
        Assert.Contains(AlertType.IkeSaExpired, pair.Moon.Alerts);
    }

    [Fact]
    public void Every_type_has_its_place_in_the_list()
    {
        Assert.Equal(AlertType.All.Length, AlertType.All.Distinct().Count());
        Assert.Equal(34, AlertType.All.Length);
        foreach (var kind in Enum.GetValues<RefusalKind>())
            foreach (var by in Enum.GetValues<RefusedBy>())
                if (AlertType.Of(kind, by) is { } alert) Assert.Contains(alert, AlertType.All);
        foreach (var fault in Enum.GetValues<Cygnet.Auth.CertificateFault>()) Assert.Contains(AlertType.Of(fault), AlertType.All);
    }
}
