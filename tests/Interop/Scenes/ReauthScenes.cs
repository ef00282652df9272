// IKE_SAs that are authenticated anew, begin without children, replace others of the same peer, or come in fragments; strongSwan at the other end.
using System.Text.RegularExpressions;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class ReauthScenes
{
    /// <summary>Whether Cygnet initiates or responds; the other end is strongSwan.</summary>
    public static readonly TheoryData<bool> Roles = [true, false];

    static Pair Stage(string scene, bool isInitiator) => new($"reauth-{scene}-{(isInitiator ? "initiates" : "responds")}",
        isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);

    static int Count(Gateway g, string words) => Regex.Count(g.Log, Regex.Escape(words));

    [Theory, MemberData(nameof(Roles))]
    public void Making_before_breaking_loses_no_ping(bool isInitiator)
    {
        using var pair = Stage("make", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["reauth=yes", "ikelifetime=12s", "margintime=6s", "rekeyfuzz=0%"], Sun = ["reauth=yes"] }.Write(pair);
            pair.Moon.Settings("make_before_break = yes");
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            var said = pair.Moon.Host.Run("ping", "-c", "100", "-i", "0.2", "-W", "2", "-I", "10.1.0.1", "10.2.0.1").ShouldSucceed().Output;
            Assert.Contains("100 packets transmitted, 100 received", said);
            Wait.Until("both tell of it", () => Count(pair.Moon, "reauthenticating IKE_SA net-net[") >= 2 && Count(pair.Sun, "] established between") >= 3);
            Wait.Until("each old one is gone", () => pair.Moon.Sas() is { Ike.Count: 1, Children.Count: 1 } && pair.Sun.Sas() is { Ike.Count: 1, Children.Count: 1 }, 12);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 150);
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void Breaking_before_making_comes_up_again_each_time(bool isInitiator)
    {
        using var pair = Stage("break", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup
            {
                Moon = ["reauth=yes", "ikelifetime=14s", "margintime=7s", "rekeyfuzz=0%"], Sun = ["reauth=yes"],
                More = "conn second\n\talso=net-net\n\tauto=add\n\tleftsubnet=10.1.1.0/24\n\trightsubnet=10.2.1.0/24\n\n",
            }.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Up("second").ShouldSay("connection 'second' established successfully");
            for (var times = 1; times <= 2; times++)
            {
                Wait.Until("it is authenticated anew", () => Count(pair.Sun, "] established between") == times + 1 && pair.Moon.Sas() is { Ike: [{ State: "ESTABLISHED" }], Children.Count: 2 }, 25);
                // strongSwan's user-space data plane carries nothing after it has reauthenticated thus, with a strongSwan at the other end neither
                if (pair.Moon.Product != Product.Cygnet) continue;
                pair.Moon.Ping("10.1.0.1", "10.2.0.1", 2).ShouldSucceed();
                pair.Moon.Ping("10.1.1.1", "10.2.1.1", 2).ShouldSucceed();
            }
        });
    }

    /// <summary>The one that was called begins anew: it becomes the one that calls.</summary>
    [Theory, MemberData(nameof(Roles))]
    public void The_responder_authenticates_anew(bool isInitiator)
    {
        using var pair = Stage("responder", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["reauth=no"], Sun = ["reauth=yes", "ikelifetime=10s", "margintime=5s", "rekeyfuzz=0%"] }.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            Wait.Until("it is authenticated anew", () => Count(pair.Moon, "] established between") >= 2 && Count(pair.Sun, "] established between") >= 2
                && pair.Moon.Sas() is { Ike: [{ State: "ESTABLISHED" }], Children.Count: 1 } && pair.Sun.Sas() is { Ike: [{ State: "ESTABLISHED" }], Children.Count: 1 }, 20);
            pair.Moon.Ping("10.1.0.1", "10.2.0.1", 2).ShouldSucceed();
        });
    }

    public static TheoryData<bool, string, bool> Crashes()
    {
        TheoryData<bool, string, bool> crashes = [];
        foreach (var isInitiator in new[] { true, false })
            foreach (var policy in new[] { "yes", "keep", "no", "never" })
                foreach (var says in new[] { true, false })
                    crashes.Add(isInitiator, policy, says);
        return crashes;
    }

    /// <summary>Moon's power fails; it comes back at another address, with or without saying INITIAL_CONTACT.</summary>
    [Theory, MemberData(nameof(Crashes))]
    public void A_peer_that_lost_its_state_comes_again(bool isInitiator, string policy, bool says)
    {
        using var pair = Stage($"crash-{policy}-{(says ? "contact" : "silent")}", isInitiator);
        pair.Bed.Play(() =>
        {
            var setup = new Setup
            {
                Moon = ["left=%any", "keyingtries=1"], Sun = ["right=%any"], SunSetup = [$"uniqueids={policy}"],
                MoonSetup = [$"uniqueids={(says ? "yes" : "never")}"],
            };
            setup.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Sun.ShouldHaveLoggedIf(says, "N(INIT_CONTACT)");
            var before = pair.Sun.Sas().Ike[0].Spis;
            pair.Moon.Host.Run("kill", "-KILL", pair.Moon.Host.Run("cat", "/run/starter.charon.pid").Output.Trim(), pair.Moon.Host.Run("cat", "/run/charon.pid").Output.Trim()).ShouldSucceed();
            pair.Moon.Host.Shell("rm -f /run/charon.pid /run/starter.charon.pid /run/charon.ctl /run/charon.vici; ip addr del 192.168.0.1/24 dev eth0; ip addr add 192.168.0.7/24 dev eth0; ip route replace 10.2.0.0/16 via 192.168.0.2").ShouldSucceed();
            pair.Moon.Start();
            var up = pair.Moon.Up("net-net");
            if (policy == "keep" && !says)
            {
                up.ShouldSay("received AUTHENTICATION_FAILED notify error");
                Assert.Equal(before, Assert.Single(pair.Sun.Sas().Ike).Spis);
                pair.Sun.ShouldHaveLogged(pair.Sun.Product == Product.Cygnet ? "canceling IKE_SA setup due to uniqueness policy" : "due to uniqueness policy");
                return;
            }
            up.ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1", 2).ShouldSucceed();
            var stays = policy == "never" || policy == "no" && !says;
            if (says && !stays) pair.Sun.ShouldHaveLogged("destroying duplicate IKE_SA for peer 'moon.cygnet.test', received INITIAL_CONTACT");
            else if (!stays) pair.Sun.ShouldHaveLogged("deleting duplicate IKE_SA for peer 'moon.cygnet.test' due to uniqueness policy");
            var established = pair.Sun.Sas().Ike.Where(s => s.State == "ESTABLISHED").ToArray();
            Assert.Equal(stays, established.Any(s => s.Spis == before));
            Assert.Equal(stays ? 2 : 1, established.Length);
        });
    }

    [Theory]
    [InlineData(true, "prefer", "allow"), InlineData(true, "force", "force"), InlineData(true, "force", "never"), InlineData(true, "prefer", "never"), InlineData(true, "allow", "force")]
    [InlineData(false, "force", "allow"), InlineData(false, "force", "force"), InlineData(false, "force", "never"), InlineData(false, "allow", "force")] // 5.9.8 has no prefer
    public void Childless(bool isInitiator, string moon, string sun)
    {
        using var pair = Stage($"childless-{moon}-{sun}", isInitiator);
        pair.Bed.Play(() =>
        {
            Write(pair.Moon, "sun", 1, 2, moon);
            Write(pair.Sun, "moon", 2, 1, sun);
            pair.Start();
            var strongswan = isInitiator ? pair.Sun : pair.Moon;
            Wait.Until("swanctl.conf is loaded", () => strongswan.Host.Run("swanctl", "--load-all").ExitCode == 0, 20);
            var up = pair.Moon.Up("net-net");
            if ((moon, sun) is ("force", "never") or ("allow", "force"))
            {
                Assert.DoesNotContain("established successfully", up.Text);
                Wait.Until("nothing stays", () => pair.Sun.Sas().Ike.Count == 0, 40);
                return;
            }
            up.ShouldSay("connection 'net-net' established successfully");
            pair.Moon.ShouldHaveLoggedIf(sun != "never", "N(CHDLESS_SUP)");
            pair.Moon.ShouldHaveLoggedIf(sun != "never", "generating CREATE_CHILD_SA request 2");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
        });

        static void Write(Gateway gateway, string peer, int own, int other, string policy)
        {
            if (gateway.Product == Product.Cygnet)
                gateway.Configure($"""
                    config setup

                    conn net-net
                        keyexchange=ikev2
                        mobike=no
                        reauth=no
                        left=192.168.0.{own}
                        leftid=@{gateway.Name}
                        leftsubnet=10.{own}.0.0/24
                        right=192.168.0.{other}
                        rightid=@{peer}
                        rightsubnet=10.{other}.0.0/24
                        authby=secret
                        x-childless={policy}
                        auto=add

                    """, ": PSK \"a secret for both\"\n");
            else
                gateway.Write("swanctl/swanctl.conf", $$"""
                    connections {
                        net-net {
                            version = 2
                            mobike = no
                            childless = {{policy}}
                            local_addrs = 192.168.0.{{own}}
                            remote_addrs = 192.168.0.{{other}}
                            local { auth = psk
                                id = @{{gateway.Name}} }
                            remote { auth = psk
                                id = @{{peer}} }
                            children { net-net { local_ts = 10.{{own}}.0.0/24
                                remote_ts = 10.{{other}}.0.0/24 } }
                        }
                    }
                    secrets { ike { secret = "a secret for both" } }

                    """);
        }
    }

    [Theory]
    [InlineData(true, "yes", "yes"), InlineData(true, "no", "yes"), InlineData(true, "yes", "no"), InlineData(true, "accept", "yes")]
    [InlineData(false, "yes", "yes"), InlineData(false, "no", "yes"), InlineData(false, "yes", "no"), InlineData(false, "accept", "yes")]
    public void Fragments(bool isInitiator, string moon, string sun)
    {
        using var pair = Stage($"fragments-{moon}-{sun}", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", Moon = [$"fragmentation={moon}"], Sun = [$"fragmentation={sun}"] }.Write(pair);
            pair.Moon.Settings("fragment_size = 500");
            pair.Sun.Settings("fragment_size = 500");
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            var both = moon != "no" && sun != "no";
            pair.Moon.ShouldHaveLoggedIf(both && moon != "accept", "splitting IKE message (");
            pair.Sun.ShouldHaveLoggedIf(both && moon != "accept", "reassembled fragmented IKE message (");
            pair.Sun.ShouldHaveLoggedIf(both && sun != "accept", "splitting IKE message (");
            pair.Moon.ShouldHaveLoggedIf(both && sun != "accept", "reassembled fragmented IKE message (");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }
}
