// An end that crashes and comes back tells the other by a token; nobody else can, and without the token nothing ends. RFC 6290.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class CrashDetectionTests
{
    static readonly TimeSpan _dpd = TimeSpan.FromSeconds(30);

    /// <summary>Both make tokens; whoever is left begins anew.</summary>
    static Pair Up(ulong seed = 1, bool sunMakes = true, Func<Connection, Connection>? change = null)
    {
        var pair = new Pair(seed, change: c => (change ?? (x => x))(c) with { DpdDelay = _dpd, Children = [.. c.Children.Select(k => k with { DpdAction = ChildAction.Start })] });
        pair.Moon.CrashTokens = new(Secret(1));
        if (sunMakes) pair.Sun.CrashTokens = new(Secret(2));
        Assert.Null(pair.Up().Error);
        return pair;
    }

    static byte[] Secret(byte fill) => [.. Enumerable.Repeat(fill, CrashTokens.SecretBytes)];

    static void Crash(Gateway gateway)
    {
        gateway.Crash();
        gateway.Reboot();
        gateway.Engine.Configure(new(gateway.Connections, new OneSecret()));
    }

    static IkeSa Sa(Gateway gateway) => gateway.Engine.Find(Pair.Ike(gateway).UniqueId)!;

    static bool HasLogged(Gateway gateway, string words) => gateway.LogLines.Exists(l => l.Contains(words, StringComparison.Ordinal));

    /// <summary>Whoever is left asks, and is told in the answer: no time-out, whichever end it is and whoever rekeyed before.</summary>
    [Theory]
    [InlineData(true, 0), InlineData(false, 0), InlineData(true, 1), InlineData(false, 1), InlineData(true, 2), InlineData(false, 2)]
    public void A_crash_is_over_within_a_round_trip(bool sunCrashes, int rekeyed)
    {
        var pair = Up();
        if (rekeyed > 0)
        {
            (rekeyed == 1 ? pair.Moon : pair.Sun).Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, false));
            pair.Settle(5);
        }
        var (lost, left) = sunCrashes ? (pair.Sun, pair.Moon) : (pair.Moon, pair.Sun);
        Crash(lost);
        Assert.Empty(lost.Engine.Snapshots());
        // the next request of the one that is left, whatever it is
        left.Do(new Wish.RekeyChild(Pair.Ike(left).Children[0].UniqueId));
        var asked = pair.Network.Now;
        Assert.True(pair.Network.RunUntil(() => HasLogged(left, "as its token proves"), TimeSpan.FromSeconds(10)));
        Assert.InRange((pair.Network.Now - asked).TotalMilliseconds, 0, 60); // a key exchange and two packets
        pair.Settle(2);
        Assert.Single(Pair.Ike(lost).Children);
        Assert.True(pair.Carries());
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
    }

    /// <summary>A secret that got lost, or was never there: the answer proves nothing, and retransmission decides as ever.</summary>
    [Theory]
    [InlineData(true), InlineData(false)]
    public void Without_the_token_nothing_ends(bool hasOther)
    {
        var pair = Up();
        var before = Pair.Ike(pair.Moon).InitiatorSpi;
        Crash(pair.Sun);
        pair.Sun.CrashTokens = hasOther ? new(Secret(3)) : null;
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle(60);
        Assert.Equal(before, Assert.Single(pair.Moon.Engine.Snapshots()).InitiatorSpi);
        Assert.Equal(hasOther, HasLogged(pair.Moon, "received INVALID_IKE_SPI without a token that proves it, ignored"));
        pair.Settle(200);
        Assert.True(pair.Carries());
    }

    [Fact]
    public void Whoever_does_not_take_tokens_waits()
    {
        var pair = new Pair();
        pair.Sun.CrashTokens = new(Secret(2));
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { TakesCrashTokens = false };
        pair.Up();
        Crash(pair.Sun);
        pair.Moon.Do(new Wish.RekeyChild(Pair.Ike(pair.Moon).Children[0].UniqueId));
        pair.Settle(60);
        Assert.False(HasLogged(pair.Moon, "as its token proves"));
    }

    /// <summary>An IKE_SA that lives: whatever is asked about it, its token never comes out.</summary>
    [Fact]
    public void Nobody_gets_the_token_of_an_IKE_SA_that_lives()
    {
        var pair = Up();
        var (sun, tokens) = (Sa(pair.Sun), new List<byte[]>());
        var secret = Sa(pair.Moon).PeerToken!;
        pair.Network.Filter = (_, _, _, data) =>
        {
            if (Message.TryParse(data, out var message).IsOk && message.Notify(NotifyType.QuickCrashDetection) is { } notify) tokens.Add(notify.Data);
            return true;
        };
        foreach (var exchange in Enum.GetValues<ExchangeType>())
            foreach (var flags in (HeaderFlags[])[0, HeaderFlags.Initiator, HeaderFlags.Response, HeaderFlags.Response | HeaderFlags.Initiator])
                foreach (var (i, r) in ((ulong, ulong)[])[(sun.InitiatorSpi, sun.ResponderSpi), (sun.ResponderSpi, sun.InitiatorSpi), (sun.InitiatorSpi, 0), (0, sun.ResponderSpi), (sun.InitiatorSpi, 7), (7, sun.ResponderSpi)])
                {
                    var datagram = new byte[80];
                    Message.EncodePlain(new(i, r, exchange, flags, 5), []).CopyTo(datagram, 0);
                    datagram[16] = (byte)PayloadType.Encrypted;
                    datagram[27] = 80;
                    datagram[31] = 52;
                    pair.Sun.Engine.Receive(new(pair.Sun.Address, 4500), new(pair.Moon.Address, 4500), datagram, pair.Network.Now);
                }
        pair.Settle(2);
        Assert.NotEmpty(tokens); // with the flag turned round it is asked about another
        Assert.DoesNotContain(tokens, t => t.AsSpan().SequenceEqual(secret));
        pair.ShouldAgree();
        Assert.True(pair.Carries());
    }

    /// <summary>The rekeying's answer is on its way: the peer uses an SPI that has no IKE_SA here yet.</summary>
    [Fact]
    public void Nor_that_of_one_that_is_about_to_live()
    {
        var pair = Up();
        byte[]? response = null;
        pair.Network.Filter = (kind, from, _, data) =>
        {
            if (data[18] != (byte)ExchangeType.CreateChildSa || from.Address != pair.Sun.Address || response is not null) return true;
            response = data;
            return false;
        };
        pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, false));
        Assert.True(pair.Network.RunUntil(() => response is not null, TimeSpan.FromSeconds(2)));
        var promised = Assert.Single(pair.Moon.Engine.PromisedSpis);
        var before = pair.Network.Packets;
        var datagram = new byte[80];
        Message.EncodePlain(new(promised, 9, ExchangeType.Informational, 0, 0), []).CopyTo(datagram, 0);
        datagram[16] = (byte)PayloadType.Encrypted;
        datagram[27] = 80;
        datagram[31] = 52;
        pair.Moon.Engine.Receive(new(pair.Moon.Address, 4500), new(pair.Sun.Address, 4500), datagram, pair.Network.Now);
        Assert.Equal(before, pair.Network.Packets);
        pair.Settle(10);
        Assert.Empty(pair.Moon.Engine.PromisedSpis);
        pair.ShouldAgree();
        Assert.True(pair.Carries());
    }

    /// <summary>Of a flood only so many are answered, and a flood of answers costs the one that asked nothing.</summary>
    [Fact]
    public void Only_so_many_a_second()
    {
        var pair = Up();
        Crash(pair.Sun);
        var before = pair.Network.Packets;
        var datagram = new byte[80];
        for (ulong i = 1; i <= 1000; i++)
        {
            Message.EncodePlain(new(i, i, ExchangeType.Informational, HeaderFlags.Initiator, 5), []).CopyTo(datagram, 0);
            datagram[16] = (byte)PayloadType.Encrypted;
            datagram[27] = 80;
            datagram[31] = 52;
            pair.Sun.Engine.Receive(new(pair.Sun.Address, 4500), new(pair.Moon.Address, 4500), datagram, pair.Network.Now);
        }
        Assert.Equal(100, pair.Network.Packets - before);
    }

    /// <summary>The true token counts only in answer to a request that waits for one.</summary>
    [Fact]
    public void What_nobody_asked_for_is_not_looked_at()
    {
        var pair = Up();
        var sa = Sa(pair.Moon);
        var notice = Message.EncodePlain(new(sa.InitiatorSpi, sa.ResponderSpi, ExchangeType.Informational, HeaderFlags.Response, sa.Sending.Next - 1),
            [new NotifyPayload(NotifyType.InvalidIkeSpi), new NotifyPayload(NotifyType.QuickCrashDetection, sa.PeerToken!)]);
        pair.Moon.Engine.Receive(sa.Local, sa.Remote, notice, pair.Network.Now);
        pair.Settle(1);
        Assert.Same(sa, Sa(pair.Moon));
        Assert.True(pair.Carries());
    }

    /// <summary>Tokens of other lengths are none; none is believed before it was given.</summary>
    [Theory]
    [InlineData(0), InlineData(15), InlineData(129), InlineData(500)]
    public void A_token_of_an_impossible_length_is_none(int length)
    {
        var pair = Up();
        var sa = Sa(pair.Moon);
        var before = sa.PeerToken;
        Cygnet.Ike.Exchanges.CrashDetection.Note(sa, new(default, [new NotifyPayload(NotifyType.QuickCrashDetection, new byte[length])]));
        Assert.Same(before, sa.PeerToken);
    }
}
