// Under what the units of systemd allow a service: a client with virtual addresses, name servers, firewall rules and scripts, from start to stop.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

[Trait("Category", "interop")]
public sealed class UnitScenes
{
    [Fact]
    public void A_tunnel_with_all_that_belongs_to_it_under_the_units_sandbox()
    {
        using var warrior = new RoadWarrior("unit", resolver: Path.Combine(InstalledTree.Prefix, "etc", "resolv.conf"));
        var (sun, pair, allowed) = (warrior.Pair.Sun, warrior.Pair, "");
        pair.Bed.Play(() =>
        {
            var sandbox = new UnitSandbox("cygnet.service", sun);
            allowed = sandbox.CapabilityMask;
            // A script of one's own beside the default one: what it may write, and what not.
            const string script = "leftupdown=\"touch /run/told.$PLUTO_VERB /tmp/private; touch /usr/no 2>&1; nft list tables >/run/tables 2>&1; ipsec _updown iptables\"";
            sun.Write("ipsec.conf", File.ReadAllText(sun.PathOf("ipsec.conf")).Replace("leftfirewall=yes", script));
            pair.Moon.Start();
            using var service = sun.Host.Start(sandbox.ExecStart);
            try
            {
                warrior.ShouldBeUp();
            }
            catch (BedFailure e)
            {
                throw new BedFailure($"{e.Message}\nthe service said:\n{service.Said}", e);
            }
            ShouldBeConfined("/run/charon.pid");
            ShouldBeConfined("/run/starter.charon.pid");
            sun.ShouldHaveLogged("updown: touch: cannot touch '/usr/no': Read-only file system");
            sun.Host.Shell("test -e /run/told.up-client && grep 'table inet filter' /run/tables && test ! -e /tmp/private").ShouldSucceed();

            // The files are read anew, by a command in the same sandbox and by one outside.
            sun.Write("ipsec.conf", File.ReadAllText(sun.PathOf("ipsec.conf")) + "\nconn more\n\talso=carol\n\trightsubnet=10.1.1.0/24\n\tauto=add\n");
            sun.Host.Run(sandbox.ExecReload).ShouldSucceed();
            Wait.Until("the file is read", () => sun.StatusAll().Output.Contains(" more: "), 30);
            sun.Host.Run("ipsec", "rereadall").ShouldSucceed();
            sun.Host.Run("swanctl", "--rekey", "--ike", "carol").ShouldSucceed();
            sun.ShouldHaveLogged("rekeyed between");
            warrior.ShouldBeUp();

            // What a crash leaves, the next daemon takes over and away with no more rights.
            sun.Host.Shell("kill -KILL $(cat /run/charon.pid)").ShouldSucceed();
            sun.ShouldHaveLogged("connections are back, the block is lifted", 60);
            warrior.ShouldBeUp();

            // KillMode=mixed: the main process alone is told, and takes down what there is.
            sun.Host.Shell("rm -f /run/tables /run/told.*; kill -TERM $(cat /run/starter.charon.pid)").ShouldSucceed();
            Assert.Equal(0, service.ExitCode(TimeSpan.FromSeconds(60)));
            sun.Host.Shell("rm -f /run/tables /run/told.*").ShouldSucceed();
            warrior.ShouldBeAsBefore();
            pair.Wire.ShouldContainOnlyEspAndIke();
        });

        // Otherwise the scene would show nothing.
        void ShouldBeConfined(string pidFile)
        {
            var status = sun.Host.Shell($"grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/$(cat {pidFile})/status | tr -d '\\t'").Output.Trim().Split('\n');
            Assert.Equal([$"CapEff:{allowed}", $"CapBnd:{allowed}", "NoNewPrivs:1", "Seccomp:2"], status);
        }
    }

    /// <summary>One scene is enough for both. Only a starter has a daemon that may be somebody else's, whom it takes CAP_KILL to stop.</summary>
    [Fact]
    public void Both_units_allow_the_same()
    {
        Assert.Equal(Sandbox("cygnet.service"), Sandbox("cygnet-swanctl.service"));

        static string[] Sandbox(string unit) =>
            [.. File.ReadAllLines(Checkout.Path("packaging", "systemd", unit)).SkipWhile(l => !l.StartsWith("CapabilityBoundingSet=", StringComparison.Ordinal)).TakeWhile(l => l != "[Install]").Where(l => l.Length > 0 && l[0] != '#')
                .Select(l => l.Replace(" CAP_KILL", "", StringComparison.Ordinal))];
    }
}
