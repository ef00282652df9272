// The words for types and flags of certificates, those of older clients included.
using Cygnet.Auth;

namespace Cygnet.Control;

/// <summary>Types of the protocol; of <c>Other</c> ones there are never any.</summary>
enum CertificateType { Any, X509, X509Crl, OcspResponse, X509Ac, PublicKey, Other }

static class CertificateWords
{
    /// <summary>Reads a type; the words of older clients imply a flag. False for any other word.</summary>
    public static bool TryType(string word, out CertificateType type, out CertificateFlags? flag)
    {
        (CertificateType, CertificateFlags?)? found = word.ToLowerInvariant() switch
        {
            "any" => (CertificateType.Any, null),
            // Type and old word are the same; a flag given besides wins.
            "x509" => (CertificateType.X509, null),
            "x509ca" => (CertificateType.X509, CertificateFlags.Ca),
            "x509aa" => (CertificateType.X509, CertificateFlags.Aa),
            "x509ocsp" => (CertificateType.X509, CertificateFlags.Ocsp),
            "x509_ac" or "x509ac" => (CertificateType.X509Ac, null),
            "x509_crl" or "x509crl" => (CertificateType.X509Crl, null),
            "ocsp_response" => (CertificateType.OcspResponse, null),
            "pubkey" => (CertificateType.PublicKey, null),
            "pgp" or "ocsp_request" or "pkcs10_request" => (CertificateType.Other, null),
            _ => null,
        };
        (type, flag) = found ?? default;
        return found is not null;
    }

    /// <summary>Reads a flag; null stands for ANY.</summary>
    public static bool TryFlag(string word, out CertificateFlags? flag)
    {
        flag = word.ToUpperInvariant() switch
        {
            "NONE" => CertificateFlags.None,
            "CA" => CertificateFlags.Ca,
            "AA" => CertificateFlags.Aa,
            "OCSP" => CertificateFlags.Ocsp,
            _ => null,
        };
        return flag is not null || word.Equals("any", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What the certificate is listed under; trust is another matter.</summary>
    public static CertificateFlags Kind(CertificateFlags flags) => flags switch
    {
        var f when f.HasFlag(CertificateFlags.Ca) => CertificateFlags.Ca,
        var f when f.HasFlag(CertificateFlags.Aa) => CertificateFlags.Aa,
        var f when f.HasFlag(CertificateFlags.Ocsp) => CertificateFlags.Ocsp,
        _ => CertificateFlags.None,
    };

    public static string Word(CertificateFlags kind) => kind.ToString().ToUpperInvariant();
}
