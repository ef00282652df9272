// Kinds of chains: name constraints and IP address blocks. RFC 5280 4.2.1.10, RFC 3779 2.3.
using System.Formats.Asn1;
using Cygnet.Policy;
using static Cygnet.PkiTool.Tests.Corpus.Change;

namespace Cygnet.PkiTool.Tests.Corpus;

static class NameKinds
{
    static readonly (string Name, string Constraint, string Inside, string Outside)[] s_forms =
    [
        ("DNS", "example.org", "a.example.org", "example.com"), ("DNS, part of a label", "example.org", "example.org", "badexample.org"),
        ("mail host", "rfc822:example.org", "joe@example.org", "joe@mail.example.org"), ("mail domain", "rfc822:.example.org", "joe@mail.example.org", "joe@example.org"),
        ("mail address", "joe@example.org", "joe@example.org", "jim@example.org"), ("IPv4", "10.1.0.0/16", "10.1.2.3", "10.2.2.3"), ("IPv6", "2001:db8::/32", "2001:db8::1", "2001:db9::1"),
        ("URI host", "uri:www.example.org", "https://www.example.org/x", "https://example.org/x"), ("URI domain", "uri:.example.org", "https://www.example.org:8080/", "https://example.com/.example.org"),
        ("directory", "C=CH, O=Corpus", "C=CH, O=Corpus, CN=a", "C=CH, O=Other, CN=a"),
    ];

    public static readonly Kind[] All =
    [
        .. s_forms.SelectMany(f => (Kind[])
        [
            new($"permitted {f.Name}: inside", true, (c, r) => Bind(c, r, f.Constraint, f.Inside, true)),
            new($"permitted {f.Name}: outside", false, (c, r) => Bind(c, r, f.Constraint, f.Outside, true)),
            new($"excluded {f.Name}: inside", false, (c, r) => Bind(c, r, f.Constraint, f.Inside, false)),
            new($"excluded {f.Name}: outside", true, (c, r) => Bind(c, r, f.Constraint, f.Outside, false)),
        ]),
        new("permitted: one of several is enough", true, (c, r) => c.SomeCa(r).Permit("example.com", "example.org")),
        new("permitted: each of the end entity's names", false, (c, r) =>
        {
            c.SomeCa(r).Permit("example.org");
            c.Leaf.Call("a.example.org", "a.example.com");
        }),
        new("permitted: narrowed below", false, (c, _) =>
        {
            c.Root.Permit("example.org");
            c.Issuer.Permit("a.example.org");
        }) { Least = 1 },
        new("permitted: widened below", false, (c, _) =>
        {
            c.Root.Permit("a.example.org");
            c.Issuer.Permit("example.org");
        }) { Least = 1 },
        new("permitted: of another form", true, (c, r) => c.SomeCa(r).Permit("rfc822:example.com")),
        new("excluded: in other letters", false, (c, r) => c.SomeCa(r).Exclude("EXAMPLE.org")),
        new("excluded directory: in other letters", false, (c, r) =>
        {
            c.SomeCa(r).Exclude("C=CH, O=Evil");
            c.Leaf.With(x => x with { Subject = Identity.Parse("C=CH, O=EVIL, CN=peer") });
        }),
        new("mail address: in other letters", true, (c, r) => Bind(c, r, "joe@example.org", "JOE@example.org", true)),
        new("mail in the subject", false, (c, r) =>
        {
            c.SomeCa(r).Permit("rfc822:example.com");
            c.Leaf.With(x => x with { AltNames = [], Subject = Identity.Parse("C=CH, O=Corpus, E=joe@example.org") });
        }),
        new("host in the common name", true, (c, r) =>
        {
            c.SomeCa(r).Permit("example.com");
            c.Leaf.With(x => x with { AltNames = [] });
        }),
        new("names of a CA between", false, (c, _) =>
        {
            c.Root.Permit("C=CH, O=Else");
            c.Leaf.With(x => x with { Subject = Identity.Parse("C=CH, O=Else, CN=a") });
        }) { Least = 1 },
        new("URI without a host", false, (c, r) => Bind(c, r, "uri:.example.org", "uri:urn:example", true)),
        new("constraint of a form that is not compared", true, (c, r) => c.SomeCa(r).Put(NameConstraints, true, w => Subtrees(w, 0, [0x88, 1, 42]))),
        new("constraint that is a number only", false, (c, r) => c.SomeCa(r).Put(NameConstraints, true, w => Subtrees(w, 0, [0x87, 4, 10, 0, 0, 0]))),
        new("constraint with a mask of holes", false, (c, r) =>
        {
            c.SomeCa(r).Put(NameConstraints, true, w => Subtrees(w, 0, [0x87, 8, 10, 0, 0, 0, 255, 0, 255, 0]));
            c.Leaf.Call("10.0.0.1");
        }),
        new("constraint with a maximum", false, (c, r) => c.SomeCa(r).Put(NameConstraints, true, w => Subtrees(w, 0, [0x82, 1, (byte)'x', 0x81, 1, 5]))),
        new("no subtrees", true, (c, r) => c.SomeCa(r).Put(NameConstraints, true, w => w.Sequence(_ => { }))),
        new("name constraints: malformed", false, (c, r) => c.SomeCa(r).Put(NameConstraints, true, w => w.WriteInteger(1))),
        new("name constraints: data behind", false, (c, r) => c.SomeCa(r).Put(NameConstraints, true, (byte[])[0x30, 0, 5, 0])),
        new("blocks: contained", true, (c, _) => Hold(c, "10.0.0.0/8", "10.1.0.0/16")),
        new("blocks: exceeded", false, (c, _) => Hold(c, "10.0.0.0/8", "11.0.0.0/8")),
        new("blocks: side by side", true, (c, _) => Hold(c, "10.0.0.0/8,11.0.0.0/8", "10.0.0.0/7")),
        new("blocks: the issuer has none", false, (c, _) => c.Leaf.With(x => x with { AddressBlocks = [Identity.Parse("10.0.0.0/8")] })),
        new("blocks: the end entity has none", false, (c, _) => c.Certificates.Skip(1).ToList().ForEach(d => d.With(x => x with { AddressBlocks = [Identity.Parse("10.0.0.0/8")] }))),
        new("blocks: inherited", true, (c, _) =>
        {
            Hold(c, "10.0.0.0/8", "10.0.0.0/8");
            c.Leaf.Put(Blocks, true, w => w.Sequence(s => s.Sequence(f =>
            {
                f.WriteOctetString([0, 1]);
                f.WriteNull();
            })));
        }),
        new("blocks: not in order", true, (c, _) =>
        {
            Hold(c, "10.0.0.0/8", "10.1.0.0/16");
            c.Leaf.Put(Blocks, true, w => w.Sequence(s => s.Sequence(f =>
            {
                f.WriteOctetString([0, 1]);
                f.Sequence(b =>
                {
                    b.WriteBitString([10, 2]);
                    b.WriteBitString([10, 1]);
                });
            })));
        }),
        new("blocks: an unknown family", false, (c, _) => c.Leaf.Put(Blocks, true, w => w.Sequence(s => s.Sequence(f =>
        {
            f.WriteOctetString([0, 9]);
            f.WriteNull();
        })))),
        new("blocks: malformed", false, (c, _) => c.Leaf.Put(Blocks, true, w => w.Sequence(s => s.WriteInteger(1)))),
    ];

