// The bytes on the wire: a published packet, and packets opened and made by .NET's own ciphers. RFC 4303 2; RFC 7634 A; RFC 4106; RFC 3602.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Tests.Esp;

public sealed class EspFormatTests
{
    static readonly byte[] Echo = InnerPackets.Echo("10.1.0.1", "10.2.0.1", 57);

    [Fact]
    public void TheExamplePacketOfRfc7634Opens()
    {
        using var b = new EspEnd("203.0.113.5", "0.0.0.0/0");
        using var a = new EspEnd("203.0.113.153", "0.0.0.0/0");
        Assert.Null(b.Engine.InstallSa(b.Sa(SaDirection.Inbound, a, 0x01020304, 1) with
        {
            Encryption = new(TransformType.Encryption, Encr.ChaCha20Poly1305),
            EncryptionKey = Convert.FromHexString("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3"),
        }));
        var packet = Convert.FromHexString("01020304000000051011121314151617"
            + "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61aa95dfab4c02f7"
            + "2aa71e7c4c4f64c9befe2facc638e8f3cbec163fac469b502773f6fb94e664da9165b82829f641e0"
            + "76aaa8266b7fb0f7b11b369907e1ad43");
        var sink = new RecordingSink();
        b.Worker.Inbound(new(b.Endpoint, a.Endpoint, true), packet, packet.Length, sink);
        b.Worker.Flush(sink);
        Assert.Equal("45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec100007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
            + "202122232425262728292a2b2c2d2e2f3031323334353637", Convert.ToHexStringLower(Assert.Single(sink.Delivered).Packet));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AesGcmIsLaidOutAsRfc4106Says(bool extended)
    {
        var (a, b) = EspEnd.Pair(p => p with { ExtendedSequenceNumbers = extended });
        using (a)
        using (b)
        {
            a.Engine.FindOutbound(0x1000, b.Endpoint.Address)!.StartAfter(extended ? 0x5_0000_0006ul : 6);
            var esp = Assert.Single(a.Send(Echo).Packets);
            Assert.Equal(0x1000u, BinaryPrimitives.ReadUInt32BigEndian(esp));
            Assert.Equal(7u, BinaryPrimitives.ReadUInt32BigEndian(esp.AsSpan(4)));
            var key = SeededBytes.Of(0x1000, 36);
            byte[] aad = extended ? [.. esp[..4], 0, 0, 0, 5, .. esp[4..8]] : esp[..8];
            var text = new byte[esp.Length - 32];
            using var gcm = new AesGcm(key[..32], 16);
            byte[] nonce = [.. key[32..], .. esp[8..16]];
            gcm.Decrypt(nonce, esp[16..^16], esp[^16..], text, aad);
            AssertText(text, Echo);
        }
    }

    [Theory]
    [InlineData(false, false, 16)]
    [InlineData(true, false, 16)]
    [InlineData(false, true, 12)]
    public void AesCbcWithHmacIsLaidOutAsRfc4303Says(bool extended, bool sha256_96, int icvBytes)
    {
        var mac = SeededBytes.Of(5, 32);
        var (a, b) = EspEnd.Pair(p => p with
        {
            ExtendedSequenceNumbers = extended,
            Encryption = new(TransformType.Encryption, Encr.AesCbc, 128),
            EncryptionKey = SeededBytes.Of((int)p.Spi, 16),
            Integrity = new(TransformType.Integrity, Integ.HmacSha256_128),
            IntegrityKey = mac,
            Sha256_96 = sha256_96,
        });
        using (a)
        using (b)
        {
            a.Engine.FindOutbound(0x1000, b.Endpoint.Address)!.StartAfter(extended ? 0x5_0000_0006ul : 6);
            var esp = Assert.Single(a.Send(Echo).Packets);
            byte[] authenticated = extended ? [.. esp[..^icvBytes], 0, 0, 0, 5] : esp[..^icvBytes];
            Assert.Equal(HMACSHA256.HashData(mac, authenticated)[..icvBytes], esp[^icvBytes..]);
            using var aes = Aes.Create();
            aes.Key = SeededBytes.Of(0x1000, 16);
            var text = aes.DecryptCbc(esp[24..^icvBytes], esp[8..24], PaddingMode.None);
            Assert.Equal(0, text.Length % 16);
            AssertText(text, Echo);
        }
    }

    [Fact]
    public void DummiesTrailingPaddingAndBadContentsAreToldApart()
    {
        var (a, b) = EspEnd.Pair();
        using (a)
        using (b)
        {
            // The next header; the content; what becomes of it.
            Assert.Equal(1, Dropped(1, 59, new byte[20], DropReason.Dummy));
            Assert.Equal(1, Dropped(2, 4, new byte[20], DropReason.InnerMalformed));
            Assert.Equal(2, Dropped(3, 41, Echo, DropReason.InnerMalformed));
            Assert.Equal(3, Dropped(4, 17, Echo, DropReason.InnerMalformed));
            Assert.Equal(4, Dropped(5, 4, Echo[..^1], DropReason.InnerMalformed));
            Assert.Equal(1, Dropped(6, 4, Echo, DropReason.Padding, badPadding: true));
            Assert.Equal(1, Dropped(7, 4, InnerPackets.Echo("10.1.0.1", "10.3.0.1"), DropReason.InboundSelector));
            Assert.Equal(1, Dropped(7, 4, Echo, DropReason.Replay));
            var sink = new RecordingSink();
            Send(8, 4, [.. Echo, .. new byte[100]], false, sink);
            Assert.Equal(Echo, Assert.Single(sink.Delivered).Packet);

            long Dropped(uint sequence, byte next, byte[] content, DropReason reason, bool badPadding = false)
            {
                var nothing = new RecordingSink();
                Send(sequence, next, content, badPadding, nothing);
                Assert.Empty(nothing.Delivered);
                return b.Engine.Dropped(reason);
            }

            void Send(uint sequence, byte next, byte[] content, bool badPadding, RecordingSink sink)
            {
                var pad = (4 - (content.Length + 2) % 4) % 4 + 4;
                byte[] text = [.. content, .. Enumerable.Range(1, pad).Select(i => (byte)i), (byte)pad, next];
                if (badPadding) text[^3]++;
                var esp = new byte[16 + text.Length + 16];
                BinaryPrimitives.WriteUInt32BigEndian(esp, 0x1000);
                BinaryPrimitives.WriteUInt32BigEndian(esp.AsSpan(4), sequence);
                esp[15] = (byte)sequence;
                var key = SeededBytes.Of(0x1000, 36);
                using var gcm = new AesGcm(key[..32], 16);
                byte[] nonce = [.. key[32..], .. esp[8..16]];
                gcm.Encrypt(nonce, text, esp.AsSpan(16, text.Length), esp.AsSpan(16 + text.Length), esp.AsSpan(0, 8));
                b.Worker.Inbound(new(b.Endpoint, a.Endpoint, true), esp, esp.Length, sink);
                b.Worker.Flush(sink);
            }
        }
    }

    static void AssertText(byte[] text, byte[] inner)
    {
        Assert.Equal(inner, text[..inner.Length]);
        Assert.Equal(4, text[^1]);
        Assert.Equal(text.Length - inner.Length - 2, text[^2]);
        Assert.Equal(Enumerable.Range(1, text[^2]).Select(i => (byte)i), text[inner.Length..^2]);
        Assert.Equal(0, text.Length % 4);
    }
}
