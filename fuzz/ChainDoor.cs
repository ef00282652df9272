// Certification paths: certificates that a peer sends, with all that their extensions demand of each other. Every signature counts as good here, so
// that mutants come past it. RFC 5280 6.1, RFC 3779.
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Auth;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using static Cygnet.Tests.Pki.TestExtensions;

namespace Cygnet.Fuzz;

static class ChainDoor
{
    // Whose names are these, whose policies, whose addresses: end entity, CA and root one after another, as DER.
    public static Target Target()
    {
        var anchor = new TestAuthority("root", extensions: [Policies("1.2.3", AnyPolicy), Blocks([10], [192, 168])]);
        List<byte[]> corpus = [];
        foreach (var extensions in new X509Extension[][]
        {
            [Policies("1.2.3"), Mappings(("1.2.3", "1.2.4")), PolicyConstraints(0, 1), InhibitAny(0), Blocks([10, 1])],
            [Policies(AnyPolicy), Names(0, 0x82, "example.org"u8), Blocks(null)], [Names(1, 0x86, ".example.org"u8), Names(0, 0x87, [10, 0, 0, 0, 255, 0, 0, 0]), Blocks([10])],
            [Names(0, 0xa4, new X500DistinguishedName("C=CH, O=x").RawData), Names(1, 0x81, "joe@example.org"u8), Blocks([10])],
        })
        {
            var ca = new TestAuthority("ca", anchor, pathLength: 1, extensions: [.. extensions.DistinctBy(e => e.Oid!.Value)]);
            var leaf = ca.Leaf("leaf", Policies("1.2.4", "1.2.3"), Blocks([10, 1, 2]), TestAuthority.Names(n =>
            {
                n.AddDnsName("a.example.org");
                n.AddEmailAddress("joe@example.org");
                n.AddUri(new("http://user@www.example.org:80/x"));
                n.AddIpAddress(System.Net.IPAddress.Parse("10.1.2.3"));
            }));
            corpus.Add([.. leaf.Certificate.Raw, .. ca.Certificate.Raw]);
            corpus.Add([.. leaf.Certificate.Raw, .. ca.Certificate.Raw, .. ca.CrossSignedBy(ca).Raw, .. anchor.Certificate.Raw]);
        }
        return new("chain", corpus,
        [
            [0x55, 0x1d, 0x1e], [0x55, 0x1d, 0x20], [0x55, 0x1d, 0x21], [0x55, 0x1d, 0x24], [0x55, 0x1d, 0x36], [0x55, 0x1d, 0x20, 0], [0x2b, 6, 1, 5, 5, 7, 1, 7], [0x30, 0], [0x05, 0], [0x80, 1, 0], [0x81, 1, 0], [0xa0, 0],
            [0x82, 0], [0x86, 3, (byte)':', (byte)'/', (byte)'/'], [0x87, 8], [3, 1, 0], [2, 1, 0xff], [1, 1, 0xff], [0x1e, 2, 0, 0x41],
        ], input => Judge(anchor.Certificate, input));
    }

