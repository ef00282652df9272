// IKE messages too large for one datagram (RFC 7383), and the answers to a first guess that was wrong.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class FirstMessageScenes
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Certificates_travel_in_fragments(bool isInitiator)
    {
        using var pair = Pair(isInitiator, "fragments");
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa" }.Write(pair);
            pair.Moon.Settings("fragment_size = 600");
            pair.Sun.Settings("fragment_size = 600");
            pair.Start();

            pair.Moon.Up("net-net").ShouldSay("generating IKE_AUTH request 1 [ EF(1/", "parsed IKE_AUTH response 1 [ EF(1/",
                "received fragment #1 of ", "connection 'net-net' established successfully");
            pair.Sun.ShouldHaveLogged("received fragment #1 of ");
            pair.Sun.ShouldHaveLogged("reassembled fragmented IKE message");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_group_is_asked_for(bool isInitiator)
    {
        using var pair = Pair(isInitiator, "invalid-ke");
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["ike=aes128-sha256-x25519-ecp384!"], Sun = ["ike=aes128-sha256-ecp384!"] }.Write(pair);
            pair.Start();

            pair.Moon.Up("net-net").ShouldSay("parsed IKE_SA_INIT response 0 [ N(INVAL_KE) ]",
                "peer didn't accept DH group CURVE_25519, it requested ECP_384",
                "connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cookie_is_asked_for(bool isInitiator)
    {
        using var pair = Pair(isInitiator, "cookie");
        pair.Bed.Play(() =>
        {
            new Setup().Write(pair);
            pair.Sun.Settings("cookie_threshold = 1");
            pair.Start();
            Stranger.OpensHalf(pair.Moon.Host, "192.168.0.1", "192.168.0.2");

            pair.Moon.Up("net-net").ShouldSay("parsed IKE_SA_INIT response 0 [ N(COOKIE) ]",
                "generating IKE_SA_INIT request 0 [ N(COOKIE) SA KE No", "connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
        });
    }

    static Pair Pair(bool isInitiator, string scene) => new($"{scene}-{(isInitiator ? "initiates" : "responds")}",
        isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
}
