// charon is killed and started anew: its peer learns it by the token, not by a time-out. RFC 6290.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class CrashScenes
{
    const string Makes = "x-qcd {\n make = yes\n }\n";

    [Fact]
    public void The_other_end_knows_at_once()
    {
        using var pair = new Pair("crash", Product.Cygnet, Product.Cygnet);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["dpdaction=restart", "dpddelay=2s"] }.Write(pair);
            pair.Moon.Settings(Makes);
            pair.Sun.Settings(Makes);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("N(CRASH_DET)", "connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            Assert.Equal("600", pair.Sun.Host.Run("stat", "-c", "%a", "/run/charon.qcd").Output.Trim());
            pair.Sun.Host.Shell("kill -KILL $(cat /run/charon.pid)").ShouldSucceed();
            pair.Moon.ShouldHaveLogged("as its token proves", 30);
            Wait.Until("there is a tunnel again", () => pair.Moon.Sas().Children.Count == 1 && pair.Moon.Ping("10.1.0.1", "10.2.0.1").ExitCode == 0);
            pair.Sun.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed();
            Assert.DoesNotContain("giving up after", pair.Moon.Log);
        });
    }

    /// <summary>strongSwan knows nothing of it.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void A_peer_without_it_is_not_disturbed(bool isInitiator)
    {
        using var pair = new Pair($"crash-unknown-{isInitiator}", isInitiator ? Product.Cygnet : Product.StrongSwan, isInitiator ? Product.StrongSwan : Product.Cygnet);
        pair.Bed.Play(() =>
        {
            new Setup().Write(pair);
            (isInitiator ? pair.Moon : pair.Sun).Settings(Makes);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("N(CRASH_DET)", "connection 'net-net' established successfully");
            (isInitiator ? pair.Moon : pair.Sun).Host.Run("swanctl", "--rekey", "--ike", "net-net").ShouldSucceed();
            (isInitiator ? pair.Moon : pair.Sun).ShouldHaveLogged("generating INFORMATIONAL request 0 [ N(CRASH_DET) ]");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Sun.Down("net-net").ShouldSay("closed successfully");
        });
    }
}
