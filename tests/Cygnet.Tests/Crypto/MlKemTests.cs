// ML-KEM: vectors, a digest over many keys made with another implementation, input checks, implicit rejection. FIPS 203.
using System.Security.Cryptography;
using System.Text.Json;
using Cygnet.Crypto;
using Cygnet.Crypto.MlKem;

namespace Cygnet.Tests.Crypto;

public sealed class MlKemTests
{
    static readonly SystemCrypto Crypto = new();

    [VectorTheory("wycheproof/mlkem_768_test.json"), InlineData("mlkem_512", Ke.MlKem512), InlineData("mlkem_768", Ke.MlKem768), InlineData("mlkem_1024", Ke.MlKem1024)]
    public void Decapsulation(string file, ushort method)
    {
        var (valid, invalid) = (0, 0);
        foreach (var (_, test) in Vectors.Wycheproof(file))
        {
            var seed = test.Hex("seed");
            // Seeds of another length cannot be told to us: ours are drawn, never read.
            if (seed.Length != MlKemParameters.SeedBytes) continue;
            using var start = MlKemExchange.CreateOwn(method, seed);
            var secret = start.Finish(test.Hex("c"));
            if (test.Text("result") == "valid")
            {
                Assert.Equal(test.Hex("ek"), start.PublicValue);
                Assert.Equal(test.Hex("K"), secret);
                valid++;
            }
            else
            {
                Assert.Null(secret);
                invalid++;
            }
        }
        Assert.True(valid > 100 && invalid > 3, $"{valid} valid, {invalid} invalid");
    }

    [VectorTheory("wycheproof/mlkem_768_encaps_test.json"), InlineData("mlkem_512_encaps", Ke.MlKem512), InlineData("mlkem_768_encaps", Ke.MlKem768), InlineData("mlkem_1024_encaps", Ke.MlKem1024)]
    public void Encapsulation(string file, ushort method)
    {
        var p = MlKemParameters.For(method)!;
        var (valid, invalid) = (0, 0);
        foreach (var (_, test) in Vectors.Wycheproof(file))
        {
            var key = test.Hex("ek");
            if (test.Text("result") == "valid")
            {
                var result = MlKemExchange.Respond(p, key, test.Hex("m"));
                Assert.Equal(test.Hex("c"), result.PublicValue);
                Assert.Equal(test.Hex("K"), result.SharedSecret);
                Assert.NotNull(Crypto.Respond(method, key));
                valid++;
            }
            else
            {
                Assert.Null(Crypto.Respond(method, key));
                invalid++;
            }
        }
        Assert.True(valid > 100 && invalid > 100, $"{valid} valid, {invalid} invalid");
    }

    [VectorTheory("wycheproof/mlkem_768_keygen_seed_test.json"), InlineData("mlkem_512_keygen_seed", Ke.MlKem512), InlineData("mlkem_768_keygen_seed", Ke.MlKem768), InlineData("mlkem_1024_keygen_seed", Ke.MlKem1024)]
    public void Key_generation(string file, ushort method)
    {
        var p = MlKemParameters.For(method)!;
        foreach (var (_, test) in Vectors.Wycheproof(file))
        {
            var key = new byte[p.DecapsulationKeyBytes];
            Fips203.Generate(p, test.Hex("seed"), key);
            Assert.Equal(test.Hex("ek"), Fips203.EncapsulationKey(p, key).ToArray());
            Assert.Equal(test.Hex("dk"), key);
        }
    }

    [VectorTheory("wycheproof/mlkem_768_semi_expanded_decaps_test.json")]
    [InlineData("mlkem_512_semi_expanded_decaps", Ke.MlKem512), InlineData("mlkem_768_semi_expanded_decaps", Ke.MlKem768), InlineData("mlkem_1024_semi_expanded_decaps", Ke.MlKem1024)]
    public void Decapsulation_with_expanded_keys(string file, ushort method)
    {
        var p = MlKemParameters.For(method)!;
        var ran = 0;
        foreach (var (_, test) in Vectors.Wycheproof(file))
        {
            // Wrong lengths and hashes of keys are for who reads keys; we only make them.
            if (test.Text("result") != "valid" || !test.TryGetProperty("K", out _)) continue;
            var secret = new byte[MlKemParameters.SecretBytes];
            Fips203.Decapsulate(p, test.Hex("dk"), test.Hex("c"), secret);
            Assert.Equal(test.Hex("K"), secret);
            ran++;
        }
        Assert.True(ran > 0);
    }

