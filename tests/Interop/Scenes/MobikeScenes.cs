// MOBIKE and NAT rebinding over real changes of addresses: traffic goes on, the SAs stay. RFC 4555.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class MobikeScenes
{
    /// <summary>Whether Cygnet initiates or responds; the other end is strongSwan.</summary>
    public static readonly TheoryData<bool> Roles = [true, false];

    static readonly Setup Roaming = new() { Moon = ["mobike=yes", "left=%any"], Sun = ["mobike=yes", "left=%any", "right=%any"] };

    [Theory, MemberData(nameof(Roles))]
    public void The_initiator_gets_another_address(bool isInitiator) => Play("initiator", isInitiator, pair =>
    {
        pair.Moon.Host.Shell("ip addr del 192.168.0.1/24 dev eth0 && ip addr add 192.168.0.11/24 dev eth0").ShouldSucceed();
        Wait.Until("sun knows where moon is now", () => pair.Sun.Status().Output.Contains("...192.168.0.11["));
    });

    [Theory, MemberData(nameof(Roles))]
    public void The_initiator_gets_it_before_it_loses_the_other(bool isInitiator) => Play("overlap", isInitiator, pair =>
    {
        pair.Moon.Host.Shell("echo 1 >/proc/sys/net/ipv4/conf/eth0/promote_secondaries; ip addr add 192.168.0.11/24 dev eth0").ShouldSucceed();
        pair.Sun.ShouldHaveLogged("N(ADD_4_ADDR)");
        pair.Moon.Host.Shell("ip addr del 192.168.0.1/24 dev eth0").ShouldSucceed();
        Wait.Until("sun knows where moon is now", () => pair.Sun.Status().Output.Contains("...192.168.0.11["));
    });

    [Theory, MemberData(nameof(Roles))]
    public void The_initiator_is_without_an_address_for_a_while(bool isInitiator) => Play("pause", isInitiator, pair =>
    {
        pair.Moon.Host.Shell("ip addr del 192.168.0.1/24 dev eth0").ShouldSucceed();
        pair.Moon.ShouldHaveLogged("MOBIKE update deferred");
        pair.Moon.Host.Shell("ip addr add 192.168.0.11/24 dev eth0").ShouldSucceed();
        Wait.Until("sun knows where moon is now", () => pair.Sun.Status().Output.Contains("...192.168.0.11["));
    });

    [Theory, MemberData(nameof(Roles))]
    public void The_responder_gets_another_address(bool isInitiator) => Play("responder", isInitiator, pair =>
    {
        pair.Sun.Host.Shell("ip addr del 192.168.0.2/24 dev eth0 && ip addr add 192.168.0.12/24 dev eth0").ShouldSucceed();
        Wait.Until("moon knows where sun is now", () => pair.Moon.Status().Output.Contains("...192.168.0.12["));
    });

    [Theory, MemberData(nameof(Roles))]
    public void From_IPv4_to_IPv6(bool isInitiator) => Play("family", isInitiator, pair =>
    {
        pair.Moon.Host.Shell("ip addr del 192.168.0.1/24 dev eth0").ShouldSucceed();
        Wait.Until("sun knows where moon is now", () => pair.Sun.Status().Output.Contains("...fd00::1["));
    }, isDual: true);

    /// <summary>Cygnet at both ends, raw ESP over either family.</summary>
    [Fact]
    public void Raw_ESP_changes_its_family()
    {
        using var pair = new Pair("mobike-raw", Product.Cygnet, Product.Cygnet);
        pair.Bed.Play(() =>
        {
            Roaming.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            var before = pair.Moon.Sas();
            var transfer = new TcpTransfer(pair.Moon.Host, "10.1.0.1", pair.Sun.Host, "10.2.0.1", 20_000_000, TimeSpan.FromSeconds(8));
            Thread.Sleep(2000);
            pair.Moon.Host.Shell("ip addr del 192.168.0.1/24 dev eth0").ShouldSucceed();
            Wait.Until("sun knows where moon is now", () => pair.Sun.Status().Output.Contains("...fd00::1["));
            Thread.Sleep(1000);
            pair.Moon.Host.Shell("ip addr add 192.168.0.21/24 dev eth0; ip -6 addr del fd00::1/64 dev eth0").ShouldSucceed();
            Wait.Until("sun knows where moon is now", () => pair.Sun.Status().Output.Contains("...192.168.0.21["));
            transfer.ShouldArriveWhole();
            var after = pair.Moon.Sas();
            Assert.Equal((before.Ike[0].Spis, before.Children[0].SpiIn), (after.Ike[0].Spis, after.Children[0].SpiIn));
            Assert.Equal(0, pair.Wire.EspInUdp);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 1000);
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
        });
    }

    static void Play(string scene, bool isInitiator, Action<Pair> move, bool isDual = false)
    {
        using var pair = new Pair($"mobike-{scene}-{(isInitiator ? "initiates" : "responds")}",
            isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
        pair.Bed.Play(() =>
        {
            Roaming.Write(pair);
            // of two families strongSwan takes whichever answers first
            if (!isDual) pair.Moon.Host.Shell("ip -6 addr del fd00::1/64 dev eth0").ShouldSucceed();
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully", "peer supports MOBIKE");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            var before = pair.Moon.Sas();

            move(pair);

            pair.Moon.Ping("10.1.0.1", "10.2.0.1", 8).ShouldSucceed();
            pair.Sun.Ping("10.2.0.1", "10.1.0.1", 8).ShouldSucceed();
            var after = pair.Moon.Sas();
            // strongSwan's user-space plane cannot move an SA: it rekeys the child instead
            Assert.Equal(before.Ike[0].Spis, after.Ike[0].Spis);
            Assert.Single(after.Children);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 12);
            pair.Sun.Down("net-net").ShouldSay("closed successfully");
            Wait.Until("nothing is left", () => pair.Moon.Sas().Ike.Count == 0 && pair.Sun.Sas().Ike.Count == 0);
        });
    }

    /// <summary>A NAT that gives moon another port in the middle of everything.</summary>
    [Theory, MemberData(nameof(Roles))]
    public void A_NAT_that_forgets(bool isInitiator)
    {
        using var bed = new Bed($"nat-{(isInitiator ? "initiates" : "responds")}");
        bed.Play(() =>
        {
            var moon = bed.Gateway("moon", isInitiator ? Subject.Product : Product.StrongSwan);
            var sun = bed.Gateway("sun", isInitiator ? Product.StrongSwan : Subject.Product);
            var router = bed.Host("router");
            bed.Cable(moon.Host, "eth0", router, "inside");
            var wire = bed.Cable(router, "outside", sun.Host, "eth0");
            moon.Host.AddAddress("eth0", "10.9.0.1/24");
            moon.Host.AddAddress("lo", "10.1.0.1/32");
            moon.Host.Shell("ip route add default via 10.9.0.254").ShouldSucceed();
            router.AddAddress("inside", "10.9.0.254/24");
            router.AddAddress("outside", "192.168.0.254/24");
            sun.Host.AddAddress("eth0", "192.168.0.2/24");
            sun.Host.AddAddress("lo", "10.2.0.1/32");
            router.Shell("nft add table ip nat && nft 'add chain ip nat post { type nat hook postrouting priority 100; }'").ShouldSucceed();
            Masquerade("20000-20099");
            string[] both = ["keyexchange=ikev2", "mobike=yes", "authby=secret", "dpdaction=clear", "ike=aes128-sha256-x25519!", "esp=aes128gcm16-x25519!", "auto=add"];
            Configure(moon, "dpddelay=2s", "left=%any", "right=192.168.0.2", "leftid=@moon.cygnet.test", "rightid=@sun.cygnet.test", "leftsubnet=10.1.0.0/24", "rightsubnet=10.2.0.0/24");
            Configure(sun, "dpddelay=100s", "left=192.168.0.2", "right=%any", "leftid=@sun.cygnet.test", "rightid=@moon.cygnet.test", "leftsubnet=10.2.0.0/24", "rightsubnet=10.1.0.0/24");
            sun.Start();
            moon.Start();
            moon.Up("net-net").ShouldSay("connection 'net-net' established successfully", "local host is behind NAT");
            moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            // moon has to have asked once what sun sees
            Wait.Until("moon has checked", () => Count(moon.Log, "sending DPD request") > 1);

            Masquerade("30000-30099");
            // its mappings go with the device
            router.Shell("ip link set outside down && ip link set outside up").ShouldSucceed();
            moon.ShouldHaveLogged("detected changes in NAT mappings, initiating MOBIKE update", 30);
            sun.ShouldHaveLogged("remote endpoint changed from 192.168.0.254[200");
            // strongSwan's user-space plane has to rekey the child first
            Wait.Until("sun reaches moon", () => sun.Ping("10.2.0.1", "10.1.0.1").ExitCode == 0);

            if (sun.Product == Product.Cygnet)
            {
                // and by ESP alone, sooner than by any check; strongSwan's user-space plane does not look
                Masquerade("40000-40099");
                router.Shell("ip link set outside down && ip link set outside up").ShouldSucceed();
                moon.Host.Run("ping", "-c", "2", "-i", "0.2", "-W", "1", "-I", "10.1.0.1", "10.2.0.1");
                sun.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed();
            }
            Assert.Single(moon.Sas().Children);
            wire.ShouldContainOnlyEspAndIke(atLeastEsp: 8);
            moon.Down("net-net").ShouldSay("closed successfully");
            moon.ShouldBeClean();
            Wait.Until("sun has no SA", () => sun.Sas().Ike.Count == 0);

            void Masquerade(string ports) =>
                router.Shell($"nft flush chain ip nat post && nft add rule ip nat post oifname outside meta l4proto udp masquerade to :{ports}").ShouldSucceed();

            void Configure(Gateway gateway, params string[] own) =>
                gateway.Configure("config setup\n\nconn net-net\n" + string.Concat(both.Concat(own).Select(line => $"\t{line}\n")), $": PSK \"{Pair.Secret}\"\n");
        });
    }

    static int Count(string text, string words) => text.Split(words).Length - 1;
}
