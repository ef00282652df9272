// Kinds of chains: extensions and fields that are malformed, or encoded as DER does not allow. RFC 5280 4.1, 4.2; X.690 10, 11.
using System.Formats.Asn1;
using static Cygnet.PkiTool.Tests.Corpus.Change;

namespace Cygnet.PkiTool.Tests.Corpus;

static class EncodingKinds
{
    public static readonly Kind[] All =
    [
        new("basicConstraints: malformed", false, (c, r) => c.SomeCa(r).Put(BasicConstraints, true, w => w.WriteInteger(1))),
        new("basicConstraints: negative path length", false, (c, r) => c.SomeCa(r).Put(BasicConstraints, true, w => w.Sequence(s =>
        {
            s.WriteBoolean(true);
            s.WriteInteger(-1);
        }))),
        new("basicConstraints: TRUE that is not ff", false, (c, r) => c.SomeCa(r).Put(BasicConstraints, true, (byte[])[0x30, 3, 1, 1, 1])),
        new("basicConstraints: data behind", false, (c, r) => c.SomeCa(r).Put(BasicConstraints, true, (byte[])[0x30, 3, 1, 1, 0xff, 5, 0])),
        new("key usage: malformed", false, (c, r) => c.SomeCa(r).Put(KeyUsage, true, w => w.WriteInteger(1))),
        new("key usage: no bits", false, (c, r) => c.SomeCa(r).Put(KeyUsage, true, w => w.WriteBitString([]))),
        new("extended key usage: malformed", false, (c, _) => c.Leaf.Put(ExtendedKeyUsage, false, w => w.WriteInteger(1))),
        new("extended key usage: empty", true, (c, _) => c.Leaf.Put(ExtendedKeyUsage, false, w => w.Sequence(_ => { }))),
        new("subjectAltName: malformed", false, (c, _) => c.Leaf.Put(AltName, false, w => w.WriteInteger(1))),
        new("subjectAltName: empty", true, (c, _) => c.Leaf.Put(AltName, false, w => w.Sequence(_ => { }))),
        new("subjectAltName: an address of 5 bytes", false, (c, _) => c.Leaf.Put(AltName, false, (byte[])[0x30, 7, 0x87, 5, 1, 2, 3, 4, 5])),
        new("subjectAltName: a zero byte in a name", true, (c, _) => c.Leaf.Put(AltName, false, (byte[])[0x30, 5, 0x82, 3, (byte)'a', 0, (byte)'b'])),
        new("subjectAltName: no name", false, (c, _) => c.Leaf.Put(AltName, false, (byte[])[0x30, 3, 2, 1, 5])),
        new("subjectKeyIdentifier: malformed", false, (c, r) => c.SomeCa(r).Put(SubjectKey, false, w => w.WriteInteger(1))),
        new("authorityKeyIdentifier: malformed", false, (c, _) => c.Leaf.Put(AuthorityKey, false, w => w.WriteInteger(1))),
        new("CRL distribution points: malformed", false, (c, _) => c.Leaf.Put(CrlPoints, false, w => w.WriteInteger(1))),
        new("authority information: malformed", false, (c, _) => c.Leaf.Put(InfoAccess, false, w => w.WriteInteger(1))),
        new("an extension twice", false, (c, r) =>
        {
            c.Leaf.Put(KeyUsage, true, w => w.WriteBitString([0x80], 7));
            c.Leaf.Put(KeyUsage, true, w => w.WriteBitString([0x80], 7));
        }),
        new("an extension that ends too soon", false, (c, _) => c.Leaf.Put(KeyUsage, true, (byte[])[3, 9, 7, 0x80])),
        new("an extension that is not critical, in so many words", true, (c, _) => c.Leaf.Extensions.Add((AltName, null, [0x30, 3, 0x82, 1, (byte)'a']))),
        new("version: extensions in one of version 1", false, (c, _) => c.Leaf.Tbs = t => Without(t, 0)),
        new("version: 1, as it should be", true, (c, _) =>
        {
            c.Leaf.With(x => x with { AltNames = [], AuthorityKeyId = null });
            c.Leaf.Tbs = t => Without(t, 0);
        }),
        new("version: a CA of version 1", false, (c, _) =>
        {
            c.Issuer.With(x => x with { IsCa = false, AuthorityKeyId = null });
            c.Issuer.Tbs = t => Without(t, 0);
            c.Leaf.With(x => x with { AuthorityKeyId = null });
        }) { Least = 1 },
        new("version: a root of version 1", false, (c, _) =>
        {
            c.Root.With(x => x with { IsCa = false });
            c.Root.Tbs = t => Without(t, 0);
        }),
        new("version: 4", false, (c, _) => c.Leaf.Tbs = t => Field(t, 0, [0xa0, 3, 2, 1, 3])),
        new("serial number: negative", true, (c, _) => c.Leaf.Tbs = t => Field(t, 1, [2, 1, 0x80])),
        new("serial number: zero", true, (c, _) => c.Leaf.Tbs = t => Field(t, 1, [2, 1, 0])),
        new("serial number: of 40 bytes", true, (c, _) => c.Leaf.With(x => x with { SerialNumber = [.. Enumerable.Repeat((byte)0x31, 40)] })),
        new("serial number: with zeros before it", false, (c, _) => c.Leaf.Tbs = t => Field(t, 1, [2, 3, 0, 0, 1])),
        new("signature algorithm: differs inside", false, (c, _) => c.Leaf.Tbs = t => Field(t, 2, [0x30, 5, 0x06, 0x03, 0x2b, 0x65, Fields(t)[2] is [.., 0x2b, 0x65, 0x70] ? (byte)0x71 : (byte)0x70])),
        new("validity: without seconds", false, (c, _) => c.Leaf.Tbs = t => Field(t, 4, Validity("300501120000Z"u8, "3007011200Z"u8))),
        new("validity: with a zone", false, (c, _) => c.Leaf.Tbs = t => Field(t, 4, Validity("300501120000Z"u8, "300701120000+0000"u8))),
        new("validity: no date", false, (c, _) => c.Leaf.Tbs = t => Field(t, 4, Validity("300501120000Z"u8, "309901120000Z"u8))),
        new("subject: empty", true, (c, _) => c.Leaf.Tbs = t => Field(t, 5, [0x30, 0])),
        new("subject: malformed", false, (c, _) => c.Leaf.Tbs = t => Field(t, 5, [0x30, 3, 2, 1, 5])),
        new("public key: malformed", false, (c, _) => c.Leaf.Tbs = t => Field(t, 6, [0x30, 3, 2, 1, 5])),
        new("public key: of an unknown algorithm", false, (c, _) => c.Leaf.Tbs = t => Field(t, 6, [0x30, 0x0b, 0x30, 5, 0x06, 3, 0x2a, 3, 4, 3, 2, 0, 1])),
        new("lengths: of no end", false, (c, _) => c.Leaf.Whole = der => [0x30, 0x80, .. der[4..], 0, 0]),
        new("lengths: longer than need be", false, (c, _) => c.Leaf.Whole = der => [0x30, 0x83, 0, .. der[2..]]),
        new("data behind the certificate", false, (c, _) => c.Leaf.Whole = der => [.. der, 5, 0]),
        new("data behind the signature", false, (c, _) => c.Leaf.Whole = der => Longer(der)),
        new("cut short", false, (c, r) => c.Leaf.Whole = der => der[..r.Next(10, der.Length)]),
    ];

    static List<byte[]> Fields(byte[] tbs)
    {
        var reader = new AsnReader(tbs, AsnEncodingRules.BER).ReadSequence();
        List<byte[]> fields = [];
        while (reader.HasData) fields.Add(reader.ReadEncodedValue().ToArray());
        return fields;
    }

    static byte[] Field(byte[] tbs, int at, byte[] value)
    {
        var fields = Fields(tbs);
        fields[at] = value;
        return ChainDraft.Sequence(fields);
    }

    static byte[] Without(byte[] tbs, int at)
    {
        var fields = Fields(tbs);
        fields.RemoveAt(at);
        return ChainDraft.Sequence(fields);
    }

    static byte[] Longer(byte[] der)
    {
        var parts = Fields(der);
        return ChainDraft.Sequence([.. parts, [5, 0]]);
    }

    static byte[] Validity(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => [0x30, (byte)(4 + from.Length + to.Length), 0x17, (byte)from.Length, .. from, 0x17, (byte)to.Length, .. to];
}
