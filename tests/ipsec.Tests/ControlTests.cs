// ipsec up, down, route and unroute: which request follows from which name, and what is printed.
using Cygnet.Command.Commands;
using Cygnet.Control;

namespace Cygnet.Command.Tests;

public sealed class ControlTests
{
    readonly StringWriter _out = new(), _error = new();

    [Fact]
    public void UpPrintsTheLogAndTheResult()
    {
        var charon = Lab.Charon().Yes("initiate",
            CannedVici.Log("initiating IKE_SA net-net[1] to 192.168.0.2"),
            CannedVici.Log("generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(HASH_ALG) N(REDIR_SUP) ]"),
            CannedVici.Log("IKE_SA net-net[1] established between 192.168.0.1[moon.strongswan.org]...192.168.0.2[sun.strongswan.org]"),
            CannedVici.Log("  using certificate \"C=CH, O=Grüezi\""));
        Up.Run(charon, _out, "net-net");
        Golden.Equal("up.txt", _out.ToString());
        Assert.Equal("initiate child=net-net ike=net-net loglevel=1", charon.Requests[^1]);
    }

    [Fact]
    public void UpThatFailsSaysSo()
    {
        var charon = Lab.Charon().No("initiate", "establishing CHILD_SA 'rsa' failed",
            CannedVici.Log("initiating IKE_SA bad-psk[9] to 192.168.0.2"), CannedVici.Log("received AUTHENTICATION_FAILED notify error"));
        Up.Run(charon, _out, "rsa");
        Golden.Equal("up-failed.txt", _out.ToString());
    }

    [Fact]
    public void UpPrintsAReasonThatTheReferenceDoesNotHave()
    {
        Up.Run(Lab.Charon().No("initiate", "establishing CHILD_SA 'rsa' not possible at the moment due to limits"), _out, "rsa");
        Assert.Equal("establishing CHILD_SA 'rsa' not possible at the moment due to limits\nestablishing connection 'rsa' failed\n", _out.ToString());
    }

    [Fact]
    public void UpOfAMergedConnFindsItsConnection()
    {
        var charon = Lab.Charon().Yes("initiate");
        Up.Run(charon, _out, "second-child");
        Assert.Equal("connection 'second-child' established successfully\n", _out.ToString());
        Assert.Equal("initiate child=second-child ike=net-net loglevel=1", charon.Requests[^1]);
    }

    [Fact]
    public void UpOfAConnectionWithoutAChildOfItsNameTakesAllChildren()
    {
        var message = new ViciSection();
        var children = message.AddSection("site").AddSection("children");
        children.AddSection("a");
        children.AddSection("b");
        var charon = new CannedVici().On("list-conns", new(), message).Yes("initiate").No("initiate", "establishing CHILD_SA 'b' failed");
        Up.Run(charon, _out, "site");
        Assert.Equal("connection 'site' established successfully\nestablishing connection 'site' failed\n", _out.ToString());
        Assert.Equal(["initiate child=a ike=site loglevel=1", "initiate child=b ike=site loglevel=1"], charon.Requests.Skip(1));
    }

    [Fact]
    public void UpOfUnknownNames()
    {
        var empty = new ViciSection();
        empty.AddSection("childless").AddSection("children");
        var charon = new CannedVici().On("list-conns", new(), empty);
        Up.Run(charon, _out, "nosuchconn");
        Up.Run(charon, _out, "childless");
        Assert.Equal("no config named 'nosuchconn'\nno child config named 'childless'\n", _out.ToString());
        Assert.DoesNotContain(charon.Requests, r => r.StartsWith("initiate"));
    }

    [Fact]
    public void DownOfAChildPrintsTheLogAndTheResult()
    {
        var charon = Lab.Charon(Lab.Sas).Yes("terminate",
            CannedVici.Log("closing CHILD_SA second-child{4} with SPIs 53c0bec2_i (0 bytes) 53c57ac2_o (0 bytes) and TS 10.1.9.0/24 === 10.2.9.0/24"),
            CannedVici.Log("CHILD_SA closed"));
        Down.Run(charon, _out, _error, "second-child{*}");
        Golden.Equal("down.txt", _out.ToString());
        Assert.Equal("terminate child-id=4 loglevel=1", charon.Requests[^1]);
    }

    [Theory]
    [InlineData("rsa", "ike-id=2")]
    [InlineData("rsa[]", "ike-id=2")]
    [InlineData("rsa[*]", "ike-id=2")]
    [InlineData("whatever[3]", "ike-id=3")]
    [InlineData("[3]", "ike-id=3")]
    [InlineData("rsa{}", "child-id=5")]
    [InlineData("rsa{*}", "child-id=5", "child-id=6")]
    [InlineData("{7}", "child-id=7")]
    [InlineData("whatever{7}", "child-id=7")]
    [InlineData("nosuch")]
    [InlineData("nosuch{}")]
    [InlineData("second-child")] // a child's name alone names an IKE_SA, and there is none
    [InlineData("bad{x")]
    [InlineData("rsa[0]")]
    [InlineData("rsa[abc]")]
    [InlineData("rsa[-1]")]
    [InlineData("rsa]")]
    [InlineData("rsa}")]
    [InlineData("")]
    public void DownTerminatesExactlyWhatTheSpecifierSays(string specifier, params string[] terminated)
    {
        var charon = Lab.Charon(Lab.Sas).Yes("terminate");
        Down.Run(charon, _out, _error, specifier);
        Assert.Equal(terminated.Select(t => $"terminate {t} loglevel=1"), charon.Requests.Where(r => r.StartsWith("terminate")));
        Assert.Equal(terminated.Length, _out.ToString().Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("net-net{1}", "unable to terminate, CHILD_SA with ID 1 not found\nclosing CHILD_SA {1} failed\n")]
    [InlineData("[99]", "unable to terminate IKE_SA: ID 99 not found\nclosing IKE_SA [99] failed\n")]
    public void DownOfAnUnknownId(string specifier, string expected)
    {
        Down.Run(Lab.Charon(Lab.Sas), _out, _error, specifier);
        Assert.Equal(expected, _out.ToString());
    }

    [Fact]
    public void DownThatFails()
    {
        Down.Run(Lab.Charon(Lab.Sas).No("terminate", "terminating SA failed"), _out, _error, "rsa");
        Assert.Equal("closing IKE_SA [2] failed\n", _out.ToString());
    }

    [Fact]
    public void RouteWordsShuntsAndTraps()
    {
        Route.Install(Lab.Charon().Yes("install"), _out, _error, "trap");
        Route.Install(Lab.Charon().Yes("install"), _out, _error, "local-drop");
        Route.Install(Lab.Charon().No("install", "installing policy 'net-net' failed"), _out, _error, "net-net");
        Route.Install(Lab.Charon(), _out, _error, "nosuch");
        Assert.Equal("'trap' routed\n'local-drop' shunt DROP policy installed\nrouting 'net-net' failed\nno config named 'nosuch'\n", _out.ToString());
    }

    [Fact]
    public void UnrouteWordsShuntsAndTraps()
    {
        Route.Uninstall(Lab.Charon().Yes("uninstall"), _out, "trap");
        Route.Uninstall(Lab.Charon().Yes("uninstall"), _out, "local-drop");
        Route.Uninstall(Lab.Charon().No("uninstall", "policy 'nosuch' not found"), _out, "nosuch");
        Assert.Equal("trap policy 'trap' unrouted\nshunt policy 'local-drop' uninstalled\nconfiguration 'nosuch' not found\n", _out.ToString());
    }
}
