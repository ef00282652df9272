// IntAuth, computed a second time from the bytes of the messages. RFC 9242 3.3.2. There are no published vectors.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class IntermediateAuthTests
{
    static readonly Prf _prf = Prf.For(PrfId.HmacSha256);

    static byte[] Key(byte fill) => [.. Enumerable.Repeat(fill, 32)];

    static IkeKeys Keys(byte generation) => new(Key(1), [], [], Key(2)[..20], Key(3)[..20], Key((byte)(0x40 + generation)), Key((byte)(0x80 + generation)));

    /// <summary>From the datagram: headers with the lengths that they would have without IV, padding and ICV, and what was encrypted.</summary>
    static byte[] FromTheWire(byte[] datagram, byte[] plaintext)
    {
        byte[] covered = [.. datagram[..32], .. plaintext];
        BinaryPrimitives.WriteUInt32BigEndian(covered.AsSpan(24), (uint)covered.Length);
        BinaryPrimitives.WriteUInt16BigEndian(covered.AsSpan(30), (ushort)(4 + plaintext.Length));
        return covered;
    }

    [Fact]
    public void Octets_chain_the_messages_of_each_end_and_end_with_the_message_ID_of_IKE_AUTH()
    {
        var auth = new IntermediateAuth();
        Assert.Empty(auth.Octets);
        byte[] byInitiator = [], byResponder = [];
        for (byte n = 1; n <= 3; n++)
        {
            byte[] request = [n, 1, 2, 3], response = [n, 4, 5];
            auth.Add(fromInitiator: true, _prf, Keys(n), request);
            auth.Add(fromInitiator: false, _prf, Keys(n), response);
            byInitiator = HMACSHA256.HashData(Key((byte)(0x40 + n)), (byte[])[.. byInitiator, .. request]);
            byResponder = HMACSHA256.HashData(Key((byte)(0x80 + n)), (byte[])[.. byResponder, .. response]);
        }
        Assert.Equal<byte>([.. byInitiator, .. byResponder, 0, 0, 0, 4], auth.Octets);
    }

    [Theory]
    [InlineData(Encr.AesGcm16, 10), InlineData(Encr.AesGcm16, 1184), InlineData(Encr.AesCbc, 10), InlineData(Encr.AesCbc, 1184)]
    public void What_is_covered_depends_neither_on_the_cipher_nor_on_fragmentation(ushort cipher, int publicBytes)
    {
        var encryption = new Transform(TransformType.Encryption, cipher, 128);
        Transform? integrity = cipher == Encr.AesCbc ? new(TransformType.Integrity, Integ.HmacSha256_128) : null;
        using var protection = new IkeProtection(encryption, integrity, new byte[Transforms.KeyMaterialBytes(encryption)], Key(7));
        IReadOnlyList<Payload> payloads = [new KePayload(Ke.MlKem768, RandomNumberGenerator.GetBytes(publicBytes))];
        var header = new IkeHeader(0x0102030405060708, 0x1112131415161718, ExchangeType.IkeIntermediate, HeaderFlags.Initiator, 1);
        var random = new SeededRandom(1);

        var whole = Message.EncodeProtected(header, payloads, protection, random);
        var opened = (byte[])whole.Clone();
        Assert.True(protection.Open(opened, 32, out var at, out var length));
        var covered = Message.Covered(header, payloads);
        Assert.Equal(FromTheWire(whole, opened[at..(at + length)]), covered);

        var fragments = new Fragments();
        foreach (var datagram in Message.EncodeFragments(header, payloads, protection, random, 500))
        {
            Assert.True(Message.TryParse(datagram, out var message).IsOk);
            var body = message.Encrypted!.Value;
            Assert.True(protection.Open(datagram, body.Offset, out at, out length));
            if (!body.IsFragment) Assert.Equal(10, publicBytes);
            else if (fragments.Add(body, datagram.AsSpan(at, length), out var all) == FragmentOutcome.Complete)
                Assert.Equal(covered, Message.Covered(message.Header, fragments.First, all));
        }
        Assert.Equal(publicBytes > 500, fragments.Total > 1);
    }
}
