// Paths to a trust anchor: what is accepted, what is refused and with which lines.
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Pki.Revocation;

namespace Cygnet.Tests.Pki;

public sealed class TrustChainTests
{
    static readonly TestAuthority s_root = new("root");
    static readonly DateTimeOffset s_now = TestAuthority.Now;

    static TrustResult Validate(Certificate subject, Certificate[] trusted, Certificate[]? received = null, RevocationPolicy revocation = RevocationPolicy.Relaxed,
        bool isPinned = false, ICertificateStatus? status = null, ICryptoDoor? crypto = null) =>
        new TrustChain(crypto ?? new SystemCrypto(), trusted, received ?? [], s_now, status ?? RevocationLab.NoStatus).Validate(subject, revocation, isPinned);

    static void Refused(string reason, TrustResult result)
    {
        Assert.Null(result.Key);
        Assert.Equal(reason, result.Reason);
    }

    [Fact]
    public void A_leaf_of_a_trusted_root_is_logged_as_in_the_reference()
    {
        var leaf = s_root.Leaf("leaf").Certificate;
        var result = Validate(leaf, [s_root.Certificate]);
        Assert.Equal(leaf.PublicKey, result.Key);
        Assert.Null(result.Reason);
        Assert.Equal([leaf, s_root.Certificate], result.Chain);
        Assert.Equal(
        [
            "  using certificate \"CN=leaf\"",
            "  using trusted ca certificate \"CN=root\"",
            "  reached self-signed root ca with a path length of 0",
            "checking certificate status of \"CN=leaf\"",
            "certificate status is not available",
        ], result.Lines);
    }

    [Fact]
    public void Intermediates_may_be_received_or_trusted()
    {
        var middle = new TestAuthority("middle", s_root);
        var leaf = middle.Leaf("leaf").Certificate;
        var received = Validate(leaf, [s_root.Certificate], [leaf, middle.Certificate]);
        Assert.Equal([leaf, middle.Certificate, s_root.Certificate], received.Chain);
        Assert.Equal(["  using untrusted intermediate certificate \"CN=middle\"", "  using trusted ca certificate \"CN=root\"",
            "  reached self-signed root ca with a path length of 1"], received.Lines.Skip(1).Take(3));
        Assert.Equal(2, received.Lines.Count(l => l == "certificate status is not available"));
        var trusted = Validate(leaf, [s_root.Certificate, middle.Certificate]);
        Assert.Contains("  using trusted intermediate ca certificate \"CN=middle\"", trusted.Lines);
        Assert.NotNull(trusted.Key);
        // A trusted intermediate is no anchor.
        Assert.Null(Validate(leaf, [middle.Certificate]).Key);
    }

    [Fact]
    public void Without_issuer_or_anchor_it_is_refused()
    {
        var other = new TestAuthority("other");
        var leaf = other.Leaf("leaf").Certificate;
        var result = Validate(leaf, [s_root.Certificate]);
        Refused("no issuer certificate found for \"CN=leaf\", issuer is \"CN=other\"", result);
        Assert.Equal(["  using certificate \"CN=leaf\"", "no issuer certificate found for \"CN=leaf\"", "  issuer is \"CN=other\""], result.Lines);
        result = Validate(leaf, [s_root.Certificate], [leaf, other.Certificate]);
        Refused("self-signed certificate \"CN=other\" is not trusted", result);
        Assert.Equal(["  using certificate \"CN=leaf\"", "  using untrusted intermediate certificate \"CN=other\"",
            "  self-signed certificate \"CN=other\" is not trusted"], result.Lines);
        Refused("self-signed certificate \"CN=other\" is not trusted", Validate(other.Certificate, [s_root.Certificate], [other.Certificate]));
    }

