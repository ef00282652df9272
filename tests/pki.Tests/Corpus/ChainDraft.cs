// A chain to be made: each certificate as Pki/Make makes it, then broken where the kind of chain says so. RFC 5280 4.1.
using System.Formats.Asn1;
using Cygnet.Crypto;
using Cygnet.Pki.Make;
using Cygnet.Policy;

namespace Cygnet.PkiTool.Tests.Corpus;

/// <summary>One certificate before it is made.</summary>
sealed class Draft
{
    public required CertificateContent Content { get; set; }
    public required Signer Key { get; set; }

    /// <summary>Another key than that of the next certificate of the chain.</summary>
    public Signer? SignedBy { get; set; }

    /// <summary>Extensions in the encoding given; they replace what Pki/Make would write. No value leaves it out; critical null is a FALSE in so many words.</summary>
    public List<(string Oid, bool? IsCritical, byte[]? Value)> Extensions { get; } = [];

    /// <summary>Changes the signed part before it is signed.</summary>
    public Func<byte[], byte[]>? Tbs { get; set; }

    /// <summary>Changes the certificate after it was signed.</summary>
    public Func<byte[], byte[]>? Whole { get; set; }
}

/// <summary>A chain of drafts, the end entity first, the root last.</summary>
sealed class ChainDraft
{
    public static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly SystemCrypto s_crypto = new();

    public List<Draft> Certificates { get; } = [];

    /// <summary>Certificates more that the peer sends.</summary>
    public List<byte[]> Extra { get; } = [];

    /// <summary>The roots that are trusted, if not the last certificate.</summary>
    public List<byte[]>? Roots { get; set; }

    public Draft Leaf => Certificates[0];
    public Draft Root => Certificates[^1];

    /// <summary>The CA that issues the end entity's certificate: the root itself in a short chain.</summary>
    public Draft Issuer => Certificates[1];

    /// <summary>A good chain.</summary>
    public ChainDraft(string family, int intermediates, Random random)
    {
        var count = intermediates + 2;
        for (var i = 0; i < count; i++)
        {
            var isLeaf = i == 0;
            Certificates.Add(new()
            {
                Key = KeyPool.Get(family, i),
                Content = new()
                {
                    Subject = Identity.Parse(Name(i, count)), Issuer = Identity.Parse(Name(Math.Min(i + 1, count - 1), count)), PublicKey = KeyPool.Get(family, i).Key.Public,
                    SerialNumber = [0x10, (byte)random.Next(256), (byte)random.Next(256), (byte)i], NotBefore = Now.AddDays(-30 - i), NotAfter = Now.AddDays(30 + i),
                    IsCa = !isLeaf, AuthorityKeyId = i == count - 1 ? null : KeyPool.Get(family, i + 1).Key.Public.KeyId,
                    AltNames = isLeaf ? [Identity.Parse("peer.example.org")] : [],
                },
            });
        }
    }

    static string Name(int i, int count) => i == 0 ? "C=CH, O=Corpus, CN=peer.example.org" : i == count - 1 ? "C=CH, O=Corpus, CN=Root" : $"C=CH, O=Corpus, CN=CA {i}";

    /// <summary>The DER of all, the end entity first.</summary>
    public List<byte[]> Make() => [.. Certificates.Select((d, i) => Make(d, d.SignedBy ?? Certificates[Math.Min(i + 1, Certificates.Count - 1)].Key))];

    /// <summary>One certificate that the key signs.</summary>
    public static byte[] Make(Draft draft, Signer issuer)
    {
        var tbs = CertificateMaker.Tbs(draft.Content, issuer.Scheme);
        if (draft.Extensions.Count > 0) tbs = Replace(tbs, draft.Extensions);
        if (draft.Tbs is not null) tbs = draft.Tbs(tbs);
        var signature = new AsnWriter(AsnEncodingRules.DER);
        signature.WriteBitString(s_crypto.Sign(issuer.Key, issuer.Scheme, tbs));
        var whole = Sequence([tbs, Algorithm(CertificateMaker.Tbs(draft.Content, issuer.Scheme)), signature.Encode()]);
        return draft.Whole?.Invoke(whole) ?? whole;
    }

    /// <summary>By hand: a writer of DER would not write what is none.</summary>
    public static byte[] Sequence(IEnumerable<byte[]> parts)
    {
        byte[] content = [.. parts.SelectMany(p => p)];
        return content.Length < 128 ? [0x30, (byte)content.Length, .. content]
            : content.Length < 256 ? [0x30, 0x81, (byte)content.Length, .. content] : [0x30, 0x82, (byte)(content.Length >> 8), (byte)content.Length, .. content];
    }

    static byte[] Algorithm(byte[] tbs)
    {
        var reader = new AsnReader(tbs, AsnEncodingRules.DER).ReadSequence();
        reader.ReadEncodedValue();
        reader.ReadEncodedValue();
        return reader.ReadEncodedValue().ToArray();
    }

    static byte[] Replace(byte[] tbs, List<(string Oid, bool? IsCritical, byte[]? Value)> extensions)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true);
        var reader = new AsnReader(tbs, AsnEncodingRules.DER).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            List<byte[]> kept = [];
            while (reader.HasData)
            {
                if (reader.PeekTag() == tag)
                {
                    var list = reader.ReadSequence(tag).ReadSequence();
                    while (list.HasData)
                    {
                        var extension = list.ReadEncodedValue();
                        var oid = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence().ReadObjectIdentifier();
                        if (!extensions.Exists(e => e.Oid == oid)) kept.Add(extension.ToArray());
                    }
                }
                else writer.WriteEncodedValue(reader.ReadEncodedValue().Span);
            }
            using (writer.PushSequence(tag))
            using (writer.PushSequence())
            {
                foreach (var extension in kept) writer.WriteEncodedValue(extension);
                foreach (var (oid, isCritical, value) in extensions)
                {
                    if (value is null) continue;
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(oid);
                        if (isCritical is not false) writer.WriteBoolean(isCritical ?? false);
                        writer.WriteOctetString(value);
                    }
                }
            }
        }
        return writer.Encode();
    }
}
