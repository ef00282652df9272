// Certificate policies along a path. RFC 5280 6.1, and the decisions of the reference's constraints plugin.
using System.Security.Cryptography.X509Certificates;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;
using static Cygnet.Tests.Pki.TestExtensions;

namespace Cygnet.Tests.Pki;

public sealed class PolicyTests
{
    const string One = "1.2.3.1", Two = "1.2.3.2";

    static readonly TestAuthority s_root = new("root");

    /// <summary>root, middle, leaf with these extensions; what is found of the leaf.</summary>
    static TrustResult Under(X509Extension[] middle, X509Extension[] leaf, TestAuthority? root = null)
    {
        var anchor = root ?? s_root;
        var ca = new TestAuthority("middle", anchor, extensions: middle);
        return new TrustChain(new SystemCrypto(), [anchor.Certificate], [ca.Certificate], TestAuthority.Now, Revocation.RevocationLab.NoStatus).Validate(ca.Leaf("leaf", leaf).Certificate);
    }

    [Fact]
    public void An_explicit_policy_is_required_only_where_a_CA_says_so()
    {
        Assert.NotNull(Under([Policies(One)], []).Key);
        Assert.NotNull(Under([Policies(One)], [Policies(Two)]).Key);
        foreach (var skip in new[] { 0, 1, 2 })
        {
            var required = PolicyConstraints(requireExplicit: skip);
            Assert.NotNull(Under([Policies(One), required], [Policies(One)]).Key);
            foreach (var leaf in (X509Extension[][])[[], [Policies(Two)]])
            {
                var refused = Under([Policies(One), required], leaf);
                // the end of the path counts as a certificate: RFC 5280 6.1.5 (a)
                Assert.Equal(skip == 2, refused.Key is not null);
                if (skip < 2) Assert.Equal("an issuer of \"CN=leaf\" requires an explicit policy, and it asserts none that the chain allows", refused.Reason);
            }
        }
        // Without policies of its own a CA passes none on.
        Assert.Null(Under([PolicyConstraints(requireExplicit: 0)], [Policies(One)]).Key);
        Assert.NotNull(Under([Policies(AnyPolicy), PolicyConstraints(requireExplicit: 0)], [Policies(One)]).Key);
        // What the anchor's certificate says counts: RFC 5280 6.2.
        var strict = new TestAuthority("strict", extensions: PolicyConstraints(requireExplicit: 0));
        Assert.Null(Under([], [], strict).Key);
        Assert.NotNull(Under([Policies(One)], [Policies(One)], strict).Key);
        // The end entity's own constraint counts if it is 0: RFC 5280 6.1.5 (b).
        Assert.Null(Under([], [PolicyConstraints(requireExplicit: 0)]).Key);
        Assert.NotNull(Under([], [PolicyConstraints(requireExplicit: 1)]).Key);
    }

    [Fact]
    public void Mapped_policies_go_by_their_new_names_below()
    {
        var required = PolicyConstraints(requireExplicit: 0);
        Assert.NotNull(Under([Policies(One), Mappings((One, Two)), required], [Policies(Two)]).Key);
        Assert.Null(Under([Policies(One), Mappings((One, Two)), required], [Policies(One)]).Key);
        Assert.Null(Under([Policies(One), Mappings((Two, "1.2.3.3")), required], [Policies("1.2.3.3")]).Key);
        Assert.NotNull(Under([Policies(AnyPolicy), Mappings((One, Two)), required], [Policies(Two)]).Key);
    }

    [Fact]
    public void What_is_inhibited_above_refuses_below()
    {
        var noMapping = new TestAuthority("no mapping", extensions: PolicyConstraints(inhibitMapping: 0));
        Assert.Equal("found policyMapping in certificate 'CN=middle', but inhibitPolicyMapping in effect",
            Under([Policies(One), Mappings((One, Two))], [Policies(Two)], noMapping).Reason);
        Assert.NotNull(Under([Policies(One), Mappings((One, Two))], [Policies(Two)], new("later", extensions: PolicyConstraints(inhibitMapping: 1))).Key);
        var noAny = new TestAuthority("no any", extensions: InhibitAny(0));
        Assert.Equal("found anyPolicy in certificate 'CN=middle', but inhibitAnyPolicy in effect", Under([Policies(AnyPolicy)], [], noAny).Reason);
        Assert.NotNull(Under([Policies(AnyPolicy)], [], new("later", extensions: InhibitAny(1))).Key);
        Assert.Null(Under([Policies(AnyPolicy)], [Policies(AnyPolicy)], new("later", extensions: InhibitAny(1))).Key);
    }

    [Fact]
    public void Policies_of_the_end_entity_count_that_the_whole_chain_allows()
    {
        Assert.Equal([One], Under([Policies(One)], [Policies(One)]).Policies);
        Assert.Equal([One, Two], Under([Policies(AnyPolicy)], [Policies(One, Two)]).Policies);
        var partly = Under([Policies(One)], [Policies(One, Two)]);
        Assert.Equal([One], partly.Policies);
        Assert.Contains("certificate policy 1.2.3.2 for 'CN=leaf' not allowed by trustchain, ignored", partly.Lines);
        Assert.Empty(Under([], [Policies(One)]).Policies);
        // Mapped: by the name that the end entity uses.
        Assert.Equal([Two], Under([Policies(One), Mappings((One, Two))], [Policies(Two)]).Policies);
        // An anchor that lists policies limits to them, one that lists none does not.
        Assert.Empty(Under([Policies(One)], [Policies(One)], new("two", extensions: Policies(Two))).Policies);
        Assert.Equal([One], Under([Policies(One)], [Policies(One)], new("one", extensions: Policies(One))).Policies);
    }

