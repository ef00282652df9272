// The life of a gateway as its keeper sees it: start, change, stop, and a peer that falls silent.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class LifeScenes
{
    [Fact]
    public void Auto_start_update_and_stop()
    {
        using var pair = new Pair("life", Subject.Product, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["auto=start"] }.Write(pair);
            pair.Sun.Start();
            pair.Moon.Start();
            Wait.Until("auto=start brings the tunnel up", () => pair.Moon.Sas().Children.Count == 1);
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();

            // An update adds what is new and leaves what runs alone.
            new Setup { Moon = ["auto=start"], More = "conn second\n\talso=net-net\n\tauto=add\n\tleftsubnet=10.1.1.0/24\n\trightsubnet=10.2.1.0/24\n\n" }.Write(pair);
            var before = pair.Moon.Sas();
            pair.Moon.Host.Run("ipsec", "update").ShouldSucceed().ShouldSay("Updating ");
            pair.Sun.Host.Run("ipsec", "update").ShouldSucceed();
            Wait.Until("the update is loaded", () => pair.Moon.StatusAll().Output.Contains("second:") && pair.Sun.StatusAll().Output.Contains("second:"));
            pair.Moon.Up("second").ShouldSay("connection 'second' established successfully");
            pair.Moon.Ping("10.1.1.1", "10.2.1.1").ShouldSucceed();
            if (pair.Moon.Sas().Children.All(child => child.SpiIn != before.Children[0].SpiIn))
                throw new BedFailure("the update touched a child that runs");

            // A broken file keeps what is loaded.
            pair.Moon.Write("ipsec.conf", "config setup\n\nconn broken\n\tleft\n");
            pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
            Thread.Sleep(1000);
            pair.Moon.StatusAll().ShouldSay("net-net:", "second:", "Security Associations (1 up, 0 connecting):");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 18);

            pair.Moon.Stop();
            Wait.Until("nothing of it runs", () => pair.Moon.Host.Shell("cat /proc/[0-9]*/comm").Output is var all && !all.Contains("charon") && !all.Contains("starter"));
            Assert.Equal(3, pair.Moon.Host.Run("ipsec", "status").ExitCode);
            Assert.Equal(7, pair.Moon.Up("net-net").ExitCode);
            pair.Sun.ShouldBeClean();
        });
    }

    [Fact]
    public void A_peer_that_died_is_noticed()
    {
        using var pair = new Pair("liveness", Subject.Product, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["dpddelay=1s", "dpdaction=clear"] }.Write(pair);
            pair.Moon.Settings("retransmit_timeout = 0.3\n    retransmit_tries = 3\n    retransmit_base = 1.2");
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.ShouldHaveLogged("sending DPD request");
            pair.Sun.Host.Run("kill", "-KILL", pair.Sun.Host.Run("cat", "/run/starter.charon.pid").Output.Trim(), pair.Sun.Host.Run("cat", "/run/charon.pid").Output.Trim()).ShouldSucceed();
            pair.Moon.ShouldHaveLogged("giving up after 3 retransmits", 20);
            pair.Moon.ShouldBeClean();
        });
    }

    [Fact]
    public void Swanctl_reads_what_ipsec_started()
    {
        using var pair = new Pair("swanctl", Subject.Product, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup().Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Host.Run("swanctl", "--list-conns").ShouldSucceed().ShouldSay("net-net: IKEv2", "local:  192.168.0.1", "remote: 192.168.0.2", "net-net: TUNNEL");
            pair.Moon.Host.Run("swanctl", "--list-sas").ShouldSucceed().ShouldSay("net-net: #1, ESTABLISHED, IKEv2", "AES_CBC-128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519",
                "INSTALLED, TUNNEL", "local  10.1.0.0/24", "remote 10.2.0.0/24");
            pair.Moon.Host.Run("swanctl", "--terminate", "--ike", "net-net").ShouldSucceed().ShouldSay("terminate completed successfully");
            pair.ShouldBeClean();
        });
    }
}
