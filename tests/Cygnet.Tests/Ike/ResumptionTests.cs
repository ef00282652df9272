// Sessions that go on by a ticket: when, by whom, for how long, and the long way whenever one of these does not hold. RFC 5723.
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class ResumptionTests
{
    static readonly TimeSpan _life = TimeSpan.FromHours(1);

    static Pair Up(ulong seed = 1, TimeSpan? lifetime = null, Func<Connection, Connection>? change = null)
    {
        var pair = new Pair(seed, change: c => (change ?? (x => x))(c) with { Resumes = c.Name.StartsWith("moon", StringComparison.Ordinal) });
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { TicketLifetime = lifetime ?? _life };
        Assert.Null(pair.Up().Error);
        return pair;
    }

    /// <summary>The client closes the tunnel.</summary>
    static void Down(Pair pair)
    {
        pair.Moon.Do(new Wish.TerminateIke(Pair.Ike(pair.Moon).UniqueId, false, null));
        pair.Settle(1);
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Forget(pair);
    }

    static void Forget(Pair pair)
    {
        pair.Moon.LogLines.Clear();
        pair.Sun.LogLines.Clear();
    }

    static bool HasLogged(Gateway gateway, string words) => gateway.LogLines.Exists(l => l.Contains(words, StringComparison.Ordinal));

    static void ShouldHaveResumed(Pair pair, bool hasResumed = true)
    {
        Assert.Equal(hasResumed, HasLogged(pair.Moon, "session with 'sun.example' resumed"));
        Assert.Equal(hasResumed, HasLogged(pair.Sun, "session of 'moon.example' resumed"));
        Assert.Equal(!hasResumed, HasLogged(pair.Moon, "generating IKE_SA_INIT request"));
        pair.ShouldAgree();
        Assert.True(pair.Carries());
        pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void Down_and_up_again_takes_no_key_exchange()
    {
        var pair = Up();
        Assert.True(HasLogged(pair.Moon, "N(TKT_REQ)"));
        Assert.True(HasLogged(pair.Sun, "N(TKT_LFT)"));
        for (var i = 0; i < 3; i++) // each resumption brings the next ticket
        {
            Down(pair);
            Assert.Null(pair.Up().Error);
            ShouldHaveResumed(pair);
            Assert.True(HasLogged(pair.Moon, "generating IKE_SESSION_RESUME request 0 [ No N(TKT_OPAK) N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) ]"));
            Assert.True(HasLogged(pair.Sun, "generating IKE_SESSION_RESUME response 0 [ No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(CHDLESS_SUP) ]"));
        }
    }

    /// <summary>What dpdaction brings back is the same session; what the gateway still has of the old one goes.</summary>
    [Fact]
    public void After_the_peer_was_out_of_reach()
    {
        var pair = Up(change: c => c with { DpdDelay = TimeSpan.FromSeconds(30), Unique = UniquePolicy.No, Children = [.. c.Children.Select(k => k with { DpdAction = c.Name.StartsWith("moon", StringComparison.Ordinal) ? ChildAction.Start : ChildAction.None })] });
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { RetransmitTimeout = 1000 }; // the gateway is slower to notice
        pair.Network.Filter = (_, _, _, _) => false;
        Assert.True(pair.Network.RunUntil(() => HasLogged(pair.Moon, "resuming IKE_SA"), TimeSpan.FromMinutes(10)));
        Forget(pair);
        pair.Network.Filter = null;
        pair.Settle(30);
        ShouldHaveResumed(pair);
        Assert.Single(pair.Sun.Engine.Snapshots());
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void Rekeying_first_does_no_harm(bool byClient)
    {
        var pair = Up();
        var g = byClient ? pair.Moon : pair.Sun;
        g.Do(new Wish.RekeyIke(Pair.Ike(g).UniqueId, false));
        pair.Settle(5);
        Down(pair);
        Assert.Null(pair.Up().Error);
        ShouldHaveResumed(pair);
    }

    /// <summary>Whatever is lost of the resumption.</summary>
    [Fact]
    public void Whatever_is_lost()
    {
        for (var lost = 0; lost < 5; lost++)
        {
            var pair = Up();
            Down(pair);
            var seen = 0;
            pair.Network.Filter = (kind, _, _, _) => kind != PacketKind.Ike || seen++ != lost;
            Assert.Null(pair.Up().Error);
            pair.Settle(30);
            ShouldHaveResumed(pair);
        }
    }

    public enum Obstacle { GatewayRestarts, TicketTooOld, ConnectionChanged, ConnectionGone, SecretsReloaded, NoMoreTickets, RevokedByOperator, NotAskedFor, ClientChanged, Reauthentication, NoAnswer, AuthRefused }

    public static TheoryData<Obstacle> Obstacles() => [.. Enum.GetValues<Obstacle>()];

    /// <summary>Each of these, and both ends authenticate as ever.</summary>
    [Theory]
    [MemberData(nameof(Obstacles))]
    public void The_long_way_if_anything_does_not_hold(Obstacle obstacle)
    {
        var pair = Up(change: obstacle == Obstacle.NotAskedFor ? c => c with { Mobike = false } : null, lifetime: obstacle == Obstacle.TicketTooOld ? TimeSpan.FromSeconds(60) : null);
        if (obstacle == Obstacle.RevokedByOperator)
        {
            pair.Sun.Do(new Wish.TerminateIke(Pair.Ike(pair.Sun).UniqueId, false, null));
            // a client that pays no heed to it
            var kept = pair.Moon.Shared.Tickets.Take(pair.MoonConnection, pair.Network.Now)!;
            pair.Settle(1);
            Assert.Null(pair.Moon.Shared.Tickets.Take(pair.MoonConnection, pair.Network.Now));
            pair.Moon.Shared.Tickets.Keep(kept);
            Forget(pair);
        }
        else if (obstacle != Obstacle.Reauthentication) Down(pair);
        switch (obstacle)
        {
            case Obstacle.GatewayRestarts:
                pair.Sun.Reboot();
                pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret()));
                break;
            case Obstacle.TicketTooOld: pair.Settle(61); break;
            case Obstacle.ConnectionChanged: pair.Reconfigure(pair.Sun, c => c with { RekeyTime = TimeSpan.FromHours(2) }); break;
            case Obstacle.ConnectionGone: pair.Reconfigure(pair.Sun, c => c with { Name = "another" }); break;
            case Obstacle.SecretsReloaded: pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret())); break;
            case Obstacle.NoMoreTickets: pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { TicketLifetime = null }; break;
            case Obstacle.ClientChanged: pair.Reconfigure(pair.Moon, c => c with { DpdDelay = TimeSpan.FromSeconds(77) }); break;
            case Obstacle.NotAskedFor: pair.Reconfigure(pair.Moon, c => c with { Resumes = false }); break;
            case Obstacle.NoAnswer: pair.Network.Filter = (_, _, _, data) => data[18] != (byte)ExchangeType.IkeSessionResume; break;
            case Obstacle.AuthRefused:
                // between the two exchanges
                pair.Network.Filter = (_, from, _, data) =>
                {
                    if (data[18] == (byte)ExchangeType.IkeSessionResume && from.Address == pair.Sun.Address) pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret()));
                    return true;
                };
                break;
            case Obstacle.Reauthentication:
                Forget(pair);
                pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, true));
                pair.Settle(10);
                break;
        }
        if (obstacle != Obstacle.Reauthentication) Assert.Null(pair.Up().Error);
        Assert.False(HasLogged(pair.Moon, "resumed"));
        Assert.True(HasLogged(pair.Moon, "generating IKE_SA_INIT request"));
        pair.Settle(60);
        pair.ShouldAgree();
        Assert.True(pair.Carries());
        pair.ShouldHaveNoFaults();
    }

    /// <summary>Spent when the peer has proven itself with it: whoever only copies it can neither use it nor spoil it.</summary>
    [Fact]
    public void A_ticket_resumes_one_session_once()
    {
        var pair = Up();
        var ticket = pair.Moon.Shared.Tickets.Take(pair.MoonConnection, pair.Network.Now)!;
        pair.Moon.Shared.Tickets.Keep(ticket);
        Down(pair);
        // an eavesdropper who copies it, address and all: he gets an answer that is of no use to him, and the ticket stays good
        pair.Moon.Send(new(pair.Moon.Address, 500), new(pair.Sun.Address, 500), Message.EncodePlain(new(77, 0, ExchangeType.IkeSessionResume, HeaderFlags.Initiator, 0),
            [new NoncePayload(new byte[32]), new NotifyPayload(NotifyType.TicketOpaque, ticket.Opaque)]));
        pair.Settle(1);
        Assert.Equal(1, pair.Sun.Engine.HalfOpenCount);
        Assert.Null(pair.Up().Error);
        pair.Settle(60);
        Assert.Equal(0, pair.Sun.Engine.HalfOpenCount);
        ShouldHaveResumed(pair);

        var second = Up();
        ticket = second.Moon.Shared.Tickets.Take(second.MoonConnection, second.Network.Now)!;
        second.Moon.Shared.Tickets.Keep(ticket);
        Down(second);
        Assert.Null(second.Up().Error);
        ShouldHaveResumed(second);
        Down(second);
        second.Moon.Shared.Tickets.Keep(ticket);
        Assert.Null(second.Up().Error);
        ShouldHaveResumed(second, hasResumed: false);
        Assert.True(HasLogged(second.Moon, "received TICKET_NACK"));
    }

    /// <summary>Resuming proves nobody's identity anew: the time of the authentication runs on.</summary>
    [Fact]
    public void The_authentication_is_not_prolonged()
    {
        var pair = Up(change: c => c with { ReauthTime = TimeSpan.FromMinutes(30), OverTime = TimeSpan.FromMinutes(3) });
        var due = Pair.Ike(pair.Sun).ReauthAt!.Value;
        pair.Settle(600);
        Down(pair);
        Assert.Null(pair.Up().Error);
        ShouldHaveResumed(pair);
        Assert.InRange(Pair.Ike(pair.Sun).ReauthAt!.Value.Milliseconds, due.Milliseconds - 1000, due.Milliseconds + 1000);
        // the gateway says how long it counts, and the client begins a margin earlier
        Assert.InRange(Pair.Ike(pair.Moon).ReauthAt!.Value.Milliseconds, due.Milliseconds - 182_000, due.Milliseconds + 2000);
        Down(pair);
        pair.Settle(1300); // the ticket ends with it
        Assert.Null(pair.Up().Error);
        Assert.False(HasLogged(pair.Moon, "resumed"));
    }

    [Fact]
    public void Cookies_come_first()
    {
        var pair = Up();
        Down(pair);
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { CookieThreshold = 1 };
        pair.Sun.Shared.AddHalfOpen(1);
        Assert.Null(pair.Up().Error);
        ShouldHaveResumed(pair);
        Assert.True(HasLogged(pair.Moon, "generating IKE_SESSION_RESUME request 0 [ N(COOKIE) No"));
    }

    /// <summary>Every bit turned, every length, and noise: nothing opens but what was sealed.</summary>
    [Fact]
    public void No_other_bytes_are_a_ticket()
    {
        var pair = Up();
        var ticket = pair.Moon.Shared.Tickets.Take(pair.MoonConnection, pair.Network.Now)!.Opaque;
        var keys = pair.Sun.Shared.TicketKeys;
        var now = pair.Network.Now;
        Assert.NotNull(keys.Open(ticket, now));
        for (var bit = 0; bit < ticket.Length * 8; bit++)
        {
            var turned = (byte[])ticket.Clone();
            turned[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Null(keys.Open(turned, now));
        }
        for (var n = 0; n < ticket.Length; n++) Assert.Null(keys.Open(ticket.AsSpan(0, n), now));
        Assert.Null(keys.Open([.. ticket, 0], now));
        Assert.Null(keys.Open(new byte[100_000], now));
        Assert.Null(new TicketKeys().Open(ticket, now));
        Assert.Null(keys.Open(ticket, now + _life));
        Assert.True(keys.Spend(keys.Open(ticket, now)!.Id));
        Assert.Null(keys.Open(ticket, now));
        Assert.Equal(-1, ticket.AsSpan().IndexOf("moon.example"u8)); // it tells an eavesdropper nobody's name
    }

    /// <summary>The inside is only read behind the seal; still nothing in it may be believed blindly.</summary>
    [Fact]
    public void Noise_in_the_place_of_the_state_is_no_state()
    {
        var pair = Up();
        var state = pair.Sun.Shared.TicketKeys.Open(pair.Moon.Shared.Tickets.Take(pair.MoonConnection, pair.Network.Now)!.Opaque, pair.Network.Now)!;
        var written = state.Write();
        Assert.Equal(written, TicketState.Read(written)!.Write());
        for (var n = 0; n < written.Length; n++) Assert.Null(TicketState.Read(written.AsSpan(0, n)));
        var random = new SeededRandom(7);
        for (var i = 0; i < 20_000; i++)
        {
            var noise = (byte[])written.Clone();
            for (var k = 0; k <= random.Below(4); k++) noise[random.Below(noise.Length)] = (byte)random.Below(256);
            TicketState.Read(noise);
        }
    }

    /// <summary>A key seals for one lifetime and opens for two; then it is gone.</summary>
    [Fact]
    public void Keys_turn_over()
    {
        var pair = Up();
        var keys = pair.Sun.Shared.TicketKeys;
        var now = pair.Network.Now;
        var state = keys.Open(pair.Moon.Shared.Tickets.Take(pair.MoonConnection, now)!.Opaque, now)! with { Expires = Instant.Never };
        byte[] Seal(TimeSpan after) => keys.Seal(state, now + after, _life, pair.Sun.Random);
        var (first, second) = (Seal(TimeSpan.Zero), Seal(_life * 0.9));
        Assert.Equal(first[1..5], second[1..5]);
        var third = Seal(_life * 1.5);
        Assert.NotEqual(first[1..5], third[1..5]);
        Assert.NotNull(keys.Open(second, now + _life * 1.89));
        Assert.Null(keys.Open(second, now + _life * 2.1));
        Assert.NotNull(keys.Open(third, now + _life * 2.4));
    }

    /// <summary>RFC 5723 5.1.</summary>
    [Fact]
    public void Settings_that_have_changed_make_no_ticket_valid_again()
    {
        var keys = new TicketKeys();
        Connection one = new() { Name = "one" }, other = new() { Name = "other" };
        var first = keys.NumberOf(one);
        Assert.NotEqual(first, keys.NumberOf(other));
        Assert.Equal(first, keys.NumberOf(one with { Children = [new() { Name = "net" }] }));
        var changed = keys.NumberOf(one with { Mobike = !one.Mobike });
        var back = keys.NumberOf(one);
        Assert.Equal(3, new HashSet<int> { first, changed, back }.Count);
        for (var i = 0; i <= TicketKeys.MostConnections; i++) keys.NumberOf(new Connection { Name = $"{i}" });
        Assert.NotEqual(back, keys.NumberOf(one));
    }

    [Fact]
    public void The_keys_are_those_of_the_RFC()
    {
        var prf = Prf.For(PrfId.HmacSha256);
        byte[] skD = [.. Enumerable.Range(0, 32).Select(i => (byte)i)], ni = [.. Enumerable.Repeat((byte)1, 32)], nr = [.. Enumerable.Repeat((byte)2, 32)];
        var keys = KeySchedule.DeriveResumed(prf, skD, new(TransformType.Encryption, Encr.AesGcm16, 128), null, ni, nr, 1, 2);
        var seed = System.Security.Cryptography.HMACSHA256.HashData(skD, (byte[])[.. "Resumption"u8, .. ni, .. nr]);
        Assert.Equal(prf.Plus(seed, [.. ni, .. nr, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2], 32), keys.SkD);
    }
}
