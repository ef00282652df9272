// IKE_AUTH with a RADIUS server behind the gateway: what it grants chooses the connection, and attributes pass in both directions beside EAP. RFC 7296 2.16, RFC 3579 2.
using System.Collections.Immutable;
using Cygnet.Config;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Pools;
using Cygnet.Radius;
using Cygnet.Tests.Config;
using Cygnet.Tests.Radius;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class RadiusTests
{
    /// <summary>An MD5 challenge to whoever says who he is; its answer is good.</summary>
    static readonly byte[] s_challenge = [1, 5, 0, 22, 4, 16, .. new byte[16]];

    readonly Pair _pair;
    readonly StubRadius _radius = new(StubRadius.Server("a"));
    readonly List<RadiusPacket> _asked = [];

    /// <summary>What the server says beside EAP.</summary>
    Action<RadiusAttributes> _challengeSays = _ => { }, _acceptSays = _ => { };
    bool _accepts = true;

    public RadiusTests()
    {
        _pair = new(change: c => c.Name == "moon-sun"
            ? c with { Local = [new() { Class = AuthClass.Eap, Method = "eap-md5", Id = Identity.Parse("carol@moon.example") }] }
            : c with { Remote = [new() { Class = AuthClass.Eap, Method = "eap-radius", EapId = Identity.Any, Id = Identity.Any }] });
        _pair.Moon.Engine.Settings = new Settings { SendVendorId = true };
        _radius.Servers["a"] = (request, secret) =>
        {
            _asked.Add(request);
            var a = new RadiusAttributes();
            if (request.First(RadiusType.State) is null)
            {
                _challengeSays(a.AddEap(s_challenge).Add(RadiusType.State, "s"));
                return StubRadius.Reply(RadiusCode.AccessChallenge, request, secret, a);
            }
            _acceptSays(a.AddEap([(byte)(_accepts ? 3 : 4), 5, 0, 4]));
            return StubRadius.Reply(_accepts ? RadiusCode.AccessAccept : RadiusCode.AccessReject, request, secret, a);
        };
    }

    void Use(string text) => _pair.Sun.Radius = RadiusEapServers.Factory(
        RadiusSettings.Read(StrongswanSettings.Parse("/c", MemoryFiles.With("/c", $"charon {{\n plugins {{\n eap-radius {{\n{text}\n }}\n }}\n}}\n"))), _radius, 1);

    /// <summary>Connections of sun, one for each of these, with its groups; their children have different networks behind sun.</summary>
    void Offer(Func<Connection, Connection>? changeLast, params string[] groups)
    {
        var first = _pair.Sun.Connections[0];
        Connection[] all = [.. groups.Select((g, i) => first with
        {
            Name = g, Remote = [first.Remote[0] with { Groups = [g] }],
            Children = [first.Children[0] with { Name = g, LocalTs = [TrafficSelector.Subnet(Address.Parse($"10.2.{i}.0"), 24)] }],
        })];
        if (changeLast is not null) all[^1] = changeLast(all[^1]);
        _pair.Sun.Connections = [.. all];
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, new OneSecret()));
        _pair.Reconfigure(_pair.Moon, c => c with { Children = [c.Children[0] with { RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.2.0.0"), 16)] }] });
    }

    void ShouldHaveLogged(Gateway g, string text) => Assert.Contains(g.LogLines, l => l.Contains(text, StringComparison.Ordinal));

    [Theory]
    [InlineData("Research", 0)]
    [InlineData("Accounting", 1)]
    [InlineData("Sales", 2)]
    public void The_groups_that_the_server_grants_choose_the_connection(string granted, int chosen)
    {
        Use("class_group = yes");
        Offer(null, "Research", "Accounting", "Sales");
        _acceptSays = a => a.Add(RadiusType.Class, granted).Add(RadiusType.Class, "Others");
        Assert.Null(_pair.Up().Error);
        var ike = Pair.Ike(_pair.Sun);
        Assert.Equal(granted, ike.Name);
        Assert.Equal($"10.2.{chosen}.0/24", Assert.Single(Assert.Single(ike.Children).LocalTs).ToString());
        Assert.Equal(chosen, _pair.Sun.LogLines.Count(l => l.Contains("unacceptable: constraint checking failed", StringComparison.Ordinal)));
        if (chosen > 0) ShouldHaveLogged(_pair.Sun, $"switching to peer config '{granted}'");
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Nobody_comes_in_whose_groups_no_connection_wants()
    {
        Use("class_group = yes");
        Offer(null, "Research", "Accounting");
        _acceptSays = a => a.Add(RadiusType.Class, "Sales");
        Assert.NotNull(_pair.Up().Error);
        _pair.Settle();
        Assert.Empty(_pair.Sun.Engine.Snapshots());
        ShouldHaveLogged(_pair.Sun, "no alternative config found");
        ShouldHaveLogged(_pair.Sun, "refused: the authentication server grants the peer the groups 'Sales'; 'rightgroups=' wants one of Accounting");
    }

    public static TheoryData<Func<Connection, Connection>> OtherProofs => new()
    {
        c => c with { Local = [c.Local[0] with { Id = Identity.Parse("@other.example") }] },
        c => c with { Local = [c.Local[0] with { Class = AuthClass.Null }] },
        c => c with { Remote = [c.Remote[0] with { Method = "eap-tls" }] },
        c => c with { Remote = [c.Remote[0], new() { Class = AuthClass.Psk }] },
        c => c with { PpkId = "k", PpkRequired = true },
    };

    [Theory, MemberData(nameof(OtherProofs))]
    public void Groups_do_not_lead_to_a_connection_that_asks_for_other_proofs(Func<Connection, Connection> change)
    {
        Use("class_group = yes");
        Offer(change, "Research", "Accounting");
        _acceptSays = a => a.Add(RadiusType.Class, "Accounting");
        Assert.NotNull(_pair.Up().Error);
        _pair.Settle();
        Assert.Empty(_pair.Sun.Engine.Snapshots());
    }

    [Theory]
    [InlineData("radius,p", "10.3.0.7", "10.3.0.7")]
    [InlineData("radius,p", "", "10.4.0.1")]
    [InlineData("p,radius", "10.3.0.7", "10.4.0.1")]
    [InlineData("radius", "10.3.0.7", "10.3.0.7")]
    [InlineData("p", "10.3.0.7", "10.4.0.1")]
    [InlineData("radius", "", null)]
    public void An_address_of_the_server_stands_where_the_connection_names_it(string pools, string granted, string? given)
    {
        Use("");
        if (granted.Length > 0) _acceptSays = a => a.Add(RadiusType.FramedIpAddress, Address.Parse(granted));
        _pair.Reconfigure(_pair.Moon, c => c with { Vips = [Address.Any4], Children = [c.Children[0] with { LocalTs = [TrafficSelector.Dynamic] }] });
        _pair.Reconfigure(_pair.Sun, c => c with { Pools = [.. pools.Split(',')], Children = [c.Children[0] with { RemoteTs = [TrafficSelector.Dynamic] }] });
        Assert.True(AddressRange.TryParse("10.4.0.0/28", out var range, out _));
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, new OneSecret()) { Pools = [new("p", new(range))] });
        Assert.Equal(given is null, _pair.Up().Error is not null);
        Assert.Equal(given is null ? [] : [given], _pair.Moon.Host.Addresses);
        if (given is not null) Assert.Equal([Address.Parse(given)], Pair.Ike(_pair.Sun).RemoteVips.AsEnumerable());
        _pair.ShouldHaveNoFaults();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_the_server_says_is_forwarded_with_the_packet_that_it_came_with(bool accepts)
    {
        Use("forward {\n radius_to_ike = Reply-Message, 36906:0\n}");
        _accepts = accepts;
        _challengeSays = a => a.Add(RadiusType.ReplyMessage, "who?").AddVendor(36906, 12, [7]);
        _acceptSays = a => a.Add(RadiusType.ReplyMessage, "bye").AddVendor(36905, 12, [7]);
        Assert.Equal(accepts, _pair.Up().Error is null);
        ShouldHaveLogged(_pair.Moon, "parsed IKE_AUTH response 2 [ EAP/REQ/MD5 N(RADIUS) N(RADIUS) ]");
        ShouldHaveLogged(_pair.Moon, $"parsed IKE_AUTH response 3 [ EAP/{(accepts ? "SUCC" : "FAIL")} N(RADIUS) ]");
    }

    [Fact]
    public void Nothing_is_forwarded_to_a_peer_that_may_mean_something_else_by_the_number()
    {
        Use("forward {\n radius_to_ike = Reply-Message\n ike_to_radius = Reply-Message\n}");
        _pair.Moon.Engine.Settings = new Settings();
        _acceptSays = a => a.Add(RadiusType.ReplyMessage, "bye");
        AddToRequests([new(NotifyType.RadiusAttribute, [18, 4, (byte)'h', (byte)'i'])]);
        Assert.Null(_pair.Up().Error);
        ShouldHaveLogged(_pair.Sun, "peer sent no strongSwan vendor ID, 1 RADIUS attribute not forwarded");
        ShouldHaveLogged(_pair.Moon, "parsed IKE_AUTH response 3 [ EAP/SUCC ]");
        Assert.All(_asked, r => Assert.Null(r.First(RadiusType.ReplyMessage)));
    }

    [Fact]
    public void Nothing_is_forwarded_that_was_not_asked_for()
    {
        Use("");
        _acceptSays = a => a.Add(RadiusType.ReplyMessage, "bye");
        AddToRequests([new(NotifyType.RadiusAttribute, [18, 4, (byte)'h', (byte)'i'])]);
        Assert.Null(_pair.Up().Error);
        Assert.DoesNotContain(_pair.Sun.LogLines, l => l.Contains("generating", StringComparison.Ordinal) && l.Contains("N(RADIUS)", StringComparison.Ordinal));
        Assert.All(_asked, r => Assert.Null(r.First(RadiusType.ReplyMessage)));
    }

    [Fact]
    public void What_the_peer_says_beside_EAP_goes_to_the_server_once()
    {
        Use("forward {\n ike_to_radius = Reply-Message, 36906:12\n}");
        AddToRequests([new(NotifyType.RadiusAttribute, [18, 4, (byte)'h', (byte)'i']), new(NotifyType.RadiusAttribute, [26, 9, 0, 0, 0x90, 0x2a, 12, 3, 7]),
            // not wanted, not whole, or no business of the peer's
            new(NotifyType.RadiusAttribute, [25, 3, 1]), new(NotifyType.RadiusAttribute, [18, 9, 1]), new(NotifyType.RadiusAttribute, []), new(NotifyType.RadiusAttribute, [24, 3, 1])]);
        Assert.Null(_pair.Up().Error);
        Assert.Equal(2, _asked.Count);
        // the first request and the identity's both came before the server was asked
        Assert.Equal([2, 1], _asked.Select(r => r.All(RadiusType.ReplyMessage).Count()));
        Assert.Equal([2, 1], _asked.Select(r => r.All(RadiusType.VendorSpecific).Count()));
        Assert.All(_asked, r => Assert.Null(r.First(RadiusType.Class)));
        Assert.Null(_asked[0].First(RadiusType.State));
        Assert.Single(_asked[1].All(RadiusType.State));
    }

    [Fact]
    public void A_flood_of_attributes_is_no_obstacle()
    {
        Use("forward {\n ike_to_radius = 18\n}");
        AddToRequests([.. Enumerable.Repeat(new NotifyPayload(NotifyType.RadiusAttribute, [18, 20, .. new byte[18]]), 30)]);
        Assert.Null(_pair.Up().Error);
        Assert.Equal([RadiusForward.Most, RadiusForward.Most], _asked.Select(r => r.All(RadiusType.ReplyMessage).Count()));
    }

    /// <summary>Every IKE_AUTH request of moon's that carries EAP, or begins it, gets these as well.</summary>
    void AddToRequests(ImmutableArray<NotifyPayload> notifies) => _pair.Network.Filter = (kind, source, destination, data) =>
    {
        if (kind != PacketKind.Ike || source.Address != _pair.Moon.Address || data[18] != (byte)ExchangeType.IkeAuth) return true;
        var sa = _pair.Moon.Engine.Find(_pair.Moon.Engine.Snapshots().Single().UniqueId)!;
        using var protection = new IkeProtection(sa.Proposal!.First(TransformType.Encryption)!.Value, null, (byte[])sa.Keys!.SkEi.Clone(), []);
        var open = (byte[])data.Clone();
        Assert.True(protection.Open(open, IkeHeader.Bytes + 4, out var at, out var length));
        List<Payload> payloads = [];
        Assert.True(Message.ParsePayloads((PayloadType)data[28], open[at..(at + length)], payloads).IsOk);
        payloads.AddRange(notifies);
        var forged = RobustMutants.Protect(protection, data, new((byte)payloads[0].Type, Message.EncodePlain(default, payloads)[IkeHeader.Bytes..]));
        _pair.Network.At(TimeSpan.FromMilliseconds(1), () => _pair.Sun.Engine.Receive(destination, source, forged, _pair.Network.Now));
        return false;
    };
}
