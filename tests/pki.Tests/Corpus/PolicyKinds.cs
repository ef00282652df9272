// Kinds of chains: certificate policies, mappings, constraints. RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14, 6.1.3 to 6.1.5.
using System.Formats.Asn1;
using Cygnet.Pki;
using static Cygnet.PkiTool.Tests.Corpus.Change;

namespace Cygnet.PkiTool.Tests.Corpus;

static class PolicyKinds
{
    const string One = "1.3.6.1.4.1.99999.1", Two = "1.3.6.1.4.1.99999.2";

    public static readonly Kind[] All =
    [
        new("policies: all through", true, (c, _) => Assert(c, One)),
        new("policies: of the end entity alone", true, (c, _) => Assert(c.Leaf, One)),
        new("policies: differ, nobody minds", true, (c, _) =>
        {
            Assert(c, One);
            Assert(c.Leaf, Two);
        }),
        new("explicit: all through", true, (c, _) =>
        {
            Assert(c, One);
            c.Root.With(x => x with { Policies = [] });
            c.Issuer.With(x => x with { RequireExplicitPolicy = 0 });
        }),
        new("explicit: anyPolicy above", true, (c, _) =>
        {
            Assert(c, AnyPolicy);
            Assert(c.Leaf, One);
            c.Issuer.With(x => x with { RequireExplicitPolicy = 0 });
        }),
        new("explicit: anyPolicy of the end entity", true, (c, _) =>
        {
            Assert(c, One);
            Assert(c.Leaf, AnyPolicy);
            c.Issuer.With(x => x with { RequireExplicitPolicy = 0 });
        }),
        new("explicit: the end entity has none", false, (c, _) =>
        {
            Assert(c, One);
            c.Leaf.With(x => x with { Policies = [] });
            c.Issuer.With(x => x with { RequireExplicitPolicy = 0 });
        }) { Least = 1 },
        new("explicit: the end entity has another", false, (c, _) =>
        {
            Assert(c, One);
            Assert(c.Leaf, Two);
            c.Issuer.With(x => x with { RequireExplicitPolicy = 0 });
        }) { Least = 1 },
        new("explicit: a CA between has none", false, (c, _) =>
        {
            Assert(c, One);
            c.Issuer.With(x => x with { Policies = [] });
            c.Certificates[2].With(x => x with { RequireExplicitPolicy = 0 });
        }) { Least = 2 },
        new("explicit: some certificates later", true, (c, _) =>
        {
            Assert(c, One);
            c.Leaf.With(x => x with { Policies = [] });
            c.Issuer.With(x => x with { RequireExplicitPolicy = 2 });
        }) { Least = 1 },
        new("explicit: one certificate later", false, (c, _) =>
        {
            Assert(c, One);
            c.Leaf.With(x => x with { Policies = [] });
            c.Issuer.With(x => x with { RequireExplicitPolicy = 1 });
        }) { Least = 1 },
        new("explicit: by the root", false, (c, _) => c.Root.With(x => x with { RequireExplicitPolicy = 0 })),
        new("explicit: by the end entity", false, (c, _) => c.Leaf.With(x => x with { RequireExplicitPolicy = 0 })),
        new("mapping: the new name below", true, (c, _) =>
        {
            Map(c, One, Two);
            Assert(c.Leaf, Two);
        }) { Least = 1 },
        new("mapping: the old name below", false, (c, _) =>
        {
            Map(c, One, Two);
            Assert(c.Leaf, One);
        }) { Least = 1 },
        new("mapping: out of anyPolicy", true, (c, _) =>
        {
            Map(c, One, Two);
            Assert(c.Issuer, AnyPolicy);
            Assert(c.Leaf, Two);
        }) { Least = 1 },
        new("mapping: of what the CA does not assert", false, (c, _) =>
        {
            Map(c, Two, "1.3.6.1.4.1.99999.3");
            Assert(c.Issuer, One);
            Assert(c.Leaf, "1.3.6.1.4.1.99999.3");
        }) { Least = 1 },
        new("mapping: inhibited, nobody minds", false, (c, _) =>
        {
            c.Certificates[2].With(x => x with { InhibitPolicyMapping = 0 });
            c.Issuer.With(x => x with { PolicyMappings = [(One, Two)] });
            Assert(c, One);
        }) { Least = 2 },
        new("mapping: inhibited, and a policy required", false, (c, _) =>
        {
            Map(c, One, Two);
            Assert(c.Leaf, Two);
            c.Certificates[2].With(x => x with { InhibitPolicyMapping = 0 });
        }) { Least = 2 },
        new("mapping: inhibited later", true, (c, _) =>
        {
            Map(c, One, Two);
            Assert(c.Leaf, Two);
            c.Certificates[2].With(x => x with { InhibitPolicyMapping = 1 });
        }) { Least = 2 },
        new("anyPolicy: inhibited, nobody minds", false, (c, _) =>
        {
            c.Issuer.With(x => x with { InhibitAnyPolicy = 0 });
            Assert(c, AnyPolicy);
        }) { Least = 1 },
        new("anyPolicy: inhibited, and a policy required", false, (c, _) =>
        {
            Assert(c, AnyPolicy);
            c.Issuer.With(x => x with { InhibitAnyPolicy = 0, RequireExplicitPolicy = 0 });
        }) { Least = 1 },
        new("anyPolicy: inhibited later", true, (c, _) =>
        {
            Assert(c, AnyPolicy);
            Assert(c.Leaf, One);
            c.Certificates[2].With(x => x with { InhibitAnyPolicy = 1, RequireExplicitPolicy = 0 });
        }) { Least = 2 },
        new("policies: empty", false, (c, _) => c.Leaf.Put(Policies, false, w => w.Sequence(_ => { }))),
        new("policies: one twice", false, (c, _) => c.Leaf.Put(Policies, false, w => w.Sequence(s =>
        {
            for (var i = 0; i < 2; i++) s.Sequence(p => p.WriteObjectIdentifier(One));
        }))),
        new("policies: malformed", false, (c, _) => c.Leaf.Put(Policies, false, w => w.WriteInteger(1))),
        new("mappings: of anyPolicy", false, (c, _) =>
        {
            Assert(c, One);
            c.Issuer.With(x => x with { PolicyMappings = [(AnyPolicy, One)] });
        }) { Least = 1 },
        new("mappings: empty", false, (c, _) => c.Issuer.Put(Mappings, true, w => w.Sequence(_ => { }))) { Least = 1 },
        new("policyConstraints: empty", false, (c, _) => c.Issuer.Put(PolicyConstraints, true, w => w.Sequence(_ => { }))) { Least = 1 },
        new("policyConstraints: negative", false, (c, _) => c.Issuer.Put(PolicyConstraints, true, w => w.Sequence(s => s.WriteInteger(-1, new Asn1Tag(TagClass.ContextSpecific, 0))))) { Least = 1 },
        new("inhibitAnyPolicy: malformed", false, (c, _) => c.Issuer.Put(InhibitAny, true, w => w.WriteNull())) { Least = 1 },
    ];

    static void Assert(Draft draft, string oid) => draft.With(x => x with { Policies = [new CertificatePolicy(oid)] });

    static void Assert(ChainDraft chain, string oid) => chain.Certificates.ForEach(d => Assert(d, oid));

    static void Map(ChainDraft chain, string from, string to)
    {
        Assert(chain, from);
        chain.Issuer.With(x => x with { PolicyMappings = [(from, to)], RequireExplicitPolicy = 0 });
    }
}
