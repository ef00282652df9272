// Parsing attribute certificates: one of Debian's pki, those that we make with anything in them, and damaged ones. RFC 5755.
using System.Formats.Asn1;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Make;
using Cygnet.Policy;

namespace Cygnet.Tests.Pki;

public sealed class AttributeCertificateTests
{
    static readonly SystemCrypto s_crypto = new();

    static AttributeCertificate Parse(ReadOnlySpan<byte> bytes)
    {
        var certificate = AttributeCertificate.TryParse(bytes, out var reason);
        Assert.Equal("", reason);
        return certificate!;
    }

    static AttributeCertificate Theirs => Parse(Encoding.ASCII.GetBytes(Fixtures.Attributes));

    [Fact]
    public void ReadsWhatPkiIssued()
    {
        var (ac, holder, authority) = (Theirs, CertificateTests.Parse(Fixtures.Holder), CertificateTests.Parse(Fixtures.AttributeAuthority));
        Assert.Equal("C=CH, O=Cygnet Test, CN=carol", ac.HolderName!.ToString());
        Assert.Equal("C=CH, O=Cygnet Test, CN=Holders", ac.HolderIssuer!.ToString());
        Assert.Equal([0x7f, 0x01], ac.HolderSerialNumber);
        Assert.Equal("C=CH, O=Cygnet Test, CN=Attribute Authority", ac.Issuer.ToString());
        Assert.Equal([0x07, 0x05], ac.SerialNumber);
        Assert.Equal((new DateTime(2020, 1, 1), new DateTime(2049, 1, 1)), (ac.NotBefore.UtcDateTime, ac.NotAfter.UtcDateTime));
        Assert.Equal([new(GroupForm.Text, "sales"), new(GroupForm.Text, "finance")], ac.Groups);
        Assert.Equal(authority.PublicKey.KeyId, ac.AuthorityKeyId);
        Assert.True(ac.HasNoRevocation);
        Assert.Empty(ac.UnknownCriticalExtensions);
        Assert.True(ac.IsHeldBy(holder));
        Assert.True(ac.NamesAsIssuer(authority));
        Assert.True(ac.IsSignedBy(authority, s_crypto));
        Assert.False(ac.IsHeldBy(authority));
        Assert.False(ac.NamesAsIssuer(holder));
        Assert.False(ac.IsSignedBy(holder, s_crypto));
    }

