// A clock that jumps by hours and by years, under a daemon with tunnels: time that passes is counted, certificates go by the new time.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

[Trait("Category", "interop")]
public sealed class ClockScenes
{
    [Fact]
    public void A_clock_that_jumps_disturbs_no_tunnel_and_judges_certificates()
    {
        using var pair = new Pair("clock", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "ecdsa", Both = ["ike=aes128-sha256-x25519!", "esp=aes128gcm16-x25519!", "dpdaction=restart", "dpddelay=2s"] }.Write(pair);
            var clock = new WallClock(pair.Moon);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            var before = pair.Moon.Sas();
            foreach (var jump in (TimeSpan[])[TimeSpan.FromHours(30), TimeSpan.FromHours(-30), TimeSpan.FromDays(11000)])
            {
                clock.Set(jump);
                var dates = pair.Moon.Log.Split('\n').Length;
                // Liveness checks and traffic by the new time.
                Wait.Until("a liveness check was answered", () => Fresh(dates).Count(l => l.Contains("parsed INFORMATIONAL response")) >= 2, 60);
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                Assert.Equal(before.Ike.Select(i => (i.Id, i.State, i.Spis)), pair.Moon.Sas().Ike.Select(i => (i.Id, i.State, i.Spis)));
                Assert.Equal(before.Children.Select(c => (c.Id, c.SpiIn)), pair.Moon.Sas().Children.Select(c => (c.Id, c.SpiIn)));
                var status = pair.Moon.StatusAll().Output;
                Assert.Matches(@"uptime: \d+ (second|minute)s?, since ", status);
                Assert.Matches(@"ESTABLISHED \d+ (second|minute)s? ago", status);
                Assert.Matches(@"rekeying in \d+ (minutes|hours)", status);
                // Lines bear the new time, and the beginning moves along.
                var now = pair.Moon.Host.Run([.. pair.Moon.Through, "date", "+%b %_d"]).ShouldSucceed().Output.Trim();
                Assert.Contains(Fresh(dates), l => l.StartsWith(now, StringComparison.Ordinal));
            }
            // Certificates of thirty years ago make no new tunnel.
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.Moon.Up("net-net").ShouldSay("certificate invalid (valid from ", "establishing connection 'net-net' failed");
            clock.Set(TimeSpan.Zero);
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Host.Run("swanctl", "--rekey", "--ike", "net-net").ShouldSucceed();
            pair.Moon.ShouldHaveLogged("rekeyed between");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke();
            pair.Moon.Down("net-net");
            pair.ShouldBeClean();

            IEnumerable<string> Fresh(int from) => pair.Moon.Log.Split('\n').Skip(from);
        });
    }
}