    [Fact]
    public void Signatures_decide_between_issuers_of_one_name()
    {
        var impostor = new TestAuthority("root");
        var leaf = s_root.Leaf("leaf").Certificate;
        Refused("no issuer certificate found for \"CN=leaf\", issuer is \"CN=root\"; the signature is not that of the key of \"CN=root\"", Validate(leaf, [impostor.Certificate]));
        Assert.Equal(s_root.Certificate, Validate(leaf, [impostor.Certificate, s_root.Certificate]).Chain[^1]);
    }

    [Fact]
    public void A_changed_byte_of_the_signed_part_is_found()
    {
        var leaf = s_root.Leaf("leaf", TestAuthority.Dns("moon.example.org")).Certificate;
        var raw = leaf.Raw.ToArray();
        raw[raw.AsSpan().IndexOf("moon"u8)] = (byte)'n';
        var forged = Certificate.TryParse(raw, out _)!;
        Assert.Equal("noon.example.org", forged.SubjectAltNames[0].ToString());
        Assert.Null(Validate(forged, [s_root.Certificate]).Key);
    }

    [Fact]
    public void Validity_is_checked_for_all_of_the_chain()
    {
        var (early, late) = (s_now.AddDays(-5), s_now.AddSeconds(-1));
        var expired = new TestAuthority("leaf", s_root, isCa: false, from: early, to: late).Certificate;
        var result = Validate(expired, [s_root.Certificate]);
        Refused("subject certificate invalid (valid from May 27 12:00:00 2030 to Jun 01 11:59:59 2030)", result);
        Assert.Equal(["  using certificate \"CN=leaf\"", "  using trusted ca certificate \"CN=root\"",
            "subject certificate invalid (valid from May 27 12:00:00 2030 to Jun 01 11:59:59 2030)"], result.Lines);
        var future = new TestAuthority("leaf", s_root, isCa: false, from: s_now.AddSeconds(1)).Certificate;
        Assert.StartsWith("subject certificate invalid", Validate(future, [s_root.Certificate]).Reason);
        var middle = new TestAuthority("middle", s_root, from: early, to: late);
        Assert.StartsWith("subject certificate invalid", Validate(middle.Leaf("leaf").Certificate, [s_root.Certificate], [middle.Certificate]).Reason);
        var old = new TestAuthority("old", from: early, to: late);
        Assert.StartsWith("issuer certificate invalid", Validate(old.Leaf("leaf").Certificate, [old.Certificate]).Reason);
    }

    [Fact]
    public void Times_are_printed_in_the_hosts_zone()
    {
        var expired = new TestAuthority("leaf", s_root, isCa: false, from: s_now.AddDays(-5), to: s_now.AddSeconds(-1)).Certificate;
        var chain = new TrustChain(new SystemCrypto(), [s_root.Certificate], [], s_now.ToOffset(TimeSpan.FromHours(2)), RevocationLab.NoStatus);
        Assert.Equal("subject certificate invalid (valid from May 27 14:00:00 2030 to Jun 01 13:59:59 2030)", chain.Validate(expired).Reason);
    }

    [Fact]
    public void Only_a_CA_issues()
    {
        foreach (var middle in new[]
        {
            new TestAuthority("middle", s_root, isCa: false),
            new TestAuthority("middle", s_root, usage: X509KeyUsageFlags.DigitalSignature),
        })
            Refused("no issuer certificate found for \"CN=leaf\", issuer is \"CN=middle\"; \"CN=middle\" is no CA: basicConstraints or keyCertSign is missing",
                Validate(middle.Leaf("leaf").Certificate, [s_root.Certificate], [middle.Certificate]));
        var good = new TestAuthority("middle", s_root, usage: X509KeyUsageFlags.KeyCertSign);
        Assert.NotNull(Validate(good.Leaf("leaf").Certificate, [s_root.Certificate], [good.Certificate]).Key);
    }

