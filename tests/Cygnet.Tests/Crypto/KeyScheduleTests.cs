// PRF, prf+ and key material, against the formulas of RFC 7296 2.13 to 2.18 written out.
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class KeyScheduleTests
{
    static readonly byte[] Ni = [.. Enumerable.Range(1, 32).Select(i => (byte)i)], Nr = [.. Enumerable.Range(101, 20).Select(i => (byte)i)];
    static readonly byte[] Secret = [.. Enumerable.Range(7, 256).Select(i => (byte)(i * 3))];
    const ulong SpiI = 0x0102030405060708, SpiR = 0xf1f2f3f4f5f6f7f8;
    static readonly byte[] Spis = Convert.FromHexString("0102030405060708f1f2f3f4f5f6f7f8");

    // RFC 4231, test cases 1 and 2.
    [Theory]
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    public void Prf_gives_the_answers_of_rfc_4231(string key, string data, string expected)
    {
        var prf = Prf.For(PrfId.HmacSha256);
        Assert.Equal(expected, Convert.ToHexStringLower(prf.Compute(Convert.FromHexString(key), Convert.FromHexString(data))));
        var bytes = Convert.FromHexString(data);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var output = new byte[32];
            prf.ComputeTo(Convert.FromHexString(key), bytes.AsSpan(0, cut), bytes.AsSpan(cut), output);
            Assert.Equal(expected, Convert.ToHexStringLower(output));
        }
    }

    [Theory, InlineData(PrfId.HmacSha1, 20), InlineData(PrfId.HmacSha256, 32), InlineData(PrfId.HmacSha384, 48), InlineData(PrfId.HmacSha512, 64)]
    [InlineData(PrfId.HmacMd5, 16), InlineData(PrfId.Aes128Xcbc, 16), InlineData(PrfId.Aes128Cmac, 16), InlineData(PrfId.Camellia128Xcbc, 16)]
    public void Prf_plus_is_the_chain_of_rfc_7296(ushort id, int bytes)
    {
        var prf = Prf.For(id);
        Assert.Equal((bytes, bytes), (prf.KeyBytes, prf.OutputBytes));
        byte[] key = [1, 2, 3];
        foreach (var seed in (byte[][])[[], [9], new byte[2000]])
        {
            var t1 = prf.Compute(key, (byte[])[.. seed, 1]);
            var t2 = prf.Compute(key, (byte[])[.. t1, .. seed, 2]);
            var t3 = prf.Compute(key, (byte[])[.. t2, .. seed, 3]);
            byte[] whole = [.. t1, .. t2, .. t3];
            foreach (var length in (int[])[0, 1, bytes - 1, bytes, bytes + 1, 3 * bytes]) Assert.Equal(whole[..length], prf.Plus(key, seed, length));
        }
        Assert.Equal(255 * bytes, prf.Plus(key, [1], 255 * bytes).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => prf.Plus(key, [1], 255 * bytes + 1));
        Assert.Throws<NotSupportedException>(() => Prf.For(3));
    }

    // RFC 7296 2.14: of each nonce the first 64 bits, in SKEYSEED alone.
    [Theory, InlineData(PrfId.Aes128Xcbc), InlineData(PrfId.Aes128Cmac), InlineData(PrfId.Camellia128Xcbc)]
    public void A_prf_with_a_fixed_key_takes_half_of_it_from_each_nonce(ushort id)
    {
        var gcm = new Transform(TransformType.Encryption, Encr.AesGcm16, 128);
        var prf = Prf.For(id);
        using var keys = KeySchedule.Derive(prf, gcm, null, Ni, Nr, Secret, SpiI, SpiR);
        var skeyseed = prf.Compute((byte[])[.. Ni[..8], .. Nr[..8]], Secret);
        var expected = prf.Plus(skeyseed, [.. Ni, .. Nr, .. Spis], 16 + 20 + 20 + 16 + 16);
        Assert.Equal(expected, (byte[])[.. keys.SkD, .. keys.SkEi, .. keys.SkEr, .. keys.SkPi, .. keys.SkPr]);

        // Rekeying: SK_d is the key, and the nonces are data.
        using var rekeyed = KeySchedule.DeriveRekeyed(prf, keys.SkD, prf, gcm, null, Ni, Nr, Secret, SpiI, SpiR);
        expected = prf.Plus(prf.Compute(keys.SkD, (byte[])[.. Secret, .. Ni, .. Nr]), [.. Ni, .. Nr, .. Spis], 16 + 20 + 20 + 16 + 16);
        Assert.Equal(expected, (byte[])[.. rekeyed.SkD, .. rekeyed.SkEi, .. rekeyed.SkEr, .. rekeyed.SkPi, .. rekeyed.SkPr]);
    }

    // RFC 4434 4 and RFC 4615 4: keys of 16, 10 and 18 bytes.
    [Theory]
    [InlineData(PrfId.Aes128Xcbc, "000102030405060708090a0b0c0d0e0f", "47f51b4564966215b8985c63055ed308"), InlineData(PrfId.Aes128Xcbc, "00010203040506070809", "0fa087af7d866e7653434e602fdde835")]
    [InlineData(PrfId.Aes128Xcbc, "000102030405060708090a0b0c0d0e0fedcb", "8cd3c93ae598a9803006ffb67c40e9e4")]
    [InlineData(PrfId.Aes128Cmac, "000102030405060708090a0b0c0d0e0f", "980ae87b5f4c9c5214f5b6a8455e4c2d"), InlineData(PrfId.Aes128Cmac, "00010203040506070809", "290d9e112edb09ee141fcf64c0b72f3d")]
    [InlineData(PrfId.Aes128Cmac, "000102030405060708090a0b0c0d0e0fedcb", "84a348a4a45d235babfffc0d2b4da09a")]
    [InlineData(PrfId.Camellia128Xcbc, "000102030405060708090a0b0c0d0e0fedcb", "b97146369d31940ff57a0ddf2233c1d2")]
    public void A_prf_with_a_fixed_key_makes_others_fit(ushort id, string key, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(Prf.For(id).Compute(Convert.FromHexString(key), Convert.FromHexString("000102030405060708090a0b0c0d0e0f10111213"))));

    [Fact]
    public void Ike_keys_come_in_the_order_of_rfc_7296_2_14()
    {
        var cbc = new Transform(TransformType.Encryption, Encr.AesCbc, 256);
        var mac = new Transform(TransformType.Integrity, Integ.HmacSha512_256);
        using var keys = KeySchedule.Derive(Prf.For(PrfId.HmacSha256), cbc, mac, Ni, Nr, Secret, SpiI, SpiR);
        var skeyseed = HMACSHA256.HashData((byte[])[.. Ni, .. Nr], Secret);
        var expected = Prf.For(PrfId.HmacSha256).Plus(skeyseed, [.. Ni, .. Nr, .. Spis], 32 + 64 + 64 + 32 + 32 + 32 + 32);
        Assert.Equal(expected, (byte[])[.. keys.SkD, .. keys.SkAi, .. keys.SkAr, .. keys.SkEi, .. keys.SkEr, .. keys.SkPi, .. keys.SkPr]);
        Assert.Equal((32, 64, 64, 32, 32, 32, 32), (keys.SkD.Length, keys.SkAi.Length, keys.SkAr.Length, keys.SkEi.Length, keys.SkEr.Length, keys.SkPi.Length, keys.SkPr.Length));
    }

    [Fact]
    public void With_an_aead_there_are_salts_and_no_integrity_keys()
    {
        var gcm = new Transform(TransformType.Encryption, Encr.AesGcm16, 128);
        var keys = KeySchedule.Derive(Prf.For(PrfId.HmacSha384), gcm, null, Ni, Nr, Secret, SpiI, SpiR);
        Assert.Equal((48, 0, 0, 20, 20, 48, 48), (keys.SkD.Length, keys.SkAi.Length, keys.SkAr.Length, keys.SkEi.Length, keys.SkEr.Length, keys.SkPi.Length, keys.SkPr.Length));
        keys.Dispose();
        Assert.All((byte[][])[keys.SkD, keys.SkEi, keys.SkEr, keys.SkPi, keys.SkPr], k => Assert.All(k, b => Assert.Equal(0, b)));
    }

    [Fact]
    public void A_rekeyed_sa_is_seeded_by_the_old_prf_and_expanded_by_the_new()
    {
        var gcm = new Transform(TransformType.Encryption, Encr.AesGcm16, 256);
        byte[] oldSkD = [.. Enumerable.Repeat((byte)0x5a, 20)];
        using var keys = KeySchedule.DeriveRekeyed(Prf.For(PrfId.HmacSha1), oldSkD, Prf.For(PrfId.HmacSha512), gcm, null, Ni, Nr, Secret, SpiI, SpiR);
        var skeyseed = HMACSHA1.HashData(oldSkD, (byte[])[.. Secret, .. Ni, .. Nr]);
        var expected = Prf.For(PrfId.HmacSha512).Plus(skeyseed, [.. Ni, .. Nr, .. Spis], 64 + 36 + 36 + 64 + 64);
        Assert.Equal(expected, (byte[])[.. keys.SkD, .. keys.SkEi, .. keys.SkEr, .. keys.SkPi, .. keys.SkPr]);
    }

    [Theory]
    [InlineData(Encr.AesGcm16, 128, Integ.None, 20, 0), InlineData(Encr.AesCcm8, 256, Integ.None, 35, 0), InlineData(Encr.ChaCha20Poly1305, 0, Integ.None, 36, 0)]
    [InlineData(Encr.AesCtr, 192, Integ.HmacSha256_128, 28, 32), InlineData(Encr.AesCbc, 128, Integ.HmacSha1_96, 16, 20), InlineData(Encr.Null, 0, Integ.HmacSha384_192, 0, 48)]
    public void Child_keys_come_by_direction_encryption_first(ushort cipher, int bits, ushort mac, int encryptionBytes, int integrityBytes)
    {
        var prf = Prf.For(PrfId.HmacSha256);
        byte[] skD = [.. Enumerable.Repeat((byte)0x33, 32)];
        foreach (var secret in (byte[][])[[], Secret])
        {
            var keys = ChildKeys.Derive(prf, skD, secret, Ni, Nr, new(TransformType.Encryption, cipher, (ushort)bits),
                mac == Integ.None ? null : new Transform(TransformType.Integrity, mac));
            var material = prf.Plus(skD, [.. secret, .. Ni, .. Nr], 2 * (encryptionBytes + integrityBytes));
            Assert.Equal(material, (byte[])[.. keys.EncryptionI, .. keys.IntegrityI, .. keys.EncryptionR, .. keys.IntegrityR]);
            Assert.Equal((encryptionBytes, integrityBytes), (keys.EncryptionI.Length, keys.IntegrityI.Length));
            Assert.Equal((encryptionBytes, integrityBytes), (keys.EncryptionR.Length, keys.IntegrityR.Length));
        }
    }
}
