// Protection of packets: known answers, another implementation, refusals, no allocation.
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class PacketCipherTests
{
    static readonly ushort[] Macs = [Integ.HmacSha1_96, Integ.HmacSha256_128, Integ.HmacSha384_192, Integ.HmacSha512_256];

    public static TheoryData<string> Suites()
    {
        var data = new TheoryData<string>();
        foreach (var (name, _, _) in Built()) data.Add(name);
        return data;
    }

    static IEnumerable<(string Name, Transform Encryption, Transform? Integrity)> Built()
    {
        foreach (var a in Transforms.All.Where(a => a is { Type: TransformType.Encryption, IsBuilt: true }))
        foreach (var bits in a.KeyLengths.DefaultIfEmpty((ushort)0))
        {
            var e = new Transform(a.Type, a.Id!.Value, bits);
            if (a.IsAead) yield return (Transforms.Name(e), e, null);
            else
                foreach (var m in Macs)
                {
                    var i = new Transform(TransformType.Integrity, m);
                    yield return ($"{Transforms.Name(e)}/{Transforms.Name(i)}", e, i);
                }
        }
    }

    static (Transform E, Transform? I, byte[] Ek, byte[] Ik) Suite(string name, Random random)
    {
        var (_, e, i) = Built().Single(b => b.Name == name);
        var ek = new byte[Transforms.KeyMaterialBytes(e)];
        var ik = new byte[i is { } mac ? Transforms.KeyMaterialBytes(mac) : 0];
        random.NextBytes(ek);
        random.NextBytes(ik);
        return (e, i, ek, ik);
    }

    [Theory, MemberData(nameof(Suites))]
    public void What_is_sealed_opens_and_nothing_else_does(string suite)
    {
        var random = new Random(suite.Length);
        var (e, i, ek, ik) = Suite(suite, random);
        using var cipher = PacketCipher.Create(e, i, ek, ik);
        for (var round = 0; round < 60; round++)
        {
            var aad = new byte[random.Next(0, 20)];
            var tail = new byte[cipher.IsAead ? 0 : 4 * random.Next(2)];
            var iv = new byte[cipher.IvBytes];
            var text = new byte[cipher.BlockBytes * random.Next(0, 100)];
            var icv = new byte[cipher.IcvBytes];
            foreach (var b in (byte[][])[aad, tail, iv, text]) random.NextBytes(b);
            var plain = text.ToArray();
            cipher.Seal(aad, tail, iv, text, icv);
            var sealedText = text.ToArray();

            byte[][] parts = [aad, tail, iv, text, icv];
            foreach (var part in parts.Where(p => p.Length > 0))
            {
                var (at, bit) = (random.Next(part.Length), 1 << random.Next(8));
                part[at] ^= (byte)bit;
                Assert.False(cipher.Open(aad, tail, iv, text, icv));
                // The text is to be discarded after a refusal: it may have been decrypted already.
                sealedText.CopyTo(text, 0);
                if (part != text) part[at] ^= (byte)bit;
            }
            Assert.True(cipher.Open(aad, tail, iv, text, icv));
            Assert.Equal(plain, text);
        }
    }

    [Theory, MemberData(nameof(Suites))]
    public void Sealing_and_opening_allocate_nothing(string suite)
    {
        var (e, i, ek, ik) = Suite(suite, new Random(1));
        using var cipher = PacketCipher.Create(e, i, ek, ik);
        var (aad, iv, text, icv) = (new byte[8], new byte[cipher.IvBytes], new byte[1376], new byte[cipher.IcvBytes]);
        var bad = new byte[cipher.IcvBytes];
        // The runtime itself may allocate once as it recompiles: a round without any is the proof.
        var allocated = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var n = 0; n < 50; n++)
            {
                cipher.Seal(aad, [], iv, text, icv);
                if (!cipher.Open(aad, [], iv, text, icv) || cipher.Open(aad, [], iv, text, bad)) throw new InvalidOperationException();
            }
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, allocated);
    }

    [Theory]
    [InlineData(Encr.AesGcm12, 128), InlineData(Encr.AesGcm16, 128), InlineData(Encr.AesGcm16, 192), InlineData(Encr.AesGcm16, 256)]
    [InlineData(Encr.AesCcm8, 128), InlineData(Encr.AesCcm12, 192), InlineData(Encr.AesCcm16, 256)]
    [InlineData(Encr.ChaCha20Poly1305, 0)]
    public void Aeads_agree_with_dotnet(ushort id, int bits)
    {
        var random = new Random(id + bits);
        var e = new Transform(TransformType.Encryption, id, (ushort)bits);
        var row = Transforms.Find(e)!;
        var material = new byte[Transforms.KeyMaterialBytes(e)];
        for (var length = 0; length < 700; length += 1 + length / 40)
        {
            random.NextBytes(material);
            var (key, salt) = (material[..^row.SaltBytes], material[^row.SaltBytes..]);
            var (aad, iv, plain, tag) = (new byte[random.Next(2) * 4 + 8], new byte[8], new byte[length], new byte[row.IcvBytes]);
            foreach (var b in (byte[][])[aad, iv, plain]) random.NextBytes(b);
            var (expected, expectedTag) = (new byte[length], new byte[row.IcvBytes]);
            byte[] nonce = [.. salt, .. iv];
            if (id == Encr.ChaCha20Poly1305)
            {
                using var c = new ChaCha20Poly1305(key);
                c.Encrypt(nonce, plain, expected, expectedTag, aad);
            }
            else if (nonce.Length == 11)
            {
                using var c = new AesCcm(key);
                c.Encrypt(nonce, plain, expected, expectedTag, aad);
            }
            else
            {
                using var c = new AesGcm(key, row.IcvBytes);
                c.Encrypt(nonce, plain, expected, expectedTag, aad);
            }
            using var cipher = PacketCipher.Create(e, null, material, []);
            cipher.Seal(aad, [], iv, plain, tag);
            Assert.Equal(expected, plain);
            Assert.Equal(expectedTag, tag);
        }
    }

    [Theory, InlineData(128), InlineData(192), InlineData(256)]
    public void Cbc_with_hmac_agrees_with_dotnet(int bits)
    {
        var random = new Random(bits);
        var e = new Transform(TransformType.Encryption, Encr.AesCbc, (ushort)bits);
        var (key, macKey) = (new byte[bits / 8], new byte[32]);
        random.NextBytes(key);
        random.NextBytes(macKey);
        using var cipher = PacketCipher.Create(e, new(TransformType.Integrity, Integ.HmacSha256_128), key, macKey);
        using var shortened = PacketCipher.Create(e, new(TransformType.Integrity, Integ.HmacSha256_128), key, macKey, sha256_96: true);
        using var aes = Aes.Create();
        aes.Key = key;
        for (var blocks = 1; blocks < 40; blocks++)
        {
            var (aad, iv, plain, tail) = (new byte[8], new byte[16], new byte[16 * blocks], new byte[4]);
            foreach (var b in (byte[][])[aad, iv, plain, tail]) random.NextBytes(b);
            var expected = aes.EncryptCbc(plain, iv, PaddingMode.None);
            var mac = HMACSHA256.HashData(macKey, (byte[])[.. aad, .. iv, .. expected, .. tail]);
            var (icv, icv96, text96) = (new byte[16], new byte[12], plain.ToArray());
            cipher.Seal(aad, tail, iv, plain, icv);
            shortened.Seal(aad, tail, iv, text96, icv96);
            Assert.Equal(expected, plain);
            Assert.Equal(mac[..16], icv);
            Assert.Equal(mac[..12], icv96);
        }
    }

    // RFC 3686 section 6, test vectors 1 to 9.
    [Theory]
    [InlineData("AE6852F8121067CC4BF7A5765577F39E", "00000030", "0000000000000000", "53696E676C6520626C6F636B206D7367", "E4095D4FB7A7B3792D6175A3261311B8")]
    [InlineData("7E24067817FAE0D743D6CE1F32539163", "006CB6DB", "C0543B59DA48D90B", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "5104A106168A72D9790D41EE8EDAD388EB2E1EFC46DA57C8FCE630DF9141BE28")]
    [InlineData("7691BE035E5020A8AC6E618529F9A0DC", "00E0017B", "27777F3F4A1786F0", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20212223", "C1CF48A89F2FFDD9CF4652E9EFDB72D74540A42BDE6D7836D59A5CEAAEF3105325B2072F")]
    [InlineData("16AF5B145FC9F579C175F93E3BFB0EED863D06CCFDB78515", "00000048", "36733C147D6D93CB", "53696E676C6520626C6F636B206D7367", "4B55384FE259C9C84E7935A003CBE928")]
    [InlineData("776BEFF2851DB06F4C8A0542C8696F6C6A81AF1EEC96B4D37FC1D689E6C1C104", "00000060", "DB5672C97AA8F0B2", "53696E676C6520626C6F636B206D7367", "145AD01DBF824EC7560863DC71E3E0C0")]
    public void Ctr_gives_the_answers_of_rfc_3686(string key, string nonce, string iv, string plain, string expected)
    {
        byte[] material = [.. Convert.FromHexString(key), .. Convert.FromHexString(nonce)];
        using var cipher = PacketCipher.Create(new(TransformType.Encryption, Encr.AesCtr, (ushort)(key.Length * 4)), new(TransformType.Integrity, Integ.HmacSha1_96), material, new byte[20]);
        var text = Convert.FromHexString(plain);
        cipher.Seal([], [], Convert.FromHexString(iv), text, new byte[12]);
        Assert.Equal(expected, Convert.ToHexString(text));
    }

    [Fact]
    public void Wrong_keys_and_unknown_transforms_are_refused()
    {
        var gcm = new Transform(TransformType.Encryption, Encr.AesGcm16, 128);
        var cbc = new Transform(TransformType.Encryption, Encr.AesCbc, 128);
        Assert.Throws<ArgumentException>(() => PacketCipher.Create(gcm, null, new byte[16], []));
        Assert.Throws<NotSupportedException>(() => PacketCipher.Create(gcm with { KeyBits = 0 }, null, new byte[20], []));
        Assert.Throws<NotSupportedException>(() => PacketCipher.Create(cbc, null, new byte[16], []));
        Assert.Throws<NotSupportedException>(() => PacketCipher.Create(new(TransformType.Encryption, Encr.TripleDes), null, new byte[24], []));
        var cipher = PacketCipher.Create(gcm, null, new byte[20], []);
        cipher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cipher.Seal([], [], new byte[8], new byte[8], new byte[16]));
    }
}
