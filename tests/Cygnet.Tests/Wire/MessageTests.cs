// Messages: round trips, hand-made bytes, and every refusal of the parser.
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Tests.Wire;

public sealed class MessageTests
{
    static Message Parsed(byte[] datagram)
    {
        var result = Message.TryParse(datagram, out var m);
        Assert.Equal(ParseResult.Ok, result);
        return m;
    }

    static byte[] Plain(params Payload[] payloads) => Message.EncodePlain(Samples.Header, payloads);

    /// <summary>A message with one payload of the given type and body.</summary>
    static byte[] Raw(PayloadType type, params byte[] body)
    {
        byte[] payload = [0, 0, (byte)((body.Length + 4) >> 8), (byte)(body.Length + 4), .. body];
        var datagram = Message.EncodePlain(Samples.Header, []);
        datagram = [.. datagram, .. payload];
        datagram[16] = (byte)type;
        (datagram[26], datagram[27]) = ((byte)(datagram.Length >> 8), (byte)datagram.Length);
        return datagram;
    }

    static string Refused(byte[] datagram)
    {
        var result = Message.TryParse(datagram, out _);
        Assert.Equal(ParseOutcome.InvalidSyntax, result.Outcome);
        return result.Reason;
    }

    public static TheoryData<int> EveryPayload() => [.. Enumerable.Range(0, Samples.All.Count)];

    [Theory]
    [MemberData(nameof(EveryPayload))]
    public void EveryPayloadSurvivesARoundTrip(int index)
    {
        var datagram = Plain(Samples.All[index]);
        var m = Parsed(datagram);
        Assert.Equal(Samples.All[index].GetType(), m.Payloads.Single().GetType());
        Assert.Equal(datagram, Message.EncodePlain(m.Header, m.Payloads));
    }

    [Fact]
    public void AllPayloadsTogetherSurviveARoundTrip()
    {
        var datagram = Message.EncodePlain(Samples.Header, Samples.All);
        var m = Parsed(datagram);
        Assert.Equal(Samples.All.Select(p => p.Type), m.Payloads.Select(p => p.Type));
        Assert.Equal(datagram, Message.EncodePlain(m.Header, m.Payloads));
        Assert.Equal(2, m.All<NotifyPayload>().Count());
        Assert.True(m.Has(NotifyType.RekeySa));
        Assert.False(m.Has(NotifyType.Cookie));
        Assert.Equal(PayloadType.TsResponder, m.Get<TsPayload>(PayloadType.TsResponder)!.Type);
    }

    [Fact]
    public void ReadsAHandMadeIkeSaInit()
    {
        byte[] datagram =
        [
            1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 33, 0x20, 34, 8, 0, 0, 0, 0, 0, 0, 0, 136,
            // SA, one IKE proposal: AES_CBC_128, HMAC_SHA2_256_128, PRF_HMAC_SHA2_256, ECP_256
            34, 0, 0, 48, 0, 0, 0, 44, 1, 1, 0, 4,
            3, 0, 0, 12, 1, 0, 0, 12, 0x80, 14, 0, 128,
            3, 0, 0, 8, 3, 0, 0, 12,
            3, 0, 0, 8, 2, 0, 0, 5,
            0, 0, 0, 8, 4, 0, 0, 19,
            // KE, group 19, three bytes
            40, 0, 0, 11, 0, 19, 0, 0, 0xaa, 0xbb, 0xcc,
            // Nonce
            41, 0, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
            // N(NAT_DETECTION_SOURCE_IP) with one byte, N(FRAGMENTATION_SUPPORTED), N(SIGNATURE_HASH_ALGORITHMS)
            41, 0, 0, 9, 0, 0, 0x40, 0x04, 0xff,
            41, 0, 0, 8, 0, 0, 0x40, 0x2e,
            0, 0, 0, 12, 0, 0, 0x40, 0x2f, 0, 2, 0, 3,
        ];
        var m = Parsed(datagram);
        Assert.Equal("IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(FRAG_SUP) N(HASH_ALG) ]", m.ToString());
        Assert.Equal(0x0102030405060708UL, m.Header.InitiatorSpi);
        Assert.True(m.Header is { IsRequest: true, FromInitiator: true, MessageId: 0 });
        var proposal = m.Get<SaPayload>()!.Proposals.Single();
        Assert.Equal(
            new Transform[] { new(TransformType.Encryption, 12, 128), new(TransformType.Integrity, 12), new(TransformType.Prf, 5), new(TransformType.KeyExchange, 19) },
            proposal.Transforms.ToArray());
        Assert.Equal(new byte[] { 0xaa, 0xbb, 0xcc }, m.Get<KePayload>()!.Data);
        Assert.Equal(new byte[] { 0, 2, 0, 3 }, m.Notify(NotifyType.SignatureHashAlgorithms)!.Data);
        Assert.Equal(datagram, Message.EncodePlain(m.Header, m.Payloads));
    }