    static void Bind(ChainDraft chain, Random random, string constraint, string name, bool isPermitted)
    {
        var ca = chain.SomeCa(random);
        if (isPermitted) ca.Permit(constraint);
        else ca.Exclude(constraint);
        chain.Leaf.Call(name);
        // A constraint on directory names binds the subject too, and the CAs below.
        if (constraint.StartsWith("C=", StringComparison.Ordinal) && !isPermitted)
        {
            chain.Leaf.With(x => x with { Subject = Identity.Parse("C=DE, CN=leaf") });
            foreach (var (d, i) in chain.Certificates.Select((d, i) => (d, i)).Skip(1).SkipLast(1))
            {
                var renamed = Identity.Parse($"C=DE, CN=CA {i}");
                d.With(x => x with { Subject = renamed });
                chain.Certificates[i - 1].With(x => x with { Issuer = renamed });
            }
        }
    }

    static void Hold(ChainDraft chain, string cas, string leaf)
    {
        foreach (var draft in chain.Certificates.Skip(1)) draft.With(x => x with { AddressBlocks = [.. cas.Split(',').Select(Identity.Parse)] });
        chain.Leaf.With(x => x with { AddressBlocks = [Identity.Parse(leaf)] });
    }

    static void Subtrees(AsnWriter writer, int list, byte[] inside) => writer.Sequence(w =>
    {
        using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, list))) w.WriteEncodedValue([0x30, (byte)inside.Length, .. inside]);
    });
}
