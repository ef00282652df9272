// Additional key exchanges after CREATE_CHILD_SA, alone and when both ends act at once, whatever packet is lost. RFC 9370 2.2.4.
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Wire;
using What = Cygnet.Tests.Ike.RekeyTests.What;

namespace Cygnet.Tests.Ike;

public sealed class FollowupKeTests
{
    [Theory]
    [InlineData(What.Child, true), InlineData(What.Child, false), InlineData(What.Ike, true), InlineData(What.Ike, false), InlineData(What.NewChild, true), InlineData(What.NewChild, false)]
    public void Every_use_of_CREATE_CHILD_SA_is_followed_by_its_additional_key_exchanges(What what, bool byInitiator)
    {
        var pair = Pair.Established(children: 2, change: Pair.Rounds(2));
        var (g, other) = byInitiator ? (pair.Moon, pair.Sun) : (pair.Sun, pair.Moon);
        RekeyTests.Do(g, what, pair);
        for (var i = 0; i < 200; i++)
        {
            pair.Moon.SendInner(Pair.InnerPacket(1, 2, 0, i));
            pair.Sun.SendInner(Pair.InnerPacket(2, 1, 0, i));
            pair.Network.Run(TimeSpan.FromMilliseconds(1));
        }
        pair.Settle();
        Assert.Equal(200, pair.Sun.Plane.Delivered.Count);
        Assert.Equal(200, pair.Moon.Plane.Delivered.Count);
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
        Assert.True(pair.Carries(what == What.NewChild ? 1 : 0));
        string[] lines = [.. g.LogLines.Where(l => l.Contains("FOLLOWUP", StringComparison.Ordinal)).Select(l => l[(l.IndexOf("> ", StringComparison.Ordinal) + 2)..])];
        Assert.Collection(lines.Where(l => !l.Contains(" EF(", StringComparison.Ordinal)),
            l => Assert.Matches("^generating IKE_FOLLOWUP_KE request \\d+ \\[ KE N\\(ADD_KE\\) \\]$", l), l => Assert.Matches("^parsed IKE_FOLLOWUP_KE response \\d+ \\[ KE N\\(ADD_KE\\) \\]$", l),
            l => Assert.Matches("^generating IKE_FOLLOWUP_KE request \\d+ \\[ KE N\\(ADD_KE\\) \\]$", l), l => Assert.Matches("^parsed IKE_FOLLOWUP_KE response \\d+ \\[ KE \\]$", l));
        Assert.DoesNotContain(other.LogLines, l => l.Contains("generating IKE_FOLLOWUP_KE request", StringComparison.Ordinal));
    }

    /// <summary>How the rounds of both ends' configurations differ: with optional ones the responder's order decides, so each direction may have its own.</summary>
    public enum Rounds { One, Two, OptionalAtMoon }

    public static TheoryData<What, What, Rounds> Pairs()
    {
        var data = new TheoryData<What, What, Rounds>();
        foreach (var a in (What[])[What.Child, What.Ike, What.NewChild, What.ChildDelete, What.IkeDelete])
            foreach (var b in (What[])[What.Child, What.Ike, What.NewChild, What.ChildDelete, What.IkeDelete])
                foreach (var rounds in Enum.GetValues<Rounds>())
                    data.Add(a, b, rounds);
        return data;
    }

