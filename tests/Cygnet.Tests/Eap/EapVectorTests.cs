// Known answers of the functions inside the methods.
using System.Security.Cryptography;
using Cygnet.Eap;
using Cygnet.Eap.Methods;
using Cygnet.Eap.Sim;

namespace Cygnet.Tests.Eap;

public sealed class EapVectorTests
{
    static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    static string Text(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>RFC 2759 9.2, keys: RFC 3079 3.5.3.</summary>
    [Fact]
    public void MSCHAPv2_has_the_values_of_RFC_2759_and_RFC_3079()
    {
        var authenticator = Hex("5B5D7C7D7B3F2F3E3C2C602132262628");
        var peer = Hex("21402324255E262A28295F2B3A337C7E");
        var hash = MsChapV2.ChallengeHash(peer, authenticator, "User"u8);
        Assert.Equal("d02e4386bce91226", Text(hash));
        var nt = MsChapV2.NtPasswordHash("clientPass"u8);
        Assert.Equal("44ebba8d5312b8d611474411f56989ae", Text(nt));
        Assert.Equal("41c00c584bd2d91c4017a2a12fa59f3f", Text(MsChapV2.HashNtPasswordHash(nt)));
        var response = MsChapV2.ChallengeResponse(hash, nt);
        Assert.Equal("82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df", Text(response));
        Assert.Equal("407a5589115fd0d6209f510fe9c04566932cda56", Text(MsChapV2.AuthenticatorResponse(nt, response, hash)));
        var master = MsChapV2.MasterKey(nt, response);
        Assert.Equal("fdece3717a8c838cb388e527ae3cdd31", Text(master));
        Assert.Equal("8b7cdc149b993a1ba118cb153f56dccb", Text(MsChapV2.StartKey(master, clientSends: false)));
        var msk = MsChapV2.Msk(nt, response);
        Assert.Equal(Text(MsChapV2.StartKey(master, clientSends: true)) + "8b7cdc149b993a1ba118cb153f56dccb" + new string('0', 64), Text(msk));
    }

    [Theory]
    [InlineData("CORP\\User", "User")]
    [InlineData("User", "User")]
    [InlineData("CORP\\", "")]
    [InlineData("a\\b\\c", "b\\c")]
    public void A_domain_ends_at_the_first_backslash(string name, string user) =>
        Assert.Equal(user, System.Text.Encoding.ASCII.GetString(MsChapV2.WithoutDomain(System.Text.Encoding.ASCII.GetBytes(name))));

    [Fact]
    public void Passwords_are_UTF_16_inside()
    {
        // "Müller€" and a character outside the basic plane
        Assert.Equal(Text(Cygnet.Crypto.LegacyDigest.Md4(Hex("4d00fc006c006c0065007200ac203dd800de"))), Text(MsChapV2.NtPasswordHash("Müller€😀"u8)));
        // RFC 1320 A.5
        Assert.Equal("31d6cfe0d16ae931b73c59d7e0c089c0", Text(Cygnet.Crypto.LegacyDigest.Md4([])));
        Assert.Equal("a448017aaf21d8525fc10ae87aa6729d", Text(Cygnet.Crypto.LegacyDigest.Md4("abc"u8)));
    }

    /// <summary>The examples to FIPS 186-2 with change notice 1, and RFC 4186 A.5.</summary>
    [Theory]
    [InlineData("bd029bbe7f51960bcf9edb2b61f06f0feb5a38b6", "2070b3223dba372fde1c0ffc7b2e3b498b2606143c6c18bacb0f6c55babb13788e20d737a3275116")]
    [InlineData("e576d5ca332e9930018bf1baee2763c795b3c712", "536e5ebc4465582aa6a8ec9986ebb62025af1942efcbf4bc72b3943421f2a97439d45aeaf4e30601983e972b6cfd46d1"
        + "c363773365690d09cd44976b525f47d3a60a985e955c53b090b2e4b73719196a402542968fd14a888f46b9a7886e44885949eab0fff69d52315c6c634fd14a7f"
        + "0d52023d56f79698fa6596abeed4f93fbb48eb534d985414ceed0d9a8ed33c387c9dfdab92ffbdf240fcecf65a2c93b9")]
    public void The_generator_has_published_values(string key, string stream) => Assert.Equal(stream, Text(Fips186Prf.Bytes(Hex(key), stream.Length / 2)));

    /// <summary>RFC 4186 A.5 and A.6: from the triplets to the MAC of the response.</summary>
    [Fact]
    public void EAP_SIM_has_the_keys_and_the_MAC_of_RFC_4186()
    {
        byte[] kc = Hex("a0a1a2a3a4a5a6a7 b0b1b2b3b4b5b6b7 c0c1c2c3c4c5c6c7"), sres = Hex("d1d2d3d4 e1e2e3e4 f1f2f3f4");
        var keys = SimKeys.OfSim("1244070100000001@eapsim.foo"u8.ToArray(), kc, Hex("0123456789abcdeffedcba9876543210"), [0, 1], [0, 1]);
        Assert.Equal("536e5ebc4465582aa6a8ec9986ebb620", Text(keys.Encr));
        Assert.Equal("25af1942efcbf4bc72b3943421f2a974", Text(keys.Auth));
        Assert.StartsWith("39d45aeaf4e30601983e972b6cfd46d1", Text(keys.Msk));
        var request = EapPacket.TryParse(Hex("0102 0008 12 0b 0000"), out _)!;
        Assert.Equal("0202001c120b00000b050000f56d6433e68ed2976ac11937fc3d1154", Text(SimWriter.Response(request, Subtype.SimChallenge).ToPacket(keys, sres)));
    }

    /// <summary>3GPP TS 35.208 4.3, sets 1 to 6.</summary>
    [Theory]
    [InlineData("465b5ce8b199b49faa5f0a2ee238a6bc", "23553cbe9637a89d218ae64dae47bf35", "ff9bb4d0b607", "b9b9", "cd63cb71954a9f4e48a5994e37a02baf",
        "4a9ffac354dfafb3", "01cfaf9ec4e871e9", "a54211d5e3ba50bf", "b40ba9a3c58b2a05bbf0d987b21bf8cb", "f769bcd751044604127672711c6d3441", "aa689c648370", "451e8beca43b")]
    [InlineData("0396eb317b6d1c36f19c1c84cd6ffd16", "c00d603103dcee52c4478119494202e8", "fd8eef40df7d", "af17", "53c15671c60a4b731c55b4a441c0bde2",
        "5df5b31807e258b0", "a8c016e51ef4a343", "d3a628ed988620f0", "58c433ff7a7082acd424220f2b67c556", "21a8c1f929702adb3e738488b9f5c5da", "c47783995f72", "30f1197061c1")]
    [InlineData("fec86ba6eb707ed08905757b1bb44b8f", "9f7c8d021accf4db213ccff0c7f71a6a", "9d0277595ffc", "725c", "1006020f0a478bf6b699f15c062e42b3",
        "9cabc3e99baf7281", "95814ba2b3044324", "8011c48c0c214ed2", "5dbdbb2954e8f3cde665b046179a5098", "59a92d3b476a0443487055cf88b2307b", "33484dc2136b", "deacdd848cc6")]
    [InlineData("9e5944aea94b81165c82fbf9f32db751", "ce83dbc54ac0274a157c17f80d017bd6", "0b604a81eca8", "9e09", "a64a507ae1a2a98bb88eb4210135dc87",
        "74a58220cba84c49", "ac2cc74a96871837", "f365cd683cd92e96", "e203edb3971574f5a94b0d61b816345d", "0c4524adeac041c4dd830d20854fc46b", "f0b9c08ad02e", "6085a86c6f63")]
    [InlineData("4ab1deb05ca6ceb051fc98e77d026a84", "74b0cd6031a1c8339b2b6ce2b8c4a186", "e880a1b580b6", "9f07", "dcf07cbd51855290b92a07a9891e523e",
        "49e785dd12626ef2", "9e85790336bb3fa2", "5860fc1bce351e7e", "7657766b373d1c2138f307e3de9242f9", "1c42e960d89b8fa99f2744e0708ccb53", "31e11a609118", "fe2555e54aa9")]
    [InlineData("6c38a116ac280c454f59332ee35c8c4f", "ee6466bc96202c5a557abbeff8babf63", "414b98222181", "4464", "3803ef5363b947c6aaa225e58fae3934",
        "078adfb488241a57", "80246b8d0186bcf1", "16c8233f05a0ac28", "3f8c7587fe8e4b233af676aede30ba3b", "a7466cc1e6b2a1337d49d3b66e95d7b4", "45b0f69ab06c", "1f53cd2b1113")]
    public void Milenage_has_the_values_of_TS_35_208(string k, string rand, string sqn, string amf, string opc, string f1, string f1Star, string f2, string f3, string f4, string f5, string f5Star)
    {
        var (macA, macS) = Milenage.F1(Hex(k), Hex(opc), Hex(rand), Hex(sqn), Hex(amf));
        Assert.Equal((f1, f1Star), (Text(macA), Text(macS)));
        var output = Milenage.F2345(Hex(k), Hex(opc), Hex(rand));
        Assert.Equal((f2, f3, f4, f5, f5Star), (Text(output.Res), Text(output.Ck), Text(output.Ik), Text(output.Ak), Text(output.AkStar)));
    }

    [Fact]
    public void OPc_follows_from_OP() =>
        Assert.Equal("cd63cb71954a9f4e48a5994e37a02baf", Text(Milenage.Opc(Hex("465b5ce8b199b49faa5f0a2ee238a6bc"), Hex("cdc202d5123e20f62b6d676ac72cb318"))));

    [Fact]
    public void EAP_MD5_is_CHAP() =>
        Assert.Equal(MD5.HashData([7, .. "secret"u8, .. new byte[16]]), Md5Challenge.Response(7, "secret"u8.ToArray(), new byte[16]));

    [Fact]
    public void A_sequence_number_grows_with_time()
    {
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        string At(double seconds) => Text(AkaSecret.Sqn(now.AddSeconds(seconds), TimeSpan.Zero));
        Assert.True(string.CompareOrdinal(At(0), At(0.001)) < 0 && string.CompareOrdinal(At(0.001), At(1)) < 0 && string.CompareOrdinal(At(1), At(300)) < 0);
        Assert.Equal("000000010000", Text(AkaSecret.Next(Hex("00000000ffff"))));
    }
}
