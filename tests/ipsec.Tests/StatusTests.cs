// ipsec status and statusall against golden texts.
using Cygnet.Command.Commands;
using Cygnet.Control;

namespace Cygnet.Command.Tests;

public sealed class StatusTests
{
    static string Print(CannedVici charon, bool all, string? name = null)
    {
        var text = new StringWriter();
        Status.Print(charon, text, all, name);
        return text.ToString();
    }

    [Fact]
    public void StatusShowsShuntsTrapsAndSas() => Golden.Equal("status.txt", Print(Lab.Charon(Lab.Sas), all: false));

    [Fact]
    public void StatusAllShowsEverything() => Golden.Equal("statusall.txt", Print(Lab.Charon(Lab.Sas), all: true));

    [Fact]
    public void AConnectionThatContinuesInAnotherEventIsOne()
    {
        static ViciSection Part(string child, string? continued = null)
        {
            var message = new ViciSection();
            message.AddSection("gw").Add("x-continued", continued).Add("dpd_delay", 30).AddList("local_addrs", ["192.0.2.1"]).AddList("remote_addrs", ["192.0.2.2"]).Add("version", "IKEv2")
                .AddSection("children").AddSection(child).Add("mode", "TUNNEL").Add("dpd_action", "none").AddList("local-ts", ["10.1.0.0/16"]).AddList("remote-ts", ["10.2.0.0/16"]);
            return message;
        }
        var charon = new CannedVici().On("list-conns", new(), Part("a"), Part("b", "yes")).On("list-sas", new()).On("list-policies", new());
        Assert.Contains("""
            Connections:
                      gw:  192.0.2.1...192.0.2.2  IKEv2, dpddelay=30s
                       a:   child:  10.1.0.0/16 === 10.2.0.0/16 TUNNEL, dpdaction=none
                       b:   child:  10.1.0.0/16 === 10.2.0.0/16 TUNNEL, dpdaction=none
            Security Associations (0 up, 0 connecting):
            """.ReplaceLineEndings("\n"), Print(charon, all: true));
        Assert.Contains("list-conns x-brief=yes", charon.Requests);
    }

    [Fact]
    public void AnSaThatContinuesInAnotherEventIsOne()
    {
        static ViciSection Part(string child, string? continued = null)
        {
            var message = new ViciSection();
            message.AddSection("gw").Add("uniqueid", 1).Add("state", "ESTABLISHED").Add("established", 5).Add("x-continued", continued).Add("local-host", "192.0.2.1").Add("local-id", "moon")
                .Add("remote-host", "192.0.2.2").Add("remote-id", "sun").AddSection("child-sas").AddSection($"{child}-1").Add("name", child).Add("uniqueid", 1).Add("reqid", 1)
                .Add("state", "ROUTED").Add("mode", "TUNNEL").AddList("local-ts", ["10.1.0.0/16"]).AddList("remote-ts", ["10.2.0.0/16"]);
            return message;
        }
        var charon = new CannedVici().On("list-sas", new(), Part("a"), Part("b", "yes")).On("list-policies", new());
        const string head = "Security Associations (1 up, 0 connecting):\n          gw[1]: ESTABLISHED 5 seconds ago, 192.0.2.1[moon]...192.0.2.2[sun]\n";
        static string Lines(string child) => $"           {child}{{1}}:  ROUTED, TUNNEL, reqid 1\n           {child}{{1}}:   10.1.0.0/16 === 10.2.0.0/16\n";
        Assert.Equal($"{head}{Lines("a")}{Lines("b")}", Print(charon, all: false));
        Assert.Equal($"{head}{Lines("b")}", Print(charon, all: false, "b"));
        Assert.Equal(["a", "b"], Assert.Single(Status.SaEvents(charon, wait: true)).Section("child-sas")!.Sections.Select(c => c.Text("name")));
    }

    [Fact]
    public void ANameOfAChildShowsItUnderItsIkeSa() => Golden.Equal("statusall-second-child.txt", Print(Lab.Charon(Lab.Sas), all: true, "second-child"));

    [Theory]
    [InlineData(null, "Security Associations (0 up, 0 connecting):\n  none\n")]
    [InlineData("nosuch", "Security Associations (0 up, 0 connecting):\n  no match\n")]
    public void WithoutSas(string? name, string expected) =>
        Assert.Equal(expected, Print(new CannedVici().On("stats", Lab.Stats(0, 0)).On("list-policies", new()).On("list-sas", new()), all: false, name));

    [Theory]
    [InlineData(0, "0 seconds")]
    [InlineData(1, "1 second")]
    [InlineData(120, "120 seconds")]
    [InlineData(121, "2 minutes")]
    [InlineData(7200, "120 minutes")]
    [InlineData(7201, "2 hours")]
    [InlineData(172800, "48 hours")]
    [InlineData(172801, "2 days")]
    [InlineData(-5, "5 seconds")]
    public void SpansOfTime(long seconds, string expected) => Assert.Equal(expected, Delta.Of(seconds));
}
