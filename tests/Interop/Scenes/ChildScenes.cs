// CHILD_SAs other than one tunnel for one pair of networks: narrowed, several, limited, extended, padded, and in modes that one end does not have.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class ChildScenes
{
    /// <summary>Whether moon, the subject, initiates, or strongSwan does.</summary>
    public static readonly TheoryData<bool> Roles = [true, false];

    static Pair Stage(string scene, bool isInitiator) => new($"{scene}-{(isInitiator ? "initiates" : "responds")}", Subject.Product, Product.StrongSwan);

    static Ran Up(Pair pair, bool isInitiator, string name = "net-net") =>
        (isInitiator ? pair.Moon : pair.Sun).Up(name).ShouldSay($"connection '{name}' established successfully");

    static void Ping(Pair pair, string moon = "10.1.0.1", string sun = "10.2.0.1")
    {
        pair.Moon.Ping(moon, sun).ShouldSucceed();
        pair.Sun.Ping(sun, moon).ShouldSucceed();
    }

    [Theory]
    [InlineData(true, false), InlineData(false, false), InlineData(true, true), InlineData(false, true)]
    public void Narrowed_to_a_protocol_and_a_port(bool isInitiator, bool byProtoport)
    {
        using var pair = Stage($"narrow-{(byProtoport ? "protoport" : "brackets")}", isInitiator);
        pair.Bed.Play(() =>
        {
            // one end allows everything between the networks, the other one service
            string[] moon = byProtoport ? ["leftprotoport=tcp", "rightprotoport=tcp/7777"] : ["leftsubnet=10.1.0.0/24[tcp]", "rightsubnet=10.2.0.0/24[tcp/7777]"];
            new Setup { Moon = moon, SunNet = "10.2.0.0/16" }.Write(pair);
            if (byProtoport) new Setup { Moon = moon, Sun = ["leftsubnet=10.2.0.0/16"] }.Write(pair);
            pair.Start();
            Up(pair, isInitiator);
            pair.Moon.Status().ShouldSay("10.1.0.0/24[tcp] === 10.2.0.0/24[tcp/7777]\n");
            pair.Sun.Status().ShouldSay("10.2.0.0/24[tcp/7777] === 10.1.0.0/24[tcp]\n");
            new TcpTransfer(pair.Moon.Host, "10.1.0.1", pair.Sun.Host, "10.2.0.1", 2_000_000, TimeSpan.Zero).ShouldArriveWhole();
            // what is not covered neither arrives nor leaves in clear
            if (pair.Moon.Ping("10.1.0.1", "10.2.0.1", 1).ExitCode == 0) throw new BedFailure("a ping came through an SA for TCP");
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 100);
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void Two_networks_behind_each_end(bool isInitiator)
    {
        using var pair = Stage("two-nets", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { MoonNet = "10.1.0.0/24,10.1.1.0/24", SunNet = "10.2.0.0/24,10.2.1.0/24" }.Write(pair);
            pair.Start();
            Up(pair, isInitiator);
            pair.Moon.Status().ShouldSay("10.1.0.0/24 10.1.1.0/24 === 10.2.0.0/24 10.2.1.0/24\n");
            foreach (var (moon, sun) in (ReadOnlySpan<(string, string)>)[("10.1.0.1", "10.2.0.1"), ("10.1.0.1", "10.2.1.1"), ("10.1.1.1", "10.2.0.1"), ("10.1.1.1", "10.2.1.1")]) Ping(pair, moon, sun);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 48);
            pair.Sun.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void Several_children_of_one_IKE_SA(bool isInitiator)
    {
        using var pair = Stage("several", isInitiator);
        pair.Bed.Play(() =>
        {
            string More(int n) => $"conn net{n}\n\talso=net-net\n\tauto=add\n\tleftsubnet=10.1.{n}.0/24\n\trightsubnet=10.2.{n}.0/24\n\n";
            new Setup { More = More(1) + More(2) }.Write(pair);
            pair.Start();
            foreach (var name in (ReadOnlySpan<string>)["net-net", "net1", "net2"]) Up(pair, isInitiator, name);
            Wait.Until("one IKE_SA has three children", () => pair.Moon.Sas() is { Ike.Count: 1, Children.Count: 3 } && pair.Sun.Sas() is { Ike.Count: 1, Children.Count: 3 });
            for (var net = 0; net < 3; net++) Ping(pair, $"10.1.{net}.1", $"10.2.{net}.1");
            // one goes, the others stay
            (isInitiator ? pair.Sun : pair.Moon).Down("net1{*}").ShouldSay("closed successfully");
            Wait.Until("two are left", () => pair.Moon.Sas() is { Ike.Count: 1, Children.Count: 2 } && pair.Sun.Sas() is { Ike.Count: 1, Children.Count: 2 });
            Ping(pair);
            Ping(pair, "10.1.2.1", "10.2.2.1");
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 60);
            pair.Moon.Down("net-net[*]");
            pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void Extended_sequence_numbers_where_both_want_them(bool isInitiator)
    {
        using var pair = Stage("esn", isInitiator);
        pair.Bed.Play(() =>
        {
            // strongSwan's user-space plane counts 32 bits only, so that it must be left the choice
            new Setup { Both = ["ike=aes128-sha256-x25519!", "esp=aes128gcm16-esn-noesn!"], Sun = ["esp=aes128gcm16-noesn!"] }.Write(pair);
            pair.Start();
            Up(pair, isInitiator);
            pair.Moon.ShouldHaveLogged("selected proposal: ESP:AES_GCM_16_128/NO_EXT_SEQ");
            Ping(pair);
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    [Fact]
    public void Extended_sequence_numbers_between_two_of_us()
    {
        using var pair = new Pair("esn-both", Product.Cygnet, Product.Cygnet);
        pair.Bed.Play(() =>
        {
            new Setup { Both = ["ike=aes128-sha256-x25519!", "esp=aes128-sha256-esn!"] }.Write(pair);
            pair.Start();
            Up(pair, isInitiator: true);
            pair.Moon.StatusAll().ShouldSay("AES_CBC_128/HMAC_SHA2_256_128/ESN, ");
            Ping(pair);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 12);
        });
    }

    [Theory]
    [InlineData(true, "lifebytes=600000", "marginbytes=300000"), InlineData(false, "lifebytes=600000", "marginbytes=300000")]
    [InlineData(true, "lifepackets=600", "marginpackets=300"), InlineData(false, "lifepackets=600", "marginpackets=300")]
    public void A_limit_in_bytes_or_packets_has_the_SA_rekeyed(bool isInitiator, string life, string margin)
    {
        using var pair = Stage($"limit-{life.Split('=')[0]}", isInitiator);
        pair.Bed.Play(() =>
        {
            // the limits are moon's, whoever made the SA; half of the margin is drawn at random
            new Setup { Moon = [life, margin, "rekeyfuzz=50%"] }.Write(pair);
            pair.Start();
            Up(pair, isInitiator);
            var watch = new RekeyWatch(pair.Moon);
            watch.Look();
            var transfer = new TcpTransfer(pair.Sun.Host, "10.2.0.1", pair.Moon.Host, "10.1.0.1", 1_500_000, TimeSpan.FromSeconds(15));
            while (!transfer.HasEnded)
            {
                watch.Look();
                Thread.Sleep(200);
            }
            transfer.ShouldArriveWhole();
            watch.Look();
            if (watch.ChildRekeyings is < 3 or > 15) throw new BedFailure($"{watch.ChildRekeyings} rekeyings of the child; {life} calls for 3 to 15");
            Wait.Until("one child is left", () => pair.Moon.Sas() is { Ike.Count: 1, Children.Count: 1 } && pair.Sun.Sas() is { Ike.Count: 1, Children.Count: 1 }, 15);
            Ping(pair);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 1000);
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void Padded_packets_are_understood(bool isInitiator)
    {
        using var pair = Stage("tfc", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { Both = ["ike=aes128-sha256-x25519!", "esp=aes128gcm16!", "tfc=800"] }.Write(pair);
            pair.Start();
            Up(pair, isInitiator);
            Ping(pair);
            new TcpTransfer(pair.Moon.Host, "10.1.0.1", pair.Sun.Host, "10.2.0.1", 2_000_000, TimeSpan.Zero).ShouldArriveWhole();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 100);
        });
    }

    /// <summary>strongSwan wants what neither user-space plane has: what can be done without, is.</summary>
    [Theory]
    [InlineData("compress=yes", "unable to allocate a CPI from kernel, IPComp disabled"), InlineData("type=beet", "strongSwan vendor ID")]
    public void A_peer_that_wants_another_mode_gets_a_tunnel(string wish, string sign)
    {
        using var pair = new Pair($"wants-{wish.Split('=')[1]}", Subject.Product, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Sun = [wish] }.Write(pair);
            pair.Sun.Settings("send_vendor_id = yes");
            pair.Start();
            Up(pair, isInitiator: false);
            if (wish == "compress=yes") pair.Sun.ShouldHaveLogged(sign);
            else pair.Moon.ShouldHaveLogged(sign);
            pair.Moon.Status().ShouldSay("INSTALLED, TUNNEL, reqid 1, ");
            Ping(pair);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 12);
            pair.Sun.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    [Fact]
    public void What_our_plane_does_not_carry_is_refused_by_name_and_the_rest_works()
    {
        using var pair = new Pair("not-carried", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup().Write(pair);
            pair.Start();
            new Setup { More = "conn hosts\n\talso=net-net\n\ttype=transport\n\nconn headers\n\talso=net-net\n\tah=sha256!\n\nconn marked\n\talso=net-net\n\tmark=5\n\nconn packed\n\talso=net-net\n\tcompress=yes\n\n" }.Write(pair);
            pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
            Wait.Until("what can be loaded is", () => pair.Moon.StatusAll().Output.Contains("packed:"));
            pair.Moon.StatusAll().ShouldSay("net-net:").ShouldNotSay("hosts:");
            pair.Moon.Host.Run("ipsec", "why", "net-net").ShouldSay("why: CHILD_SA 'hosts' is not loaded: the data plane 'tun' does not carry transport mode", "to change it: 'type=tunnel' would do",
                "why: CHILD_SA 'headers' is not loaded: the data plane 'tun' does not carry AH", "why: CHILD_SA 'marked' is not loaded: the data plane 'tun' does not carry marks");
            Up(pair, isInitiator: true, "packed").ShouldSay("unable to allocate a CPI from kernel, IPComp disabled");
            Ping(pair);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 12);
        });
    }

    /// <summary>strongSwan leaves out what is not for hosts, and then has no selectors at all: a child that cannot be, and an IKE_SA that stays.</summary>
    [Fact]
    public void A_peer_that_wants_transport_mode_between_networks()
    {
        using var pair = new Pair("wants-transport", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Sun = ["type=transport"] }.Write(pair);
            pair.Start();
            pair.Sun.Up("net-net").ShouldSay("received TS_UNACCEPTABLE notify, no CHILD_SA built", "failed to establish CHILD_SA, keeping IKE_SA");
            pair.Moon.ShouldHaveLogged("N(USE_TRANSP) SA TSi TSr");
            pair.Moon.Host.Run("ipsec", "why", "net-net").ShouldSay("why: the peer offers nothing === nothing, no child of connection 'net-net' allows any of that", "with strongSwan, transport mode leaves out all but hosts");
            Assert.Single(pair.Moon.Sas().Ike);
        });
    }

    [Fact]
    public void A_peer_that_wants_AH_is_told_no_and_we_say_why()
    {
        using var pair = new Pair("wants-ah", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Sun = ["ah=sha256!", "esp="] }.Write(pair);
            pair.Start();
            pair.Sun.Up("net-net").ShouldSay("received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built");
            pair.Moon.ShouldHaveLogged("received proposals: AH:HMAC_SHA2_256_128/NO_EXT_SEQ");
            pair.Moon.Host.Run("ipsec", "why", "net-net").ShouldSay("peer offers AH only; configured is ESP");
        });
    }
}
