// CRLs: which one counts, who may sign it, what deltas change, and what policies make of it. RFC 5280 5 and 6.3.
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Auth;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using static Cygnet.Tests.Pki.Revocation.RevocationLab;

namespace Cygnet.Tests.Pki.Revocation;

public sealed class CrlTests
{
    readonly RevocationLab _lab = new();
    readonly Certificate _leaf;

    public CrlTests() => _leaf = _lab.Leaf("leaf", CrlUri);

    [Fact]
    public void A_fetched_list_is_logged_as_in_the_reference_and_kept()
    {
        _lab.Serve(CrlUri, Crl(_lab.Root, 1));
        var result = _lab.Validate(_leaf, RevocationPolicy.Strict);
        Assert.NotNull(result.Key);
        Assert.Equal(
        [
            "checking certificate status of \"CN=leaf\"",
            "  fetching crl from 'http://crl.example/a.crl' ...",
            "  using trusted certificate \"CN=root\"",
            "  crl correctly signed by \"CN=root\"",
            "  crl is valid: until Jun 01 13:00:00 2030",
            "certificate status is good",
        ], Lines(result));
        Assert.Equal("  using cached crl", Lines(_lab.Validate(_leaf))[^2]);
        Assert.Single(_lab.Fetched);
        // Stale, it is fetched again.
        Assert.Equal("certificate status is unknown, crl is stale", Lines(_lab.Validate(_leaf, at: Now.AddHours(2)))[^1]);
        Assert.Equal(2, _lab.Fetched.Count);
    }

    [Fact]
    public void A_revoked_certificate_is_refused_by_every_policy_also_by_an_old_list()
    {
        _lab.Serve(CrlUri, Crl(_lab.Root, 1, Revoked(_leaf)));
        foreach (var policy in Enum.GetValues<RevocationPolicy>())
            foreach (var hours in new[] { 0, 2 })
            {
                var result = _lab.Validate(_leaf, policy, Now.AddHours(hours));
                Assert.Equal("certificate \"CN=leaf\" is revoked", result.Reason);
                Assert.Contains("certificate was revoked on May 31 12:00:00 UTC 2030, reason: key compromise", result.Lines);
            }
    }

    [Theory]
    [InlineData(RevocationPolicy.Relaxed, true, true, true)]
    [InlineData(RevocationPolicy.IfUri, true, false, false)]
    [InlineData(RevocationPolicy.Strict, false, false, false)]
    public void Policies_decide_what_silence_means(RevocationPolicy policy, bool withoutUri, bool unreachable, bool stale)
    {
        Assert.Equal(withoutUri, _lab.Validate(_lab.Leaf("no uri"), policy).Key is not null);
        var result = _lab.Validate(_leaf, policy);
        Assert.Equal(unreachable, result.Key is not null);
        Assert.Equal(["  nobody there", "crl fetching failed", "certificate status is not available"], Lines(result)[2..5]);
        _lab.Cache.Flush(true, true);
        _lab.Serve(CrlUri, Crl(_lab.Root, 1));
        Assert.Equal(stale, _lab.Validate(_leaf, policy, Now.AddHours(2)).Key is not null);
    }

    [Fact]
    public void A_server_that_failed_is_left_alone_for_a_while()
    {
        _lab.Validate(_leaf);
        _lab.Validate(_leaf, at: Now.AddSeconds(5));
        Assert.Single(_lab.Fetched);
        _lab.Validate(_leaf, at: Now.AddSeconds(11));
        Assert.Equal(2, _lab.Fetched.Count);
        _lab.Cache.Flush(true, true);
        _lab.Validate(_leaf, at: Now.AddSeconds(12));
        Assert.Equal(3, _lab.Fetched.Count);
    }

    [Fact]
    public void A_loaded_list_needs_no_fetching_and_the_newer_one_counts()
    {
        _lab.Crls.Add(Parsed(Crl(_lab.Root, 1)));
        Assert.Equal("certificate status is good", Lines(_lab.Validate(_leaf))[^1]);
        _lab.Crls.Add(Parsed(Crl(_lab.Root, 0x100, Revoked(_leaf))));
        Assert.Null(_lab.Validate(_leaf).Key);
        _lab.Crls.Add(Parsed(Crl(_lab.Root, 0x101)));
        Assert.NotNull(_lab.Validate(_leaf).Key);
        Assert.Empty(_lab.Fetched);
    }

