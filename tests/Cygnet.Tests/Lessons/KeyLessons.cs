// Classes of vulnerabilities that other implementations had with keys, signatures and certificates. docs/lessons.md.
using System.Formats.Asn1;
using System.Numerics;
using System.Reflection;
using System.Security.Cryptography;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Pki;

namespace Cygnet.Tests.Lessons;

public sealed class KeyLessons
{
    static byte[] RsaKey(BigInteger modulus, BigInteger exponent)
    {
        var key = new AsnWriter(AsnEncodingRules.DER);
        using (key.PushSequence())
        {
            key.WriteInteger(modulus);
            key.WriteInteger(exponent);
        }
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            using (info.PushSequence())
            {
                info.WriteObjectIdentifier("1.2.840.113549.1.1.1");
                info.WriteNull();
            }
            info.WriteBitString(key.Encode());
        }
        return info.Encode();
    }

    static readonly BigInteger _modulus = (BigInteger.One << 2047) + 12345;

    public static TheoryData<string, BigInteger, BigInteger> RsaShapes() => new()
    {
        { "CVE-2017-9022: even modulus", _modulus + 1, 65537 },
        { "CVE-2026-14957: exponent 0", _modulus, 0 },
        { "exponent 1", _modulus, 1 },
        { "even exponent", _modulus, 4 },
        { "negative exponent", _modulus, -3 },
        { "exponent as long as the modulus", _modulus, _modulus - 2 },
        { "CVE-2017-11185: modulus 0", 0, 3 },
        { "modulus 1", 1, 3 },
        { "negative modulus", -_modulus, 3 },
        { "CVE-2018-17540: tiny key", 187, 3 },
        { "512 bits", (BigInteger.One << 511) + 1, 3 },
        { "a key that takes a second to use", (BigInteger.One << 70_000) + 1, 65537 },
    };

    [Theory]
    [MemberData(nameof(RsaShapes))]
    public void RSA_keys_of_wrong_shape_are_refused_before_they_are_used(string shape, BigInteger modulus, BigInteger exponent)
    {
        Assert.NotEmpty(shape);
        Assert.Null(PublicKey.FromSubjectPublicKeyInfo(RsaKey(modulus, exponent), out var reason));
        Assert.NotEmpty(reason!);
        Assert.NotNull(PublicKey.FromSubjectPublicKeyInfo(RsaKey(_modulus, 65537), out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(257)]
    [InlineData(100_000)]
    public void Cve_2021_41990_signatures_of_wrong_length_are_refused(int length)
    {
        using var rsa = RSA.Create(2048);
        var key = PublicKey.FromSubjectPublicKeyInfo(rsa.ExportSubjectPublicKeyInfo(), out _)!;
        foreach (var scheme in (SignatureScheme[])[SignatureScheme.RsaPkcs1Sha256, SignatureScheme.RsaPssSha256, SignatureScheme.RsaPssSha512])
            Assert.False(new SystemCrypto().Verify(key, scheme, "data"u8, new byte[length]));
    }

    [Fact]
    public void Cve_2018_16151_2018_16152_2026_50721_2026_50722_a_PKCS1_signature_has_one_encoding()
    {
        // e = 3: a number whose cube begins like an encoded digest is a signature to whoever parses instead of comparing
        var (p, q) = (Prime(1024), Prime(1024));
        var modulus = p * q;
        var key = PublicKey.FromSubjectPublicKeyInfo(RsaKey(modulus, 3), out _)!;
        byte[] digestInfo = [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20, .. SHA256.HashData("data"u8)];
        var size = modulus.GetByteCount(isUnsigned: true);
        byte[] begins = [0, 1, .. Enumerable.Repeat((byte)0xff, 8), 0, .. digestInfo];
        var least = new BigInteger([.. begins, .. new byte[size - begins.Length]], isUnsigned: true, isBigEndian: true);
        var forged = CubeRootAbove(least);
        var cube = (forged * forged * forged).ToByteArray(isUnsigned: true, isBigEndian: true);
        Assert.Equal(begins[1..], cube[..(begins.Length - 1)]); // what a lax parser would find
        var signature = new byte[size];
        forged.ToByteArray(isUnsigned: true, isBigEndian: true).CopyTo(signature.AsSpan(size - forged.GetByteCount(isUnsigned: true)));
        Assert.False(new SystemCrypto().Verify(key, SignatureScheme.RsaPkcs1Sha256, "data"u8, signature));

        // and the true encoding is accepted
        byte[] proper = [0, 1, .. Enumerable.Repeat((byte)0xff, size - 3 - digestInfo.Length), 0, .. digestInfo];
        var good = BigInteger.ModPow(new(proper, isUnsigned: true, isBigEndian: true), Inverse(3, (p - 1) * (q - 1)), modulus).ToByteArray(isUnsigned: true, isBigEndian: true);
        Assert.True(new SystemCrypto().Verify(key, SignatureScheme.RsaPkcs1Sha256, "data"u8, [.. new byte[size - good.Length], .. good]));
    }

    static BigInteger Prime(int bits)
    {
        while (true)
        {
            using var rsa = RSA.Create(bits * 2);
            foreach (var prime in (byte[]?[])[rsa.ExportParameters(true).P, rsa.ExportParameters(true).Q])
            {
                var n = new BigInteger(prime!, isUnsigned: true, isBigEndian: true);
                if (n % 3 == 2) return n;
            }
        }
    }

    static BigInteger Inverse(BigInteger a, BigInteger m)
    {
        var (r0, r1, t0, t1) = (m, a, BigInteger.Zero, BigInteger.One);
        while (!r1.IsZero) (r0, r1, t0, t1) = (r1, r0 % r1, t1, t0 - r0 / r1 * t1);
        return ((t0 % m) + m) % m;
    }

    static BigInteger CubeRootAbove(BigInteger n)
    {
        var (low, high) = (BigInteger.One, BigInteger.One << ((int)n.GetBitLength() / 3 + 1));
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (middle * middle * middle < n) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    [Fact]
    public void Cve_2018_6459_each_parameter_of_PSS_may_be_absent_or_malformed()
    {
        foreach (var scheme in (SignatureScheme[])[SignatureScheme.RsaPssSha256, SignatureScheme.RsaPssSha384, SignatureScheme.RsaPssSha512, SignatureScheme.RsaPssSha3Of256])
        {
            var whole = SignatureAlgorithm.Encode(scheme);
            Assert.Equal(scheme, SignatureAlgorithm.Read(new(whole, AsnEncodingRules.DER), out _));
            // every prefix, and every byte of it changed: a scheme, a reason, or malformed; nothing else
            for (var at = 0; at < whole.Length; at++)
                for (var value = 0; value < 256; value++)
                {
                    var changed = (byte[])whole.Clone();
                    changed[at] = (byte)value;
                    Tolerates(changed);
                    Tolerates(changed[..at]);
                }
        }
        foreach (var absent in (byte[][])[[], [0x30, 0], [5, 0]])
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.10");
                if (absent.Length > 0) writer.WriteEncodedValue(absent);
            }
            Tolerates(writer.Encode());
        }

        static void Tolerates(byte[] der)
        {
            try
            {
                if (SignatureAlgorithm.Read(new(der, AsnEncodingRules.DER), out var reason) is null) Assert.NotEmpty(reason);
            }
            catch (AsnContentException) { }
        }
    }

    [Fact]
    public void Cve_2017_9023_2018_5389_no_mutant_of_a_certificate_keeps_the_parser_busy()
    {
        var whole = new TestAuthority("root", null, true, 3, null, null, null, TestAuthority.Dns("a.example", "b.example")).Certificate.Raw;
        var random = new Random(7);
        for (var n = 0; n < 20_000; n++)
        {
            var mutant = (byte[])whole.Clone();
            for (var k = 1 + random.Next(4); k > 0; k--) mutant[random.Next(mutant.Length)] = (byte)(random.Next(3) switch { 0 => 0, 1 => 0xff, _ => random.Next(256) });
            if (Certificate.TryParse(mutant, out var reason) is null) Assert.NotEmpty(reason);
        }
    }

    [Fact]
    public void Cve_2018_10811_2016_3071_whatever_is_proposed_by_default_works()
    {
        foreach (var protocol in (SecurityProtocol[])[SecurityProtocol.Ike, SecurityProtocol.Esp])
            foreach (var transform in ProposalText.Defaults(protocol).SelectMany(p => p.Transforms))
                Assert.True(SelfTest.Passed(transform), $"{Transforms.Name(transform)} is proposed and gives no known answer");
    }

    [Fact]
    public void Cve_2021_41991_of_a_strangers_certificates_so_many_are_looked_at()
    {
        var root = new TestAuthority("root");
        var store = new CredentialStoreBuilder().Add(root.Certificate).Build();
        var sent = Enumerable.Range(0, 200).Select(_ => new TestAuthority("carol", root, isCa: false, extensions: TestAuthority.Dns("carol.example")).Certificate.Raw).ToArray();
        var counting = new CountingCrypto();
        _ = store.Trust(counting, Identity.FromFqdn("carol.example"), sent, new(), TestAuthority.Now);
        Assert.InRange(counting.Verifications, 1, 16);
    }

    [Fact]
    public void Cve_2022_40617_the_core_cannot_fetch_anything()
    {
        string[] forbidden = ["System.Net.Http", "System.Net.Sockets", "System.Net.NameResolution", "System.Net.Requests", "System.Net.WebClient", "System.Diagnostics.Process"];
        Assert.Empty(typeof(IkeEngine).Assembly.GetReferencedAssemblies().Select(a => a.Name!).Intersect(forbidden));
        // nor does the framework on its behalf: its chain builder fetches by itself
        Assert.DoesNotContain(Members(typeof(IkeEngine).Assembly), t => t.FullName == "System.Security.Cryptography.X509Certificates.X509Chain");
    }

    static IEnumerable<Type> Members(Assembly assembly) => assembly.GetTypes().SelectMany(t => t.GetFields(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
        .Select(f => f.FieldType).Concat(t.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .SelectMany(m => m.GetMethodBody()?.LocalVariables.Select(v => v.LocalType) ?? [])));

    [Fact]
    public void Cve_2022_46397_initialization_vectors_of_block_ciphers_cannot_be_foretold()
    {
        var ivs = new HashSet<string>();
        var transform = new Transform(TransformType.Encryption, Encr.AesCbc, 128);
        using var protection = new IkeProtection(transform, new(TransformType.Integrity, Integ.HmacSha256_128), new byte[16], new byte[32]);
        for (var i = 0; i < 1000; i++)
        {
            var sealed_ = Cygnet.Wire.Message.EncodeFragments(new(1, 2, Cygnet.Wire.ExchangeType.Informational, 0, (uint)i), [], protection, new SystemRandom(), int.MaxValue, out _)[0];
            Assert.True(ivs.Add(Convert.ToHexString(sealed_.AsSpan(32, 16))));
        }
        // not a counter: no two neighbours differ in the last bytes alone
        Assert.Equal(1000, ivs.Select(iv => iv[..8]).Distinct().Count());
    }
}
