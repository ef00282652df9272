// Groups by attribute certificates: who is let in, by what, and what is said to those who are not. RFC 5755; RFC 7296 3.6.
using System.Reflection;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Pki;
using Cygnet.Pki.Make;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class GroupTests
{
    static readonly SystemCrypto s_crypto = new();
    static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddDays(-1), s_end = DateTimeOffset.UnixEpoch.AddDays(1);

    /// <summary>A certificate with its key.</summary>
    sealed record Owner(Certificate Certificate, SoftwareKey Key);

    readonly Owner _root = Make("root", null), _authority = Make("aa", null), _stranger = Make("aa", null);
    readonly Owner _moon, _sun;
    readonly Pair _pair;

    public GroupTests()
    {
        (_moon, _sun) = (Make("moon", _root), Make("sun", _root));
        _pair = new(change: c => c.Name == "moon-sun" ? c with { Local = [By("moon")], Remote = [By("sun")] } : c with { Local = [By("sun")], Remote = [By("moon") with { Groups = ["sales"] }] });
        _pair.Moon.Crypto = _pair.Sun.Crypto = s_crypto;
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, Store(_sun).Add(_authority.Certificate, CertificateFlags.Trusted | CertificateFlags.Aa).Build()));
    }

    static AuthRound By(string name) => new() { Class = AuthClass.PublicKey, Id = Identity.Parse($"CN={name}") };

    static Owner Make(string name, Owner? issuer)
    {
        var key = SoftwareKey.FromDer(KeyMaker.Make(KeyKind.Ed25519, 0).Der, out _)!;
        var subject = Identity.Parse($"CN={name}");
        var content = new CertificateContent
        {
            Subject = subject, Issuer = issuer?.Certificate.Subject ?? subject, PublicKey = key.Public, SerialNumber = [0x0a, (byte)name[0]], NotBefore = s_start, NotAfter = s_end,
            IsCa = name == "root", AuthorityKeyId = issuer?.Certificate.PublicKey.KeyId,
        };
        return new(Certificate.TryParse(CertificateMaker.Make(content, issuer?.Key ?? key, SignatureScheme.Ed25519, s_crypto), out _)!, key);
    }

    static AttributeCertificate Attributes(Owner holder, Owner issuer, DateTimeOffset? until, params string[] groups) => AttributeCertificate.TryParse(
        AttributeCertificateMaker.Make(new(holder.Certificate, issuer.Certificate) { SerialNumber = [7], NotBefore = s_start, NotAfter = until ?? s_end, Groups = groups }, issuer.Key, SignatureScheme.Ed25519, s_crypto),
        out _)!;

    CredentialStoreBuilder Store(Owner own) => new CredentialStoreBuilder().Add(_root.Certificate).Add(own.Certificate).Add(own.Key);

    void MoonHas(params AttributeCertificate[] attributes)
    {
        var store = Store(_moon);
        foreach (var a in attributes) store.Add(a);
        _pair.Moon.Engine.Configure(new(_pair.Moon.Connections, store.Build()));
    }

    static void ShouldHaveLogged(Gateway g, string text) => Assert.Contains(g.LogLines, l => l.Contains(text, StringComparison.Ordinal));

    void ShouldBeRefused(string reason)
    {
        Assert.NotNull(_pair.Up().Error);
        _pair.Settle();
        Assert.Empty(_pair.Sun.Engine.Snapshots());
        ShouldHaveLogged(_pair.Sun, "constraint check failed: group membership to 'sales' required");
        ShouldHaveLogged(_pair.Sun, reason);
        // what ipsec why shows
        var refusal = Assert.Single(_pair.Sun.Shared.Refusals.Of("sun-moon"));
        Assert.Contains("'rightgroups=' wants one of sales", refusal.Reason);
        Assert.Contains("ipsec.d/aacerts", refusal.Change);
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void A_member_shows_its_attribute_certificate_and_comes_in()
    {
        MoonHas(Attributes(_moon, _authority, null, "finance", "sales"));
        Assert.Null(_pair.Up().Error);
        ShouldHaveLogged(_pair.Moon, "sending attribute certificate issued by \"CN=aa\"");
        ShouldHaveLogged(_pair.Sun, "received attribute certificate issued by \"CN=aa\"");
        ShouldHaveLogged(_pair.Sun, "verifying attribute certificate issued by \"CN=aa\"");
        Assert.True(_pair.Carries());
        _pair.ShouldHaveNoFaults();
    }

    [Fact]
    public void An_attribute_certificate_that_the_gateway_has_counts_too()
    {
        MoonHas();
        var store = Store(_sun).Add(_authority.Certificate, CertificateFlags.Trusted | CertificateFlags.Aa).Add(Attributes(_moon, _authority, null, "sales"));
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, store.Build()));
        Assert.Null(_pair.Up().Error);
        Assert.DoesNotContain(_pair.Sun.LogLines, l => l.Contains("received attribute certificate", StringComparison.Ordinal));
        Assert.True(_pair.Carries());
    }

    [Fact]
    public void Nobody_without_one_comes_in()
    {
        MoonHas();
        ShouldBeRefused("the peer is in no group by a valid attribute certificate; 'rightgroups=' wants one of sales");
    }

    [Fact]
    public void A_member_of_another_group_does_not_come_in()
    {
        MoonHas(Attributes(_moon, _authority, null, "finance", "Sales"));
        ShouldBeRefused("the peer is in the groups 'finance, Sales' by its attribute certificates; 'rightgroups=' wants one of sales");
    }

    [Fact]
    public void One_of_an_unknown_authority_of_the_same_name_does_not_count()
    {
        MoonHas(Attributes(_moon, _stranger, null, "sales"));
        ShouldBeRefused("attribute certificate 07 does not count: no certificate of the attribute authority \"CN=aa\" is loaded");
    }

    [Fact]
    public void A_certification_authority_is_no_attribute_authority()
    {
        MoonHas(Attributes(_moon, _root, null, "sales"));
        ShouldBeRefused("attribute certificate 07 does not count: no certificate of the attribute authority \"CN=root\" is loaded");
    }

    [Fact]
    public void One_with_a_changed_group_does_not_count()
    {
        var der = Attributes(_moon, _authority, null, "saleX").Raw.ToArray();
        der[der.AsSpan().IndexOf("saleX"u8) + 4] = (byte)'s';
        MoonHas(AttributeCertificate.TryParse(der, out _)!);
        ShouldBeRefused("attribute certificate 07 does not count: its signature is not that of \"CN=aa\"");
    }

    [Fact]
    public void One_that_has_expired_does_not_count()
    {
        // the member's clock is behind
        Intrude(Attributes(_moon, _authority, DateTimeOffset.UnixEpoch.AddMilliseconds(500), "sales").Raw);
        ShouldBeRefused("attribute certificate 07 does not count: it is valid from 1969-12-31 00:00:00 to 1970-01-01 00:00:00 UTC");
    }

    [Fact]
    public void Anothers_does_not_count()
    {
        Intrude(Attributes(_sun, _authority, null, "sales").Raw);
        ShouldBeRefused("the peer is in no group by a valid attribute certificate");
    }

    [Fact]
    public void What_is_no_attribute_certificate_harms_nobody()
    {
        Intrude([0x30, 0x80, 1, 2, 3], [], [.. "-----BEGIN ATTRIBUTE CERTIFICATE-----\n"u8], Attributes(_moon, _authority, null, "sales").Raw);
        Assert.Null(_pair.Up().Error);
        Assert.Equal(3, _pair.Sun.LogLines.Count(l => l.Contains("received an attribute certificate that does not parse, ignored: ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_many_only_the_first_are_looked_at()
    {
        Intrude([.. Enumerable.Range(0, 100).Select(_ => new byte[] { 0x30, 0 }), Attributes(_moon, _authority, null, "sales").Raw]);
        ShouldBeRefused("the peer is in no group by a valid attribute certificate");
        Assert.Equal(8, _pair.Sun.LogLines.Count(l => l.Contains("attribute certificate that does not parse", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("sales", "sun-moon")]
    [InlineData("finance", "finance")]
    public void The_groups_choose_the_connection(string group, string chosen)
    {
        var first = _pair.Sun.Connections[0];
        _pair.Sun.Connections = [first, first with { Name = "finance", Remote = [first.Remote[0] with { Groups = ["finance", "research"] }] }];
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, Store(_sun).Add(_authority.Certificate, CertificateFlags.Trusted | CertificateFlags.Aa).Build()));
        MoonHas(Attributes(_moon, _authority, null, group));
        Assert.Null(_pair.Up().Error);
        Assert.Equal(chosen, Pair.Ike(_pair.Sun).Name);
        if (chosen == "finance") ShouldHaveLogged(_pair.Sun, "switching to peer config 'finance'");
    }

    [Fact]
    public void An_initiator_may_ask_for_groups_too()
    {
        _pair.Sun.Connections = [_pair.Sun.Connections[0] with { Remote = [By("moon")] }];
        _pair.Sun.Engine.Configure(new(_pair.Sun.Connections, Store(_sun).Add(Attributes(_sun, _authority, null, "gateways")).Build()));
        foreach (var (wanted, isIn) in (ReadOnlySpan<(string, bool)>)[("others", false), ("gateways", true)])
        {
            _pair.Reconfigure(_pair.Moon, c => c with { Remote = [By("sun") with { Groups = [wanted] }] });
            _pair.Moon.Engine.Configure(new(_pair.Moon.Connections, Store(_moon).Add(_authority.Certificate, CertificateFlags.Trusted | CertificateFlags.Aa).Build()));
            Assert.Equal(isIn, _pair.Up().Error is null);
            _pair.Settle();
        }
        ShouldHaveLogged(_pair.Moon, "the peer is in the groups 'gateways' by its attribute certificates; 'rightgroups=' wants one of others");
    }

    [Fact]
    public void A_pre_shared_key_says_nothing_of_groups()
    {
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c : c with { Remote = [c.Remote[0] with { Class = AuthClass.Any, Groups = ["sales"] }] });
        Assert.NotNull(pair.Up().Error);
        pair.Settle();
        Assert.Empty(pair.Sun.Engine.Snapshots());
        ShouldHaveLogged(pair.Sun, "the peer used a pre-shared key, which says nothing of groups; 'rightgroups=' wants one of sales");
    }

    [Fact]
    public void Who_insists_on_knowing_of_revocations_takes_only_what_is_never_revoked()
    {
        var ac = Attributes(_moon, _authority, null, "sales");
        var der = ac.Raw.ToArray();
        der[der.AsSpan().IndexOf((ReadOnlySpan<byte>)[6, 3, 0x55, 0x1d, 0x38]) + 4] = 0x7e;
        var revocable = AttributeCertificate.TryParse(der, out _)!;
        Assert.False(revocable.HasNoRevocation);
        var store = Store(_sun).Add(_authority.Certificate, CertificateFlags.Trusted | CertificateFlags.Aa).Build();
        Membership Groups(AttributeCertificate a) => store.GroupsOf(s_crypto, _moon.Certificate, [a], RevocationPolicy.Strict, DateTimeOffset.UnixEpoch);
        Assert.Equal(["sales"], Groups(ac).Groups);
        Assert.Empty(Groups(revocable).Groups);
        Assert.Contains(Groups(revocable).Lines, l => l.Contains("'noRevAvail' is missing", StringComparison.Ordinal));
    }

    /// <summary>The moon sends these, whatever they are, with its certificate.</summary>
    void Intrude(params byte[][] sent) => _pair.Moon.Engine.Configure(new(_pair.Moon.Connections, new Sender(Store(_moon).Build(), sent)));

    /// <summary>Credentials that send along what no store would keep.</summary>
    sealed class Sender(ICredentials own, byte[][] sent) : ICredentials
    {
        public IReadOnlyList<AttributeCertificate> AttributeCertificatesOf(Certificate holder, DateTimeOffset now) =>
            [.. sent.Select(s => (AttributeCertificate)Activator.CreateInstance(typeof(AttributeCertificate), BindingFlags.NonPublic | BindingFlags.Instance, null, [s], null)!)];

        public IReadOnlyList<byte[]> SharedSecrets(Identity me, Identity peer) => [];
        public IReadOnlyList<byte[]> SharedSecrets(SecretClass secretClass, Identity me, Identity peer) => [];
        public byte[]? PpkFor(Identity id) => null;
        public bool HasPpk => false;
        public LocalCredential? PrivateKeyFor(AuthRound local, Identity id, IReadOnlyList<byte[]> requestedCas) => own.PrivateKeyFor(local, id, requestedCas);
        public IReadOnlyList<Certificate> TrustAnchors(AuthRound? remote) => own.TrustAnchors(remote);
        public Certificate? AuthorityByKeyHash(ReadOnlySpan<byte> keyHash) => own.AuthorityByKeyHash(keyHash);

        public IReadOnlyList<TrustResult> Trust(ICryptoDoor crypto, Identity peer, IReadOnlyList<byte[]> receivedCertificates, AuthRound constraints, DateTimeOffset now, StatusRound? round = null, TrustSettings? settings = null) =>
            own.Trust(crypto, peer, receivedCertificates, constraints, now, round, settings);
    }
}