    [Fact]
    public void ReadsEveryFormOfGroupAndOfHolder()
    {
        var ac = Parse(Build(groups: w =>
        {
            using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) w.WriteOctetString("policy"u8, new Asn1Tag(TagClass.ContextSpecific, 6));
            using (w.PushSequence())
            {
                w.WriteOctetString([0x0a, 0xff]);
                w.WriteObjectIdentifier("1.2.3.4");
                w.WriteCharacterString(UniversalTagNumber.UTF8String, "müllers");
            }
        }));
        Assert.Equal([new(GroupForm.Octets, "0a:ff"), new(GroupForm.Oid, "1.2.3.4"), new(GroupForm.Text, "müllers")], ac.Groups);
        var holder = CertificateTests.Parse(Fixtures.Holder);
        Assert.True(Parse(Build(holder: w => Name(w, 1, holder.Subject))).IsHeldBy(holder));
        Assert.True(Parse(Build(holder: w => Name(w, 1, Identity.Parse("carol@example.org")))).IsHeldBy(holder));
        Assert.False(Parse(Build(holder: w => Name(w, 1, Identity.Parse("dave@example.org")))).IsHeldBy(holder));
        Assert.False(Parse(Build(holder: w => { })).IsHeldBy(holder));
        Assert.False(Parse(Build(holder: w => { using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2))) w.WriteNull(); })).IsHeldBy(holder));
        // every way in which the holder is named has to fit
        Assert.False(Parse(Build(holder: w =>
        {
            Base(w, holder.Issuer, [0x7f, 0x01]);
            Name(w, 1, Identity.Parse("CN=dave"));
        })).IsHeldBy(holder));
        Assert.True(Parse(Build(holder: w => Base(w, holder.Issuer, [0x7f, 0x01]))).IsHeldBy(holder));
        Assert.False(Parse(Build(holder: w => Base(w, holder.Issuer, [0x7f, 0x02]))).IsHeldBy(holder));
        Assert.False(Parse(Build(holder: w => Base(w, Identity.Parse("CN=other"), [0x7f, 0x01]))).IsHeldBy(holder));
    }

    [Fact]
    public void TellsCriticalExtensionsAndWhatMayBeRevoked()
    {
        var ac = Parse(Build(extensions: w =>
        {
            Extension(w, "2.5.29.55", true);
            Extension(w, "1.2.3", false);
        }));
        Assert.Equal(["2.5.29.55"], ac.UnknownCriticalExtensions);
        Assert.False(ac.HasNoRevocation);
        Assert.Null(ac.AuthorityKeyId);
    }

    [Fact]
    public void RefusesWithAReason()
    {
        var der = Theirs.Raw;
        Assert.Equal("neither DER nor PEM", Reason([]));
        Assert.Equal("no PEM block 'ATTRIBUTE CERTIFICATE'", Reason(Encoding.ASCII.GetBytes(Fixtures.Holder)));
        Assert.StartsWith("malformed attribute certificate: ", Reason([.. der, 0]));
        Assert.Equal("attribute certificate version is not 2", Reason(CertificateTests.Parse(Fixtures.Holder).Raw));
        Assert.Equal("attribute certificate version is not 2", Reason(Build(version: 0)));
        Assert.Equal("the issuer of the attribute certificate is no distinguished name", Reason(Build(issuer: w => GeneralNames.Write(w, Identity.Parse("aa.example")))));
        Assert.Equal("the issuer of the attribute certificate is no distinguished name", Reason(Build(issuer: w => { })));
        Assert.Equal("signature algorithms inside and outside the signed part differ", Reason(Build(scheme: SignatureScheme.Ed448)));
        Assert.Equal("more than 1000 groups", Reason(Build(groups: w =>
        {
            using (w.PushSequence())
                for (var i = 0; i < 1001; i++) w.WriteObjectIdentifier("1.2.3");
        })));
        Assert.StartsWith("malformed attribute certificate: extension 2.5.29.56 occurs twice", Reason(Build(extensions: w =>
        {
            Extension(w, "2.5.29.56", false);
            Extension(w, "2.5.29.56", false);
        })));
        Assert.Contains("at most 65536", Reason([0x30, .. new byte[70_000]]));
    }

    [Fact]
    public void DamagedOnesGiveACertificateOrAReason()
    {
        var random = new Random(12);
        byte[][] seeds = [Theirs.Raw, Build(groups: w => { using (w.PushSequence()) w.WriteOctetString([1]); }, extensions: w => Extension(w, "2.5.29.55", true))];
        var refused = 0;
        foreach (var seed in seeds)
        {
            for (var i = 0; i < 20_000; i++)
            {
                var bytes = seed.ToArray();
                for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                if (random.Next(8) == 0) bytes = bytes[..random.Next(bytes.Length)];
                var ac = AttributeCertificate.TryParse(bytes, out var reason);
                Assert.Equal(ac is null, reason.Length > 0);
                if (ac is null) refused++;
            }
        }
        Assert.InRange(refused, 1, 2 * 20_000 - 1);
    }

    [Fact]
    public void NoChangedByteOfTheSignedPartPasses()
    {
        var (der, authority) = (Theirs.Raw, CertificateTests.Parse(Fixtures.AttributeAuthority));
        for (var at = 0; at < der.Length; at++)
        {
            var bytes = der.ToArray();
            bytes[at] ^= 1;
            Assert.False(AttributeCertificate.TryParse(bytes, out _)?.IsSignedBy(authority, s_crypto) ?? false, $"byte {at}");
        }
    }

    static string Reason(ReadOnlySpan<byte> bytes)
    {
        Assert.Null(AttributeCertificate.TryParse(bytes, out var reason));
        return reason;
    }

    // One with anything in it; its signature is of no worth.
    static byte[] Build(int version = 1, Action<AsnWriter>? holder = null, Action<AsnWriter>? issuer = null, Action<AsnWriter>? groups = null, Action<AsnWriter>? extensions = null,
        SignatureScheme scheme = SignatureScheme.Ed25519)
    {
        var w = new AsnWriter(AsnEncodingRules.DER);
        using (w.PushSequence())
        {
            using (w.PushSequence())
            {
                w.WriteInteger(version);
                using (w.PushSequence()) (holder ?? (x => Name(x, 1, Identity.Parse("CN=carol"))))(w);
                using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                using (w.PushSequence()) (issuer ?? (x => GeneralNames.Write(x, Identity.Parse("CN=aa"))))(w);
                w.WriteEncodedValue(SignatureAlgorithm.Encode(scheme));
                w.WriteInteger(7);
                using (w.PushSequence())
                {
                    w.WriteGeneralizedTime(TestAuthority.Now.AddDays(-1), omitFractionalSeconds: true);
                    w.WriteGeneralizedTime(TestAuthority.Now.AddDays(1), omitFractionalSeconds: true);
                }
                using (w.PushSequence())
                {
                    if (groups is not null)
                    {
                        using (w.PushSequence())
                        {
                            w.WriteObjectIdentifier(Oids.Groups);
                            using (w.PushSetOf())
                            using (w.PushSequence()) groups(w);
                        }
                    }
                }
                if (extensions is not null)
                    using (w.PushSequence()) extensions(w);
            }
            w.WriteEncodedValue(SignatureAlgorithm.Encode(SignatureScheme.Ed25519));
            w.WriteBitString(new byte[64]);
        }
        return w.Encode();
    }

    static void Name(AsnWriter w, int tag, Identity name)
    {
        using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, tag))) GeneralNames.Write(w, name);
    }

    static void Base(AsnWriter w, Identity issuer, byte[] serial)
    {
        using (w.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        {
            using (w.PushSequence()) GeneralNames.Write(w, issuer);
            w.WriteIntegerUnsigned(serial);
        }
    }

    static void Extension(AsnWriter w, string oid, bool isCritical)
    {
        using (w.PushSequence())
        {
            w.WriteObjectIdentifier(oid);
            if (isCritical) w.WriteBoolean(true);
            w.WriteOctetString([5, 0]);
        }
    }
}
