// IPv4 and IPv6 outside and inside, and several children at once.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class FamilyScenes
{
    [Theory]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    public void Either_family_goes_through_either(bool isOuterV6, bool isInnerV6, bool isInitiator)
    {
        using var pair = new Pair($"outer{(isOuterV6 ? 6 : 4)}-inner{(isInnerV6 ? 6 : 4)}-{(isInitiator ? "initiates" : "responds")}",
            isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
        pair.Bed.Play(() =>
        {
            var setup = new Setup { IsOuterV6 = isOuterV6 };
            (isInnerV6 ? setup with { MoonNet = "fd01::/64", SunNet = "fd02::/64" } : setup).Write(pair);
            pair.Start();

            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            var (moon, sun) = isInnerV6 ? ("fd01::1", "fd02::1") : ("10.1.0.1", "10.2.0.1");
            pair.Moon.Ping(moon, sun).ShouldSucceed();
            pair.Sun.Ping(sun, moon).ShouldSucceed();
            var transfer = new TcpTransfer(pair.Moon.Host, moon, pair.Sun.Host, sun, 5_000_000, TimeSpan.Zero);
            transfer.ShouldArriveWhole();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 1000);

            pair.Sun.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Several_children_live_side_by_side(bool isInitiator)
    {
        using var pair = new Pair($"children-{(isInitiator ? "initiates" : "responds")}",
            isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
        pair.Bed.Play(() =>
        {
            new Setup
            {
                More = """
                    conn chacha
                    	also=net-net
                    	leftsubnet=10.1.1.0/24
                    	rightsubnet=10.2.1.0/24
                    	esp=chacha20poly1305-x25519!

                    conn cbc
                    	also=net-net
                    	leftsubnet=10.1.2.0/24
                    	rightsubnet=10.2.2.0/24
                    	esp=aes256-sha512-ecp256!

                    conn six
                    	also=net-net
                    	leftsubnet=fd01:3::/64
                    	rightsubnet=fd02:3::/64
                    	esp=aes256gcm16-modp2048!

                    """,
            }.Write(pair);
            pair.Start();

            foreach (var name in (ReadOnlySpan<string>)["net-net", "chacha", "cbc", "six"])
                pair.Moon.Up(name).ShouldSay($"connection '{name}' established successfully");
            PingAll(pair);
            pair.Sun.StatusAll().ShouldSay("Security Associations (1 up, 0 connecting):", "AES_GCM_16_128, ",
                "CHACHA20_POLY1305/CURVE_25519, ", "AES_CBC_256/HMAC_SHA2_512_256/ECP_256, ", "AES_GCM_16_256/MODP_2048, ");

            // One child goes, the others stay; what it covered goes in clear from then on, so nothing is sent there.
            pair.Moon.Down("cbc{*}").ShouldSay("closed successfully");
            pair.Moon.Ping("10.1.1.1", "10.2.1.1").ShouldSucceed();
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Sun.Status().ShouldNotSay("cbc{");

            pair.Moon.Up("cbc").ShouldSay("connection 'cbc' established successfully");
            PingAll(pair);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 60);
            pair.Sun.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    static void PingAll(Pair pair)
    {
        pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
        pair.Sun.Ping("10.2.1.1", "10.1.1.1").ShouldSucceed();
        pair.Moon.Ping("10.1.2.1", "10.2.2.1").ShouldSucceed();
        pair.Sun.Ping("fd02:3::1", "fd01:3::1").ShouldSucceed();
    }
}
