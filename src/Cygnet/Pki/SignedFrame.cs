// What CRLs, attribute certificates and requests have in common: something, an algorithm, a signature. RFC 5280 5.1.1, RFC 5755 4.1, RFC 2986 4.2.
using System.Formats.Asn1;
using Cygnet.Crypto;

namespace Cygnet.Pki;

/// <summary>
/// SEQUENCE { toBeSigned, signatureAlgorithm, signatureValue BIT STRING }. <paramref name="Signed"/> are the octets that the signature is over,
/// <paramref name="Body"/> reads what is in them, <paramref name="Algorithm"/> is the encoded algorithm, which may have to stand inside a second time.
/// </summary>
readonly record struct SignedFrame(ReadOnlyMemory<byte> Signed, AsnReader Body, ReadOnlyMemory<byte> Algorithm, SignatureScheme Scheme, byte[] Signature)
{
    /// <summary>Null and a sentence if the algorithm is not supported or the signature is no whole bytes.</summary>
    /// <exception cref="AsnContentException">It is no such thing, or something follows.</exception>
    public static SignedFrame? Read(byte[] der, string what, out string? reason)
    {
        var file = new AsnReader(der, AsnEncodingRules.DER);
        var outer = file.ReadSequence();
        file.ThrowIfNotEmpty();
        var signed = outer.PeekEncodedValue();
        var body = outer.ReadSequence();
        var algorithm = outer.PeekEncodedValue();
        if (SignatureAlgorithm.Read(outer, out reason) is not { } scheme) return null;
        var signature = outer.ReadBitString(out var unused);
        outer.ThrowIfNotEmpty();
        reason = unused == 0 ? null : $"malformed {what}: the signature has unused bits";
        return unused == 0 ? new(signed, body, algorithm, scheme, signature) : null;
    }

    /// <summary>
    /// DER, or the first PEM block of one of the labels, as <paramref name="make"/> makes it and <paramref name="read"/> fills it. Null and a sentence why
    /// not, in which <paramref name="what"/> names the thing; never an exception.
    /// </summary>
    public static T? TryParse<T>(ReadOnlySpan<byte> derOrPem, string what, string[] labels, int maxBytes, Func<byte[], T> make, Func<T, string?> read, out string reason)
        where T : class
    {
        if (Pem.FirstOf(derOrPem, labels, out reason) is not { } der) return null;
        if (der.Length > maxBytes)
        {
            reason = $"{what} of {der.Length} bytes; at most {maxBytes} are taken";
            return null;
        }
        var made = make(der);
        try
        {
            reason = read(made) ?? "";
        }
        catch (AsnContentException e)
        {
            reason = $"malformed {what}: {e.Message}";
        }
        return reason.Length == 0 ? made : null;
    }
}
