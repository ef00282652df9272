// SK payload bodies: lengths, padding, refusal of every changed bit. RFC 7296 3.14.
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class IkeProtectionTests
{
    sealed class Seeded(int seed) : IRandom
    {
        readonly Random _random = new(seed);

        public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
    }

    static IkeProtection Make(ushort id, ushort bits, ushort mac, int seed = 1)
    {
        var random = new Seeded(seed);
        var e = new Transform(TransformType.Encryption, id, bits);
        Transform? i = mac != Integ.None ? new(TransformType.Integrity, mac) : null;
        var (ek, ik) = (new byte[Transforms.KeyMaterialBytes(e)], new byte[i is { } t ? Transforms.KeyMaterialBytes(t) : 0]);
        random.Fill(ek);
        random.Fill(ik);
        return new(e, i, ek, ik);
    }

    static byte[] Sealed(IkeProtection p, int header, byte[] plain, IRandom random)
    {
        var message = new byte[header + p.SealedLength(plain.Length)];
        random.Fill(message.AsSpan(0, header));
        plain.CopyTo(message, header + p.IvBytes);
        p.Seal(message, header, plain.Length, random);
        return message;
    }

    [Theory]
    [InlineData(Encr.AesGcm16, 256, Integ.None), InlineData(Encr.AesCcm8, 128, Integ.None), InlineData(Encr.ChaCha20Poly1305, 0, Integ.None)]
    [InlineData(Encr.AesCbc, 256, Integ.HmacSha256_128), InlineData(Encr.AesCtr, 128, Integ.HmacSha512_256)]
    public void Every_flipped_bit_is_refused(ushort id, int bits, int mac)
    {
        using var p = Make(id, (ushort)bits, (ushort)mac);
        var random = new Seeded(7);
        foreach (var length in (int[])[0, 1, 15, 16, 40])
        {
            var plain = new byte[length];
            random.Fill(plain);
            var message = Sealed(p, 32, plain, random);
            for (var bit = 0; bit < message.Length * 8; bit++)
            {
                var changed = message.ToArray();
                changed[bit / 8] ^= (byte)(1 << bit % 8);
                Assert.False(p.Open(changed, 32, out _, out _), $"bit {bit} of {length} bytes of plaintext");
            }
            Assert.True(p.Open(message, 32, out var at, out var n));
            Assert.Equal(plain, message[at..(at + n)]);
        }
    }

    [Fact]
    public void Cut_and_lengthened_messages_are_refused()
    {
        using var p = Make(Encr.AesCbc, 128, Integ.HmacSha1_96);
        var message = Sealed(p, 32, new byte[50], new Seeded(3));
        for (var length = 32; length < message.Length + 20; length++)
        {
            if (length == message.Length) continue;
            var other = new byte[length];
            message.AsSpan(0, Math.Min(length, message.Length)).CopyTo(other);
            Assert.False(p.Open(other, 32, out _, out _));
        }
    }

    [Fact]
    public void A_genuine_message_with_impossible_padding_is_refused()
    {
        var e = new Transform(TransformType.Encryption, Encr.AesGcm16, 128);
        using var cipher = PacketCipher.Create(e, null, new byte[20], []);
        using var p = new IkeProtection(e, null, new byte[20], []);
        var message = new byte[32 + 8 + 4 + 16];
        message[32 + 8 + 3] = 4;
        cipher.Seal(message.AsSpan(0, 32), [], message.AsSpan(32, 8), message.AsSpan(40, 4), message.AsSpan(44));
        Assert.False(p.Open(message, 32, out _, out _));
    }

    [Fact]
    public void Ivs_of_counter_modes_count_and_those_of_cbc_are_random()
    {
        using var gcm = Make(Encr.AesGcm16, 128, Integ.None);
        var random = new Seeded(5);
        var ivs = Enumerable.Range(0, 3).Select(_ => Convert.ToHexString(Sealed(gcm, 32, [1], random)[32..40])).ToArray();
        Assert.Equal(["0000000000000000", "0000000000000001", "0000000000000002"], ivs);
        using var cbc = Make(Encr.AesCbc, 128, Integ.HmacSha1_96);
        Assert.NotEqual(Sealed(cbc, 32, [1], random)[32..48], Sealed(cbc, 32, [1], random)[32..48]);
    }

    [Theory, InlineData(Encr.AesGcm16, 128, Integ.None), InlineData(Encr.AesCbc, 128, Integ.HmacSha1_96)]
    public void Capacity_is_the_inverse_of_sealed_length(ushort id, int bits, int mac)
    {
        using var p = Make(id, (ushort)bits, (ushort)mac);
        for (var body = p.SealedLength(0); body < 200; body++)
        {
            var most = p.PlaintextCapacity(body);
            Assert.True(p.SealedLength(most) <= body);
            Assert.True(p.SealedLength(most + 1) > body);
        }
    }
}
