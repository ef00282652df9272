// ipsec why: the text, and the JSON.
using System.Text.Json.Nodes;
using Cygnet.Command.Commands;
using Cygnet.Control;

namespace Cygnet.Command.Tests;

public sealed class WhyTests
{
    readonly StringWriter _out = new();

    static ViciSection Refusal => new ViciSection().Add("connection", "net-net").Add("kind", "ike").Add("by", "us")
        .Add("reason", "their proposal 2 fails only on the key exchange: offered modp1024, we allow ecp256, x25519").Add("change", "'ike=aes128-sha256-modp1024' would accept it")
        .AddList("facts", ["offered: IKE:…", "allowed: IKE:…"]).Add("at", "2026-01-02T03:04:05Z").Add("first", "2026-01-02T03:04:01Z").Add("times", 3).Add("ike-id", 7)
        .Add("initiator", "no").Add("local-host", "192.168.0.1").Add("local-port", 500).Add("local-id", "moon").Add("remote-host", "192.168.0.2").Add("remote-port", 500);

    static string Local(string utc) => DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture).ToLocalTime().ToString("MMM dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void ARefusalSaysWhoWhyAndWhatWouldChangeIt()
    {
        Why.Print(Lab.Charon().On("x-why", new(), Refusal), _out, json: false, null);
        Assert.Equal($"""
            net-net: {Local("2026-01-02T03:04:05Z")}, 3 times since {Local("2026-01-02T03:04:01Z")}, we refused: IKE proposals
              the peer initiated, 192.168.0.1[moon]...192.168.0.2[?]
              why: their proposal 2 fails only on the key exchange: offered modp1024, we allow ecp256, x25519
                   offered: IKE:…
                   allowed: IKE:…
              to change it: 'ike=aes128-sha256-modp1024' would accept it

            """, _out.ToString());
    }

    [Fact]
    public void AConnThatIsAChildOfAnotherIsAskedForByItsConnection()
    {
        var charon = Lab.Charon().On("x-why", new());
        Why.Print(charon, _out, json: false, "second-child");
        Assert.Equal("x-why name=net-net", charon.Requests[^1]);
        Assert.Equal("nothing was refused for 'second-child' since the daemon started\n", _out.ToString());
    }

    [Fact]
    public void ANameThatIsNotLoadedIsAskedForAsItIs()
    {
        var charon = Lab.Charon().On("x-why", new());
        Why.Print(charon, _out, json: false, "gone");
        Assert.Equal("x-why name=gone", charon.Requests[^1]);
    }

    [Fact]
    public void JsonHasEveryKey()
    {
        Why.Print(Lab.Charon().On("x-why", new(), Refusal), _out, json: true, null);
        var one = Assert.Single(JsonNode.Parse(_out.ToString())!.AsArray())!;
        Assert.Equal("net-net", one["connection"]!.GetValue<string>());
        Assert.Equal(3, one["times"]!.GetValue<int>());
        Assert.False(one["initiator"]!.GetValue<bool>());
        Assert.Equal(["offered: IKE:…", "allowed: IKE:…"], one["facts"]!.AsArray().Select(f => f!.GetValue<string>()));
    }

    [Fact]
    public void WithoutRefusalsItIsAnEmptyArray()
    {
        Why.Print(Lab.Charon().On("x-why", new()), _out, json: true, null);
        Assert.Equal("[]\n", _out.ToString());
    }
}