    [Fact]
    public void Path_length_constraints_count_intermediates()
    {
        var root = new TestAuthority("short", pathLength: 0);
        Assert.NotNull(Validate(root.Leaf("leaf").Certificate, [root.Certificate]).Key);
        var middle = new TestAuthority("middle", root);
        Refused("path length of 1 violates constraint of 0", Validate(middle.Leaf("leaf").Certificate, [root.Certificate], [middle.Certificate]));
        var one = new TestAuthority("one", s_root, pathLength: 1);
        var two = new TestAuthority("two", one);
        var three = new TestAuthority("three", two);
        Assert.NotNull(Validate(two.Leaf("leaf").Certificate, [s_root.Certificate], [one.Certificate, two.Certificate]).Key);
        Refused("path length of 2 violates constraint of 1",
            Validate(three.Leaf("leaf").Certificate, [s_root.Certificate], [one.Certificate, two.Certificate, three.Certificate]));
    }

    [Fact]
    public void A_path_ends_after_seven_intermediates()
    {
        List<TestAuthority> cas = [s_root];
        for (var i = 1; i <= 8; i++) cas.Add(new TestAuthority($"ca{i}", cas[^1]));
        var received = cas.Skip(1).Select(c => c.Certificate).ToArray();
        Assert.Contains("  reached self-signed root ca with a path length of 7", Validate(cas[7].Leaf("leaf").Certificate, [s_root.Certificate], received).Lines);
        Refused("maximum path length of 7 exceeded", Validate(cas[8].Leaf("leaf").Certificate, [s_root.Certificate], received));
    }

    [Fact]
    public void Loops_end_and_detours_are_found()
    {
        TestAuthority a = new("a"), b = new("b");
        var (ab, ba) = (a.CrossSignedBy(b), b.CrossSignedBy(a));
        var leaf = a.Leaf("leaf").Certificate;
        Assert.Null(Validate(leaf, [s_root.Certificate], [ab, ba]).Key);
        // The first issuer leads nowhere, the second to the root.
        var way = a.CrossSignedBy(s_root);
        Assert.Equal([leaf, way, s_root.Certificate], Validate(leaf, [s_root.Certificate], [ab, ba, way]).Chain);
    }

    [Fact]
    public void The_number_of_verifications_is_limited()
    {
        var counting = new CountingCrypto();
        var impostors = Enumerable.Range(0, 200).Select(_ => new TestAuthority("root").Certificate).ToArray();
        Assert.Null(Validate(s_root.Leaf("leaf").Certificate, [], impostors, crypto: counting).Key);
        Assert.Equal(50, counting.Verifications);
    }

    [Fact]
    public void An_unknown_critical_extension_refuses()
    {
        var mark = new X509Extension("1.2.3.4.5", [5, 0], critical: true);
        Refused("certificate \"CN=leaf\" has critical extension 1.2.3.4.5, which is not supported", Validate(s_root.Leaf("leaf", mark).Certificate, [s_root.Certificate]));
        Assert.NotNull(Validate(s_root.Leaf("leaf", new X509Extension("1.2.3.4.5", [5, 0], critical: false)).Certificate, [s_root.Certificate]).Key);
        var middle = new TestAuthority("middle", s_root, extensions: mark);
        Assert.Null(Validate(middle.Leaf("leaf").Certificate, [s_root.Certificate], [middle.Certificate]).Key);
        Assert.Null(Validate(s_root.Leaf("leaf", mark).Certificate, [], isPinned: true).Key);
    }

