// Every kind of refusal is kept at both ends with its reason and the setting that would change it.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class RefusalTests
{
    static Proposal Ike(string words) => One(SecurityProtocol.Ike, words);

    static Proposal One(SecurityProtocol protocol, string words)
    {
        Assert.True(ProposalText.TryParseOne(protocol, words, out var proposal, out _));
        return proposal;
    }

    static Func<Connection, Connection> AtSun(Func<Connection, Connection> change) => c => c.Name == "sun-moon" ? change(c) : c;

    static RefusalEntry Only(Gateway g, string connection) => Assert.Single(g.Shared.Refusals.Of(connection));

    [Fact]
    public void Proposals_of_the_IKE_SA()
    {
        var pair = new Pair(change: c => c with
        {
            Proposals = c.Name == "sun-moon" ? [Ike("aes128-sha256-x25519")] : [Ike("aes256gcm16-prfsha384-ecp256"), Ike("aes128-sha256-ecp256")],
        });
        Assert.NotNull(pair.Up().Error);
        var ours = Only(pair.Sun, "sun-moon");
        Assert.Equal((RefusalKind.Ike, RefusedBy.Us, false), (ours.Kind, ours.By, ours.WeInitiated));
        Assert.Equal("their proposal 2 fails only on the key exchange: offered ecp256, we allow curve25519", ours.Reason);
        Assert.Equal("'ike=aes128-sha256-ecp256' would accept it", ours.Change);
        Assert.Equal(["offered: IKE:AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_256, IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/ECP_256",
            "allowed: IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519"], ours.Facts.ToArray());
        Assert.Equal(Address.Parse(Pair.MoonAddress), ours.Remote.Address);
        var theirs = Only(pair.Moon, "moon-sun");
        Assert.Equal((RefusalKind.Ike, RefusedBy.Peer, true), (theirs.Kind, theirs.By, theirs.WeInitiated));
        Assert.Contains("compare 'ike='", theirs.Change);
    }

    [Fact]
    public void Proposals_of_a_child()
    {
        var pair = new Pair(change: AtSun(c => c with { Children = [c.Children[0] with { Proposals = [One(SecurityProtocol.Esp, "aes256gcm16")] }] }));
        pair.Up();
        var ours = Only(pair.Sun, "sun-moon");
        Assert.Equal((RefusalKind.Child, RefusedBy.Us), (ours.Kind, ours.By));
        Assert.Equal("CHILD_SA 'net0': their proposal 1 fails only on the encryption: offered aes128gcm16, we allow aes256gcm16", ours.Reason);
        Assert.Equal("'esp=aes128gcm16' would accept it", ours.Change);
        Assert.Equal(("sun.example", "moon.example"), (ours.LocalId, ours.RemoteId));
        var theirs = Only(pair.Moon, "moon-sun");
        Assert.Equal((RefusalKind.Child, RefusedBy.Peer, "the peer answered NO_PROPOSAL_CHOSEN to CHILD_SA 'net0'"), (theirs.Kind, theirs.By, theirs.Reason));
    }

    [Fact]
    public void Selectors()
    {
        var pair = new Pair(change: AtSun(c => c with { Children = [c.Children[0] with { LocalTs = [TrafficSelector.Subnet(Address.Parse("10.77.0.0"), 24)] }] }));
        pair.Up();
        var ours = Only(pair.Sun, "sun-moon");
        Assert.Equal((RefusalKind.Selectors, RefusedBy.Us), (ours.Kind, ours.By));
        Assert.Equal("the peer offers 10.2.0.0/24 === 10.1.0.0/24, no child of connection 'sun-moon' allows any of that", ours.Reason);
        Assert.Equal("'leftsubnet=10.2.0.0/24' in 'net0' would accept it", ours.Change);
        Assert.Equal(["'net0' allows 10.77.0.0/24 === 10.1.0.0/24"], ours.Facts.ToArray());
        Assert.Equal((RefusalKind.Selectors, RefusedBy.Peer), (Only(pair.Moon, "moon-sun").Kind, Only(pair.Moon, "moon-sun").By));
    }

    [Fact]
    public void An_identity()
    {
        var pair = new Pair(change: AtSun(c => c with { Remote = [c.Remote[0] with { Id = Identity.Parse("@mars.example") }] }));
        pair.Up();
        var ours = Only(pair.Sun, "sun-moon");
        Assert.Equal((RefusalKind.Identity, RefusedBy.Us), (ours.Kind, ours.By));
        Assert.Contains("no connection is for 'moon.example'", ours.Reason);
        Assert.Contains("'rightid=moon.example'", ours.Change);
        Assert.Equal(["'sun-moon' is for 'mars.example' (and 'sun.example')"], ours.Facts.ToArray());
        Assert.Equal((RefusalKind.Authentication, RefusedBy.Peer), (Only(pair.Moon, "moon-sun").Kind, Only(pair.Moon, "moon-sun").By));
    }

    [Fact]
    public void A_secret()
    {
        var pair = new Pair();
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret("battery staple")));
        pair.Up();
        var ours = Only(pair.Sun, "sun-moon");
        Assert.Equal((RefusalKind.Authentication, RefusedBy.Us), (ours.Kind, ours.By));
        Assert.Contains("secret", ours.Reason);
        Assert.True(ours.IsStrangers);
    }

    [Fact]
    public void A_secret_that_only_the_initiator_finds_wrong_is_told_at_both_ends()
    {
        var pair = new Pair();
        pair.Moon.Engine.Configure(new(pair.Moon.Connections, new OneSecret("battery staple")));
        pair.Up();
        Assert.Contains(pair.Moon.Shared.Refusals.Of(null), r => r.Kind == RefusalKind.Authentication);
        Assert.Contains(pair.Sun.Shared.Refusals.Of(null), r => r.Kind == RefusalKind.Authentication);
    }

    [Fact]
    public void An_address_that_no_connection_is_for()
    {
        var pair = new Pair(change: AtSun(c => c with { RemoteAddrs = ["198.51.100.0/24"] }));
        pair.Up();
        var ours = Only(pair.Sun, "");
        Assert.Equal((RefusalKind.Peer, RefusedBy.Us), (ours.Kind, ours.By));
        Assert.Equal(["'sun-moon' is for 192.0.2.2...198.51.100.0/24"], ours.Facts.ToArray());
        Assert.Contains("'right='", ours.Change);
    }

    [Fact]
    public void Silence()
    {
        var pair = new Pair();
        pair.Sun.Crash();
        pair.Up();
        var kept = Only(pair.Moon, "moon-sun");
        Assert.Equal((RefusalKind.Silence, RefusedBy.Nobody), (kept.Kind, kept.By));
        Assert.Equal("no answer from 192.0.2.2[500] to IKE_INIT after 5 retransmits", kept.Reason);
    }

    [Fact]
    public void Half_open_limits()
    {
        var pair = new Pair();
        pair.Sun.Engine.Settings = new() { InitLimitHalfOpen = 1 };
        pair.Sun.Shared.AddHalfOpen(1);
        pair.Up();
        var kept = Only(pair.Sun, "");
        Assert.Equal(RefusalKind.Limit, kept.Kind);
        Assert.Contains("charon.init_limit_half_open", kept.Change);
        Assert.Equal(6, kept.Times);
    }

    [Fact]
    public void Each_refusal_is_one_line_of_the_log()
    {
        var pair = new Pair(change: AtSun(c => c with { Children = [c.Children[0] with { LocalTs = [TrafficSelector.Subnet(Address.Parse("10.77.0.0"), 24)] }] }));
        var outcome = pair.Up();
        Assert.Single(pair.Sun.LogLines, l => l.Contains("refused: ", StringComparison.Ordinal));
        Assert.Single(outcome.Lines, l => l.StartsWith("refused by the peer: ", StringComparison.Ordinal));
    }

    static RefusalEntry Entry(int n, string address = "192.0.2.9", string connection = "a", bool strangers = false) => new()
    {
        Connection = connection, Kind = RefusalKind.Ike, By = RefusedBy.Us, Reason = $"reason {n}", At = DateTimeOffset.UnixEpoch.AddSeconds(n), First = DateTimeOffset.UnixEpoch.AddSeconds(n),
        Remote = new(Address.Parse(address), 500), IsStrangers = strangers,
    };

    [Fact]
    public void The_newest_are_kept()
    {
        var refusals = new Refusals();
        for (var n = 0; n < 100; n++) refusals.Add(Entry(n));
        Assert.Equal(Enumerable.Range(100 - Refusals.MostPerConnection, Refusals.MostPerConnection).Select(n => $"reason {n}"), refusals.Of("a").Select(r => r.Reason));
        Assert.Empty(refusals.Of("b"));
    }

    [Fact]
    public void Equal_ones_are_counted()
    {
        var refusals = new Refusals();
        refusals.Add(Entry(1));
        refusals.Add(Entry(2));
        refusals.Add(Entry(1) with { At = DateTimeOffset.UnixEpoch.AddSeconds(9) });
        Assert.Equal([("reason 2", 1), ("reason 1", 2)], refusals.Of("a").Select(r => (r.Reason, r.Times)));
        Assert.Equal(1, refusals.Of("a")[1].First.ToUnixTimeSeconds());
    }

    [Fact]
    public void A_stranger_does_not_push_out_what_others_did()
    {
        var refusals = new Refusals();
        refusals.Add(Entry(1, "192.0.2.1"));
        for (var n = 2; n < 100; n++) refusals.Add(Entry(n, strangers: true));
        Assert.Equal("reason 1", refusals.Of("a")[0].Reason);
        Assert.Equal(1 + Refusals.MostPerAddress, refusals.Of("a").Count);
    }

    [Fact]
    public void Connections_are_bounded_and_the_longest_silent_goes()
    {
        var refusals = new Refusals();
        for (var n = 0; n < 2 * Refusals.MostConnections; n++) refusals.Add(Entry(n, connection: $"c{n}"));
        Assert.Equal(Refusals.MostConnections, refusals.Of(null).Count);
        Assert.Empty(refusals.Of("c0"));
        Assert.Single(refusals.Of($"c{2 * Refusals.MostConnections - 1}"));
    }
}
