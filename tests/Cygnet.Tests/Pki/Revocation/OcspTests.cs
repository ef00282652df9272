// OCSP: who may answer, what the answer is worth, and for how long. RFC 6960 3.2, 4.2.2.2.
using System.Security.Cryptography.X509Certificates;
using Cygnet.Auth;
using Cygnet.Control;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using static Cygnet.Tests.Pki.Revocation.RevocationLab;

namespace Cygnet.Tests.Pki.Revocation;

public sealed class OcspTests
{
    readonly RevocationLab _lab = new();
    readonly Certificate _leaf;

    public OcspTests() => _leaf = _lab.Leaf("leaf", ocsp: OcspUri);

    static X509Extension Appointed => new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.9")], false);

    TrustResult With(TestResponder responder, RevocationPolicy policy = RevocationPolicy.Strict)
    {
        _lab.ServeOcsp(OcspUri, (need, _) => responder.Respond(need.CertId!));
        return _lab.Validate(_leaf, policy);
    }

    [Fact]
    public void A_good_answer_of_the_ca_is_logged_as_in_the_reference_and_kept()
    {
        _lab.ServeOcsp(OcspUri, (need, nonce) => new TestResponder(_lab.Root) { Nonce = nonce }.Respond(need.CertId!));
        var result = _lab.Validate(_leaf, RevocationPolicy.Strict);
        Assert.NotNull(result.Key);
        Assert.Equal(
        [
            "checking certificate status of \"CN=leaf\"",
            "  requesting ocsp status from 'http://ocsp.example/' ...",
            "  ocsp response correctly signed by \"CN=root\"",
            "  ocsp response is valid: until Jun 01 13:00:00 2030",
            "certificate status is good",
        ], Lines(result));
        Assert.Equal(
        [
            "checking certificate status of \"CN=leaf\"",
            "  ocsp response correctly signed by \"CN=root\"",
            "  ocsp response is valid: until Jun 01 13:00:00 2030",
            "  using cached ocsp response",
            "certificate status is good",
        ], Lines(_lab.Validate(_leaf, RevocationPolicy.Strict)));
        Assert.Single(_lab.Fetched);
        // Only as long as it says, and not after it was purged.
        _lab.Validate(_leaf, at: Now.AddHours(2));
        Assert.Equal(2, _lab.Fetched.Count);
        _lab.Cache.Flush(crls: false, responses: true);
        _lab.Validate(_leaf);
        Assert.Equal(3, _lab.Fetched.Count);
    }

    [Fact]
    public void A_revoked_certificate_is_refused_by_every_policy()
    {
        foreach (var policy in Enum.GetValues<RevocationPolicy>())
        {
            _lab.Cache.Flush(true, true);
            var result = With(new TestResponder(_lab.Root) { Status = OcspStatus.Revoked, Reason = RevocationReason.CaCompromise }, policy);
            Assert.Equal("certificate \"CN=leaf\" is revoked", result.Reason);
            Assert.Contains("certificate was revoked on May 31 12:00:00 UTC 2030, reason: ca compromise", result.Lines);
        }
        // Also if the answer is old.
        _lab.Cache.Flush(true, true);
        Assert.Null(With(new TestResponder(_lab.Root) { Status = OcspStatus.Revoked, NextUpdate = Now.AddMinutes(-1) }, RevocationPolicy.Relaxed).Key);
    }

    [Fact]
    public void An_appointed_signer_answers_by_name_or_key_with_its_certificate_enclosed()
    {
        var signer = new TestAuthority("responder", _lab.Root, isCa: false, extensions: Appointed);
        foreach (var byKey in new[] { false, true })
        {
            var result = With(new TestResponder(signer) { EncloseSigner = true, ByKey = byKey });
            Assert.NotNull(result.Key);
            Assert.Contains("  ocsp response correctly signed by \"CN=responder\"", result.Lines);
            _lab.Cache.Flush(true, true);
        }
        Assert.NotNull(With(new TestResponder(_lab.Root) { ByKey = true }).Key);
    }

