// Tunnels that come when a packet wants them, come back when the peer was gone, and go when nobody uses them.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class ActionScenes
{
    const string Impatient = "retransmit_timeout = 0.3\n    retransmit_tries = 3\n    retransmit_base = 1.2";

    // The reference's user-space plane has no traps, so only Cygnet can be the subject.
    [Fact]
    public void A_ping_springs_the_trap_and_no_packet_is_lost()
    {
        using var pair = new Pair("trap", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["auto=route"] }.Write(pair);
            pair.Start();
            pair.Moon.Status().ShouldSay("Routed Connections:", "     net-net{1}:  ROUTED, TUNNEL, reqid 1\n     net-net{1}:   10.1.0.0/24 === 10.2.0.0/24\n", "Security Associations (0 up, 0 connecting):");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed().ShouldSay("3 received");
            pair.Moon.ShouldHaveLogged("creating acquire job for policy 10.1.0.1/32[icmp/8] === 10.2.0.1/32[icmp/8] with reqid {1}");
            pair.Moon.ShouldHaveLogged("establishing CHILD_SA net-net{2} reqid 1");
            pair.Moon.Status().ShouldSay("     net-net{1}:  ROUTED, TUNNEL, reqid 1\n", "     net-net{2}:  INSTALLED, TUNNEL, reqid 1, ");
            pair.Sun.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed().ShouldSay("3 received");

            // The trap outlives its tunnel, whoever takes it down.
            pair.Sun.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed().ShouldSay("3 received");
            pair.Moon.Host.Run("ipsec", "unroute", "net-net").ShouldSay("trap policy 'net-net' unrouted");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 24);
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.Moon.Status().ShouldSay("Security Associations (0 up, 0 connecting):\n  none\n");
        });
    }

    [Fact]
    public void An_update_routes_replaces_and_unroutes()
    {
        using var pair = new Pair("trap-update", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            void Update(string[] moon, string expected)
            {
                new Setup { Moon = moon, Sun = ["leftsubnet=10.2.0.0/16"] }.Write(pair);
                pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
                Wait.Until($"status says '{expected}'", () => pair.Moon.Status().Output.Contains(expected));
            }
            new Setup { Sun = ["leftsubnet=10.2.0.0/16"] }.Write(pair);
            pair.Start();
            Update(["auto=route"], "10.1.0.0/24 === 10.2.0.0/24\n");
            Update(["auto=route", "rightsubnet=10.2.0.0/16"], "10.1.0.0/24 === 10.2.0.0/16\n");
            pair.Moon.Ping("10.1.0.1", "10.2.3.1").ShouldSucceed().ShouldSay("3 received");
            Update(["auto=add", "rightsubnet=10.2.0.0/16"], "INSTALLED"); // the tunnel stays
            if (pair.Moon.Status().Output.Contains("Routed"))
                throw new BedFailure("the trap is still there");
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
            pair.Wire.ShouldContainOnlyEspAndIke();
        });
    }

    [Fact]
    public void Shunts_pass_and_drop()
    {
        using var pair = new Pair("shunts", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup
            {
                MoonNet = "10.1.0.0/16", SunNet = "10.2.0.0/16",
                More = "conn pass\n\tleftsubnet=10.1.1.0/24\n\trightsubnet=10.2.1.0/24\n\ttype=passthrough\n\tauthby=never\n\tauto=add\n\n"
                    + "conn drop\n\tleftsubnet=10.1.0.0/16\n\trightsubnet=10.2.0.0/16\n\ttype=drop\n\tauthby=never\n\tauto=add\n\n",
            }.Write(pair);
            pair.Start();
            // Without the tunnel, dropped; with it, tunnelled; what passes goes in clear, both with and without.
            pair.Moon.Host.Run("ipsec", "route", "drop").ShouldSay("'drop' shunt DROP policy installed");
            pair.Moon.Status().ShouldSay("Shunted Connections:\n        drop:  10.1.0.0/16 === 10.2.0.0/16 DROP\n");
            if (pair.Moon.Ping("10.1.0.1", "10.2.0.1").ExitCode == 0)
                throw new BedFailure("what was to be dropped arrived");
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
            pair.Moon.Host.Run("ipsec", "route", "pass").ShouldSay("'pass' shunt PASS policy installed");
            var esp = pair.Wire.Esp + pair.Wire.EspInUdp;
            // The answers come through the tunnel: sun knows no shunt.
            pair.Moon.Ping("10.1.1.1", "10.2.1.1").ShouldSucceed();
            Wait.Until("only the answers were ESP", () => pair.Wire.Esp + pair.Wire.EspInUdp == esp + 3);
            pair.Moon.Host.Run("ipsec", "unroute", "pass").ShouldSay("shunt policy 'pass' uninstalled");
            pair.Moon.Host.Run("ipsec", "unroute", "drop").ShouldSay("shunt policy 'drop' uninstalled");
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("hold")]
    public void A_peer_that_died_and_came_back(string action)
    {
        using var pair = new Pair($"dpd-{action}", action == "hold" ? Product.Cygnet : Subject.Product, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["dpddelay=1s", $"dpdaction={action}", "keyingtries=%forever"] }.Write(pair);
            pair.Moon.Settings(Impatient);
            pair.Start();
            pair.Moon.StatusAll().ShouldSay($"dpdaction={(action == "hold" ? "trap" : "start")}");
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Sun.Host.Run("kill", "-KILL", pair.Sun.Host.Run("cat", "/run/starter.charon.pid").Output.Trim(), pair.Sun.Host.Run("cat", "/run/charon.pid").Output.Trim()).ShouldSucceed();
            pair.Moon.ShouldHaveLogged("giving up after 3 retransmits", 20);
            if (action == "restart")
                pair.Moon.ShouldHaveLogged("restarting CHILD_SA net-net");
            else
                Wait.Until("the trap is there", () => pair.Moon.Status().Output.Contains("ROUTED, TUNNEL"));
            pair.Sun.Host.Shell("rm -f /run/starter.charon.pid /run/charon.pid");
            pair.Sun.Start();
            if (action == "restart")
                // At both ends: sun has it before moon has read sun's answer, and a command is quicker than that.
                Wait.Until("the tunnel is back", () => pair.Sun.Sas().Children.Count == 1 && pair.Moon.Sas().Children.Count == 1, 30);
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
            // What is taken down here stays down.
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            Wait.Until("it is down", () => pair.Moon.Sas() is { Ike.Count: 0 } && pair.Sun.Sas() is { Ike.Count: 0 });
            Thread.Sleep(1000);
            Assert.Empty(pair.Moon.Sas().Ike);
        });
    }

    [Fact]
    public void A_child_that_the_peer_closes_comes_back()
    {
        using var pair = new Pair("closeaction", Subject.Product, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["closeaction=restart"] }.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            foreach (var specifier in (ReadOnlySpan<string>)["net-net{*}", "net-net"])
            {
                var before = pair.Moon.Sas().Children[0].SpiIn;
                pair.Sun.Down(specifier).ShouldSay("closed successfully");
                Wait.Until($"a new child is there after '{specifier}'", () => pair.Moon.Sas() is { Ike.Count: 1, Children: [var child] } && child.SpiIn != before && pair.Sun.Sas() is { Ike.Count: 1, Children.Count: 1 });
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            }
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 12);
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_idle_tunnel_is_closed(bool withIke)
    {
        using var pair = new Pair($"inactivity{(withIke ? "-ike" : "")}", Subject.Product, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["inactivity=4s"] }.Write(pair);
            if (withIke)
                pair.Moon.Settings("inactivity_close_ike = yes");
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            // Busy for longer than that.
            pair.Moon.Ping("10.1.0.1", "10.2.0.1", 30).ShouldSucceed();
            Assert.Single(pair.Moon.Sas().Children);
            pair.Moon.ShouldHaveLogged(withIke ? "deleting IKE_SA after 4 seconds of CHILD_SA inactivity" : "deleting CHILD_SA after 4 seconds of inactivity", 10);
            Wait.Until("both agree", () => pair.Moon.Sas() is var moon && pair.Sun.Sas() is var sun && moon.Children.Count == 0 && sun.Children.Count == 0
                && moon.Ike.Count == (withIke ? 0 : 1) && sun.Ike.Count == moon.Ike.Count);
            if (!withIke)
                pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }
}