    /// <summary>Every pair of exchanges at once, the second begun at any moment of the first, with each of the following packets lost.</summary>
    [Theory]
    [MemberData(nameof(Pairs))]
    public void Whatever_both_do_at_once_they_agree_in_the_end(What moon, What sun, Rounds rounds)
    {
        for (var lost = -1; lost < 12; lost++)
            for (ulong seed = 1; seed <= 6; seed++)
            {
                var pair = Between(seed, rounds);
                pair.Network.MostDelay = seed % 2 == 0 ? 40 : 1;
                var seen = 0;
                pair.Network.Filter = (kind, _, _, _) => kind != PacketKind.Ike || seen++ != lost;
                RekeyTests.Do(pair.Moon, moon, pair);
                pair.Network.Run(TimeSpan.FromMilliseconds(seed < 3 ? 0 : (int)pair.Network.Random.Below(150)));
                RekeyTests.Do(pair.Sun, sun, pair);
                pair.Settle(300);
                try { Check(pair, moon, sun); }
                catch (Exception e)
                {
                    var logs = pair.Network.Gateways.SelectMany(g => g.LogLines).Order(StringComparer.Ordinal).Where(l => !l.Contains("[Net]", StringComparison.Ordinal)).TakeLast(150);
                    throw new InvalidOperationException($"lost {lost}, seed {seed}: {e.Message}\n{string.Join('\n', logs)}", e);
                }
            }
    }

    static void Check(Pair pair, What moon, What sun)
    {
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
        if (moon == What.IkeDelete || sun == What.IkeDelete)
        {
            Assert.Empty(pair.Moon.Engine.Snapshots());
            return;
        }
        var ike = Pair.Ike(pair.Moon);
        if (moon == What.ChildDelete || sun == What.ChildDelete) return;
        var created = (moon == What.NewChild ? 1 : 0) + (sun == What.NewChild ? 1 : 0);
        Assert.InRange(ike.Children.Length, Math.Min(created, 1) + 1, created + 1); // two at once may both come about
        Assert.All(ike.Children, c => Assert.Equal(ChildState.Installed, c.State));
        Assert.True(pair.Carries());
        foreach (var g in pair.Network.Gateways) Assert.Equal(2 * ike.Children.Length, g.Plane.Engine.SaCount);
    }

    static Pair Between(ulong seed, Rounds rounds)
    {
        Connection Watch(Connection c) => c with { DpdDelay = TimeSpan.FromSeconds(30) };
        var pair = new Pair(seed, children: 2, change: c => Watch(Pair.Rounds(rounds == Rounds.One ? 1 : 2, rounds == Rounds.OptionalAtMoon ? 1 : 8)(c)));
        if (rounds == Rounds.OptionalAtMoon)
        {
            // the moon would rather do without, so what it answers has none
            static Proposal Turn(Proposal p) => p with { Transforms = [.. p.Transforms.OrderBy(t => t.Type).ThenBy(t => t.Round > 0 ? t.Id : 0)] };
            pair.Reconfigure(pair.Moon, c => c with { Proposals = [.. c.Proposals.Select(Turn)], Children = [.. c.Children.Select(k => k with { Proposals = [.. k.Proposals.Select(Turn)] })] });
        }
        pair.Up();
        return pair;
    }

    // Repeats every 4 seconds for longer than any state is kept: only such a peer can come too late.
    static readonly Settings Persistent = new() { RetransmitBase = 1, RetransmitTries = 60 };

