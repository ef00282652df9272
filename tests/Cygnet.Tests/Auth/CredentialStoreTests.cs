// The credential store: which secret, which key, whom to trust.
using System.Collections.Immutable;
using System.Text;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Pki;

namespace Cygnet.Tests.Auth;

public sealed class CredentialStoreTests
{
    static readonly DateTimeOffset s_now = TestAuthority.Now;
    static readonly SystemCrypto s_crypto = new();

    static CredentialStore Secrets(params string[] lines)
    {
        var builder = new CredentialStoreBuilder();
        foreach (var line in lines)
        {
            var parts = line.Split(" : ");
            builder.Add(new SharedSecret(SecretClass.Ike, Encoding.ASCII.GetBytes(parts[1]), [.. parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Identity.Parse)]));
        }
        return builder.Build();
    }

    static string Find(CredentialStore store, string me, string peer) =>
        string.Join(' ', store.SharedSecrets(Identity.Parse(me), Identity.Parse(peer)).Select(Encoding.ASCII.GetString));

    [Fact]
    public void Secrets_are_ordered_by_peer_then_by_own_identity_then_by_place()
    {
        var store = Secrets(" : any1", "moon sun : both", "sun : peer", "moon : mine", "*.org : wild", " : any2", "moon venus : other");
        Assert.Equal("both peer mine other any1 any2".Split(' ').Order(), Find(store, "moon", "sun").Split(' ').Order());
        Assert.StartsWith("both peer any1 any2 ", Find(store, "moon", "sun"));
        Assert.StartsWith("other any1", Find(store, "moon", "venus"));
        Assert.Equal("wild any1 any2 both mine other", Find(store, "moon", "a.org"));
        Assert.Equal("any1 any2", Find(store, "10.0.0.1", "10.0.0.2"));
        Assert.Equal("", Find(Secrets("moon : x"), "a", "b"));
    }

    [Fact]
    public void The_peers_match_outweighs_our_own()
    {
        var store = Secrets("moon 10.0.0.0/8 : ours", "10.0.0.2 : theirs");
        Assert.Equal("theirs ours", Find(store, "moon", "10.0.0.2"));
    }

    [Fact]
    public void A_secret_is_replaced_and_removed_by_its_id()
    {
        var builder = new CredentialStoreBuilder();
        builder.Add(new SharedSecret(SecretClass.Ike, "a"u8.ToArray(), [], "one")).Add(new SharedSecret(SecretClass.Ike, "b"u8.ToArray(), [], "two"))
            .Add(new SharedSecret(SecretClass.Ike, "c"u8.ToArray(), [], "one")).Add(new SharedSecret(SecretClass.Eap, "d"u8.ToArray(), []));
        var before = builder.Build();
        Assert.Equal("c b", Find(before, "x", "y"));
        Assert.True(builder.RemoveSecret("one"));
        Assert.False(builder.RemoveSecret("one"));
        Assert.Equal("b", Find(builder.Build(), "x", "y"));
        Assert.Equal("c b", Find(before, "x", "y"));
        Assert.DoesNotContain("99", before.Secrets[0].ToString());
    }

    static CredentialStore Local(bool withRsaKey = true)
    {
        var builder = new CredentialStoreBuilder();
        foreach (var pem in new[] { Fixtures.Rsa, Fixtures.Ecdsa, Fixtures.RootCa, Fixtures.EdRootCa, Fixtures.EdIntermediate, Fixtures.EdLeaf }) builder.Add(CertificateTests.Parse(pem));
        if (withRsaKey) builder.Add(SignatureAuthTests.Key(Fixtures.RsaKey));
        return builder.Add(SignatureAuthTests.Key(Fixtures.EcdsaKey)).Add(SignatureAuthTests.Key(Fixtures.EdLeafKey)).Build();
    }

    static AuthRound With(params string[] pems) => new() { Certificates = [.. pems.Select(p => CertificateTests.Parse(p).Raw)] };

    [Fact]
    public void The_first_configured_certificate_with_a_key_is_taken()
    {
        var id = Identity.Parse("moon.example.org");
        var both = With(Fixtures.Rsa, Fixtures.Ecdsa);
        Assert.Equal(KeyKind.Rsa, Local().PrivateKeyFor(both, id, [])!.Key.Public.Kind);
        Assert.Equal(KeyKind.Ecdsa, Local(withRsaKey: false).PrivateKeyFor(both, id, [])!.Key.Public.Kind);
        Assert.Null(Local(withRsaKey: false).PrivateKeyFor(With(Fixtures.Rsa), id, []));
        // A certificate that is configured need not be loaded.
        Assert.Equal(KeyKind.Ed25519, new CredentialStoreBuilder().Add(SignatureAuthTests.Key(Fixtures.Ed25519Key)).Build().PrivateKeyFor(With(Fixtures.Ed25519), id, [])!.Key.Public.Kind);
    }

    [Fact]
    public void Requested_authorities_are_preferred()
    {
        var store = Local();
        var round = With(Fixtures.Rsa, Fixtures.EdLeaf);
        var root = CertificateTests.Parse(Fixtures.EdRootCa);
        var found = store.PrivateKeyFor(round, Identity.Any, [new byte[20], root.KeyHash])!;
        Assert.Equal(KeyKind.Ed25519, found.Key.Public.Kind);
        Assert.Equal([CertificateTests.Parse(Fixtures.EdIntermediate)], found.Intermediates);
        Assert.Empty(store.PrivateKeyFor(round, Identity.Any, [new byte[20]])!.Intermediates);
        Assert.Equal(root, store.AuthorityByKeyHash(root.KeyHash));
        Assert.Null(store.AuthorityByKeyHash(root.PublicKey.KeyId));
    }

    [Fact]
    public void Without_configured_certificates_the_identity_finds_one()
    {
        var store = Local();
        Assert.Equal(KeyKind.Ed25519, store.PrivateKeyFor(new(), Identity.Parse("sun.example.org"), [])!.Key.Public.Kind);
        Assert.Null(store.PrivateKeyFor(new(), Identity.Parse("venus.example.org"), []));
        var raw = store.PrivateKeyFor(new(), Identity.FromKeyId(SignatureAuthTests.Key(Fixtures.RsaKey).Public.KeyId), []);
        Assert.Equal(KeyKind.Rsa, raw!.Key.Public.Kind);
    }

    [Fact]
    public void Authorities_to_ask_for()
    {
        var store = Local();
        Assert.Equal(3, store.TrustAnchors(null).Count);
        Assert.Equal(3, store.TrustAnchors(new()).Count);
        Assert.Equal("C=CH, O=Cygnet Test, CN=Ed Root CA", store.TrustAnchors(new() { CaId = Identity.Parse("C=CH, O=Cygnet Test, CN=Ed Root CA") }).Single().ToString());
        // A CA that is not loaded may lie below any that is.
        Assert.Equal(3, store.TrustAnchors(new() { CaId = Identity.Parse("CN=of the peer") }).Count);
        Assert.Equal("C=CH, O=Cygnet Test, CN=Test Root CA", store.TrustAnchors(new() { CaCertificates = [CertificateTests.Parse(Fixtures.RootCa).Raw] }).Single().ToString());
    }

    static readonly CredentialStore s_roots = new CredentialStoreBuilder().Add(CertificateTests.Parse(Fixtures.RootCa)).Add(CertificateTests.Parse(Fixtures.EdRootCa)).Build();

    static IReadOnlyList<TrustResult> Trust(string peer, AuthRound constraints, params string[] pems) =>
        s_roots.Trust(s_crypto, Identity.Parse(peer), [.. pems.Select(p => CertificateTests.Parse(p).Raw)], constraints, s_now);

    static string? Reason(IReadOnlyList<TrustResult> results)
    {
        Assert.All(results, r => Assert.Null(r.Key));
        return results[0].Reason;
    }

    [Fact]
    public void A_received_certificate_that_confirms_the_identity_is_trusted()
    {
        var result = Assert.Single(Trust("moon.example.org", new(), Fixtures.Rsa));
        Assert.Equal(SignatureAuthTests.Key(Fixtures.RsaKey).Public, result.Key);
        Assert.NotNull(Assert.Single(Trust("sun.example.org", new(), Fixtures.EdLeaf, Fixtures.EdIntermediate)).Key);
        Assert.Equal("\"C=CH, O=Cygnet Test, OU=rsa, CN=moon.example.org\" does not confirm identity 'sun.example.org', neither as subject nor as subjectAltName",
            Reason(Trust("sun.example.org", new(), Fixtures.Rsa)));
        // An identity with a wildcard from the peer is no pattern.
        Assert.Null(Trust("*.example.org", new(), Fixtures.Rsa)[0].Key);
        Assert.Empty(Trust("moon.example.org", new()));
    }

    /// <summary>The second time nothing is verified again, but everything is decided again.</summary>
    [Fact]
    public void A_certificate_that_was_trusted_is_remembered_not_its_trust()
    {
        var root = new TestAuthority("root of the known");
        var issuer = new TestAuthority("issuer of the known", root);
        var leaf = new TestAuthority("carol", issuer, isCa: false, extensions: TestAuthority.Dns("carol.example")).Certificate;
        var store = new CredentialStoreBuilder().Add(root.Certificate).Build();
        IReadOnlyList<TrustResult> Again(CredentialStore by, CountingCrypto crypto, DateTimeOffset? at = null) =>
            by.Trust(crypto, Identity.FromFqdn("carol.example"), [leaf.Raw, issuer.Certificate.Raw], new(), at ?? TestAuthority.Now);
        var (first, second) = (new CountingCrypto(), new CountingCrypto());
        Assert.NotNull(Again(store, first)[0].Key);
        Assert.NotNull(Again(store, second)[0].Key);
        Assert.Equal((2, 0), (first.Verifications, second.Verifications));
        Assert.Null(Again(CredentialStore.Empty, second)[0].Key);
        Assert.Null(Again(store, second, TestAuthority.Now.AddYears(50))[0].Key);
    }

    [Fact]
    public void Malformed_certificates_of_a_peer_are_reasons()
    {
        var results = s_roots.Trust(s_crypto, Identity.Parse("moon.example.org"), [[], [0x30, 0x80], CertificateTests.Parse(Fixtures.Rsa).Raw], new(), s_now);
        Assert.NotNull(results[0].Key);
        Assert.Equal("received certificate is refused: neither DER nor PEM", results[1].Reason);
        Assert.StartsWith("received certificate is refused: malformed certificate", results[2].Reason);
    }

    [Fact]
    public void The_constraints_of_the_round_hold()
    {
        var root = CertificateTests.Parse(Fixtures.RootCa);
        var edRoot = CertificateTests.Parse(Fixtures.EdRootCa);
        Assert.NotNull(Trust("moon.example.org", new() { CaId = root.Subject, CaCertificates = [root.Raw], SignatureConstraints = ["rsa-2048-sha256"] }, Fixtures.Rsa)[0].Key);
        Assert.Equal("constraint check failed: peer not authenticated by CA 'C=CH, O=Cygnet Test, CN=Ed Root CA'",
            Reason(Trust("moon.example.org", new() { CaId = edRoot.Subject }, Fixtures.Rsa)));
        Assert.Equal("constraint check failed: peer not authenticated by CA 'C=CH, O=Cygnet Test, CN=Ed Root CA'",
            Reason(Trust("moon.example.org", new() { CaCertificates = [edRoot.Raw] }, Fixtures.Rsa)));
        Assert.StartsWith("constraint check failed: the key of", Reason(Trust("moon.example.org", new() { SignatureConstraints = ["rsa-4096"] }, Fixtures.Rsa)));
        Assert.Equal("constraint check failed: identity 'venus' required", Reason(Trust("moon.example.org", new() { IsIdLoose = true, Id = Identity.Parse("venus") }, Fixtures.Rsa)));
        Assert.NotNull(Trust("moon.example.org", new() { IsIdLoose = true, Id = Identity.Parse("192.0.2.1") }, Fixtures.Rsa)[0].Key);
        var strict = Trust("moon.example.org", new() { Revocation = RevocationPolicy.Strict }, Fixtures.Rsa);
        Assert.StartsWith("constraint check failed: RULE_CRL_VALIDATION is FAILED, but requires at least GOOD for \"", Reason(strict));
        Assert.StartsWith(strict[0].Lines[^1], strict[0].Reason!);
    }

    [Fact]
    public void Configured_certificates_of_the_peer_are_the_only_ones()
    {
        var leaf = CertificateTests.Parse(Fixtures.Rsa);
        var pinned = CredentialStore.Empty.Trust(s_crypto, Identity.Parse("moon.example.org"), [], With(Fixtures.Rsa), s_now);
        Assert.Equal(leaf.PublicKey, Assert.Single(pinned).Key);
        Assert.Equal("  using trusted certificate \"C=CH, O=Cygnet Test, OU=rsa, CN=moon.example.org\"", Assert.Single(pinned[0].Lines));
        var other = Trust("moon.example.org", With(Fixtures.Rsa), Fixtures.Ecdsa);
        Assert.Equal(leaf.PublicKey, other[0].Key);
        Assert.Equal("constraint check failed: \"C=CH, O=Cygnet Test, OU=ecdsa, CN=moon.example.org\" is none of the certificates in 'rightcert='", other[1].Reason);
        Assert.Equal(2, other.Count);
        // A loaded certificate serves a peer that sends none.
        Assert.NotNull(Assert.Single(Local().Trust(s_crypto, Identity.Parse("sun.example.org"), [], new(), s_now)).Key);
    }

    [Fact]
    public void A_raw_key_of_the_peer_is_the_only_one()
    {
        var (rsa, ec) = (CertificateTests.Parse(Fixtures.Rsa).PublicKey, CertificateTests.Parse(Fixtures.Ecdsa).PublicKey);
        var round = new AuthRound { Id = Identity.Parse("moon.example.org"), PublicKeys = [rsa.SubjectPublicKeyInfo] };
        var alone = Assert.Single(Trust("moon.example.org", round));
        Assert.Equal((rsa, null), (alone.Key, alone.Certificate));
        Assert.Equal(["  using trusted certificate \"moon.example.org\""], alone.Lines);
        var with = Trust("moon.example.org", round with { PublicKeys = [ec.SubjectPublicKeyInfo] }, Fixtures.Rsa);
        Assert.Equal([ec, null], with.Select(r => r.Key));
        // What only a CA can vouch for is not vouched for.
        Assert.Null(Assert.Single(Trust("moon.example.org", round with { CaId = Identity.Parse("CN=x") })).Key);
        Assert.Null(Assert.Single(Trust("moon.example.org", round with { CertPolicies = ["1.2.3"] })).Key);
        Assert.Null(Assert.Single(Trust("moon.example.org", round with { SignatureConstraints = ["rsa-4096"] })).Key);
        Assert.Null(Assert.Single(Trust("sun.example.org", round with { IsIdLoose = true })).Key);
    }

    [Fact]
    public void A_raw_key_of_ours_signs_without_a_certificate()
    {
        var key = SignatureAuthTests.Key(Fixtures.RsaKey);
        var store = new CredentialStoreBuilder().Add(key).Add(CertificateTests.Parse(Fixtures.Rsa)).Build();
        var own = store.PrivateKeyFor(new() { PublicKeys = [key.Public.SubjectPublicKeyInfo] }, Identity.Parse("moon.example.org"), []);
        Assert.Equal((key, null), (own!.Key, own.Certificate));
        Assert.Null(store.PrivateKeyFor(new() { PublicKeys = [CertificateTests.Parse(Fixtures.Ecdsa).PublicKey.SubjectPublicKeyInfo] }, Identity.Parse("moon.example.org"), []));
    }

    [Fact]
    public void An_authority_is_trusted_only_when_it_was_configured()
    {
        var untrusted = new CredentialStoreBuilder().Add(CertificateTests.Parse(Fixtures.RootCa), CertificateFlags.None).Build();
        Assert.Empty(untrusted.TrustAnchors(null));
        Assert.Null(untrusted.Trust(s_crypto, Identity.Parse("moon.example.org"), [CertificateTests.Parse(Fixtures.Rsa).Raw], new(), s_now)[0].Key);
    }

    [Fact]
    public void The_builder_loads_lists_and_unloads()
    {
        var (leaf, root) = (CertificateTests.Parse(Fixtures.Rsa), CertificateTests.Parse(Fixtures.RootCa));
        var key = SignatureAuthTests.Key(Fixtures.RsaKey);
        var builder = new CredentialStoreBuilder().Add(leaf, CertificateFlags.Trusted | CertificateFlags.Ca, "vici").Add(leaf, source: "vici").Add(root, source: "file").Add(key).Add(key);
        var store = builder.Build();
        Assert.Equal([CertificateFlags.Trusted, CertificateFlags.Trusted | CertificateFlags.Ca], store.Certificates.Select(c => c.Flags));
        Assert.Equal([true, false], store.Certificates.Select(c => store.HasPrivateKey(c.Certificate)));
        Assert.Single(store.Keys);
        Assert.False(builder.RemoveKey(new byte[20]));
        Assert.True(builder.RemoveKey(key.Public.KeyId));
        Assert.Equal(1, builder.RemoveCertificates("vici"));
        Assert.Equal(root, Assert.Single(builder.Build().Certificates).Certificate);
        Assert.Equal(2, store.Certificates.Length);
        Assert.Equal([.. store.Certificates], new CredentialStoreBuilder(store).Build().Certificates.ToArray());
    }
}
