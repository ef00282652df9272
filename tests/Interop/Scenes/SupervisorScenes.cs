// The starter and what it watches: a daemon that is killed comes back with its tunnels, and nothing leaves in clear meanwhile; nor does anything stay behind.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

[Trait("Category", "interop")]
public sealed class SupervisorScenes
{
    const string Kill = "kill -KILL $(cat /run/charon.pid)";

    const string Firewall = """
        nft add table inet filter
        nft add chain inet filter input '{ type filter hook input priority 0; policy accept; }'
        nft add chain inet filter forward '{ type filter hook forward priority 0; policy drop; }'
        nft add chain inet filter output '{ type filter hook output priority 0; policy accept; }'
        """;

    static string Rules(Gateway gateway) => gateway.Host.Shell("nft list table inet filter | sed 's/counter packets [0-9]* bytes [0-9]* //'").Output;

    // Without a tunnel the way to the other side is the cable: no packet may go before it is there.
    static void AwaitStatus(Gateway gateway, string words, int times = 1) => Wait.Until($"{gateway.Name} says {times} times '{words}'",
        () => gateway.Host.Run("ipsec", "status").Output.Split(words).Length - 1 == times, 60);

    static int Opened(Gateway gateway) => Rules(gateway).Split("accept comment").Length - 1;

    /// <summary>As long as it lives, packets go from every inner address to every other, whether they are answered or not.</summary>
    static Background Traffic(Gateway from, params ReadOnlySpan<string> ways)
    {
        var pings = "";
        foreach (var way in ways) pings += $"ping -n -i 0.02 -W 1 -I {way.Split(' ')[0]} {way.Split(' ')[1]} >/dev/null 2>&1 & ";
        // a ping ends when its socket cannot send for good
        return from.Host.Start("bash", "-c", $"while :; do {pings} sleep 2; kill $(jobs -p) 2>/dev/null; done");
    }