    [Fact]
    public void UnknownAttributesMakeATransformUnusableAndUnknownTypesStay()
    {
        // Two encryption transforms, the first with an unknown attribute; an ESN transform with one; type 77.
        var m = Parsed(Raw(PayloadType.Sa,
            0, 0, 0, 56, 1, 3, 4, 4, 9, 9, 9, 9,
            3, 0, 0, 12, 1, 0, 0, 20, 0x80, 15, 0, 1,
            3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 1, 0,
            3, 0, 0, 12, 5, 0, 0, 0, 0x80, 99, 0, 1,
            0, 0, 0, 8, 77, 0, 0, 1));
        var p = m.Get<SaPayload>()!.Proposals.Single();
        Assert.Equal(new Transform[] { new(TransformType.Encryption, 20, 256), new((TransformType)77, 1) }, p.Transforms.ToArray());
        Assert.Equal(new[] { TransformType.Encryption, TransformType.ExtendedSequenceNumbers, (TransformType)77 }, p.Types.ToArray());
        Assert.True(p.IsUnusable);
        Assert.False(Samples.All.OfType<SaPayload>().Single().Proposals[1].IsUnusable);
    }

    [Fact]
    public void IdBodyKeepsTheReservedBytesForAuth()
    {
        var id = Parsed(Raw(PayloadType.IdInitiator, 2, 9, 8, 7, 65)).Get<IdPayload>()!;
        Assert.Equal(new byte[] { 2, 9, 8, 7, 65 }, id.Body);
        Assert.Equal(new byte[] { 65 }, id.Data);
    }

    [Fact]
    public void UnknownSelectorTypesAreSkippedButCounted()
    {
        var ts = Parsed(Raw(PayloadType.TsInitiator, 2, 0, 0, 0, 9, 0, 0, 8, 1, 2, 3, 4, 7, 0, 0, 16, 0, 0, 255, 255, 10, 0, 0, 0, 10, 0, 0, 255)).Get<TsPayload>()!;
        Assert.True(ts.HasUnknown);
        Assert.Equal("10.0.0.0/24", ts.Selectors.Single().ToString());
    }

    [Fact]
    public void UnknownPayloadsAreKeptUnlessCritical()
    {
        Assert.IsType<UnknownPayload>(Parsed(Raw((PayloadType)99, 1, 2)).Payloads.Single());
        var datagram = Raw((PayloadType)99, 1, 2);
        datagram[29] = 0x80;
        Assert.Equal(ParseResult.UnsupportedCriticalPayload(99), Message.TryParse(datagram, out _));
    }

    [Fact]
    public void AnotherMajorVersionLeavesTheHeaderToAnswerWith()
    {
        var datagram = Plain();
        datagram[17] = 0x30;
        Assert.Equal(ParseOutcome.InvalidMajorVersion, Message.TryParse(datagram, out var m).Outcome);
        Assert.Equal(Samples.Header.InitiatorSpi, m.Header.InitiatorSpi);
        datagram[17] = 0x2f;
        Assert.True(Message.TryParse(datagram, out _).IsOk);
    }

    [Fact]
    public void TheLengthFieldMustMatch()
    {
        Assert.Equal("shorter than a header", Refused(new byte[27]));
        var longer = Plain(new VendorIdPayload([1]));
        Assert.Contains("length field", Refused([.. longer, 0]));
        Assert.Contains("length field", Refused(longer[..^1]));
    }

    public static TheoryData<PayloadType> SinglePayloads() =>
        [PayloadType.Sa, PayloadType.Ke, PayloadType.Nonce, PayloadType.IdInitiator, PayloadType.IdResponder, PayloadType.Auth, PayloadType.TsInitiator, PayloadType.TsResponder];

    [Theory]
    [MemberData(nameof(SinglePayloads))]
    public void DoubledSinglePayloadsAreRefused(PayloadType type)
    {
        var payload = Samples.All.Single(p => p.Type == type);
        Assert.Equal($"more than one payload of type {(byte)type}", Refused(Plain(payload, new VendorIdPayload([]), payload)));
    }

