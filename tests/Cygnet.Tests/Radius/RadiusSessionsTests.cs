// Accounting: what is reported of a peer's session, when, and what happens if nobody listens. RFC 2866, RFC 2869 2.1.
using Cygnet.Eap;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Tests.Radius;

public sealed class RadiusSessionsTests
{
    const uint Start = 1, Stop = 2, Interim = 3;
    static readonly Address Vip4 = Address.Parse("10.3.0.1"), Vip6 = Address.Parse("fec3::1");

    [Fact]
    public void ASessionIsReportedFromStartToStop()
    {
        var scene = new SessionsScene("accounting = yes\naccounting_send_class = yes");
        var ike = scene.Establish(7, grant: new() { Classes = [[1, 2, 3]], UserName = "carol.real" }, vips: [Vip4, Vip6]);
        Assert.Equal([Start], scene.Statuses);
        Assert.Equal("1700000000-7", scene.Text(0, RadiusType.AcctSessionId));
        Assert.Equal("carol.real", scene.Text(0, RadiusType.UserName));
        Assert.Equal("rw", scene.Text(0, RadiusType.NasPortId));
        Assert.Equal("198.51.100.9[1025]", scene.Text(0, RadiusType.CallingStationId));
        Assert.Equal((uint)Vip4.Bits, scene.Number(0, RadiusType.FramedIpAddress));
        Assert.Contains(scene.Reports[0].Attributes.List, a => a.Type == RadiusType.FramedIpv6Address && a.Value.SequenceEqual(Vip6.ToBytes()));
        Assert.Contains(scene.Reports[0].Attributes.List, a => a.Type == RadiusType.Class && a.Value.SequenceEqual((byte[])[1, 2, 3]));
        Assert.Null(scene.Number(0, RadiusType.AcctInputOctets));
        scene.Reply();

        scene.Pass(90);
        Assert.Single(scene.Reports);
        scene.TakeDown(ike with { Children = [SessionsScene.Child(1, 5_000_000_000, 300, 40, 3)], RemoteVips = [], Grant = null });
        Assert.Equal([Start, Stop], scene.Statuses);
        Assert.Equal((uint)(5_000_000_000 & 0xffffffff), scene.Number(1, RadiusType.AcctInputOctets));
        Assert.Equal(1u, scene.Number(1, RadiusType.AcctInputGigawords));
        Assert.Equal(300u, scene.Number(1, RadiusType.AcctOutputOctets));
        Assert.Null(scene.Number(1, RadiusType.AcctOutputGigawords));
        Assert.Equal((40u, 3u), (scene.Number(1, RadiusType.AcctInputPackets), scene.Number(1, RadiusType.AcctOutputPackets)));
        Assert.Equal(90u, scene.Number(1, RadiusType.AcctSessionTime));
        Assert.Equal((uint)TerminateCause.UserRequest, scene.Number(1, RadiusType.AcctTerminateCause));
        Assert.Equal((uint)Vip4.Bits, scene.Number(1, RadiusType.FramedIpAddress));
        scene.Reply();
        Assert.Equal((0, 0), (scene.Sessions.Count, scene.Sessions.Unreported));
    }

    [Fact]
    public void TheServerTakesBackAnAddressThatThePeerDidNotWant()
    {
        var scene = new SessionsScene("accounting = yes");
        scene.TakeDown(scene.Establish(7, grant: new() { Addresses = [Vip4, Vip6] }, vips: [Vip6]));
        scene.Reply();
        scene.Reply();
        Assert.Equal([Start, Stop], scene.Statuses);
        Assert.Null(scene.Number(0, RadiusType.FramedIpAddress));
        Assert.Equal((uint)Vip4.Bits, scene.Number(1, RadiusType.FramedIpAddress));
        Assert.Single(scene.Reports[1].Attributes.List, a => a.Type == RadiusType.FramedIpv6Address);
    }

    [Fact]
    public void WithoutTheSettingNothingIsReported()
    {
        var scene = new SessionsScene("");
        scene.TakeDown(scene.Establish(1));
        Assert.Empty(scene.Reports);
        Assert.Equal(0, scene.Sessions.Count);
    }

    [Fact]
    public void PeersThatWeCalledAreNotOurSessions()
    {
        var scene = new SessionsScene("accounting = yes");
        scene.Raise(new SaEvent.IkeUpDown(true, SessionsScene.Ike(1) with { IsInitiator = true }));
        scene.Answer();
        Assert.Empty(scene.Reports);
    }

    [Fact]
    public void WhoMustHaveAVirtualAddressHasOne()
    {
        var scene = new SessionsScene("accounting = yes\naccounting_requires_vip = yes");
        var without = scene.Establish(1);
        scene.TakeDown(without);
        Assert.Empty(scene.Reports);
        scene.Establish(2, vips: Vip4);
        Assert.Equal([Start], scene.Statuses);
    }

    [Fact]
    public void ASessionThatWasOverAtOnceHasBothEnds()
    {
        var scene = new SessionsScene("accounting = yes");
        var ike = SessionsScene.Ike(1);
        scene.Raise(new SaEvent.IkeUpDown(true, ike));
        scene.TakeDown(ike);
        scene.Answer();
        Assert.Equal([Start], scene.Statuses);
        scene.Reply();
        scene.Reply();
        Assert.Equal([Start, Stop], scene.Statuses);
        Assert.Equal(0, scene.Sessions.Unreported);
    }