    [Fact]
    public void Only_the_issuer_may_sign()
    {
        var impostor = new TestAuthority("root");
        _lab.Serve(CrlUri, Crl(impostor, 9, Revoked(_leaf)));
        Assert.Contains("crl response verification failed", _lab.Validate(_leaf).Lines);
        Assert.NotNull(_lab.Validate(_leaf).Key);
        _lab.Cache.Flush(true, true);
        _lab.Serve(CrlUri, Crl(new TestAuthority("another"), 9));
        Assert.Contains("issuer of fetched CRL 'CN=another' does not match certificate's issuer 'CN=root'", _lab.Validate(_leaf).Lines);
        Assert.Empty(_lab.Cache.Current.Crls);
        _lab.Cache.Flush(true, true);
        _lab.Serve(CrlUri, [1, 2, 3]);
        Assert.Contains("crl fetched successfully but parsing failed", _lab.Validate(_leaf).Lines);
    }

    [Fact]
    public void A_ca_whose_key_usages_leave_crl_signing_out_may_not()
    {
        var middle = new TestAuthority("middle", _lab.Root, usage: X509KeyUsageFlags.KeyCertSign);
        _lab.Untrusted.Add(middle.Certificate);
        var leaf = _lab.Leaf("leaf", CrlUri, issuer: middle);
        _lab.Serve(CrlUri, Crl(middle, 1));
        var result = _lab.Validate(leaf);
        Assert.Contains("  \"CN=middle\" may not sign CRLs: cRLSign is missing among its key usages", result.Lines);
        Assert.Contains("crl response verification failed", result.Lines);
    }

    [Fact]
    public void Every_certificate_of_the_path_but_the_anchor_is_looked_up_and_all_is_fetched_together()
    {
        var middle = new TestAuthority("middle", _lab.Root, extensions: Extensions("http://root.example/", null));
        _lab.Untrusted.Add(middle.Certificate);
        var leaf = _lab.Leaf("leaf", CrlUri, issuer: middle);
        _lab.Serve(CrlUri, Crl(middle, 1));
        _lab.Serve("http://root.example/", Crl(_lab.Root, 1));
        var result = _lab.Validate(leaf, RevocationPolicy.Strict);
        Assert.NotNull(result.Key);
        Assert.Equal([CrlUri, "http://root.example/"], _lab.Fetched);
        Assert.Equal(2, result.Lines.Count(l => l == "certificate status is good"));
        _lab.Cache.Flush(true, true);
        _lab.Serve("http://root.example/", Crl(_lab.Root, 2, Revoked(middle.Certificate)));
        Assert.Equal("certificate \"CN=middle\" is revoked", _lab.Validate(leaf).Reason);
    }

    [Fact]
    public void Nothing_is_fetched_for_a_certificate_that_no_anchor_vouches_for()
    {
        var stranger = new TestAuthority("stranger");
        Assert.Null(_lab.Validate(_lab.Leaf("leaf", CrlUri, OcspUri, stranger)).Key);
        Assert.Null(_lab.Validate(new TestAuthority("old", _lab.Root, isCa: false, from: Now.AddDays(-9), to: Now.AddDays(-8), extensions: Extensions(CrlUri, OcspUri)).Certificate).Key);
        Assert.Empty(_lab.Fetched);
    }

    [Fact]
    public void A_certificate_names_no_files_of_ours_the_operator_may()
    {
        Assert.NotNull(_lab.Validate(_lab.Leaf("file", "file:///etc/shadow", "FILE:///dev/zero")).Key);
        Assert.Empty(_lab.Fetched);
        _lab.Locations.Add(new(_lab.Root.Certificate, ["file:///crl"], [], "x"));
        _lab.Serve("file:///crl", Crl(_lab.Root, 1));
        Assert.NotNull(_lab.Validate(_lab.Leaf("file"), RevocationPolicy.Strict).Key);
        Assert.Equal(["file:///crl"], _lab.Fetched);
    }

    [Fact]
    public void However_many_uris_a_certificate_has_few_are_tried()
    {
        var many = string.Join(' ', Enumerable.Range(0, 50).Select(i => $"http://{i}.example/"));
        _lab.Validate(_lab.Leaf("many", many, many));
        Assert.InRange(_lab.Fetched.Count, 2, 8);
    }