    // id-pkix-ocsp-nocheck, or where its own status is: RFC 6960 4.2.2.2.1.
    [Theory]
    [InlineData(true, true, true, true, false)]
    [InlineData(false, true, true, false, true)]
    [InlineData(false, true, false, true, true)]
    [InlineData(false, false, false, true, false)]
    public void An_appointed_signer_may_be_revoked_itself(bool hasNoCheck, bool hasLocation, bool isRevoked, bool counts, bool isAsked)
    {
        List<X509Extension> extensions = [Appointed];
        if (hasNoCheck) extensions.Add(new("1.3.6.1.5.5.7.48.1.5", [5, 0], false));
        if (hasLocation) extensions.AddRange(Extensions(CrlUri, null));
        var signer = new TestAuthority("responder", _lab.Root, isCa: false, extensions: [.. extensions]);
        _lab.Serve(CrlUri, isRevoked ? Crl(_lab.Root, 1, Revoked(signer.Certificate)) : Crl(_lab.Root, 1));
        // The CRL is the leaf's issuer's too: without a location of its own the leaf has none.
        var result = With(new TestResponder(signer) { EncloseSigner = true });
        Assert.Equal(counts, result.Key is not null || !isRevoked && result.Reason is null);
        Assert.Equal(isAsked ? [OcspUri, CrlUri] : [OcspUri], _lab.Fetched);
        Assert.Equal(isRevoked && !hasNoCheck, result.Lines.Contains("ocsp response verification failed, its signer is revoked"));
        Assert.Equal(counts ? 1 : 0, _lab.Cache.Current.Responses.Length);
    }

    [Fact]
    public void A_signer_whose_status_cannot_be_found_out_is_not_believed_and_a_loaded_list_counts_without_a_location()
    {
        var located = new TestAuthority("responder", _lab.Root, isCa: false, extensions: [Appointed, .. Extensions(CrlUri, null)]);
        var result = With(new TestResponder(located) { EncloseSigner = true });
        Assert.Contains("ocsp response verification failed, whether its signer is revoked is unknown", result.Lines);
        Assert.Null(result.Key);
        var plain = new TestAuthority("responder", _lab.Root, isCa: false, extensions: Appointed);
        _lab.Crls.Add(Parsed(Crl(_lab.Root, 1, Revoked(plain.Certificate))));
        Assert.Contains("ocsp response verification failed, its signer is revoked", With(new TestResponder(plain) { EncloseSigner = true }, RevocationPolicy.Relaxed).Lines);
        // Whom the operator has installed, nobody else revokes.
        _lab.Signers.Add(plain.Certificate);
        Assert.NotNull(With(new TestResponder(plain)).Key);
    }

    [Fact]
    public void Nobody_else_may_answer()
    {
        var other = new TestAuthority("other");
        TestAuthority[] strangers =
        [
            new("not appointed", _lab.Root, isCa: false), new("appointed by another", other, isCa: false, extensions: Appointed),
            new("expired", _lab.Root, isCa: false, from: Now.AddDays(-9), to: Now.AddDays(-1), extensions: Appointed), other,
        ];
        foreach (var stranger in strangers)
        {
            var result = With(new TestResponder(stranger) { EncloseSigner = true });
            Assert.Equal("constraint check failed: RULE_CRL_VALIDATION is FAILED, but requires at least GOOD for \"CN=leaf\"", result.Reason);
            Assert.Contains($"ocsp response verification failed, no signer certificate '{stranger.Certificate.Subject}' found", result.Lines);
            Assert.Contains("ocsp check failed, fallback to crl", result.Lines);
        }
        Assert.Contains("ocsp response verification failed, invalid signature", With(new TestResponder(_lab.Root) { SignedBy = other }).Lines);
        Assert.Empty(_lab.Cache.Current.Responses);
    }

    [Fact]
    public void A_signer_that_the_operator_has_installed_answers_for_every_ca()
    {
        var local = new TestAuthority("local responder");
        Assert.Null(With(new TestResponder(local)).Key);
        _lab.Signers.Add(local.Certificate);
        Assert.NotNull(With(new TestResponder(local)).Key);
    }

    [Fact]
    public void An_answer_to_another_question_is_none()
    {
        _lab.ServeOcsp(OcspUri, (need, _) => new TestResponder(_lab.Root) { Nonce = new byte[16] }.Respond(need.CertId!));
        Assert.Contains("nonce in ocsp response doesn't match", _lab.Validate(_leaf).Lines);
        _lab.ServeOcsp(OcspUri, (need, _) => new TestResponder(_lab.Root).Respond(OcspCertId.Of(_lab.Leaf("else"), _lab.Root.Certificate)));
        Assert.Contains("  ocsp response contains no status on our certificate", _lab.Validate(_leaf).Lines);
        Assert.Contains("  ocsp response contains no status on our certificate", With(new TestResponder(_lab.Root) { Status = OcspStatus.Unknown }).Lines);
        Assert.Contains("  ocsp response has critical extension 1.2.3, which is not supported", With(new TestResponder(_lab.Root) { CriticalOid = "1.2.3" }).Lines);
        _lab.ServeOcsp(OcspUri, (_, _) => [0x30, 3, 0x0a, 1, 6]);
        Assert.Equal(["  the responder says: unauthorized", "parsing ocsp response failed"], Lines(_lab.Validate(_leaf)).Skip(2).Take(2));
    }

