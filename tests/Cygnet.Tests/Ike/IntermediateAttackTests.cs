// Who stands between the two ends, and may even know the keys of the first key exchange, cannot spoil or remove an additional one. RFC 9242 3.3, RFC 9370 4.
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class IntermediateAttackTests
{
    /// <summary>Begins a handshake whose datagrams an attacker sees and may replace; how it ends for the initiator.</summary>
    static (Pair Pair, string? Error) Attack(Func<Pair, bool, byte[], byte[]?> replace, int rounds = 2, int optional = 8)
    {
        var pair = new Pair(change: Pair.Rounds(rounds, optional));
        pair.Moon.Engine.Settings = pair.Sun.Engine.Settings = new Settings { FragmentSize = 4000 };
        pair.Network.Filter = (kind, source, destination, data) =>
        {
            if (kind != PacketKind.Ike) return true;
            var changed = replace(pair, destination.Address == pair.Sun.Address, data);
            if (changed is not null && !ReferenceEquals(changed, data))
                pair.Network.At(TimeSpan.FromMilliseconds(1), () =>
                    (destination.Address == pair.Sun.Address ? pair.Sun : pair.Moon).Engine.Receive(destination, source, changed, pair.Network.Now));
            return ReferenceEquals(changed, data);
        };
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], outcome));
        pair.Network.RunUntil(() => outcome.IsDone, TimeSpan.FromMinutes(5));
        pair.Network.Filter = null;
        pair.Settle(120);
        Assert.True(outcome.IsDone);
        pair.ShouldHaveNoFaults();
        return (pair, outcome.Error);
    }

    static bool Is(byte[] data, ExchangeType exchange, bool response) => data[18] == (byte)exchange && (data[19] & 0x20) != 0 == response;

    static void ShouldHaveFailed(Pair pair, string? error, string why)
    {
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.Empty(pair.Moon.Engine.Snapshots());
        Assert.Empty(pair.Sun.Engine.Snapshots());
        Assert.Equal(0, pair.Moon.Plane.Engine.SaCount + pair.Sun.Plane.Engine.SaCount);
    }

    /// <summary>Opens with the keys of the receiver, changes the content, seals again: as somebody can who broke the first key exchange.</summary>
    static byte[] Forge(Pair pair, bool toSun, byte[] datagram, Action<List<Payload>> change, bool reserved)
    {
        var g = toSun ? pair.Sun : pair.Moon;
        var sa = g.Engine.Find(g.Engine.Snapshots().Single().UniqueId)!;
        var (p, k) = (sa.Proposal!, sa.Keys!);
        using var protection = new IkeProtection(p.First(TransformType.Encryption)!.Value, p.First(TransformType.Integrity), (byte[])(toSun ? k.SkEi : k.SkEr).Clone(), []);
        var open = (byte[])datagram.Clone();
        Assert.True(protection.Open(open, IkeHeader.Bytes + 4, out var at, out var length));
        var plaintext = open[at..(at + length)];
        List<Payload> payloads = [];
        Assert.True(Message.ParsePayloads((PayloadType)datagram[28], plaintext, payloads).IsOk);
        change(payloads);
        var bytes = Message.EncodePlain(default, payloads)[IkeHeader.Bytes..];
        if (reserved) bytes[1] ^= 0x01; // a reserved bit, which the receiver ignores
        return RobustMutants.Protect(protection, datagram, new((byte)payloads[0].Type, bytes));
    }

    [Fact]
    public void Without_an_attack_it_goes_well()
    {
        var (pair, error) = Attack((p, toSun, data) => data[18] == (byte)ExchangeType.IkeIntermediate ? Forge(p, toSun, data, _ => { }, reserved: false) : data);
        Assert.Null(error);
        Assert.True(pair.Carries());
    }

    [Theory]
    [InlineData(true, 1), InlineData(true, 2), InlineData(false, 1), InlineData(false, 2)]
    public void A_bit_that_nobody_reads_is_missed_by_AUTH(bool request, int round)
    {
        var seen = 0;
        var (pair, error) = Attack((p, toSun, data) => Is(data, ExchangeType.IkeIntermediate, !request) && ++seen == round ? Forge(p, toSun, data, _ => { }, reserved: true) : data);
        ShouldHaveFailed(pair, error, "the peer answered AUTHENTICATION_FAILED");
        Assert.Contains(pair.Sun.LogLines, l => l.Contains("but MAC mismatched", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void A_payload_added_for_the_peer_is_missed_by_AUTH(bool request)
    {
        var (pair, error) = Attack((p, toSun, data) => Is(data, ExchangeType.IkeIntermediate, !request)
            ? Forge(p, toSun, data, payloads => payloads.Add(new NotifyPayload(NotifyType.SetWindowSize, [0, 0, 0, 1])), reserved: false) : data);
        ShouldHaveFailed(pair, error, "the peer answered AUTHENTICATION_FAILED");
    }

    /// <summary>Of somebody without the keys a changed message is just noise.</summary>
    [Fact]
    public void A_forged_message_is_dropped_and_the_true_one_repeated()
    {
        var flipped = 0;
        var (pair, error) = Attack((_, _, data) =>
        {
            if (data[18] != (byte)ExchangeType.IkeIntermediate || flipped++ > 1) return data;
            return [.. data[..^1], (byte)(data[^1] ^ 1)];
        });
        Assert.Null(error);
        Assert.True(pair.Carries());
    }

    static byte[] Rewrite(byte[] datagram, Func<Payload, Payload?> change)
    {
        Assert.True(Message.TryParse(datagram, out var message).IsOk);
        return Message.EncodePlain(message.Header, [.. message.Payloads.Select(change).OfType<Payload>()]);
    }

    static Payload? WithoutSupport(Payload p) => p is NotifyPayload { Notify: NotifyType.IntermediateExchangeSupported } ? null : p;

    static Payload WithoutRounds(Payload p) => p is SaPayload sa
        ? new SaPayload([.. sa.Proposals.Select(x => new SaProposal(x.Number, x.Protocol, x.Spi, [.. x.Transforms.Where(t => t.Round == 0)]))]) : p;

    /// <summary>Downgrade: IKE_SA_INIT is not protected, but AUTH covers it as each end sent it.</summary>
    [Theory]
    [InlineData(true, "the peer answered AUTHENTICATION_FAILED")]
    [InlineData(false, "the peer answered NO_PROPOSAL_CHOSEN")]
    public void Additional_key_exchanges_removed_from_the_request(bool optional, string why)
    {
        var (pair, error) = Attack((_, _, data) => Is(data, ExchangeType.IkeSaInit, false) ? Rewrite(data, p => WithoutRounds(p)) : data, optional: optional ? 1 : 8);
        ShouldHaveFailed(pair, error, why);
    }

    [Theory]
    [InlineData(true, "the peer answered AUTHENTICATION_FAILED")]
    [InlineData(false, "the peer answered NO_PROPOSAL_CHOSEN")]
    public void The_announcement_removed_from_the_request(bool optional, string why)
    {
        var (pair, error) = Attack((_, _, data) => Is(data, ExchangeType.IkeSaInit, false) ? Rewrite(data, WithoutSupport) : data, optional: optional ? 1 : 8);
        ShouldHaveFailed(pair, error, why);
    }

    [Fact]
    public void The_announcement_removed_from_the_response()
    {
        var (pair, error) = Attack((_, _, data) => Is(data, ExchangeType.IkeSaInit, true) ? Rewrite(data, WithoutSupport) : data);
        ShouldHaveFailed(pair, error, "the peer chose additional key exchanges without announcing IKE_INTERMEDIATE");
    }

    /// <summary>The initiator goes to IKE_AUTH at once, the responder waits for IKE_INTERMEDIATE: nothing comes of it.</summary>
    [Theory]
    [InlineData(true, "peer not responding")]
    [InlineData(false, "which we did not offer")]
    public void Additional_key_exchanges_removed_from_the_response(bool optional, string why)
    {
        var (pair, error) = Attack((_, _, data) => Is(data, ExchangeType.IkeSaInit, true) ? Rewrite(data, p => WithoutRounds(p)) : data, optional: optional ? 1 : 8);
        ShouldHaveFailed(pair, error, why);
        Assert.DoesNotContain(pair.Sun.LogLines, l => l.Contains("parsed IKE_AUTH", StringComparison.Ordinal));
    }

    /// <summary>A choice that uses a method twice is the peer's fault or somebody's joke. RFC 9370 2.2.1.</summary>
    [Fact]
    public void A_method_chosen_twice()
    {
        static Payload Twice(Payload p) => p is SaPayload sa
            ? new SaPayload([.. sa.Proposals.Select(x => new SaProposal(x.Number, x.Protocol, x.Spi, [.. x.Transforms.Select(t => t.Round == 1 ? t with { Id = Ke.Curve25519 } : t)]))]) : p;
        var (pair, error) = Attack((_, _, data) => Is(data, ExchangeType.IkeSaInit, true) ? Rewrite(data, Twice) : data);
        ShouldHaveFailed(pair, error, "which we did not offer");
    }

    /// <summary>A peer that sends another exchange or method than agreed: the state stays, or the SA ends; it never becomes authenticated.</summary>
    [Theory]
    [InlineData("IKE_AUTH"), InlineData("method"), InlineData("order"), InlineData("empty")]
    public void A_peer_that_skips_or_reorders(string what)
    {
        var scene = new RobustScene(6, multiple: true);
        var s = new Situation(false, Deed.First, Deed.None, IsMultiple: true);
        scene.Enter(s);
        var (sa, answers) = (scene.Target!, scene.Answers);
        var header = scene.NextHeader(s);
        if (what == "IKE_AUTH") header[18] = (byte)ExchangeType.IkeAuth;
        Payload[] payloads = what switch
        {
            "method" => [new KePayload(Ke.MlKem512, new byte[800])],
            "order" => [new KePayload(Ke.Ecp384, new byte[32])], // that of the second round
            _ => [],
        };
        var chain = what == "IKE_AUTH" ? scene.Genuine : payloads.Length == 0 ? new(0, []) : new Chain((byte)payloads[0].Type, Message.EncodePlain(default, payloads)[IkeHeader.Bytes..]);
        scene.Deliver(RobustMutants.Protect(scene.Seal!, header, chain));
        scene.Work();
        Assert.Equal(what == "IKE_AUTH" ? Phase.Intermediate : Phase.Ghost, sa.Phase);
        Assert.Equal(what == "IKE_AUTH" ? answers : answers + 1, scene.Answers);
        Assert.Equal(0, scene.Victim.Faults);
    }
}