    [Fact]
    public void On_hold_is_revoked_until_a_newer_list_or_a_delta_says_otherwise()
    {
        _lab.Crls.Add(Parsed(Crl(_lab.Root, 1, Revoked(_leaf, RevocationReason.CertificateHold))));
        var held = _lab.Validate(_leaf);
        Assert.Null(held.Key);
        Assert.Contains("certificate was revoked on May 31 12:00:00 UTC 2030, reason: certificate hold", held.Lines);
        // A newer one was looked for.
        Assert.Equal([CrlUri], _lab.Fetched);
        _lab.Crls.Add(Parsed(Delta(2, 1, Revoked(_leaf, RevocationReason.RemoveFromCrl))));
        Assert.NotNull(_lab.Validate(_leaf, RevocationPolicy.Strict).Key);
        _lab.Crls.RemoveAt(1);
        _lab.Cache.Flush(true, true);
        _lab.Serve(CrlUri, Crl(_lab.Root, 2));
        Assert.NotNull(_lab.Validate(_leaf, RevocationPolicy.Strict).Key);
    }

    byte[] Delta(int number, int of, params RevokedCertificate[] revoked) => Crl(_lab.Root, number, revoked, c => c with { BaseNumber = [(byte)of] });

    [Fact]
    public void A_delta_list_is_fetched_from_where_its_base_says()
    {
        _lab.Serve(CrlUri, Crl(_lab.Root, 1, [], c => c with { FreshestLocations = [new("http://fresh.example/", null)] }));
        _lab.Serve("http://fresh.example/", Delta(2, 1, Revoked(_leaf)));
        Assert.Equal("certificate \"CN=leaf\" is revoked", _lab.Validate(_leaf).Reason);
        Assert.Equal([CrlUri, "http://fresh.example/"], _lab.Fetched);
        // Base and delta are kept side by side.
        Assert.Equal(2, _lab.Cache.Current.Crls.Length);
        Assert.Null(_lab.Validate(_leaf).Key);
        Assert.Equal(2, _lab.Fetched.Count);
    }

    [Theory]
    [InlineData(2, 3, 1, true)]
    [InlineData(2, 3, 2, true)]
    [InlineData(2, 4, 3, false)]
    [InlineData(2, 2, 1, false)]
    [InlineData(2, 1, 1, false)]
    public void A_delta_counts_if_it_reaches_back_to_the_base_and_is_newer(int number, int delta, int of, bool counts)
    {
        _lab.Crls.Add(Parsed(Crl(_lab.Root, number)));
        _lab.Crls.Add(Parsed(Delta(delta, of, Revoked(_leaf))));
        Assert.Equal(counts, _lab.Validate(_leaf).Key is null);
    }

    [Fact]
    public void A_delta_alone_is_no_list()
    {
        _lab.Crls.Add(Parsed(Delta(2, 1)));
        Assert.Null(_lab.Validate(_lab.Leaf("no uri"), RevocationPolicy.Strict).Key);
    }

    [Fact]
    public void Another_signer_may_be_designated_if_it_is_trusted_itself()
    {
        var signer = new TestAuthority("crl signer", _lab.Root, isCa: false, usage: X509KeyUsageFlags.CrlSign);
        var leaf = new TestAuthority("leaf", _lab.Root, isCa: false, extensions: Designated(CrlUri, "CN=crl signer")).Certificate;
        _lab.Serve(CrlUri, Crl(signer, 1, Revoked(leaf)));
        Assert.Contains("crl response verification failed", _lab.Validate(leaf).Lines);
        _lab.Untrusted.Add(signer.Certificate);
        var result = _lab.Validate(leaf);
        Assert.Equal("certificate \"CN=leaf\" is revoked", result.Reason);
        Assert.Contains("  crl correctly signed by \"CN=crl signer\"", result.Lines);
        // Not by somebody who merely has the name.
        _lab.Untrusted.Clear();
        _lab.Cache.Flush(true, true);
        var stranger = new TestAuthority("crl signer", new TestAuthority("root"), isCa: false, usage: X509KeyUsageFlags.CrlSign);
        _lab.Untrusted.Add(stranger.Certificate);
        _lab.Serve(CrlUri, Crl(stranger, 1, Revoked(leaf)));
        Assert.NotNull(_lab.Validate(leaf).Key);
    }

