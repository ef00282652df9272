// A tunnel that comes back by a ticket, and peers that know nothing of tickets. RFC 5723.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class ResumptionScenes
{
    const string Gives = "x-resumption {\n tickets = yes\n lifetime = 1h\n }\n";

    [Fact]
    public void Down_and_up_again()
    {
        using var pair = new Pair("resume", Product.Cygnet, Product.Cygnet);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "ecdsa", Moon = ["x-resume=yes"] }.Write(pair);
            pair.Sun.Settings(Gives);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("N(TKT_REQ)", "received a ticket to resume the session within 3600s", "connection 'net-net' established successfully");
            for (var i = 0; i < 2; i++)
            {
                pair.Moon.Down("net-net").ShouldSay("closed successfully");
                pair.ShouldBeClean();
                pair.Moon.Up("net-net").ShouldSay("resuming IKE_SA net-net[", "generating IKE_SESSION_RESUME request 0 [ No N(TKT_OPAK)", "resumed", "connection 'net-net' established successfully");
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                pair.Sun.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed();
            }
            // the gateway closes it: then it wants to know who comes
            pair.Sun.Down("net-net").ShouldSay("closed successfully");
            Wait.Until("moon has no SA", () => pair.Moon.Sas().Ike.Count == 0);
            pair.Moon.Up("net-net").ShouldSay("generating IKE_SA_INIT request 0", "connection 'net-net' established successfully");
            // a gateway that was started anew knows no ticket
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.Sun.Stop();
            pair.Sun.Start();
            pair.Moon.Up("net-net").ShouldSay("received TICKET_NACK, authenticating anew", "generating IKE_SA_INIT request 0", "connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 20);
        });
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_peer_without_it_is_not_disturbed(bool isInitiator)
    {
        using var pair = new Pair($"resume-unknown-{isInitiator}", isInitiator ? Product.Cygnet : Product.StrongSwan, isInitiator ? Product.StrongSwan : Product.Cygnet);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = isInitiator ? ["x-resume=yes"] : [] }.Write(pair);
            if (!isInitiator) pair.Sun.Settings(Gives);
            pair.Start();
            for (var i = 0; i < 2; i++)
            {
                pair.Moon.Up("net-net").ShouldSay("generating IKE_SA_INIT request 0", "connection 'net-net' established successfully");
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                pair.Moon.Down("net-net").ShouldSay("closed successfully");
            }
        });
    }
}
