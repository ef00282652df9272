// Kinds of chains: time, issuers, signatures, basic constraints, key usage, several paths. RFC 5280 4.2.1.3, 4.2.1.9, 6.1.3, 6.1.4.
using System.Formats.Asn1;
using Cygnet.Crypto;
using Cygnet.Pki.Make;
using Cygnet.Policy;
using static Cygnet.PkiTool.Tests.Corpus.Change;

namespace Cygnet.PkiTool.Tests.Corpus;

static class PathKinds
{
    static readonly DateTimeOffset s_now = ChainDraft.Now;
    static readonly Lazy<Signer> s_small = new(() => KeyPool.One(KeyKind.Rsa, 1024, SignatureScheme.RsaPkcs1Sha256)), s_stranger = new(() => KeyPool.One(KeyKind.Ecdsa, 256, SignatureScheme.EcdsaSha256Der));

    public static readonly Kind[] All =
    [
        new("good", true, (_, _) => { }),
        new("good: names, usages and locations", true, (c, _) => c.Leaf.With(x => x with
        {
            ExtendedKeyUsages = ["1.3.6.1.5.5.7.3.1"], OcspUris = ["http://ocsp.example.org"], CrlLocations = [new("http://crl.example.org", null)],
            AltNames = [Identity.Parse("10.1.2.3"), Identity.Parse("2001:db8::1"), Identity.Parse("joe@example.org"), GeneralNames.Uri("http://example.org/")!],
        })),
        new("good: an unknown extension that is not critical", true, (c, r) => c.SomeCa(r).Put("1.2.3.4.5", false, w => w.WriteNull())),
        new("good: without key ids", true, (c, _) => c.Certificates.ForEach(d =>
        {
            d.With(x => x with { AuthorityKeyId = null });
            d.Omit(SubjectKey);
        })),
        new("good: valid from or until this second", true, (c, r) => c.Leaf.With(x => r.Next(2) == 0 ? x with { NotBefore = s_now } : x with { NotAfter = s_now.AddSeconds(1) })),
        new("good: until 2050 and later", true, (c, _) => c.Root.With(x => x with { NotBefore = new(1949, 1, 1, 0, 0, 0, default), NotAfter = new(9999, 12, 31, 23, 59, 59, default) })),
        new("expired: leaf", false, (c, r) => c.Leaf.With(x => x with { NotAfter = s_now.AddSeconds(-1 - r.Next(100)) })),
        new("expired: CA", false, (c, r) => c.SomeCa(r).With(x => x with { NotAfter = s_now.AddDays(-1) })),
        new("expired: root", false, (c, _) => c.Root.With(x => x with { NotAfter = s_now.AddDays(-1) })),
        new("not yet valid: leaf", false, (c, r) => c.Leaf.With(x => x with { NotBefore = s_now.AddSeconds(1 + r.Next(100)) })),
        new("not yet valid: CA", false, (c, r) => c.SomeCa(r).With(x => x with { NotBefore = s_now.AddDays(1) })),
        new("ends before it begins", false, (c, _) => c.Leaf.With(x => x with { NotBefore = s_now.AddDays(1), NotAfter = s_now.AddDays(-1) })),
        new("issuer: another name", false, (c, r) => c.Certificates[r.Next(c.Certificates.Count - 1)].With(x => x with { Issuer = Identity.Parse("C=CH, O=Corpus, CN=Somebody") })),
        new("issuer: missing", false, (c, _) => c.Certificates.RemoveAt(1)) { Least = 1 },
        new("issuer: root is not trusted", false, (c, _) => c.Roots = []),
        new("issuer: another root of that name", false, (c, _) => c.Roots = [ChainDraft.Make(new() { Content = c.Root.Content with { PublicKey = s_stranger.Value.Key.Public }, Key = s_stranger.Value }, s_stranger.Value)]),
        new("issuer: two roots of that name", true, (c, _) => c.Roots = [
            ChainDraft.Make(new() { Content = c.Root.Content with { PublicKey = s_stranger.Value.Key.Public }, Key = s_stranger.Value }, s_stranger.Value), ChainDraft.Make(c.Root, c.Root.Key)]),
        new("issuer: name in other letters", true, (c, _) => c.Leaf.With(x => x with { Issuer = Identity.Parse(x.Issuer.ToString().Replace("Corpus", "CORPUS", StringComparison.Ordinal)) })),
        new("issuer: name as another string type", true, (c, _) => c.Leaf.With(x => x with { Issuer = Retyped(x.Issuer) })),
        new("issuer: another key id", true, (c, r) => c.Leaf.With(x => x with { AuthorityKeyId = new byte[20] })),
        new("signature: one bit", false, (c, r) => c.Certificates[r.Next(c.Certificates.Count - 1)].Whole = der => Flip(der, der.Length - 1 - r.Next(20))),
        new("signature: the signed part changed", false, (c, _) => c.Leaf.Whole = der => Flip(der, der.AsSpan().LastIndexOf("peer.example.org"u8) + 1, 0x01)),
        new("signature: of another key", false, (c, r) => c.Certificates[r.Next(c.Certificates.Count - 1)].SignedBy = s_stranger.Value),
        new("signature: of the root itself", true, (c, r) => c.Root.Whole = der => Flip(der, der.Length - 1 - r.Next(20))),
        new("signature: by a small RSA key", true, (c, _) =>
        {
            c.Issuer.Key = s_small.Value;
            c.Issuer.With(x => x with { PublicKey = s_small.Value.Key.Public });
            c.Leaf.With(x => x with { AuthorityKeyId = null });
        }),
        new("signature: SHA-1", true, (c, _) =>
        {
            var (key, scheme) = c.Issuer.Key.Key.Public.Kind switch
            {
                KeyKind.Rsa => (c.Issuer.Key.Key, SignatureScheme.RsaPkcs1Sha1), KeyKind.Ecdsa => (c.Issuer.Key.Key, SignatureScheme.EcdsaSha1Der), _ => (c.Issuer.Key.Key, c.Issuer.Key.Scheme),
            };
            c.Leaf.SignedBy = new(key, scheme);
        }),
        new("basicConstraints: none in a CA", false, (c, r) => c.SomeCa(r).Omit(BasicConstraints)) { Least = 1 },
        new("basicConstraints: none in the root", false, (c, _) => c.Root.Omit(BasicConstraints)),
        new("basicConstraints: no CA", false, (c, r) => c.SomeCa(r).Put(BasicConstraints, true, w => w.Sequence(_ => { }))),
        new("basicConstraints: not critical", true, (c, r) => c.SomeCa(r).Put(BasicConstraints, false, w => w.Sequence(s => s.WriteBoolean(true)))),
        new("basicConstraints: an end entity that is a CA", true, (c, _) => c.Leaf.With(x => x with { IsCa = true })),
        new("path length: enough", true, (c, _) => c.Root.With(x => x with { PathLength = c.Certificates.Count - 2 })),
        new("path length: exceeded under the root", false, (c, _) => c.Root.With(x => x with { PathLength = c.Certificates.Count - 3 })) { Least = 1 },
        new("path length: exceeded under a CA", false, (c, _) => c.Certificates[2].With(x => x with { PathLength = 0 })) { Least = 2 },
        new("path length: zero above the end entity", true, (c, _) => c.Issuer.With(x => x with { PathLength = 0 })),
        new("path length: of what is no CA", true, (c, _) => c.Leaf.Put(BasicConstraints, true, w => w.Sequence(s => s.WriteInteger(0)))),
        new("path length: a CA's new key does not count", true, (c, _) =>
        {
            c.Root.With(x => x with { PathLength = c.Certificates.Count - 2 });
            Rollover(c);
        }),
        new("path length: nine CAs", false, (c, r) =>
        {
            var longer = new ChainDraft("ecdsa-256", 8, r);
            c.Certificates.Clear();
            c.Certificates.AddRange(longer.Certificates);
        }),
        new("path length: seven CAs", true, (c, r) =>
        {
            var longer = new ChainDraft("ecdsa-256", 7, r);
            c.Certificates.Clear();
            c.Certificates.AddRange(longer.Certificates);
        }),
        new("key usage: a CA without keyCertSign", false, (c, r) => c.SomeCa(r).Put(KeyUsage, true, w => w.WriteBitString([0x02], 1))),
        new("key usage: none", true, (c, r) => c.SomeCa(r).Omit(KeyUsage)),
        new("key usage: of the end entity, for nothing", true, (c, _) => c.Leaf.Put(KeyUsage, true, w => w.WriteBitString([0x20], 5))),
        new("extended key usage: of a CA, for mail", true, (c, r) => c.SomeCa(r).With(x => x with { ExtendedKeyUsages = ["1.3.6.1.5.5.7.3.4"] })),
        new("extended key usage: of the end entity, for code", true, (c, _) => c.Leaf.Put(ExtendedKeyUsage, true, w => w.Sequence(s => s.WriteObjectIdentifier("1.3.6.1.5.5.7.3.3")))),
        new("critical: unknown, end entity", false, (c, _) => c.Leaf.Put("1.2.3.4.5", true, w => w.WriteNull())),
        new("critical: unknown, CA", false, (c, r) => c.SomeCa(r).Put("1.2.3.4.5", true, w => w.WriteNull())),
        new("critical: unknown, root", false, (c, _) => c.Root.Put("1.2.3.4.5", true, w => w.WriteNull())),
        new("several paths: a way round an expired CA", true, (c, _) =>
        {
            c.Extra.Add(ChainDraft.Make(c.Issuer, c.Certificates[2].Key));
            c.Issuer.With(x => x with { NotAfter = s_now.AddDays(-1), SerialNumber = [0x77] });
        }) { Least = 1 },
        new("several paths: a cross-signed root of somebody", true, (c, _) =>
            c.Extra.Add(ChainDraft.Make(new() { Content = c.Root.Content with { Issuer = Identity.Parse("CN=Somebody"), AuthorityKeyId = s_stranger.Value.Key.Public.KeyId }, Key = c.Root.Key }, s_stranger.Value))),
        new("several paths: a loop beside", true, (c, _) =>
            c.Extra.Add(ChainDraft.Make(new() { Content = c.Certificates[2].Content with { Issuer = c.Issuer.Content.Subject, AuthorityKeyId = c.Issuer.Key.Key.Public.KeyId }, Key = c.Certificates[2].Key }, c.Issuer.Key))) { Least = 2 },
        new("several paths: CAs of one name", true, (c, _) =>
        {
            for (var i = 0; i < 5; i++)
                c.Extra.Insert(0, ChainDraft.Make(new() { Content = c.Issuer.Content with { PublicKey = KeyPool.Get("ed25519", i).Key.Public, SerialNumber = [0x66, (byte)i] }, Key = c.Issuer.Key }, c.Certificates[2].Key));
        }) { Least = 1 },
    ];

    // The issuing CA gets another key, and a certificate for it that its old one signs.
    static void Rollover(ChainDraft chain)
    {
        var old = chain.Issuer;
        var next = s_stranger.Value;
        chain.Certificates.Insert(1, new()
        {
            Key = next, Content = old.Content with { Issuer = old.Content.Subject, PublicKey = next.Key.Public, AuthorityKeyId = old.Key.Key.Public.KeyId, SerialNumber = [0x55] },
        });
        chain.Leaf.With(x => x with { AuthorityKeyId = next.Key.Public.KeyId });
    }

    static byte[] Flip(byte[] der, int at, byte mask = 0x10)
    {
        der[at] ^= mask;
        return der;
    }

    static Identity Retyped(Identity name)
    {
        var der = (byte[])name.Encoded.Clone();
        // PrintableString to UTF8String, but for the country
        for (var i = der.AsSpan().IndexOf("Corpus"u8) - 2; i < der.Length; i++)
            if (der[i] == (byte)UniversalTagNumber.PrintableString && i + 1 < der.Length && der[i + 1] < 20) der[i] = (byte)UniversalTagNumber.UTF8String;
        return Identity.FromDistinguishedName(der);
    }
}