    static X509Extension Names(int list, byte form, ReadOnlySpan<byte> content)
    {
        byte[] name = [form, (byte)content.Length, .. content];
        return Of("2.5.29.30", true, w =>
        {
            using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, list)))
            using (w.PushSequence()) w.WriteEncodedValue(name);
        });
    }

    static int Length(ReadOnlySpan<byte> rest)
    {
        try
        {
            return AsnDecoder.TryReadEncodedValue(rest, AsnEncodingRules.BER, out _, out _, out _, out var whole) ? whole : rest.Length;
        }
        catch (AsnContentException)
        {
            // a length beyond 2 GB: for all its name, it throws
            return rest.Length;
        }
    }

    static string Judge(Certificate anchor, byte[] input)
    {
        List<Certificate> read = [];
        List<string> said = [];
        for (var rest = input.AsSpan(); rest.Length > 0 && read.Count + said.Count < 8;)
        {
            var whole = Length(rest);
            if (Certificate.TryParse(rest[..whole], out var why) is { } certificate) read.Add(certificate);
            else said.Add(why);
            rest = rest[whole..];
        }
        if (read.Count == 0) return string.Join('\n', said);
        var lines = new CertificateLines(TextWriter.Null, TestAuthority.Now, utc: true, new Gullible());
        foreach (var certificate in read) lines.Write(certificate);
        var store = new CredentialStoreBuilder().Add(anchor).Build();
        foreach (var round in new AuthRound[] { new(), new() { CertPolicies = ["1.2.3"], CaId = Identity.Parse("CN=ca") } })
        {
            var chain = new TrustChain(new Gullible(), [anchor], read, TestAuthority.Now, SilentStatus.Instance);
            var result = chain.Validate(read[0]);
            if (result.Key is not null && result.Chain.Any(c => c.UnknownCriticalExtensions.Count > 0)) throw new Fault("a critical extension was passed over");
            if (result.Key is not null && result.Chain.Skip(1).Any(c => !c.CanIssue)) throw new Fault("a certificate was issued by what is no CA");
            said.Add(result.Reason ?? $"good: {result.Chain.Count} {string.Join(' ', result.Policies)} {string.Join(' ', result.AddressBlocks ?? [])}");
            said.AddRange(store.Trust(new Gullible(), read[0].Subject, [.. read.Select(r => r.Raw)], round, TestAuthority.Now).Select(r => r.Reason ?? "trusted"));
        }
        return string.Join('\n', said);
    }

    /// <summary>Text and DER of distinguished names: what is parsed can be printed and compared.</summary>
    public static Target Names() => new("dn",
        [.. new[] { "C=CH, O=strong, CN=moon", "/C=CH/O=x/OU=y/CN=*", "CN=a, E=joe@example.org, UID=5, DC=org", "CN=\u00e4\u00f6, O=x  y", "serialNumber=1, postalCode=2" }.Select(System.Text.Encoding.UTF8.GetBytes),
            Identity.Parse("C=CH, O=strong, CN=moon").Encoded, new X500DistinguishedName("C=CH, O=\u00e4, CN=a+OU=b").RawData],
        [.. "C=,O=,CN=,OU=,E=,/,\\,,#,*,=,DC=,UID=,  ,\"".Split(',').Where(w => w.Length > 0).Select(System.Text.Encoding.UTF8.GetBytes), [0x0c, 0], [0x1e, 2, 0, 0x41], [0x31, 0], [0x30, 0], [0x14, 1, 0xe4]],
        input =>
        {
            var text = System.Text.Encoding.UTF8.GetString(input);
            if (DistinguishedName.TryParse(text, out var der))
            {
                if (!DistinguishedName.IsValid(der)) throw new Fault("a name that was parsed is none");
                if (DistinguishedName.Covers(der, der) != true || !DistinguishedName.Equal(der, der)) throw new Fault("a name is not itself");
                return DistinguishedName.Format(der);
            }
            if (!DistinguishedName.IsValid(input)) return "no name";
            if (DistinguishedName.Covers(input, input) != true || DistinguishedName.Match(input, input) == 0) throw new Fault("a name is not itself");
            return $"{DistinguishedName.Format(input)} {DistinguishedName.MailAddresses(input).Count()} {DistinguishedName.HasWildcards(input)}";
        });

    // Says of every signature that it is good.
    sealed class Gullible : ICryptoDoor
    {
        public bool Supports(ushort keMethod) => false;

        public int Cost(ushort keMethod) => 0;

        public KeyExchangeStart Start(ushort keMethod) => throw new NotSupportedException();

        public KeyExchangeResult? Respond(ushort keMethod, ReadOnlySpan<byte> peerPublic) => null;

        public byte[] Sign(PrivateKey key, SignatureScheme scheme, ReadOnlySpan<byte> data) => [];

        public bool Verify(Crypto.PublicKey key, SignatureScheme scheme, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => true;
    }
}
