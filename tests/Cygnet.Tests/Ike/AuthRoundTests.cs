// Authentication in several rounds, with NULL, and with post-quantum pre-shared keys. RFC 4739, RFC 7619, RFC 8784.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class AuthRoundTests
{
    static readonly byte[] _ppk = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    static AuthRound Psk(string id) => new() { Class = AuthClass.Psk, Id = Identity.Parse(id) };

    /// <summary>So many rounds on each side, as each gateway has it configured.</summary>
    static Pair Rounds(int moonProves, int moonWants, int sunProves, int sunWants) => new(change: c => c.Name == "moon-sun"
        ? c with { Local = Make("@moon.example", moonProves), Remote = Make("@sun.example", moonWants) }
        : c with { Local = Make("@sun.example", sunProves), Remote = Make("@moon.example", sunWants) });

    static System.Collections.Immutable.ImmutableArray<AuthRound> Make(string id, int rounds) =>
        [.. Enumerable.Range(0, rounds).Select(i => Psk(i == 0 ? id : $"{id}.{i}"))];

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(1, 3)]
    [InlineData(3, 2)]
    public void Each_side_authenticates_as_often_as_the_other_wants(int moon, int sun)
    {
        var pair = Rounds(moon, sun, sun, moon);
        var outcome = pair.Up();
        Assert.Null(outcome.Error);
        Assert.Equal(sun, outcome.Lines.Count(l => l.StartsWith("authentication of '", StringComparison.Ordinal) && l.EndsWith("with pre-shared key successful", StringComparison.Ordinal)));
        Assert.Equal(Identity.Parse("@moon.example"), Pair.Ike(pair.Sun).RemoteId);
        Assert.True(pair.Carries());
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
    }

    [Theory]
    [InlineData(1, 1, 1, 2)] // the responder wants more of us
    [InlineData(2, 1, 1, 1)] // the responder wants less
    [InlineData(1, 2, 1, 1)] // we want more of the responder
    [InlineData(1, 1, 2, 1)] // we want less
    public void A_wrong_number_of_rounds_is_refused(int moonProves, int moonWants, int sunProves, int sunWants)
    {
        var pair = Rounds(moonProves, moonWants, sunProves, sunWants);
        Assert.NotNull(pair.Up().Error);
        pair.Settle();
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Assert.Empty(pair.Sun.Engine.Snapshots());
        pair.ShouldHaveNoFaults();
    }

    /// <summary>Whoever wants a certificate in any round asks for one in the first message that may, else the peer keeps it to itself.</summary>
    [Fact]
    public void A_certificate_that_only_the_second_round_needs_is_asked_for()
    {
        var (eap, certificate) = (new AuthRound { Class = AuthClass.Eap, Method = "eap-md5", Id = Identity.Parse("@moon.example") }, new AuthRound { Class = AuthClass.PublicKey, Id = Identity.Parse("@second.moon.example") });
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Local = [eap, certificate] } : c with { Remote = [eap, certificate] });
        foreach (var (g, name) in new[] { (pair.Moon, "second.moon.example"), (pair.Sun, "sun.example") }) g.Engine.Configure(new(g.Connections, new StormCredentials(g.Crypto, _ppk, name)));
        Assert.Null(pair.Up().Error);
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("received cert request for \"C=CH, O=storm, CN=authority\"", StringComparison.Ordinal));
        Assert.Contains(pair.Sun.LogLines, l => l.Contains("authentication of 'second.moon.example' with ED25519 successful", StringComparison.Ordinal));
        Assert.True(pair.Carries());
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void A_wrong_identity_in_the_second_round_is_refused()
    {
        var pair = new Pair(change: c => c.Name == "moon-sun"
            ? c with { Local = Make("@moon.example", 2) }
            : c with { Remote = [Psk("@moon.example"), Psk("@carol.example")] });
        Assert.NotNull(pair.Up().Error);
        pair.Settle();
        Assert.Empty(pair.Sun.Engine.Snapshots());
    }

    [Fact]
    public void Nobody_may_come_in_where_NULL_is_configured()
    {
        var pair = new Pair(change: c => c with { Local = [new() { Class = AuthClass.Null }], Remote = [new() { Class = AuthClass.Null }] });
        var outcome = pair.Up();
        Assert.Null(outcome.Error);
        Assert.Equal(Identity.Null, Pair.Ike(pair.Sun).RemoteId);
        Assert.True(pair.Carries());
    }

    [Theory]
    [InlineData(AuthClass.Any)]
    [InlineData(AuthClass.Psk)]
    [InlineData(AuthClass.PublicKey)]
    [InlineData(AuthClass.Eap)]
    public void NULL_is_accepted_nowhere_else(AuthClass wanted)
    {
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Local = [new() { Class = AuthClass.Null }] } : c with { Remote = [new() { Class = wanted }] });
        Assert.Equal("the peer answered AUTHENTICATION_FAILED", pair.Up().Error);
    }

    [Theory]
    [InlineData(true, true, false, false, true)] // both have it
    [InlineData(true, true, true, true, true)]
    [InlineData(true, false, false, false, false)] // the responder lacks it, and may
    [InlineData(false, true, false, false, false)] // the initiator lacks it, and may
    [InlineData(true, false, true, false, null)] // the initiator requires it
    [InlineData(false, true, true, false, null)]
    [InlineData(false, true, false, true, null)] // the responder requires it
    public void A_PPK_is_used_if_both_have_it(bool moonHas, bool sunHas, bool moonRequires, bool sunRequires, bool? isUsed)
    {
        var pair = new Pair(change: c => c with { PpkId = "shared", PpkRequired = c.Name == "moon-sun" ? moonRequires : sunRequires });
        pair.Moon.Engine.Configure(new(pair.Moon.Connections, new OneSecret { Ppk = moonHas ? _ppk : null }));
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret { Ppk = sunHas ? _ppk : null }));
        var outcome = pair.Up();
        Assert.Equal(isUsed is null, outcome.Error is not null);
        Assert.Equal(isUsed is true, outcome.Lines.Contains("using PPK for PPK_ID 'shared'"));
        if (isUsed is not null) Assert.True(pair.Carries());
        pair.Settle(); // a responder that waits in vain
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Another_PPK_under_the_same_id_fails_the_authentication()
    {
        var pair = new Pair(change: c => c with { PpkId = "shared" });
        pair.Moon.Engine.Configure(new(pair.Moon.Connections, new OneSecret { Ppk = _ppk }));
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret { Ppk = [.. _ppk.Reverse()] }));
        Assert.NotNull(pair.Up().Error);
    }

    [Fact]
    public void The_keys_of_the_SAs_depend_on_the_PPK()
    {
        var pair = new Pair(change: c => c with { PpkId = "shared", RekeyTime = TimeSpan.FromMinutes(c.Name == "moon-sun" ? 5 : 50) });
        foreach (var g in pair.Network.Gateways) g.Engine.Configure(new(g.Connections, new OneSecret { Ppk = _ppk }));
        Assert.Null(pair.Up().Error);
        pair.Settle(400); // the rekeyed IKE_SA derives from SK_d: both ends must have mixed it alike
        Assert.True(pair.Carries());
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
    }
}
