// A client whose daemon dies, hangs, or may do no more than its unit of systemd grants: nothing leaves in clear, and nothing stays behind.
using System.Text.RegularExpressions;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

[Trait("Category", "interop")]
public sealed partial class RoadWarriorScenes
{
    const string Back = "connections are back, the block is lifted";

    static string CharonOf(Gateway gateway) => gateway.Host.Shell("cat /run/charon.pid 2>/dev/null").Output.Trim();

    [Fact]
    public void A_client_that_is_killed_leaves_nothing_stale()
    {
        using var client = new RoadWarrior("road-killed", "start");
        var (sun, wire) = (client.Pair.Sun, client.Pair.Wire);
        client.Pair.Bed.Play(() =>
        {
            client.Pair.Start();
            client.ShouldBeUp();
            var (dead, esp) = (CharonOf(sun), wire.Esp + wire.EspInUdp);
            using (client.Traffic())
            {
                Wait.Until("packets flow", () => wire.Esp + wire.EspInUdp > esp + 20);
                sun.Host.Shell("kill -KILL $(cat /run/charon.pid)").ShouldSucceed();
                Wait.Until("another daemon runs", () => CharonOf(sun) is { Length: > 0 } now && now != dead, 60);
                sun.ShouldHaveLogged(Back, 60);
            }
            client.ShouldBeUp();
            wire.ShouldContainOnlyEspAndIke(atLeastEsp: 40);
            sun.Stop();
            client.ShouldBeAsBefore();

            // Nobody is left to clean up but the command itself.
            sun.Start();
            client.ShouldBeUp();
            sun.Host.Shell("kill -KILL $(cat /run/starter.charon.pid) $(cat /run/charon.pid)").ShouldSucceed();
            sun.Stop();
            client.ShouldBeAsBefore();
        });
    }

    [Fact]
    public void A_daemon_that_hangs_is_started_again()
    {
        using var client = new RoadWarrior("road-hung", "start");
        var (sun, wire) = (client.Pair.Sun, client.Pair.Wire);
        client.Pair.Bed.Play(() =>
        {
            File.AppendAllText(sun.PathOf("strongswan.conf"), "starter {\n x-hang_limit = 12\n}\n");
            client.Pair.Start();
            client.ShouldBeUp();
            var hung = CharonOf(sun);
            sun.Host.Shell("kill -STOP $(cat /run/charon.pid)").ShouldSucceed();
            using (client.Traffic())
                Wait.Until("another daemon runs", () => CharonOf(sun) is { Length: > 0 } now && now != hung, 120);
            sun.ShouldHaveLogged(Back, 60);
            client.ShouldBeUp();
            wire.ShouldContainOnlyEspAndIke();
            sun.Stop();
            client.ShouldBeAsBefore();
        });
    }

    [Fact]
    public void The_capabilities_of_the_unit_are_enough()
    {
        using var client = new RoadWarrior("road-unit", "start");
        var (sun, wire) = (client.Pair.Sun, client.Pair.Wire);
        client.Pair.Bed.Play(() =>
        {
            string[] granted = [.. Granted().Match(File.ReadAllText(Checkout.Path("packaging", "systemd", "cygnet.service"))).Groups[1].Value.ToLowerInvariant().Split(' ').Order()];
            Assert.NotEmpty(granted);
            sun.Through = ["setpriv", "--inh-caps=-all", $"--bounding-set=-all,{string.Join(',', granted.Select(c => "+" + c[4..]))}", "--no-new-privs"];
            client.Pair.Start();
            foreach (var file in (string[])["charon", "starter.charon"])
            {
                // The daemon has them all, and no other.
                var status = sun.Host.Shell($"cat /proc/$(cat /run/{file}.pid)/status").ShouldSucceed().Output;
                Assert.Contains("NoNewPrivs:\t1", status);
                foreach (var set in (string[])["CapEff", "CapBnd"])
                    Assert.Equal(granted, sun.Host.Run("capsh", $"--decode={Regex.Match(status, set + @":\t(\w+)").Groups[1].Value}").ShouldSucceed().Output.Trim().Split('=')[1].Split(',').Order());
            }
            client.ShouldBeUp();

            sun.Host.Run("ipsec", "reload").ShouldSucceed();
            sun.Down("carol").ShouldSay("closed successfully");
            sun.Up("carol").ShouldSay("connection 'carol' established successfully");
            client.ShouldBeUp();

            var dead = CharonOf(sun);
            sun.Host.Shell("kill -KILL $(cat /run/charon.pid)").ShouldSucceed();
            Wait.Until("another daemon runs", () => CharonOf(sun) is { Length: > 0 } now && now != dead, 60);
            sun.ShouldHaveLogged(Back, 60);
            client.ShouldBeUp();
            wire.ShouldContainOnlyEspAndIke();
            sun.Stop();
            client.ShouldBeAsBefore();
        });
    }

    [GeneratedRegex("^CapabilityBoundingSet=(.+)$", RegexOptions.Multiline)]
    private static partial Regex Granted();
}