    [Theory]
    [InlineData("start")]
    [InlineData("route")]
    public void A_daemon_that_is_killed_comes_back_and_nothing_leaves_in_clear(string auto)
    {
        using var pair = new Pair($"killed-{auto}", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup
            {
                Moon = [$"auto={auto}", "leftfirewall=yes", "lefthostaccess=yes"],
                More = "conn six\n\talso=net-net\n\tleftsubnet=fd01::/32\n\trightsubnet=fd02::/32\n\nconn drop\n\tleftsubnet=10.1.3.0/24\n\trightsubnet=10.2.3.0/24\n\ttype=drop\n\tauthby=never\n\tauto=route\n\n",
            }.Write(pair);
            pair.Sun.Write("ipsec.conf", File.ReadAllText(pair.Sun.PathOf("ipsec.conf")).Split("conn drop")[0]);
            pair.Moon.Host.Shell(Firewall).ShouldSucceed();
            pair.Sun.Start();
            pair.Moon.Start();
            AwaitStatus(pair.Moon, " === 10.2.3.0/24 DROP");
            AwaitStatus(pair.Moon, auto == "start" ? "INSTALLED, TUNNEL" : "ROUTED, TUNNEL", times: 2);
            Wait.Until("both tunnels carry packets", () => pair.Moon.Ping("10.1.0.1", "10.2.0.1").ExitCode == 0 && pair.Moon.Ping("fd01:0::1", "fd02:0::1").ExitCode == 0, 60);
            // Forwarded and to this host, in and out, for both tunnels.
            const int opened = 8;
            Wait.Until(() => $"rules for both tunnels; there are\n{Rules(pair.Moon)}", () => Opened(pair.Moon) == opened);
            var dead = pair.Moon.CharonInside;
            using (Traffic(pair.Moon, "10.1.0.1 10.2.0.1", "fd01:0::1 fd02:0::1", "10.1.3.1 10.2.3.1"))
            {
                AwaitPackets();
                pair.Moon.Host.Shell(Kill).ShouldSucceed();
                Wait.Until("another daemon runs", () => pair.Moon.CharonInside is { Length: > 0 } now && now != dead, 60);
                pair.Moon.ShouldHaveLogged("connections are back, the block is lifted", 60);
                AwaitPackets();
            }
            Wait.Until("both tunnels carry packets again", () => pair.Moon.Ping("10.1.0.1", "10.2.0.1").ExitCode == 0 && pair.Moon.Ping("fd01:0::1", "fd02:0::1").ExitCode == 0, 60);
            if (pair.Moon.Ping("10.1.3.1", "10.2.3.1").ExitCode == 0) throw new BedFailure("what is to be dropped arrived");
            pair.Wire.ShouldContainOnlyEspAndIke();

            // The scripts of the dead daemon were told that its tunnels are down: each rule is there once.
            Wait.Until(() => $"each rule once; there are\n{Rules(pair.Moon)}", () => Opened(pair.Moon) == opened);

            void AwaitPackets()
            {
                var esp = pair.Wire.Esp + pair.Wire.EspInUdp;
                Wait.Until("packets flow", () => pair.Wire.Esp + pair.Wire.EspInUdp > esp + 20, 60);
            }
        });
    }

    [Fact]
    public void A_stop_while_there_is_no_daemon_leaves_nothing()
    {
        using var pair = new Pair("killed-stop", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["leftfirewall=yes"] }.Write(pair);
            pair.Moon.Host.Shell(Firewall).ShouldSucceed();
            var rules = Rules(pair.Moon);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            Wait.Until("rules are there", () => Rules(pair.Moon) != rules);
            pair.Moon.Host.Shell(Kill).ShouldSucceed();
            Wait.Until("the starter has noticed", () => pair.Moon.CharonInside.Length == 0);
            // What the tunnel took goes nowhere.
            if (pair.Moon.Ping("10.1.0.1", "10.2.0.1").ExitCode == 0) throw new BedFailure("a packet arrived without a tunnel");
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 0);
            pair.Moon.Stop();
            Wait.Until(() => $"the rules as they were before; there are\n{Rules(pair.Moon)}", () => Rules(pair.Moon) == rules);
            ShouldBeAsBefore(pair.Moon);
        });
    }

    [Fact]
    public void Both_killed_and_stopped_afterwards()
    {
        using var pair = new Pair("killed-both", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["auto=route"] }.Write(pair);
            pair.Start();
            AwaitStatus(pair.Moon, "ROUTED, TUNNEL");
            pair.Moon.Host.Shell("kill -KILL $(cat /run/starter.charon.pid) $(cat /run/charon.pid)").ShouldSucceed();
            if (pair.Moon.Ping("10.1.0.1", "10.2.0.1").ExitCode == 0) throw new BedFailure("a packet arrived without a tunnel");
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 0);
            pair.Moon.Stop();
            ShouldBeAsBefore(pair.Moon);
        });
    }

    [Fact]
    public void A_daemon_whose_starter_is_killed_is_taken_over_with_its_tunnels()
    {
        using var pair = new Pair("starter-killed", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            const string killStarter = "kill -KILL $(cat /run/starter.charon.pid)", more = "conn more\n\talso=net-net\n\tleftsubnet=10.1.1.0/24\n\trightsubnet=10.2.1.0/24\n\tauto=add\n\n";
            new Setup { Moon = ["auto=start"], More = more }.Write(pair);
            var whole = File.ReadAllText(pair.Moon.PathOf("ipsec.conf"));
            pair.Moon.Write("ipsec.conf", whole.Replace(more, ""));
            pair.Sun.Start();
            pair.Moon.Start();
            AwaitStatus(pair.Moon, "INSTALLED, TUNNEL");
            var (charon, spis) = (pair.Moon.CharonInside, pair.Moon.Sas().Children.Select(c => c.SpiIn).ToArray());

            pair.Moon.Host.Shell(killStarter).ShouldSucceed();
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            // What was written while nobody listened counts from the next start on, and no tunnel notices.
            pair.Moon.Write("ipsec.conf", whole);
            pair.Moon.Host.Run("ipsec", "start").ShouldSucceed().ShouldSay($"charon ({charon}) has lost its starter -- it is taken over, its tunnels stay");
            Wait.Until("the files are read", () => pair.Moon.StatusAll().Output.Contains(" more: "), 30);
            pair.Moon.Up("more").ShouldSay("connection 'more' established successfully");
            Assert.Equal(charon, pair.Moon.CharonInside);
            Assert.Equal(spis, pair.Moon.Sas().Children.Where(c => c.Name == "net-net").Select(c => c.SpiIn));
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();

            // Watched again, as if it were the new starter's own.
            pair.Moon.Host.Shell(Kill).ShouldSucceed();
            Wait.Until("another daemon runs", () => pair.Moon.CharonInside is { Length: > 0 } now && now != charon, 60);
            pair.Moon.ShouldHaveLogged("connections are back, the block is lifted", 60);
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();

            // A stop ends what lost its starter too; the peer is told.
            pair.Moon.Host.Shell(killStarter).ShouldSucceed();
            pair.Moon.Host.Run("ipsec", "stop").ShouldSucceed().ShouldSay("has lost its starter -- it is stopped too");
            Wait.Until("sun was told", () => pair.Sun.Sas().Ike.Count == 0);
            pair.Wire.ShouldContainOnlyEspAndIke();
            ShouldBeAsBefore(pair.Moon);
        });
    }

    /// <summary>Nothing of ours stands on the host: no device, route, rule, nor the file that remembers them.</summary>
    static void ShouldBeAsBefore(Gateway gateway)
    {
        var left = gateway.Host.Shell("ip -o link | grep ipsec; ip rule | grep -w 220; ip -6 rule | grep -w 220; ip route show table 220 2>/dev/null; ip -6 route show table 220 2>/dev/null; ls /run/*.host /run/*.pid 2>/dev/null").Output;
        if (left != "") throw new BedFailure($"left on {gateway.Name}:\n{left}");
    }

    [Fact]
    public void Two_that_are_started_at_once_do_not_disturb_each_other()
    {
        using var pair = new Pair("twice", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["auto=start"] }.Write(pair);
            pair.Sun.Start();
            var both = pair.Moon.Host.Shell("ipsec start & ipsec start & wait").ShouldSucceed();
            Assert.Single(both.Text.Split('\n'), l => l.Contains("starter is already running"));
            AwaitStatus(pair.Moon, "INSTALLED, TUNNEL");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            // A daemon beside it says why it cannot be, and takes nothing away.
            var second = pair.Moon.Host.Shell("$(ipsec --directory)/charon");
            Assert.Equal(66, second.ExitCode);
            pair.Moon.ShouldHaveLogged("charon already running ('");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            Assert.Single(pair.Moon.Host.Shell("ip -o link | grep -o 'ipsec[0-9]*' | sort -u").Output.Trim().Split('\n'));

            // One that is run by hand after a crash, before the starter's turn comes, gets the connections; it is nobody's to stop but his who runs it.
            using (var byHand = pair.Moon.Host.Start("bash", "-c", $"charon=$(ipsec --directory)/charon; {Kill}; exec $charon"))
            {
                pair.Moon.ShouldHaveLogged("connections are back, the block is lifted", 60);
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                pair.Moon.Stop();
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                pair.Moon.Host.Shell("kill -TERM $(cat /run/charon.pid)").ShouldSucceed();
                Assert.Equal(0, byHand.ExitCode(TimeSpan.FromSeconds(60)));
            }
            pair.Wire.ShouldContainOnlyEspAndIke();
            ShouldBeAsBefore(pair.Moon);
        });
    }

    // Two daemons, then two starters, and so on; whatever is wrong is said.
    const string Races = """
        charon=$(ipsec --directory)/charon
        fail() { echo "round $round: $*"; exit 1; }
        trap 'kill $(jobs -p) 2>/dev/null' EXIT
        # without a starter its exit code is not 0
        answers() { for try in $(seq 600); do ipsec status 2>/dev/null | grep -q 'Security Associations' && return; sleep 0.05; done; fail 'nobody answers'; }
        for round in $(seq 20); do
            if [ $((round % 2)) = 0 ]; then
                $charon & one=$!
                $charon & two=$!
                wait -n $one $two; code=$?
                [ $code = 66 ] || fail "who ended first ended with $code"
                answers
                pid=$(cat /run/charon.pid)
                [ "$pid" = $one ] || [ "$pid" = $two ] || fail "$pid is in the PID file, started were $one and $two"
                kill -TERM $pid || fail 'the wrong one ended'
                wait $pid || fail "its end was $?"
            else
                ipsec start >/run/one 2>&1 & ipsec start >/run/two 2>&1 & wait
                [ $(cat /run/one /run/two | grep -c 'starter is already running') = 1 ] || fail "$(cat /run/one /run/two)"
                answers
                ipsec stop 2>/dev/null || fail "stopping them: $?"
            fi
            [ -z "$(ls /run/*.pid 2>/dev/null)" ] || fail "$(ls /run/*.pid) is left"
        done
        echo none failed
        """;

    [Fact]
    public void Of_two_that_are_started_at_the_same_instant_one_remains_every_time()
    {
        using var pair = new Pair("races", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup().Write(pair);
            Assert.Equal("none failed\n", pair.Moon.Host.RunFor(TimeSpan.FromMinutes(8), "bash", "-c", Races).Output);
            Assert.Equal(10, pair.Moon.Log.Split("charon already running ('").Length - 1);
            ShouldBeAsBefore(pair.Moon);
        });
    }

    [Fact]
    public void A_full_disk_and_unreadable_files()
    {
        using var pair = new Pair("full", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["auto=start"], More = "conn broken\n\talso=net-net\n\tleftcert=none.pem\n\tauthby=pubkey\n\tauto=add\n\n" }.Write(pair);
            pair.Sun.Write("ipsec.conf", File.ReadAllText(pair.Sun.PathOf("ipsec.conf")).Split("conn broken")[0]);
            pair.Sun.Start();

            // No room for a PID file: that is said, and nothing half done stays.
            pair.Moon.Host.Shell("mount -o remount,size=64k /run && head -c 1M /dev/zero >/run/ballast; true");
            var refused = pair.Moon.Host.Run("ipsec", "start");
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("starter.charon.pid'", refused.Text);
            Assert.Equal("", pair.Moon.Host.Shell("ls /run/*.pid 2>/dev/null").Output);
            pair.Moon.Host.Shell("rm /run/ballast; mount -o remount,size=50% /run").ShouldSucceed();

            // A conn whose certificate is not there does not keep the others from coming up.
            pair.Moon.Host.Run("ipsec", "start").ShouldSucceed();
            AwaitStatus(pair.Moon, "INSTALLED, TUNNEL");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();

            // The disk fills while it runs, and the files cannot be read: the tunnel stays, and a new daemon gets what was right.
            pair.Moon.Host.Shell("mount -o remount,size=64k /run; head -c 1M /dev/zero >/run/ballast; true");
            pair.Moon.Remove("ipsec.conf");
            pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Host.Shell("rm /run/ballast").ShouldSucceed();
            pair.Moon.Host.Shell(Kill).ShouldSucceed();
            pair.Moon.ShouldHaveLogged("connections are back, the block is lifted", 60);
            AwaitStatus(pair.Moon, "INSTALLED, TUNNEL");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke();
            pair.Moon.Stop();
            ShouldBeAsBefore(pair.Moon);
        });
    }
}