    [Theory]
    [InlineData(PayloadType.Nonce, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 })]
    [InlineData(PayloadType.Ke, new byte[] { 0, 19, 0 })]
    [InlineData(PayloadType.IdResponder, new byte[] { 1, 0, 0 })]
    [InlineData(PayloadType.Notify, new byte[] { 3, 4, 0x40, 9, 1, 2, 3 })]
    [InlineData(PayloadType.Delete, new byte[] { 3, 4, 0, 2, 1, 2, 3, 4 })]
    [InlineData(PayloadType.Delete, new byte[] { 3, 0, 255, 255 })]
    [InlineData(PayloadType.Delete, new byte[] { 1, 0, 0, 1 })]
    [InlineData(PayloadType.Delete, new byte[] { 1, 8, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8 })]
    [InlineData(PayloadType.TsInitiator, new byte[] { 1, 0, 0, 0 })]
    [InlineData(PayloadType.TsInitiator, new byte[] { 0, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 0, 0, 0, 10, 0, 0, 255 })]
    [InlineData(PayloadType.TsInitiator, new byte[] { 2, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 0, 0, 0, 10, 0, 0, 255 })]
    [InlineData(PayloadType.TsInitiator, new byte[] { 1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 0, 0, 9, 10, 0, 0, 1 })]
    [InlineData(PayloadType.TsInitiator, new byte[] { 1, 0, 0, 0, 7, 0, 0, 15, 0, 0, 255, 255, 10, 0, 0, 0, 10, 0, 0 })]
    [InlineData(PayloadType.TsInitiator, new byte[] { 1, 0, 0, 0, 9, 0, 0, 0 })]
    [InlineData(PayloadType.TsInitiator, new byte[] { 1, 0, 0, 0, 7, 0, 0, 16, 0, 9, 0, 1, 10, 0, 0, 0, 10, 0, 0, 255 })]
    [InlineData(PayloadType.Configuration, new byte[] { 1, 0, 0, 0, 0, 1, 0, 4, 1, 2, 3 })]
    [InlineData(PayloadType.Eap, new byte[] { 1, 0, 0, 6, 1 })]
    [InlineData(PayloadType.Sa, new byte[0])]
    [InlineData(PayloadType.Sa, new byte[] { 0, 0, 0, 8, 1, 1, 0, 1 })]
    [InlineData(PayloadType.Sa, new byte[] { 2, 0, 0, 8, 1, 1, 0, 0 })]
    [InlineData(PayloadType.Sa, new byte[] { 0, 0, 0, 9, 1, 3, 1, 0, 7 })]
    [InlineData(PayloadType.Sa, new byte[] { 0, 0, 0, 16, 1, 1, 0, 1, 3, 0, 0, 8, 1, 0, 0, 12 })]
    [InlineData(PayloadType.Sa, new byte[] { 0, 0, 0, 15, 1, 1, 0, 1, 0, 0, 0, 7, 1, 0, 0 })]
    [InlineData(PayloadType.EncryptedFragment, new byte[] { 0, 0, 0, 1 })]
    [InlineData(PayloadType.EncryptedFragment, new byte[] { 0, 3, 0, 2 })]
    [InlineData(PayloadType.EncryptedFragment, new byte[] { 0, 1, 0 })]
    public void MalformedBodiesAreRefused(PayloadType type, byte[] body) => Refused(Raw(type, body));

    [Fact]
    public void A_list_of_no_selectors_is_one_that_nothing_can_be_chosen_from() =>
        Assert.Empty(Parsed(Raw(PayloadType.TsInitiator, 0, 0, 0, 0)).Get<TsPayload>()!.Selectors);

    [Fact]
    public void BoundsOnPayloadsAndWhatFollowsThem()
    {
        Refused(Plain([.. Enumerable.Repeat(new VendorIdPayload([]), 256)]));
        Parsed(Plain([.. Enumerable.Repeat(new VendorIdPayload([]), 255)]));
        var trailing = Raw(PayloadType.VendorId, 1, 2, 3);
        trailing[31] = 5;
        Assert.Equal("bytes after the last payload", Refused(trailing));
    }

    [Fact]
    public void TheProtectedPartMustBeLast()
    {
        var sealedOne = Message.EncodeProtected(Samples.Header, Samples.All, Samples.Protection(), new SeededRandom(1));
        var m = Parsed(sealedOne);
        Assert.Equal(new EncryptedBody(32, sealedOne.Length - 32, PayloadType.Sa), m.Encrypted);
        Assert.Empty(m.Payloads);
        Assert.Equal("IKE_AUTH request 1 [ E ]", m.ToString());
        byte[] more = [.. sealedOne, 0, 0, 0, 4];
        (more[26], more[27]) = ((byte)(more.Length >> 8), (byte)more.Length);
        Assert.Contains("not the last", Refused(more));
        Assert.Contains("inside", Message.ParsePayloads(PayloadType.Encrypted, [0, 0, 0, 8, 1, 2, 3, 4], []).Reason);
    }

    [Fact]
    public void AProtectedMessageOpensToWhatWasSealed()
    {
        var protection = Samples.Protection();
        var datagram = Message.EncodeProtected(Samples.Header, Samples.All, protection, new SeededRandom(1));
        var outer = Parsed(datagram);
        Assert.True(protection.Open(datagram, outer.Encrypted!.Value.Offset, out var at, out var length));
        Assert.True(outer.WithPlaintext(outer.Encrypted.Value.First, datagram.AsSpan(at, length), out var m).IsOk);
        Assert.Equal(Message.EncodePlain(Samples.Header, Samples.All), Message.EncodePlain(m.Header, m.Payloads));
    }
}
