// Certificates, attribute certificates, CRLs, OCSP responses and keys as members of a JSON object, for scripts.
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Command.Reports;

/// <summary>Names are those of the text, times ISO 8601 in UTC, bytes hex pairs as in the text; "pem" has the whole of it.</summary>
static class CertificateJson
{
    public static void Write(Utf8JsonWriter to, Certificate c)
    {
        to.WriteString("subject", $"{c.Subject}");
        to.WriteString("issuer", $"{c.Issuer}");
        Time(to, "not-before", c.NotBefore);
        Time(to, "not-after", c.NotAfter);
        to.WriteString("serial", Identity.ToHexPairs(c.SerialNumber));
        Json.Strings(to, "alt-names", c.SubjectAltNames.Select(n => $"{n}"));
        to.WriteBoolean("ca", c.IsCa);
        if (c.PathLength is { } length) to.WriteNumber("pathlen", length);
        Json.Strings(to, "extended-key-usages", c.ExtendedKeyUsages);
        Json.Strings(to, "crl-uris", c.CrlLocations.Select(l => l.Uri));
        Json.Strings(to, "ocsp-uris", c.OcspUris);
        if (c.AuthorityKeyId is { } authority) to.WriteString("authkeyid", Identity.ToHexPairs(authority));
        Key(to, c.PublicKey);
        to.WriteString("pem", PemEncoding.WriteString("CERTIFICATE", c.Raw));
    }

    public static void Write(Utf8JsonWriter to, AttributeCertificate ac)
    {
        if (ac.HolderName is { } holder) to.WriteString("subject", $"{holder}");
        to.WriteString("issuer", $"{ac.Issuer}");
        Time(to, "not-before", ac.NotBefore);
        Time(to, "not-after", ac.NotAfter);
        to.WriteString("serial", Identity.ToHexPairs(ac.SerialNumber));
        if (ac.HolderIssuer is { } issuer) to.WriteString("hissuer", $"{issuer}");
        if (ac.HolderSerialNumber is { } serial) to.WriteString("hserial", Identity.ToHexPairs(serial));
        Json.Strings(to, "groups", ac.Groups.Select(g => g.Value));
        if (ac.AuthorityKeyId is { } authority) to.WriteString("authkeyid", Identity.ToHexPairs(authority));
    }

    public static void Write(Utf8JsonWriter to, Crl crl)
    {
        to.WriteString("issuer", $"{crl.Issuer}");
        Time(to, "this-update", crl.ThisUpdate);
        Time(to, "next-update", crl.NextUpdate);
        to.WriteString("serial", Identity.ToHexPairs(crl.Number));
        if (crl.BaseNumber is { } number) to.WriteString("base-serial", Identity.ToHexPairs(number));
        if (crl.AuthorityKeyId is { } authority) to.WriteString("authkeyid", Identity.ToHexPairs(authority));
        Json.Strings(to, "freshest-uris", crl.FreshestLocations.Select(l => l.Uri));
        to.WriteStartArray("revoked");
        foreach (var entry in crl.Revoked)
        {
            to.WriteStartObject();
            to.WriteString("serial", Identity.ToHexPairs(entry.SerialNumber));
            Time(to, "date", entry.Date);
            to.WriteString("reason", CertificateLines.Word(entry.Reason));
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter to, OcspResponse response)
    {
        to.WriteString("issuer", $"{response.Responder}");
        Time(to, "this-update", response.ProducedAt);
        Time(to, "next-update", response.Expires);
        to.WriteStartArray("responses");
        foreach (var single in response.Singles)
        {
            to.WriteStartObject();
            to.WriteString("serial", Identity.ToHexPairs(single.CertId.SerialNumber));
            to.WriteString("status", single.Status.ToString().ToLowerInvariant());
            if (single.Status == OcspStatus.Revoked)
            {
                Time(to, "date", single.RevokedAt);
                to.WriteString("reason", CertificateLines.Word(single.Reason));
            }
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }

    public static void Key(Utf8JsonWriter to, PublicKey key)
    {
        to.WriteString("key-type", key.Kind.ToString().ToUpperInvariant());
        to.WriteNumber("key-bits", key.Bits);
        to.WriteString("keyid", Identity.ToHexPairs(SHA1.HashData(key.SubjectPublicKeyInfo)));
        to.WriteString("subjkey", Identity.ToHexPairs(key.KeyId));
    }

    public static void Time(Utf8JsonWriter to, string name, DateTimeOffset? time)
    {
        if (time is { } t) to.WriteString(name, t.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }
}