    static X509Extension Constraint(int list, int form, byte[] content, bool isConstructed = false, int? maximum = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, list)))
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue([(byte)(0x80 | form | (isConstructed ? 0x20 : 0)), (byte)content.Length, .. content]);
            if (maximum is { } m) writer.WriteInteger(m, new Asn1Tag(TagClass.ContextSpecific, 1));
        }
        return new X509Extension("2.5.29.30", writer.Encode(), critical: true);
    }

    [Theory]
    [InlineData(0, 2, "example.org", "moon.example.org", true)]
    [InlineData(0, 2, "example.org", "example.org", true)]
    [InlineData(0, 2, "example.org", "EXAMPLE.ORG", true)]
    [InlineData(0, 2, "example.org", "badexample.org", false)]
    [InlineData(0, 2, "example.org", "moon.example.com", false)]
    [InlineData(0, 2, ".example.org", "example.org", false)]
    [InlineData(0, 2, ".example.org", "moon.example.org", true)]
    [InlineData(0, 2, "", "anything", true)]
    [InlineData(1, 2, "example.org", "moon.example.org", false)]
    [InlineData(1, 2, "example.org", "moon.example.com", true)]
    [InlineData(0, 1, "example.org", "joe@example.org", true)]
    [InlineData(0, 1, "example.org", "joe@sub.example.org", false)]
    [InlineData(0, 1, ".example.org", "joe@sub.example.org", true)]
    [InlineData(0, 1, "joe@example.org", "joe@example.org", true)]
    [InlineData(0, 1, "joe@example.org", "jim@example.org", false)]
    [InlineData(0, 1, "example.org", "example.com", true)]
    [InlineData(1, 2, "example.org", "moon.EXAMPLE.org", false)]
    [InlineData(1, 2, "example.org", "moon.example.org.", false)]
    [InlineData(0, 6, "example.org", "moon.example.org", true)]
    [InlineData(0, 6, "example.org", "http://moon.example.org/", false)]
    [InlineData(0, 6, ".example.org", "http://moon.example.org/", true)]
    [InlineData(0, 6, "moon.example.org", "ike://joe@moon.example.org:500/x?y#z", true)]
    [InlineData(0, 6, "example.org", "http://evil.org/?http://example.org", false)]
    [InlineData(0, 6, "example.org", "http://example.org@evil.org/", false)]
    [InlineData(1, 6, "example.org", "http://moon.example.org/", true)]
    [InlineData(1, 6, "example.org", "http://example.org:80/", false)]
    [InlineData(1, 6, "example.org", "http://192.0.2.1/", false)]
    [InlineData(0, 6, "example.org", "urn://", false)]
    [InlineData(0, 8, "", "moon.example.org", true)]
    public void Name_constraints_bind_names_below(int list, int form, string constraint, string name, bool accepted)
    {
        var middle = new TestAuthority("middle", s_root, extensions: Constraint(list, form, System.Text.Encoding.ASCII.GetBytes(constraint)));
        var names = TestAuthority.Names(b =>
        {
            if (name.Contains('/')) b.AddUri(new Uri(name, UriKind.RelativeOrAbsolute));
            else if (name.Contains('@')) b.AddEmailAddress(name);
            else b.AddDnsName(name);
        });
        var result = Validate(middle.Leaf("leaf", names).Certificate, [s_root.Certificate], [middle.Certificate]);
        Assert.Equal(accepted, result.Key is not null);
        if (!accepted) Assert.EndsWith(" of \"CN=leaf\" violates the name constraints of \"CN=middle\"", result.Reason);
    }

    [Fact]
    public void Name_constraints_on_addresses_and_names_of_directories()
    {
        var address = new TestAuthority("middle", s_root, extensions: Constraint(0, 7, [192, 0, 2, 0, 255, 255, 255, 0]));
        var names = (string ip) => TestAuthority.Names(b => b.AddIpAddress(System.Net.IPAddress.Parse(ip)));
        Assert.NotNull(Validate(address.Leaf("leaf", names("192.0.2.9")).Certificate, [s_root.Certificate], [address.Certificate]).Key);
        Assert.Null(Validate(address.Leaf("leaf", names("192.0.3.9")).Certificate, [s_root.Certificate], [address.Certificate]).Key);
        var directory = new TestAuthority("middle", s_root, extensions: Constraint(0, 4, new X500DistinguishedName("CN=leaf").RawData, isConstructed: true));
        Assert.NotNull(Validate(directory.Leaf("leaf").Certificate, [s_root.Certificate], [directory.Certificate]).Key);
        Refused("'CN=twig' of \"CN=twig\" violates the name constraints of \"CN=middle\"", Validate(directory.Leaf("twig").Certificate, [s_root.Certificate], [directory.Certificate]));
    }

    /// <summary>CVE-2026-35331: an excluded name is excluded however it is spelled; what cannot be compared counts as it.</summary>
    [Fact]
    public void Cve_2026_35331_an_excluded_name_is_not_evaded_by_its_spelling()
    {
        static byte[] Name(UniversalTagNumber type, string value)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            using (writer.PushSetOf())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("2.5.4.10");
                writer.WriteCharacterString(type, value);
            }
            return writer.Encode();
        }
        bool? Covers(string excluded, UniversalTagNumber type, string value) => DistinguishedName.Covers(Name(UniversalTagNumber.UTF8String, excluded), Name(type, value));
        foreach (var type in (UniversalTagNumber[])[UniversalTagNumber.UTF8String, UniversalTagNumber.PrintableString, UniversalTagNumber.BMPString, UniversalTagNumber.IA5String, UniversalTagNumber.T61String])
        {
            Assert.True(Covers("Evil Corp", type, " EVIL  corp "));
            Assert.False(Covers("Evil Corp", type, "Good Corp"));
        }
        Assert.True(Covers("Übel", UniversalTagNumber.BMPString, "übel"));
        Assert.Null(Covers("Übel", UniversalTagNumber.UTF8String, "U\u0308bel"));
        Assert.Null(Covers("Evil", UniversalTagNumber.UTF8String, "Ev\u0456l"));
        foreach (var (list, name, isAccepted) in new[] { (1, "Good", true), (1, "EVIL", false), (1, "Ev\u0456l", false), (0, "EVIL", true), (0, "Ev\u0456l", false) })
        {
            var middle = new TestAuthority("middle", s_root, extensions: Constraint(list, 4, Name(UniversalTagNumber.UTF8String, "Evil"), isConstructed: true));
            var names = TestAuthority.Names(b => b.AddDnsName("x"));
            var subject = new TestAuthority(new X500DistinguishedName(Name(UniversalTagNumber.UTF8String, name)), middle).Certificate;
            Assert.Equal(isAccepted, Validate(subject, [s_root.Certificate], [middle.Certificate]).Key is not null);
        }
    }

    [Fact]
    public void Chains_that_can_be_joined_in_thousands_of_ways_end_soon()
    {
        var crypto = new CountingCrypto();
        TestAuthority[] cas = [.. Enumerable.Range(0, 7).Select(i => new TestAuthority($"ca{i}"))];
        Certificate[] all = [.. cas.SelectMany(a => cas.Where(b => b != a).Select(b => a.CrossSignedBy(b)))];
        Assert.Null(Validate(cas[0].Leaf("leaf").Certificate, [s_root.Certificate], all, crypto: crypto).Key);
        Assert.InRange(crypto.Verifications, 1, 50);
    }

    [Fact]
    public void Certificates_of_a_CA_that_changes_its_key_do_not_count()
    {
        var root = new TestAuthority("root of one", pathLength: 1);
        var old = new TestAuthority("middle", root, pathLength: 0);
        var renewed = new TestAuthority("middle");
        var rollover = renewed.CrossSignedBy(old);
        Assert.NotNull(Validate(renewed.Leaf("leaf").Certificate, [root.Certificate], [rollover, old.Certificate]).Key);
        var below = new TestAuthority("below", renewed);
        Assert.Null(Validate(below.Leaf("leaf").Certificate, [root.Certificate], [below.Certificate, rollover, old.Certificate]).Key);
    }

    [Fact]
    public void A_pinned_certificate_of_a_chain_that_is_refused_is_refused()
    {
        var old = new TestAuthority("old", from: s_now.AddDays(-5), to: s_now.AddSeconds(-1));
        Assert.StartsWith("issuer certificate invalid", Validate(old.Leaf("leaf").Certificate, [old.Certificate], isPinned: true).Reason);
    }

    [Fact]
    public void Name_constraints_that_cannot_be_evaluated_refuse()
    {
        foreach (var extension in new[] { Constraint(0, 7, [192, 0, 2, 0]), Constraint(0, 2, "a.b"u8.ToArray(), maximum: 3), Constraint(0, 7, [192, 0, 2, 0, 255, 0, 255, 0]) })
        {
            var middle = new TestAuthority("middle", s_root, extensions: extension);
            Refused("name constraints of \"CN=middle\" cannot be evaluated", Validate(middle.Leaf("leaf").Certificate, [s_root.Certificate], [middle.Certificate]));
        }
    }

    [Fact]
    public void A_chain_of_Ed25519_certificates_holds()
    {
        var (root, middle, leaf) = (CertificateTests.Parse(Fixtures.EdRootCa), CertificateTests.Parse(Fixtures.EdIntermediate), CertificateTests.Parse(Fixtures.EdLeaf));
        Assert.Equal([leaf, middle, root], Validate(leaf, [root], [middle]).Chain);
        Assert.Equal(0, middle.PathLength);
        Assert.Equal(SignatureScheme.Ed25519, leaf.SignatureScheme);
    }

    [Fact]
    public void Certificates_signed_with_RSA_PSS_hold()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=pss", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(s_now.AddDays(-1), s_now.AddDays(1));
        var root = Certificate.TryParse(made.RawData, out var reason);
        Assert.Equal("", reason);
        Assert.Equal(SignatureScheme.RsaPssSha256, root!.SignatureScheme);
        Assert.Equal("  reached self-signed root ca with a path length of 0", Validate(root, [root]).Lines[2]);
    }

    [Fact]
    public void A_pinned_certificate_needs_no_anchor()
    {
        var other = new TestAuthority("other");
        var leaf = other.Leaf("leaf").Certificate;
        var pinned = Validate(leaf, [], isPinned: true);
        Assert.Equal(leaf.PublicKey, pinned.Key);
        Assert.Equal(["  using trusted certificate \"CN=leaf\""], pinned.Lines);
        Assert.Equal(other.Certificate.PublicKey, Validate(other.Certificate, [], isPinned: true).Key);
        Assert.Equal([leaf, other.Certificate], Validate(leaf, [other.Certificate], isPinned: true).Chain);
        Assert.Null(Validate(new TestAuthority("leaf", other, isCa: false, to: s_now.AddDays(-1)).Certificate, [], isPinned: true).Key);
    }

    [Fact]
    public void Revocation_status_counts_by_policy()
    {
        var leaf = s_root.Leaf("leaf").Certificate;
        TrustResult With(CertificateStatus status, RevocationPolicy policy) => Validate(leaf, [s_root.Certificate], revocation: policy, status: new FixedStatus(status));
        foreach (var policy in Enum.GetValues<RevocationPolicy>())
        {
            Assert.NotNull(With(CertificateStatus.Good, policy).Key);
            Refused("certificate \"CN=leaf\" is revoked", With(CertificateStatus.Revoked, policy));
        }
        Assert.NotNull(With(CertificateStatus.Failed, RevocationPolicy.Relaxed).Key);
        Assert.NotNull(With(CertificateStatus.Skipped, RevocationPolicy.IfUri).Key);
        Refused("constraint check failed: RULE_CRL_VALIDATION is FAILED, but requires at least SKIPPED for \"CN=leaf\"", With(CertificateStatus.Failed, RevocationPolicy.IfUri));
        Refused("constraint check failed: RULE_CRL_VALIDATION is SKIPPED, but requires at least GOOD for \"CN=leaf\"", With(CertificateStatus.Skipped, RevocationPolicy.Strict));
    }

    sealed class FixedStatus(CertificateStatus status) : ICertificateStatus
    {
        public CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines) => status;
    }
}
