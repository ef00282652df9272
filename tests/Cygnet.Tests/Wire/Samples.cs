// Payloads of every kind, and the means to seal them, for the tests of the wire codec.
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Tests.Wire;

static class Samples
{
    public static readonly IkeHeader Header = new(0x0102030405060708, 0x1112131415161718, ExchangeType.IkeAuth, HeaderFlags.Initiator, 1);

    /// <summary>Both ends' protection of one direction, with a block cipher so that padding counts.</summary>
    public static IkeProtection Protection() =>
        new(new(TransformType.Encryption, Encr.AesCbc, 128), new Transform(TransformType.Integrity, Integ.HmacSha256_128), Counting(16), Counting(32));

    static byte[] Counting(int n) => [.. Enumerable.Range(1, n).Select(i => (byte)i)];

    public static readonly Transform[] Transforms =
    [
        new(TransformType.Encryption, Encr.AesGcm16, 256), new(TransformType.Prf, PrfId.HmacSha256), new(TransformType.KeyExchange, Ke.Curve25519),
    ];

    /// <summary>One payload of every type, in an order that a message might have.</summary>
    public static List<Payload> All =>
    [
        new SaPayload([
            new(1, SecurityProtocol.Ike, [], [.. Transforms]),
            new(2, SecurityProtocol.Esp, [1, 2, 3, 4], [new(TransformType.Encryption, Encr.AesCbc, 128), new(TransformType.Integrity, Integ.HmacSha256_128), new((TransformType)99, 7)]),
        ]),
        new KePayload(Ke.Curve25519, Counting(32)),
        new NoncePayload(Counting(32)),
        new IdPayload(PayloadType.IdInitiator, 2, [.. "moon.example"u8]),
        new IdPayload(PayloadType.IdResponder, 1, [192, 0, 2, 1]),
        new CertPayload(CertPayload.X509Signature, Counting(100)),
        new CertReqPayload(CertPayload.X509Signature, Counting(40)),
        new AuthPayload(14, Counting(64)),
        new NotifyPayload(NotifyType.NatDetectionSourceIp, Counting(20)),
        new NotifyPayload(NotifyType.RekeySa, [], SecurityProtocol.Esp, [0xc0, 1, 2, 3]),
        new DeletePayload(SecurityProtocol.Esp, [0xc0000001, 0xc0000002]),
        new DeletePayload(SecurityProtocol.Ike, []),
        new VendorIdPayload(Counting(16)),
        new TsPayload(PayloadType.TsInitiator, [TrafficSelector.Subnet(Address.Parse("10.1.0.0"), 16), TrafficSelector.Subnet(Address.Parse("2001:db8::"), 32)]),
        new TsPayload(PayloadType.TsResponder, [new(false, 0x0a020000, 0x0a02ffff, 6, 80, 80), new(false, 1, 2, 17, 65535, 0)]),
        new ConfigurationPayload(ConfigurationPayload.Request, [new(1, []), new(3, [192, 0, 2, 53])]),
        new EapPayload([1, 0, 0, 5, 1]),
        new UnknownPayload(200, Counting(7)),
    ];
}

sealed class SeededRandom(int seed) : IRandom
{
    readonly Random _random = new(seed);

    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
}