    /// <summary>Nobody waits for ever: the peer's state goes, its answer is STATE_NOT_FOUND, and the next attempt goes through.</summary>
    [Theory]
    [InlineData(What.Child), InlineData(What.Ike), InlineData(What.NewChild)]
    public void What_comes_too_late_is_begun_anew(What what)
    {
        var pair = Pair.Established(children: 2, change: Pair.Rounds(1));
        pair.Moon.Engine.Settings = Persistent;
        var until = pair.Network.Now + AwaitedKe.Patience + TimeSpan.FromSeconds(2);
        pair.Network.Filter = (_, _, _, data) => data[18] != (byte)ExchangeType.IkeFollowupKe || pair.Network.Now > until;
        var before = pair.Sun.Plane.Engine.Census;
        RekeyTests.Do(pair.Moon, what, pair);
        pair.Network.Run(AwaitedKe.Patience + TimeSpan.FromSeconds(1));
        Assert.Contains(pair.Sun.LogLines, l => l.Contains("the peer did not continue with KE1_ML_KEM_768 within 100 seconds", StringComparison.Ordinal));
        Assert.Equal(before, pair.Sun.Plane.Engine.Census); // nothing is left of it
        pair.Network.Run(TimeSpan.FromSeconds(10));
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("received STATE_NOT_FOUND notify error", StringComparison.Ordinal));
        pair.Settle();
        pair.ShouldAgree();
        pair.ShouldHaveNoFaults();
        Assert.True(pair.Carries(what == What.NewChild ? 1 : 0));
        Assert.Equal(2, pair.Moon.LogLines.Count(l => l.Contains("generating CREATE_CHILD_SA request", StringComparison.Ordinal)));
    }

    /// <summary>RFC 9370 2.2.4: again and again is a fatal error.</summary>
    [Fact]
    public void A_peer_that_never_knows_what_we_continue_loses_the_IKE_SA()
    {
        var pair = Pair.Established(change: Pair.Rounds(1));
        pair.Moon.Engine.Settings = Persistent;
        pair.Network.Filter = (_, _, destination, data) => data[18] != (byte)ExchangeType.IkeFollowupKe || destination.Address != pair.Sun.Address
            || pair.Sun.Engine.Find(pair.Sun.Engine.Snapshots()[0].UniqueId) is { Awaited: null };
        RekeyTests.Do(pair.Moon, What.Child, pair);
        pair.Settle(600);
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("the peer lost the state of 3 key exchanges in a row, closing IKE_SA", StringComparison.Ordinal));
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Assert.Empty(pair.Sun.Engine.Snapshots());
        pair.ShouldHaveNoFaults();
    }

    [Theory]
    [InlineData("link"), InlineData("none"), InlineData("method"), InlineData("value")]
    public void A_request_that_continues_nothing_we_know_is_refused(string wrong)
    {
        var scene = new RobustScene(5, multiple: true);
        foreach (var deed in (Deed[])[Deed.NewChild, Deed.RekeyChild, Deed.RekeyIke])
        {
            var s = new Situation(true, Deed.None, deed, IsMultiple: true);
            scene.Enter(s);
            var sa = scene.Target!;
            var payloads = Payloads(scene.Genuine);
            var (ke, link) = (payloads.OfType<KePayload>().Single(), payloads.OfType<NotifyPayload>().Single());
            Payload[] sent = wrong switch
            {
                "link" => [ke, link with { Data = [.. link.Data[..^1], (byte)(link.Data[^1] ^ 1)] }],
                "none" => [ke],
                "method" => [ke with { Method = Ke.Ecp384 }, link],
                _ => [ke with { Data = ke.Data[1..] }, link],
            };
            scene.Deliver(RobustMutants.Protect(scene.Seal!, scene.NextHeader(s), new((byte)sent[0].Type, Message.EncodePlain(default, sent)[IkeHeader.Bytes..])));
            scene.Work();
            Assert.Equal(wrong is "method" or "value", sa.Awaited is null); // a wrong link says nothing about the right one
            Assert.Contains(scene.Victim.LogLines, l => l.EndsWith(wrong is "method" or "value" ? "N(INVAL_SYN) ]" : "N(NO_STATE) ]", StringComparison.Ordinal));
            if (wrong is "method" or "value") continue;
            scene.Deliver(RobustMutants.Protect(scene.Seal!, scene.NextHeader(s), scene.Genuine));
            scene.Work();
            Assert.Contains(scene.Victim.LogLines, l => l.Contains("generating IKE_FOLLOWUP_KE response", StringComparison.Ordinal) && l.EndsWith("[ KE N(ADD_KE) ]", StringComparison.Ordinal));
        }
        Assert.Equal(0, scene.Victim.Faults);
    }

    static List<Payload> Payloads(Chain chain)
    {
        List<Payload> payloads = [];
        Assert.True(Message.ParsePayloads((PayloadType)chain.First, chain.Bytes, payloads).IsOk);
        return payloads;
    }
}
