// The bed proves itself: strongSwan against strongSwan, so that a failure elsewhere is Cygnet's.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class BedScenes
{
    [Fact]
    public void Two_strongSwans_talk_through_a_tunnel()
    {
        using var pair = new Pair("strongswan", Product.StrongSwan, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Both = ["ike=aes128-sha256-modp2048!", "esp=aes128gcm16-modp2048!"] }.Write(pair);
            pair.Start();

            pair.Moon.Up("net-net").ShouldSucceed().ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Sun.Status().ShouldSay("Security Associations (1 up, 0 connecting):", "INSTALLED, TUNNEL, reqid 1, ESP in UDP SPIs: ", "10.2.0.0/24 === 10.1.0.0/24");
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);

            pair.Moon.Down("net-net").ShouldSucceed().ShouldSay("IKE_SA [1] closed successfully");
            pair.ShouldBeClean();
            pair.Moon.Stop();
        });
    }

    [Fact]
    public void The_wire_sees_what_goes_in_clear()
    {
        using var pair = new Pair("clear", Product.StrongSwan, Product.StrongSwan);
        pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
        var failure = Assert.Throws<BedFailure>(() => pair.Wire.ShouldContainOnlyEspAndIke());
        Assert.Contains("protocol 1 from 10.1.0.1 to 10.2.0.1", failure.Message);
    }
}
