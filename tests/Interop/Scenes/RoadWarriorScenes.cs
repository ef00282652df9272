// A client whose daemon dies, hangs, or may do no more than its unit of systemd grants: nothing leaves in clear, and nothing stays behind.
using System.Text.RegularExpressions;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

[Trait("Category", "interop")]
public sealed partial class RoadWarriorScenes
{
    static void AwaitPackets(Wire wire)
    {
        var esp = wire.Esp + wire.EspInUdp;
        Wait.Until("packets flow", () => wire.Esp + wire.EspInUdp > esp + 20, 60);
    }

    [Fact]
    public void A_client_that_is_killed_leaves_nothing_stale()
    {
        using var client = new RoadWarrior("road-killed");
        var (sun, wire) = (client.Pair.Sun, client.Pair.Wire);
        client.Pair.Bed.Play(() =>
        {
            client.Pair.Start();
            client.ShouldBeUp();
            using (client.Traffic())
            {
                AwaitPackets(wire);
                client.IsKilledAndComesBack();
                AwaitPackets(wire);
            }
            client.ShouldBeUp();
            wire.ShouldContainOnlyEspAndIke();
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
        using var client = new RoadWarrior("road-hung");
        var (sun, wire) = (client.Pair.Sun, client.Pair.Wire);
        client.Pair.Bed.Play(() =>
        {
            File.AppendAllText(sun.PathOf("strongswan.conf"), "starter {\n x-hang_limit = 12\n}\n");
            client.Pair.Start();
            client.ShouldBeUp();
            using (client.Traffic()) client.IsKilledAndComesBack("STOP");
            client.ShouldBeUp();
            wire.ShouldContainOnlyEspAndIke();
            sun.Stop();
            client.ShouldBeAsBefore();
        });
    }

    [Fact]
    public void The_capabilities_of_the_unit_are_enough()
    {
        using var client = new RoadWarrior("road-unit");
        var (sun, wire) = (client.Pair.Sun, client.Pair.Wire);
        client.Pair.Bed.Play(() =>
        {
            var granted = GrantedByTheUnit();
            sun.Through = AsTheUnit(granted);
            client.Pair.Start();
            foreach (var file in (string[])["charon", "starter.charon"])
            {
                // The daemon has them all, and no other.
                var status = StatusOf(sun, file);
                Assert.Contains("NoNewPrivs:\t1", status);
                foreach (var set in (string[])["CapEff", "CapBnd"]) Assert.Equal(granted, Capabilities(sun, status, set));
            }
            client.ShouldBeUp();

            client.ShouldObey();
            client.IsKilledAndComesBack();
            client.ShouldBeUp();
            wire.ShouldContainOnlyEspAndIke();
            sun.Stop();
            client.ShouldBeAsBefore();
        });
    }

    static string[] GrantedByTheUnit()
    {
        string[] granted = [.. Granted().Match(File.ReadAllText(Checkout.Path("packaging", "systemd", "cygnet.service"))).Groups[1].Value.ToLowerInvariant().Split(' ').Order()];
        Assert.NotEmpty(granted);
        return granted;
    }

    static string[] AsTheUnit(string[] granted) => ["setpriv", "--inh-caps=-all", $"--bounding-set=-all,{string.Join(',', granted.Select(c => "+" + c[4..]))}", "--no-new-privs"];

    static string StatusOf(Gateway gateway, string daemon) => gateway.Host.Shell($"cat /proc/$(cat /run/{daemon}.pid)/status").ShouldSucceed().Output;

    static IEnumerable<string> Capabilities(Gateway gateway, string status, string set) =>
        gateway.Host.Run("capsh", $"--decode={Regex.Match(status, set + @":\t(\w+)").Groups[1].Value}").ShouldSucceed().Output.Trim().Split('=')[1].Split(',').Order();

    /// <summary>Under the capabilities of the unit, from which the daemon takes three with it when it becomes the user of charon.user.</summary>
    [EnterableFact]
    public void A_daemon_that_is_not_root_does_all_of_it_too()
    {
        using var client = new RoadWarrior("road-user");
        var (sun, wire) = (client.Pair.Sun, client.Pair.Wire);
        client.Pair.Bed.Play(() =>
        {
            var conf = File.ReadAllText(sun.PathOf("strongswan.conf"));
            string Charon() => sun.Host.Shell("$(ipsec --directory)/charon").Text;
            sun.Write("strongswan.conf", $"{conf}charon {{\n user = no-such-user\n}}\n");
            Assert.Contains("66", sun.Host.Shell("$(ipsec --directory)/charon; echo $?").Text);
            sun.ShouldHaveLogged("'charon.user = no-such-user': there is no such user on this host");

            // Readable for root alone: it would run by other settings than these.
            sun.Write("strongswan.conf", $"{conf}charon {{\n user = nobody\n}}\n");
            File.SetUnixFileMode(sun.PathOf("strongswan.conf"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Assert.Contains("strongswan.conf' may not be read by user 'nobody'", Charon());
            File.SetUnixFileMode(sun.PathOf("strongswan.conf"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

            // ipsec.secrets stays root's: it is the starter who reads it. Of what the daemon writes to, resolv.conf has to be given to him.
            sun.Host.Run("chown", "nobody", client.Resolver).ShouldSucceed();
            sun.Through = AsTheUnit(GrantedByTheUnit());
            client.Pair.Start();
            ShouldBeNobody(sun);
            client.ShouldBeUp();

            client.ShouldObey();
            client.IsKilledAndComesBack();
            client.ShouldBeUp();
            ShouldBeNobody(sun);
            wire.ShouldContainOnlyEspAndIke();
            sun.Stop();
            client.ShouldBeAsBefore();
            Assert.Equal("", sun.Host.Shell("ls /run/charon.vici /run/charon.pid 2>/dev/null").Output);

            // What is to be undone is written where he may write: the command looks there too.
            sun.Start();
            client.ShouldBeUp();
            sun.Host.Shell("kill -KILL $(cat /run/starter.charon.pid) $(cat /run/charon.pid)").ShouldSucceed();
            sun.Stop();
            client.ShouldBeAsBefore();
        });
    }

    static void ShouldBeNobody(Gateway gateway)
    {
        Wait.Until("the daemon is nobody's", () => gateway.Host.Shell("ps -o user= -p $(cat /run/charon.pid)").Output.Trim() == "nobody", 60);
        var status = StatusOf(gateway, "charon");
        Assert.Matches(@"Uid:\t65534\t65534\t65534\t65534\n", status);
        foreach (var set in (string[])["CapEff", "CapPrm", "CapInh"]) Assert.Equal(["cap_net_admin", "cap_net_bind_service", "cap_net_raw"], Capabilities(gateway, status, set));
        Assert.Equal("root", gateway.Host.Shell("stat -c %U /run/charon.pid").Output.Trim());
        Assert.Equal("nobody 660", gateway.Host.Shell("stat -c '%U %a' /run/charon.vici").Output.Trim());
    }

    [GeneratedRegex("^CapabilityBoundingSet=(.+)$", RegexOptions.Multiline)]
    private static partial Regex Granted();
}