    // 100 key pairs, encapsulations and random ciphertexts drawn from SHAKE128 of nothing; the digest is that of the npm package mlkem 2.7.0.
    [Theory]
    [InlineData(Ke.MlKem512, "449120c6e320ef3e9fbfa2316e5f2d2e1e6dd37d8ff5d086d5d2db7d42aff0a1")]
    [InlineData(Ke.MlKem768, "8d65b902f28edc683cebee2872962fd165a4d197c9e24ec74caa4470270df0b7")]
    [InlineData(Ke.MlKem1024, "c3ffe9ebecfa479c142656cbfbc6417efa05b77e994fe538eef4daed166363df")]
    public void Agrees_with_another_implementation(ushort method, string digest)
    {
        const int Runs = 100;
        var p = MlKemParameters.For(method)!;
        var stream = Shake128.HashData([], Runs * (MlKemParameters.SeedBytes + MlKemParameters.MessageBytes + p.CiphertextBytes)).AsSpan();
        using var all = new Shake128();
        var (key, secret) = (new byte[p.DecapsulationKeyBytes], new byte[MlKemParameters.SecretBytes]);
        for (var i = 0; i < Runs; i++)
        {
            Fips203.Generate(p, Take(ref stream, MlKemParameters.SeedBytes), key);
            var made = MlKemExchange.Respond(p, Fips203.EncapsulationKey(p, key), Take(ref stream, MlKemParameters.MessageBytes));
            Fips203.Decapsulate(p, key, made.PublicValue, secret);
            Assert.Equal(made.SharedSecret, secret);
            Fips203.Decapsulate(p, key, Take(ref stream, p.CiphertextBytes), secret);
            all.AppendData(Fips203.EncapsulationKey(p, key));
            foreach (var bytes in (byte[][])[key, made.PublicValue, made.SharedSecret, secret]) all.AppendData(bytes);
        }
        Assert.Equal(digest, Convert.ToHexStringLower(all.GetHashAndReset(32)));

        static ReadOnlySpan<byte> Take(ref Span<byte> from, int length)
        {
            var taken = from[..length];
            from = from[length..];
            return taken;
        }
    }

    [PlatformMlKemTheory, InlineData(Ke.MlKem512), InlineData(Ke.MlKem768), InlineData(Ke.MlKem1024)]
    public void Agrees_with_the_platform(ushort method)
    {
        for (var i = 0; i < 100; i++)
        {
            var seed = RandomNumberGenerator.GetBytes(MlKemParameters.SeedBytes);
            using var own = MlKemExchange.CreateOwn(method, seed);
            using var theirs = PlatformMlKemExchange.Create(method, seed);
            Assert.Equal(theirs.PublicValue, own.PublicValue);
            var answer = PlatformMlKemExchange.Respond(method, own.PublicValue)!;
            Assert.Equal(answer.SharedSecret, own.Finish(answer.PublicValue));
            var back = MlKemExchange.Respond(MlKemParameters.For(method)!, own.PublicValue, seed.AsSpan(0, 32));
            Assert.Equal(back.SharedSecret, theirs.Finish(back.PublicValue));
        }
    }

    [Theory, InlineData(Ke.MlKem512), InlineData(Ke.MlKem768), InlineData(Ke.MlKem1024)]
    public void A_changed_ciphertext_gives_another_secret_and_no_sign(ushort method)
    {
        using var start = Crypto.Start(method);
        var answer = Crypto.Respond(method, start.PublicValue)!;
        var seen = new HashSet<string> { Convert.ToHexString(answer.SharedSecret) };
        for (var at = 0; at < answer.PublicValue.Length; at += 37)
        {
            answer.PublicValue[at] ^= 4;
            Assert.True(seen.Add(Convert.ToHexString(start.Finish(answer.PublicValue)!)));
            answer.PublicValue[at] ^= 4;
        }
        Assert.Equal(answer.SharedSecret, start.Finish(answer.PublicValue));
    }

    [Theory, InlineData(Ke.MlKem512), InlineData(Ke.MlKem768), InlineData(Ke.MlKem1024)]
    public void An_unreduced_coefficient_anywhere_is_refused(ushort method)
    {
        using var start = Crypto.Start(method);
        var key = start.PublicValue.ToArray();
        for (var pair = 0; pair < (key.Length - 32) / 3; pair += 5)
        {
            var before = key.AsSpan(3 * pair, 3).ToArray();
            // 3329 = 0xd01 in the low and in the high coefficient of a pair.
            foreach (var (offset, low, high) in (ReadOnlySpan<(int, byte, byte)>)[(0, 0x01, 0x0d), (1, 0x10, 0xd0)])
            {
                key[3 * pair + offset] = low;
                key[3 * pair + offset + 1] = high;
                Assert.Null(Crypto.Respond(method, key));
                before.CopyTo(key, 3 * pair);
            }
            // 3328 is the largest that passes.
            (key[3 * pair], key[3 * pair + 1], key[3 * pair + 2]) = (0x00, 0x0d, 0xd0);
            Assert.NotNull(Crypto.Respond(method, key));
            before.CopyTo(key, 3 * pair);
        }
    }
}

/// <summary>Skipped where libcrypto has no ML-KEM.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PlatformMlKemTheoryAttribute : TheoryAttribute
{
    public PlatformMlKemTheoryAttribute() => Skip = PlatformMlKemExchange.IsSupported ? null! : "libcrypto has no ML-KEM";
}
