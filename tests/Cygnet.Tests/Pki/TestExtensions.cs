// Extensions of certificates for tests, encoded here and not by the code under test. RFC 5280 4.2.1, RFC 3779 2.2.
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Cygnet.Tests.Pki;

static class TestExtensions
{
    public const string AnyPolicy = "2.5.29.32.0";

    public static X509Extension Of(string oid, bool isCritical, Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) write(writer);
        return new(oid, writer.Encode(), isCritical);
    }

    public static X509Extension Policies(params string[] oids) => Of("2.5.29.32", false, w =>
    {
        foreach (var oid in oids)
            using (w.PushSequence()) w.WriteObjectIdentifier(oid);
    });

    public static X509Extension Mappings(params (string Issuer, string Subject)[] pairs) => Of("2.5.29.33", true, w =>
    {
        foreach (var (issuer, subject) in pairs)
        {
            using (w.PushSequence())
            {
                w.WriteObjectIdentifier(issuer);
                w.WriteObjectIdentifier(subject);
            }
        }
    });

    public static X509Extension PolicyConstraints(int? requireExplicit = null, int? inhibitMapping = null) => Of("2.5.29.36", true, w =>
    {
        if (requireExplicit is { } r) w.WriteInteger(r, new Asn1Tag(TagClass.ContextSpecific, 0));
        if (inhibitMapping is { } i) w.WriteInteger(i, new Asn1Tag(TagClass.ContextSpecific, 1));
    });

    public static X509Extension InhibitAny(int skip)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteInteger(skip);
        return new("2.5.29.54", writer.Encode(), critical: true);
    }

    /// <summary>IPv4 blocks: the bytes of prefixes; null inherits.</summary>
    public static X509Extension Blocks(params byte[][]? prefixes) => Of("1.3.6.1.5.5.7.1.7", true, w =>
    {
        using (w.PushSequence())
        {
            w.WriteOctetString([0, 1]);
            if (prefixes is null) w.WriteNull();
            else
                using (w.PushSequence())
                    foreach (var prefix in prefixes) w.WriteBitString(prefix);
        }
    });
}