    /// <summary>One nonce in 256 begins with the tag of an OCTET STRING, and what follows is any length.</summary>
    [Theory]
    [InlineData("0485000102030405060708090a0b0c0d")]
    [InlineData("04ff000102030405060708090a0b0c0d")]
    [InlineData("0480000102030405060708090a0b0c0d")]
    [InlineData("0402000102030405060708090a0b0c0d")]
    [InlineData("3002000102030405060708090a0b0c0d")]
    public void A_bare_nonce_may_begin_like_an_OCTET_STRING(string nonce)
    {
        var response = OcspResponse.TryParse(new TestResponder(_lab.Root) { Nonce = Convert.FromHexString(nonce), BareNonce = true }.Respond(OcspCertId.Of(_leaf, _lab.Root.Certificate)), out var reason);
        Assert.True(response is not null, reason);
        Assert.Equal(nonce, Convert.ToHexStringLower(response.Nonce!));
    }

    [Fact]
    public void A_bare_nonce_of_an_old_responder_is_understood()
    {
        _lab.ServeOcsp(OcspUri, (need, nonce) => new TestResponder(_lab.Root) { Nonce = nonce, BareNonce = true }.Respond(need.CertId!));
        Assert.NotNull(_lab.Validate(_leaf, RevocationPolicy.Strict).Key);
    }

    [Fact]
    public void Times_bound_what_an_answer_is_worth()
    {
        Assert.Contains("ocsp information stale, fallback to crl", With(new TestResponder(_lab.Root) { ThisUpdate = Now.AddHours(-2), NextUpdate = Now.AddHours(-1) }).Lines);
        Assert.Contains("  ocsp response is not valid yet: from Jun 01 13:00:00 2030", With(new TestResponder(_lab.Root) { ThisUpdate = Now.AddHours(1) }).Lines);
        Assert.Contains("ocsp information stale, fallback to crl", With(new TestResponder(_lab.Root) { NextUpdate = null }).Lines);
        Assert.NotNull(With(new TestResponder(_lab.Root) { ThisUpdate = Now, NextUpdate = null }).Key);
    }

    [Fact]
    public void A_responder_that_is_down_gives_way_to_the_next_and_then_to_crls()
    {
        var leaf = _lab.Leaf("two", CrlUri, "http://down.example/ http://ocsp.example/");
        _lab.ServeOcsp(OcspUri, (need, _) => new TestResponder(_lab.Root).Respond(need.CertId!));
        var result = _lab.Validate(leaf, RevocationPolicy.Strict);
        Assert.NotNull(result.Key);
        Assert.Contains("ocsp request to http://down.example/ failed", result.Lines);
        _lab.Cache.Flush(true, true);
        _lab.Servers.Clear();
        _lab.Serve(CrlUri, Crl(_lab.Root, 1));
        result = _lab.Validate(leaf, RevocationPolicy.Strict);
        Assert.NotNull(result.Key);
        Assert.Contains("ocsp check failed, fallback to crl", result.Lines);
    }

    [Fact]
    public void The_responders_of_the_operator_are_asked_first()
    {
        _lab.Locations.Add(new(_lab.Root.Certificate, [], ["http://mine.example/"], "x"));
        _lab.ServeOcsp("http://mine.example/", (need, _) => new TestResponder(_lab.Root).Respond(need.CertId!));
        Assert.NotNull(_lab.Validate(_leaf, RevocationPolicy.Strict).Key);
        Assert.Equal(["http://mine.example/"], _lab.Fetched);
    }

    [Fact]
    public void A_response_is_listed_as_the_reference_prints_it()
    {
        var id = new OcspCertId("1.3.14.3.2.26", new byte[20], new byte[20], [0x0a, 0xff]);
        var response = OcspResponse.TryParse(new TestResponder(_lab.Root) { Status = OcspStatus.Revoked, Reason = RevocationReason.Superseded }.Respond(id), out _)!;
        using var text = new StringWriter();
        new CertificateLines(text, Now, utc: true, RevocationLab.Crypto).Write(response);
        Assert.Equal("""
              issuer:   "CN=root"
              update:    this on Jun 01 11:59:00 UTC 2030, ok
                         next on Jun 01 13:00:00 UTC 2030, ok (expires in 60 minutes)
              responses: 0a:ff: revoked on May 31 12:00:00 UTC 2030, superseded

            """, text.ToString());
    }

    [Fact]
    public void Switched_off_it_is_not_asked()
    {
        _lab.Settings = new(UsesOcsp: false);
        Assert.DoesNotContain(_lab.Validate(_leaf).Lines, l => l.Contains("ocsp"));
        Assert.Empty(_lab.Fetched);
    }
}