    [Fact]
    public void A_list_says_what_it_is_about()
    {
        // IssuingDistributionPoint with onlyContainsCACerts, onlyContainsUserCerts, onlySomeReasons, and the name of a distribution point.
        Assert.Contains("  crl is of no use here: it is about CAs only", Scoped([0x30, 3, 0x82, 1, 0xff]).Lines);
        Assert.NotNull(Scoped([0x30, 3, 0x81, 1, 0xff], RevocationPolicy.Strict).Key);
        Assert.Contains("  crl is of no use here: it is about some reasons of revocation only", Scoped([0x30, 4, 0x83, 2, 6, 0x40]).Lines);
        Assert.Contains("  crl is of no use here: it is about attribute certificates only", Scoped([0x30, 3, 0x85, 1, 0xff]).Lines);
        Assert.NotNull(Scoped(Point(CrlUri), RevocationPolicy.Strict).Key);
        Assert.Contains("  crl is of no use here: it is that of another distribution point", Scoped(Point("http://shard2.example/")).Lines);
    }

    static byte[] Point(string uri)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
        return writer.Encode();
    }

    TrustResult Scoped(byte[] scope, RevocationPolicy policy = RevocationPolicy.Relaxed)
    {
        _lab.Cache.Flush(true, true);
        _lab.Serve(CrlUri, Crl(_lab.Root, 1, [], c => c with { CriticalExtensions = [("2.5.29.28", scope)] }));
        return _lab.Validate(_leaf, policy);
    }

    [Fact]
    public void In_an_indirect_list_the_issuer_of_each_entry_counts()
    {
        var other = new TestAuthority("other ca");
        RevokedCertificate Entry(Identity? issuer) => Revoked(_leaf) with { Issuer = issuer };
        bool IsRevoked(params RevokedCertificate[] entries)
        {
            _lab.Cache.Flush(true, true);
            _lab.Serve(CrlUri, Crl(_lab.Root, 1, entries, c => c with { CriticalExtensions = [("2.5.29.28", [0x30, 3, 0x84, 1, 0xff])] }));
            return _lab.Validate(_leaf).Key is null;
        }

        Assert.True(IsRevoked(Entry(null)));
        Assert.True(IsRevoked(Entry(_lab.Root.Certificate.Subject)));
        Assert.False(IsRevoked(Entry(other.Certificate.Subject)));
        // It holds for the entries that follow.
        Assert.False(IsRevoked(new RevokedCertificate([1], Now, RevocationReason.Unspecified) { Issuer = other.Certificate.Subject }, Entry(null)));
    }

    [Fact]
    public void Unknown_critical_extensions_spoil_a_list()
    {
        _lab.Serve(CrlUri, Crl(_lab.Root, 1, [Revoked(_leaf)], c => c with { CriticalExtensions = [("1.2.3.4", [])] }));
        var result = _lab.Validate(_leaf);
        Assert.NotNull(result.Key);
        Assert.Contains("  crl has critical extension 1.2.3.4, which is not supported", result.Lines);
    }

    [Fact]
    public void A_list_of_tomorrow_is_not_used()
    {
        _lab.Serve(CrlUri, Crl(_lab.Root, 1, [], c => c with { ThisUpdate = Now.AddHours(1), NextUpdate = Now.AddHours(2) }));
        Assert.Contains("  crl is not valid: until Jun 01 13:00:00 2030", _lab.Validate(_leaf).Lines);
    }

    [Fact]
    public void The_newer_list_of_an_issuer_takes_the_place_of_the_older()
    {
        var (first, second) = (Parsed(Crl(_lab.Root, 0xff)), Parsed(Crl(_lab.Root, 0x100)));
        var one = CrlSet.With([], first, out var line);
        Assert.Null(line);
        Assert.Same(second, Assert.Single(CrlSet.With(one, second, out line)));
        Assert.Equal("  crl #01:00 is newer - existing crl #00:ff replaced", line);
        Assert.Same(second, Assert.Single(CrlSet.With([second], first, out line)));
        Assert.Equal("  crl #00:ff is not newer - existing crl #01:00 retained", line);
        var delta = Parsed(Delta(0x101, 1));
        Assert.Equal(2, CrlSet.With([second], delta, out _).Length);
        var other = Parsed(Crl(new TestAuthority("root"), 1));
        Assert.Equal(2, CrlSet.With([second], other, out _).Length);
    }

    [Fact]
    public void The_cache_keeps_no_more_than_fits()
    {
        var cache = new StatusCache();
        for (var i = 0; i < StatusCache.MaxFailures + 10; i++) cache.Note(new($"http://{i}/"), StatusAnswer.Failed("x"), Now);
        Assert.InRange(cache.Current.Failures.Count, 1, StatusCache.MaxFailures);
    }
}
