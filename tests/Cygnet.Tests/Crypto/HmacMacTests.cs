// HMAC over libcrypto's hashes: the same answers as another implementation, whatever the lengths and however the message is cut. RFC 2104.
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class HmacMacTests
{
    static readonly (MacFunction Function, HashAlgorithmName Hash)[] All =
    [
        (MacFunction.HmacMd5, HashAlgorithmName.MD5), (MacFunction.HmacSha1, HashAlgorithmName.SHA1), (MacFunction.HmacSha256, HashAlgorithmName.SHA256),
        (MacFunction.HmacSha384, HashAlgorithmName.SHA384), (MacFunction.HmacSha512, HashAlgorithmName.SHA512),
    ];

    [Fact]
    public void It_gives_the_answers_of_another_implementation()
    {
        var random = new Random(2104);
        // About the lengths of a block, 64 and 128 bytes: a longer key counts as its hash.
        foreach (var (function, hash) in All)
            foreach (var keyBytes in (int[])[0, 1, 20, 63, 64, 65, 127, 128, 129, 1000])
            {
                var key = new byte[keyBytes];
                random.NextBytes(key);
                using var mac = Mac.Create(function, key);
                for (var messages = 0; messages < 8; messages++)
                {
                    var message = new byte[random.Next(400)];
                    random.NextBytes(message);
                    using var other = IncrementalHash.CreateHMAC(hash, key);
                    other.AppendData(message);
                    var output = new byte[Mac.MostBytes];
                    if (messages > 0) mac.Begin();
                    for (int at = 0, take; at < message.Length; at += take)
                    {
                        take = random.Next(0, message.Length - at + 1);
                        mac.Append(message.AsSpan(at, take));
                    }
                    mac.Finish(output);
                    Assert.Equal(other.GetHashAndReset(), output[..Mac.OutputBytes(function)]);
                    Assert.All(output[Mac.OutputBytes(function)..], b => Assert.Equal(0, b));
                }
            }
    }

    [Fact]
    public void A_message_that_was_begun_and_left_does_not_count()
    {
        using var mac = Mac.Create(MacFunction.HmacSha256, "key"u8);
        mac.Append("left"u8);
        mac.Begin();
        mac.Append("taken"u8);
        var output = new byte[32];
        mac.Finish(output);
        Assert.Equal(HMACSHA256.HashData("key"u8, "taken"u8), output);
    }

    [Fact]
    public void After_the_end_there_is_no_key()
    {
        var mac = Mac.Create(MacFunction.HmacSha1, "key"u8);
        mac.Dispose();
        mac.Dispose();
        Assert.Throws<ObjectDisposedException>(mac.Begin);
        Assert.Throws<ObjectDisposedException>(() => mac.Append("more"u8));
        Assert.Throws<ObjectDisposedException>(() => mac.Finish(new byte[20]));
    }

    [Fact]
    public void Too_little_room_is_refused_and_not_written_beyond()
    {
        using var mac = Mac.Create(MacFunction.HmacSha512, "key"u8);
        Assert.Throws<ArgumentOutOfRangeException>(() => mac.Finish(new byte[63]));
    }
}