    [Fact]
    public void AnEndWaitsForTheAnswerToItsStart()
    {
        var scene = new SessionsScene("accounting = yes");
        var ike = scene.Establish(1);
        scene.TakeDown(ike);
        Assert.Equal([Start], scene.Statuses);
        scene.Reply();
        Assert.Equal([Start, Stop], scene.Statuses);
    }

    [Fact]
    public void UpdatesComeAsOftenAsTheServerWants()
    {
        var scene = new SessionsScene("accounting = yes\naccounting_interval = 300");
        scene.Establish(1, grant: new() { InterimInterval = TimeSpan.FromSeconds(60) });
        scene.Reply();
        Assert.Contains("scheduling RADIUS Interim-Updates every 60s", scene.Lines);
        scene.Up[1] = scene.Up[1] with { Children = [SessionsScene.Child(1, 10, 20, 1, 2)] };
        scene.Pass(59);
        Assert.Equal([Start], scene.Statuses);
        scene.Pass(1);
        Assert.Equal([Start, Interim], scene.Statuses);
        Assert.Equal((10u, 20u, 60u), (scene.Number(1, RadiusType.AcctInputOctets), scene.Number(1, RadiusType.AcctOutputOctets), scene.Number(1, RadiusType.AcctSessionTime)));
        Assert.Null(scene.Number(1, RadiusType.AcctTerminateCause));
        // while one is unanswered no other is sent
        scene.Pass(60);
        Assert.Equal(2, scene.Reports.Count);
        scene.Reply();
        scene.Pass(60);
        Assert.Equal(3, scene.Reports.Count);
        scene.TakeDown(scene.Up[1]);
        scene.Reply();
        scene.Reply();
        scene.Pass(600);
        Assert.Equal([Start, Interim, Interim, Stop], scene.Statuses);
    }

    [Fact]
    public void RekeyingChangesNothingForTheServer()
    {
        var scene = new SessionsScene("accounting = yes\naccounting_interval = 60");
        var old = scene.Establish(1, vips: Vip4) with { Children = [SessionsScene.Child(1, 100, 10, 10, 1)] };
        scene.Reply();
        // a child is rekeyed; the old one gets some packets more, then it is gone
        scene.Raise(new SaEvent.ChildRekey(old, SessionsScene.Child(1, 100, 10, 10, 1), SessionsScene.Child(2)));
        scene.Raise(new SaEvent.ChildUpDown(true, old with { Children = [SessionsScene.Child(1, 130, 10, 13, 1), SessionsScene.Child(2, 5, 5, 1, 1)] }, SessionsScene.Child(3, 0, 0, 0, 0)));
        // then the IKE_SA
        var @new = SessionsScene.Ike(5) with { IsInitiator = true, Children = [SessionsScene.Child(2, 50, 5, 5, 1)] };
        scene.Up.Remove(1);
        scene.Up[5] = @new;
        scene.Raise(new SaEvent.IkeRekey(old, @new));
        scene.Pass(60);
        Assert.Equal([Start, Interim], scene.Statuses);
        Assert.Equal(180u, scene.Number(1, RadiusType.AcctInputOctets));
        Assert.Equal("1700000000-1", scene.Text(1, RadiusType.AcctSessionId));
        Assert.Equal(5u, scene.Number(1, RadiusType.NasPort));
        Assert.Equal((uint)Vip4.Bits, scene.Number(1, RadiusType.FramedIpAddress));
        scene.Reply();
        // a child is deleted, its last counters come with the event
        scene.Raise(new SaEvent.ChildUpDown(false, @new with { Children = [] }, SessionsScene.Child(2, 60, 6, 6, 1)));
        scene.TakeDown(@new with { Children = [] });
        Assert.Equal(190u, scene.Number(2, RadiusType.AcctInputOctets));
        Assert.Equal(16u, scene.Number(2, RadiusType.AcctOutputOctets));
    }

    [Theory]
    [InlineData("ike-sa-expired", 5u)]
    [InlineData("retransmit-send-timeout", 3u)]
    [InlineData("half-open-timeout", 1u)]
    public void TheEndSaysWhy(string alert, uint cause)
    {
        var scene = new SessionsScene("accounting = yes");
        var ike = scene.Establish(1);
        scene.Reply();
        scene.Raise(new SaEvent.Alert(alert, ike));
        scene.TakeDown(ike);
        Assert.Equal(cause, scene.Number(1, RadiusType.AcctTerminateCause));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("close_all_on_timeout = yes", null)]
    public void ASessionThatCannotBeAccountedForEnds(string setting, int? closed)
    {
        var scene = new SessionsScene("accounting = yes\n" + setting);
        var ike = scene.Establish(1);
        scene.Reply(answers: false);
        Assert.Equal([closed], scene.Closed);
        scene.TakeDown(ike);
        Assert.Equal([Start, Stop], scene.Statuses);
        scene.Reply(answers: false);
        Assert.Equal(0, scene.Sessions.Unreported);
    }

    [Theory]
    [InlineData("yes", 1)]
    [InlineData("no", 0)]
    public void AMissedUpdateEndsTheSessionIfItShall(string setting, int closed)
    {
        var scene = new SessionsScene($"accounting = yes\naccounting_interval = 60\naccounting_close_on_timeout = {setting}");
        scene.Establish(1);
        scene.Reply();
        scene.Pass(60);
        scene.Reply(answers: false);
        Assert.Equal(closed, scene.Closed.Count);
    }
}
