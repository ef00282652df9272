// XCBC and CMAC: published vectors, and the same answer however the message is cut. RFC 3566, RFC 4493.
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class CbcMacTests
{
    static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];

    // RFC 3566 4.6, test cases 1 to 7 (but the fifth, which is the fourth's length again).
    [Theory]
    [InlineData(0, "75f0251d528ac01c4573dfd584d79f29"), InlineData(3, "5b376580ae2f19afe7219ceef172756f"), InlineData(16, "d2a246fa349b68a79998a4394ff7a263")]
    [InlineData(20, "47f51b4564966215b8985c63055ed308"), InlineData(32, "f54f0ec8d2b9f3d36807734bd5283fd4"), InlineData(34, "becbb3bccdb518a30677d5481fb6b4d8")]
    [InlineData(-1000, "f0dafee895db30253761103b5d84528f")]
    public void Xcbc_gives_the_answers_of_rfc_3566(int length, string expected)
    {
        using var mac = Mac.Create(MacFunction.AesXcbc, Counting(16));
        Assert.Equal(expected, Of(mac, length < 0 ? new byte[-length] : Counting(length)));
    }

    // RFC 4493 4.
    [Theory]
    [InlineData(0, "bb1d6929e95937287fa37d129b756746"), InlineData(16, "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData(40, "dfa66747de9ae63030ca32611497c827"), InlineData(64, "51f0bebf7e3b9d92fc49741779363cfe")]
    public void Cmac_gives_the_answers_of_rfc_4493(int length, string expected)
    {
        using var mac = Mac.Create(MacFunction.AesCmac, Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c"));
        var message = Convert.FromHexString("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        Assert.Equal(expected, Of(mac, message[..length]));
    }

    [Fact]
    public void It_does_not_matter_how_a_message_is_cut()
    {
        foreach (var function in (MacFunction[])[MacFunction.AesXcbc, MacFunction.AesCmac, MacFunction.CamelliaXcbc, MacFunction.HmacSha256])
        {
            using var mac = Mac.Create(function, Counting(16));
            foreach (var length in (int[])[1, 15, 16, 17, 31, 32, 33, 48, 511, 512, 513, 528, 529, 1100])
            {
                var message = Counting(length);
                var whole = Of(mac, message);
                for (var cut = 0; cut <= length; cut += 1 + length / 40)
                {
                    var (output, second) = (new byte[Mac.MostBytes], Math.Min(length, cut + 7));
                    mac.Begin();
                    mac.Append(message.AsSpan(0, cut));
                    mac.Append(message.AsSpan(cut, second - cut));
                    mac.Append(message.AsSpan(second));
                    mac.Finish(output);
                    Assert.Equal(whole, Convert.ToHexStringLower(output.AsSpan(0, Mac.OutputBytes(function))));
                }
            }
        }
    }

    [Fact]
    public void A_key_of_another_length_is_refused()
    {
        Assert.Throws<System.Security.Cryptography.CryptographicException>(() => Mac.Create(MacFunction.AesXcbc, new byte[15]));
        Assert.Throws<System.Security.Cryptography.CryptographicException>(() => Mac.Create(MacFunction.AesCmac, new byte[17]));
    }

    static string Of(Mac mac, byte[] message)
    {
        var output = new byte[16];
        var buffer = new byte[Mac.MostBytes];
        mac.Begin();
        mac.Append(message);
        mac.Finish(buffer);
        buffer.AsSpan(0, 16).CopyTo(output);
        return Convert.ToHexStringLower(mac is HmacMac ? buffer.AsSpan(0, 32) : output);
    }
}
