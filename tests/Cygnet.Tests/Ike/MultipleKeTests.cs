// Several key exchanges for one IKE_SA: IKE_INTERMEDIATE between IKE_SA_INIT and IKE_AUTH. RFC 9242; RFC 9370 2.2.1, 2.2.2.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class MultipleKeTests
{
    static Func<Connection, Connection> Ike(string proposals) => c => c with { Proposals = Parse(proposals) };

    static ImmutableArray<Proposal> Parse(string text)
    {
        Assert.True(ProposalText.TryParse(SecurityProtocol.Ike, text + "!", out var proposals, out var error), error?.Lines[0]);
        return proposals;
    }

    static Pair Between(string moon, string sun, out Outcome outcome)
    {
        var pair = new Pair();
        pair.Reconfigure(pair.Moon, Ike(moon));
        pair.Reconfigure(pair.Sun, Ike(sun));
        outcome = new Outcome();
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], outcome));
        pair.Network.Run(TimeSpan.FromSeconds(30));
        pair.ShouldHaveNoFaults();
        return pair;
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(6)]
    public void Every_additional_key_exchange_changes_the_keys(int rounds)
    {
        var pair = Pair.Established(change: Pair.Rounds(rounds));
        pair.ShouldAgree();
        Assert.True(pair.Carries());
        pair.ShouldHaveNoFaults();
        string[] lines = [.. pair.Moon.LogLines.Select(l => l[(l.IndexOf("> ", StringComparison.Ordinal) + 2)..])];
        Assert.Contains(lines, l => l.StartsWith("generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP)", StringComparison.Ordinal) && l.EndsWith("N(IKE_INT_SUP) ]", StringComparison.Ordinal));
        for (var i = 1; i <= rounds; i++)
        {
            Assert.Contains($"generating IKE_INTERMEDIATE request {i} [ KE ]", lines);
            Assert.Contains($"parsed IKE_INTERMEDIATE response {i} [ KE ]", lines);
        }
        Assert.Contains(lines, l => l.StartsWith($"generating IKE_AUTH request {rounds + 1} ", StringComparison.Ordinal));
        Assert.Contains("/CURVE_25519/KE1_ML_KEM_768", Pair.Ike(pair.Moon).Proposal!.ToString(), StringComparison.Ordinal);
        Assert.Equal(rounds, Pair.Ike(pair.Moon).Proposal!.AdditionalKeyExchanges.Length);
    }

    [Fact]
    public void Public_values_that_exceed_a_packet_travel_in_fragments()
    {
        var pair = new Pair(change: c => Pair.Rounds(2)(c) with { Fragmentation = FragmentationPolicy.Yes });
        pair.Moon.Engine.Settings = pair.Sun.Engine.Settings = new Settings { FragmentSize = 576 };
        pair.Up();
        Assert.True(pair.Carries());
        foreach (var g in (Gateway[])[pair.Moon, pair.Sun])
            Assert.Contains(g.LogLines, l => l.Contains($"generating IKE_INTERMEDIATE {(g == pair.Moon ? "request" : "response")} 1 [ EF(3/3) ]", StringComparison.Ordinal));
    }

    /// <summary>The keys change while the window goes on: a repeated request is opened with the keys that it was sealed with.</summary>
    [Fact]
    public void Whatever_packet_is_lost_the_handshake_ends_well()
    {
        for (var lost = 0; lost < 10; lost++)
            for (ulong seed = 1; seed <= 3; seed++)
            {
                var pair = new Pair(seed, change: Pair.Rounds(3));
                pair.Network.MostDelay = seed == 1 ? 1 : 40;
                pair.Network.Duplication = seed == 3 ? 0.5 : 0;
                var seen = 0;
                pair.Network.Filter = (kind, _, _, _) => kind != PacketKind.Ike || seen++ != lost;
                Assert.Null(pair.Up().Error);
                pair.Network.Filter = null;
                pair.ShouldAgree();
                Assert.True(pair.Carries());
                pair.ShouldHaveNoFaults();
            }
    }

    [Fact]
    public void A_late_repetition_of_IKE_SA_INIT_gets_no_answer_of_another_exchange()
    {
        var pair = new Pair(change: Pair.Rounds(2));
        byte[]? init = null;
        pair.Network.Filter = (kind, _, destination, data) =>
        {
            if (data[18] == (byte)ExchangeType.IkeSaInit && destination.Address == pair.Sun.Address) init ??= data;
            return data[18] != (byte)ExchangeType.IkeAuth;
        };
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], null));
        pair.Network.Run(TimeSpan.FromSeconds(1));
        var before = pair.Network.Packets;
        pair.Sun.Engine.Receive(new(pair.Sun.Address, 500), new(pair.Moon.Address, 500), init!, pair.Network.Now);
        Assert.Equal(before, pair.Network.Packets);
    }

    [Theory]
    [InlineData("aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke1_none", "aes128gcm16-prfsha256-x25519", "")]
    [InlineData("aes128gcm16-prfsha256-x25519", "aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke1_none", "")]
    [InlineData("aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke1_none", "aes128gcm16-prfsha256-x25519-ke1_none-ke1_mlkem768", "")]
    [InlineData("aes128gcm16-prfsha256-x25519-ke1_none-ke1_mlkem768", "aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke1_none", "KE1_ML_KEM_768")]
    [InlineData("aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke1_none-ke2_ecp384", "aes128gcm16-prfsha256-x25519-ke2_ecp384", "KE2_ECP_384")]
    [InlineData("aes128gcm16-prfsha256-x25519-ecp256-ke1_x25519", "aes128gcm16-prfsha256-x25519-ecp256-ke1_x25519", "ECP_256/KE1_CURVE_25519")]
    [InlineData("aes128gcm16-prfsha256-x25519-ke1_ecp256-ke1_ecp384-ke3_ecp384", "aes128gcm16-prfsha256-x25519-ke1_ecp384-ke1_ecp256-ke3_ecp384", "KE1_ECP_256/KE3_ECP_384")]
    public void What_both_allow_is_done(string moon, string sun, string chosen)
    {
        var pair = Between(moon, sun, out var outcome);
        Assert.Null(outcome.Error);
        Assert.True(pair.Carries());
        var proposal = Pair.Ike(pair.Moon).Proposal!;
        Assert.Equal(Pair.Ike(pair.Sun).Proposal, proposal);
        if (chosen.Length == 0) Assert.Empty(proposal.AdditionalKeyExchanges);
        else Assert.EndsWith(chosen, proposal.ToString(), StringComparison.Ordinal);
        Assert.Equal(proposal.AdditionalKeyExchanges.Length, pair.Moon.LogLines.Count(l => l.Contains("generating IKE_INTERMEDIATE", StringComparison.Ordinal) && l.EndsWith("[ KE ]", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("aes128gcm16-prfsha256-x25519-ke1_mlkem768", "aes128gcm16-prfsha256-x25519")]
    [InlineData("aes128gcm16-prfsha256-x25519", "aes128gcm16-prfsha256-x25519-ke1_mlkem768")]
    [InlineData("aes128gcm16-prfsha256-x25519-ke1_mlkem768", "aes128gcm16-prfsha256-x25519-ke1_mlkem512")]
    [InlineData("aes128gcm16-prfsha256-x25519-ke1_mlkem768", "aes128gcm16-prfsha256-x25519-ke2_mlkem768")]
    public void What_one_requires_and_the_other_does_not_allow_is_refused(string moon, string sun)
    {
        var pair = Between(moon, sun, out var outcome);
        Assert.Equal("the peer answered NO_PROPOSAL_CHOSEN", outcome.Error);
        Assert.Empty(pair.Moon.Engine.Snapshots());
    }

    /// <summary>A proposal must not lose an additional key exchange because this build lacks the method.</summary>
    [Fact]
    public void A_method_that_cannot_be_run_makes_its_proposal_unusable()
    {
        var crypto = new ToyCrypto(new SeededRandom(1));
        var proposals = Parse("aes128gcm16-prfsha256-x25519-ke1_modp4096,aes128gcm16-prfsha256-x25519-modp4096-ke1_modp4096-ke1_ecp256,aes128gcm16-prfsha256-ecp256-ke1_modp4096-ke1_none");
        Assert.Equal(["IKE:AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE_25519/KE1_ECP_256", "IKE:AES_GCM_16_128/PRF_HMAC_SHA2_256/ECP_256/KE1_KE_NONE"],
            KeyExchangeOffer.Supported(crypto, proposals).Select(p => p.ToString()));
    }

    [Fact]
    public void Peers_that_know_no_additional_key_exchanges_find_a_proposal_without_if_all_are_optional()
    {
        var sent = KeyExchangeOffer.OnTheWire(Parse("aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke1_none,aes256gcm16-prfsha256-x25519-ke1_mlkem768,aes256gcm16-prfsha256-ecp256"), []).Proposals;
        Assert.Equal(["KE1_ML_KEM_768 KE1_KE_NONE", "", "KE1_ML_KEM_768", ""], sent.Select(p => string.Join(' ', p.Transforms.Where(t => t.Round > 0).Select(Transforms.Name))));
        Assert.Equal([1, 2, 3, 4], sent.Select(p => (int)p.Number));
        Assert.Equal([128, 128, 256, 256], sent.Select(p => (int)p.Transforms[0].KeyBits));
    }
}