    static TrustResult Asked(AuthRound round, params Certificate[] sent) =>
        new CredentialStoreBuilder().Add(s_root.Certificate).Build().Trust(new SystemCrypto(), Identity.Parse("CN=leaf"), [.. sent.Select(c => c.Raw)], round, TestAuthority.Now)[0];

    [Fact]
    public void A_round_that_asks_for_policies_wants_all_of_them()
    {
        var middle = new TestAuthority("middle", s_root, extensions: Policies(One));
        var both = middle.Leaf("leaf", Policies(One, Two)).Certificate;
        Assert.NotNull(Asked(new() { CertPolicies = [One] }, both, middle.Certificate).Key);
        var refused = Asked(new() { CertPolicies = [One, Two] }, both, middle.Certificate);
        Assert.Equal(("constraint requires cert policy 1.2.3.2", "'rightcertpolicy=' asks for it; \"CN=leaf\" asserts it, but not all CAs of its chain allow it"), (refused.Reason, refused.Change));
        var none = Asked(new() { CertPolicies = [One] }, middle.Leaf("leaf").Certificate, middle.Certificate);
        Assert.Equal(("constraint requires cert policy 1.2.3.1", "'rightcertpolicy=' asks for it; \"CN=leaf\" does not assert it"), (none.Reason, none.Change));
        Assert.Equal(none.Reason, none.Lines[^1]);
    }

    [Fact]
    public void Of_several_paths_the_one_counts_that_the_constraints_accept()
    {
        var other = new TestAuthority("other");
        var middle = new TestAuthority("middle", s_root, extensions: Policies(Two));
        var way = middle.CrossSignedBy(other, Policies(One));
        var leaf = middle.Leaf("leaf", Policies(One)).Certificate;
        var store = new CredentialStoreBuilder().Add(s_root.Certificate).Add(other.Certificate).Build();
        TrustResult With(AuthRound round) => store.Trust(new SystemCrypto(), Identity.Parse("CN=leaf"), [leaf.Raw, middle.Certificate.Raw, way.Raw], round, TestAuthority.Now)[0];
        Assert.Equal([leaf, middle.Certificate, s_root.Certificate], With(new()).Chain);
        Assert.Equal([leaf, way, other.Certificate], With(new() { CertPolicies = [One] }).Chain);
        Assert.Equal([leaf, way, other.Certificate], With(new() { CaId = Identity.Parse("CN=other") }).Chain);
        Assert.Null(With(new() { CertPolicies = [Two] }).Key);
        Assert.Null(With(new() { CaId = Identity.Parse("CN=third") }).Key);
    }

    [Theory]
    [InlineData("1.2", true)]
    [InlineData("2.16.840.1.101.3.2.1.48.1", true)]
    [InlineData("0.39.0", true)]
    [InlineData("2.999.3", true)]
    [InlineData("1", false)]
    [InlineData("1.40.1", false)]
    [InlineData("3.1.1", false)]
    [InlineData("1.2.03", false)]
    [InlineData("1..2", false)]
    [InlineData("1.2.", false)]
    [InlineData("policy", false)]
    [InlineData("", false)]
    public void Identifiers_are_dotted_numbers(string text, bool isOid) => Assert.Equal(isOid, CertificatePolicy.IsOid(text));

    [Fact]
    public void Malformed_policy_extensions_refuse_the_certificate()
    {
        foreach (var (extension, why) in new[]
        {
            (Of("2.5.29.32", false, _ => { }), "certificatePolicies is empty"), (Policies(One, One), "certificate policy 1.2.3.1 occurs twice"),
            (Of("2.5.29.33", true, _ => { }), "policyMappings is empty"), (Mappings((AnyPolicy, One)), "policyMappings maps anyPolicy"), (Mappings((One, AnyPolicy)), "policyMappings maps anyPolicy"),
            (PolicyConstraints(), "policyConstraints is empty"), (PolicyConstraints(requireExplicit: -1), "malformed certificate: a number of certificates to skip is negative"),
            (InhibitAny(-1), "malformed certificate: a number of certificates to skip is negative"), (Policies([.. Enumerable.Range(1, 101).Select(i => $"1.2.3.{i}")]), "more than 100 certificate policies"),
        })
            Assert.Equal(why, Assert.Throws<InvalidOperationException>(() => s_root.Leaf("leaf", extension)).Message);
        Assert.Equal(int.MaxValue, s_root.Leaf("leaf", InhibitAny(1000)).Certificate.InhibitAnyPolicy);
    }

    /// <summary>CVE-2023-0464: a tree of policies doubles with each CA that maps two policies to both; the graph does not.</summary>
    [Fact]
    public void Cve_2023_0464_a_chain_of_mappings_is_linear()
    {
        string[] oids = [.. Enumerable.Range(1, 100).Select(i => $"1.2.3.{i}")];
        var every = Mappings([.. oids.Take(10).SelectMany(a => oids.Take(10).Select(b => (a, b)))]);
        List<TestAuthority> cas = [s_root];
        for (var i = 1; i <= 7; i++) cas.Add(new($"ca{i}", cas[^1], extensions: [Policies(oids), every, PolicyConstraints(requireExplicit: 0)]));
        var leaf = cas[^1].Leaf("leaf", Policies(oids)).Certificate;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = new TrustChain(new SystemCrypto(), [s_root.Certificate], [.. cas.Skip(1).Select(c => c.Certificate)], TestAuthority.Now, Revocation.RevocationLab.NoStatus).Validate(leaf);
        Assert.NotNull(result.Key);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }
}
