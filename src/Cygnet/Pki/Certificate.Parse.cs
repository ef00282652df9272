// Strict DER parsing of a certificate. RFC 5280 4.1 and 4.2. Peers send these before they are authenticated.
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Pki;

public sealed partial class Certificate
{
    const int MaxBytes = 1 << 16, MaxNames = 1000;

    /// <summary>Parses DER or the first certificate of a PEM file. Null and a sentence why not for anything else; never an exception.</summary>
    public static Certificate? TryParse(ReadOnlySpan<byte> derOrPem, out string reason)
    {
        if (derOrPem is [0x30, ..]) return TryParseDer(derOrPem, out reason);
        if (!Pem.Looks(derOrPem))
        {
            reason = "neither DER nor PEM";
            return null;
        }
        if (Pem.Read(derOrPem, out reason) is not { } blocks) return null;
        if (blocks.FirstOrDefault(b => b.Label is "CERTIFICATE" or "X509 CERTIFICATE") is { } block) return TryParseDer(block.Content, out reason);
        reason = "no PEM block 'CERTIFICATE'";
        return null;
    }

    static Certificate? TryParseDer(ReadOnlySpan<byte> der, out string reason)
    {
        if (der.Length > MaxBytes)
        {
            reason = $"certificate of {der.Length} bytes; at most {MaxBytes} are taken";
            return null;
        }
        var certificate = new Certificate(der.ToArray());
        try
        {
            reason = certificate.Read() ?? "";
            return reason.Length == 0 ? certificate : null;
        }
        catch (AsnContentException e)
        {
            reason = $"malformed certificate: {e.Message}";
            return null;
        }
    }

    // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }
    string? Read()
    {
        var file = new AsnReader(Raw, AsnEncodingRules.DER);
        var outer = file.ReadSequence();
        if (file.HasData) return "malformed certificate: data follows it";
        Tbs = outer.PeekEncodedValue();
        var tbs = outer.ReadSequence();
        var algorithm = outer.PeekEncodedValue();
        if (SignatureAlgorithm.Read(outer, out var why) is not { } scheme) return why;
        SignatureScheme = scheme;
        Signature = ReadBits(outer);
        outer.ThrowIfNotEmpty();
        return ReadTbs(tbs, algorithm);
    }

    string? ReadTbs(AsnReader tbs, ReadOnlyMemory<byte> algorithm)
    {
        if (Tagged(tbs, 0) is { } version)
        {
            if (!version.TryReadInt32(out var v) || v is not (1 or 2)) return "certificate version is not 1, 2 or 3";
            version.ThrowIfNotEmpty();
            Version = v + 1;
        }
        SerialNumber = tbs.ReadIntegerBytes().ToArray();
        // Two algorithm fields that differ are an old way to cheat: RFC 5280 4.1.1.2.
        if (!tbs.ReadEncodedValue().Span.SequenceEqual(algorithm.Span)) return "signature algorithms inside and outside the signed part differ";
        if (!Identity.TryFromDistinguishedName(tbs.ReadEncodedValue().Span, out var issuer)) return "malformed issuer name";
        Issuer = issuer;
        var validity = tbs.ReadSequence();
        NotBefore = ReadTime(validity);
        NotAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        if (!Identity.TryFromDistinguishedName(tbs.ReadEncodedValue().Span, out var subject)) return "malformed subject name";
        Subject = subject;
        var key = tbs.ReadEncodedValue();
        if (PublicKey.FromSubjectPublicKeyInfo(key.Span, out var why) is not { } publicKey) return why ?? "public key is not supported";
        PublicKey = publicKey;
        KeyHash = SHA1.HashData(key.Span);
        SkipUniqueId(tbs, 1);
        SkipUniqueId(tbs, 2);
        if (Tagged(tbs, 3) is { } extensions)
        {
            if (Version != 3) return "extensions in a certificate that is not version 3";
            if (ReadExtensions(extensions.ReadSequence()) is { } refused) return refused;
            extensions.ThrowIfNotEmpty();
        }
        tbs.ThrowIfNotEmpty();
        return null;
    }

    static void SkipUniqueId(AsnReader tbs, int number)
    {
        if (tbs.HasData && tbs.PeekTag() is { TagClass: TagClass.ContextSpecific } tag && tag.TagValue == number) tbs.ReadEncodedValue();
    }

    static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    static byte[] ReadBits(AsnReader reader)
    {
        var bits = reader.ReadBitString(out var unused);
        return unused == 0 ? bits : throw new AsnContentException("bit string is not whole bytes");
    }

    /// <summary>Enters a constructed context-specific tag if it is next.</summary>
    internal static AsnReader? Tagged(AsnReader reader, int number)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, number, isConstructed: true);
        return reader.HasData && reader.PeekTag() == tag ? reader.ReadSequence(tag) : null;
    }

    /// <summary>Reads GeneralNames, RFC 5280 4.2.1.6. A name of a form that IKE does not compare is kept whole as GeneralName.</summary>
    internal static bool TryReadGeneralName(AsnReader names, [NotNullWhen(true)] out Identity? name)
    {
        name = null;
        var tag = names.PeekTag();
        var whole = names.ReadEncodedValue();
        AsnDecoder.ReadEncodedValue(whole.Span, AsnEncodingRules.DER, out var offset, out var length, out _);
        var content = whole.Span.Slice(offset, length);
        if (tag.TagClass != TagClass.ContextSpecific) return false;
        switch (tag.TagValue)
        {
            case 1: return Identity.TryFromWire(3, content, out name);
            case 2: return Identity.TryFromWire(2, content, out name);
            case 4: return Identity.TryFromDistinguishedName(content, out name);
            case 7: return Identity.TryFromWire(content.Length == 16 ? (byte)5 : (byte)1, content, out name);
            default: return Identity.TryFromWire(10, whole.Span, out name);
        }
    }
}
