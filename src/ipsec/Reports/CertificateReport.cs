// Certificates, attribute certificates, CRLs, OCSP responses and raw keys that the daemon has, in the sections of the list commands. ipsec(8).
using System.Globalization;
using System.Text.Json;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Command.Reports;

/// <summary>A section of credentials: its caption, and what the daemon is asked for.</summary>
sealed record CertificateSection(string Caption, string Type, string? Flag = null)
{
    public static readonly CertificateSection
        PublicKeys = new("Raw Public Keys", "PUBKEY"),
        EndEntities = new("X.509 End Entity Certificates", "X509", "NONE"),
        Authorities = new("X.509 CA Certificates", "X509", "CA"),
        OcspSigners = new("X.509 OCSP Signer Certificates", "X509", "OCSP"),
        AttributeAuthorities = new("X.509 AA Certificates", "X509", "AA"),
        AttributeCertificates = new("X.509 Attribute Certificates", "X509_AC"),
        Crls = new("X.509 CRLs", "X509_CRL"),
        OcspResponses = new("OCSP Responses", "OCSP_RESPONSE");
}

/// <summary>The credentials of one section; without any, nothing is printed.</summary>
sealed class CertificateReport : Report
{
    readonly CertificateSection _section;
    readonly DateTimeOffset _now;
    readonly bool _utc;
    readonly List<Item> _items = [];

    static readonly SystemCrypto s_crypto = new();

    /// <summary>One credential; parsed by its type.</summary>
    sealed record Item(object Credential, Identity? Issuer, ViciSection Message)
    {
        public bool HasPrivateKey => Message.Boolean("has_privkey");
    }

    /// <summary>Asks the daemon. Times are shown as the offset of <paramref name="now"/> says, or in UTC; what cannot be read is complained of.</summary>
    public CertificateReport(IVici charon, CertificateSection section, DateTimeOffset now, bool utc, TextWriter complaints)
    {
        (_section, _now, _utc) = (section, now, utc);
        var request = new ViciSection().Add("type", section.Type).Add("flag", section.Flag).Add("x-ext", "yes");
        List<byte[]> parts = [];
        charon.Call("list-certs", request, "list-cert", message =>
        {
            // What is longer than a value may be comes in parts, and what is longer than a message in several.
            parts.AddRange(message.Bytes("data") is { } whole ? [whole] : message.Lists.Where(l => l.Name == "data").SelectMany(l => l.Items));
            if (message.Boolean("more")) return;
            byte[] data = parts is [var only] ? only : [.. parts.SelectMany(p => p)];
            parts.Clear();
            if (Read(message, data, out var reason) is { } item) Insert(item);
            else complaints.Write($"one of the {section.Caption} cannot be shown: {reason}\n");
        });
    }

    Item? Read(ViciSection message, byte[] data, out string reason)
    {
        switch (_section.Type)
        {
            case "X509": return Certificate.TryParse(data, out reason) is { } certificate ? new(certificate, certificate.Issuer, message) : null;
            case "X509_CRL": return Crl.TryParse(data, out reason) is { } crl ? new(crl, crl.Issuer, message) : null;
            case "OCSP_RESPONSE": return OcspResponse.TryParse(data, out reason) is { } response ? new(response, response.Responder, message) : null;
            case "X509_AC": return AttributeCertificate.TryParse(data, out reason) is { } attributes ? new(attributes, attributes.Issuer, message) : null;
            case "PUBKEY":
                var key = PublicKey.FromSubjectPublicKeyInfo(data, out var why);
                reason = why ?? "";
                return key is null ? null : new(key, null, message);
            default:
                reason = $"this version does not read type {_section.Type}";
                return null;
        }
    }

    // Those of one issuer stand together, where the first of them came.
    void Insert(Item item)
    {
        var last = item.Issuer is null ? -1 : _items.FindIndex(i => item.Issuer.Equals(i.Issuer));
        while (last >= 0 && last + 1 < _items.Count && item.Issuer!.Equals(_items[last + 1].Issuer)) last++;
        _items.Insert(last < 0 ? _items.Count : last + 1, item);
    }

    public override void Write(TextWriter to)
    {
        if (_items.Count > 0) to.Write($"\nList of {_section.Caption}\n");
        var lines = new CertificateLines(to, _now, _utc, s_crypto);
        foreach (var item in _items)
        {
            to.Write('\n');
            switch (item.Credential)
            {
                case Certificate certificate: lines.Write(certificate, item.HasPrivateKey); break;
                case AttributeCertificate attributes: lines.Write(attributes); break;
                case OcspResponse response: lines.Write(response); break;
                case Crl crl:
                    lines.Write(crl);
                    lines.WriteRevoked(crl);
                    break;
                case PublicKey key: lines.Write(key, item.Message.Utf8("subject"), Time(item, "not-before"), Time(item, "not-after"), item.HasPrivateKey); break;
            }
        }
    }

    public override void Write(Utf8JsonWriter to)
    {
        to.WriteStartArray();
        foreach (var item in _items)
        {
            to.WriteStartObject();
            to.WriteString("type", _section.Type);
            if (_section.Flag is not null) to.WriteString("flag", _section.Flag);
            switch (item.Credential)
            {
                case Certificate certificate: CertificateJson.Write(to, certificate); break;
                case AttributeCertificate attributes: CertificateJson.Write(to, attributes); break;
                case OcspResponse response: CertificateJson.Write(to, response); break;
                case Crl crl: CertificateJson.Write(to, crl); break;
                case PublicKey key:
                    if (item.Message.Utf8("subject") is { } subject) to.WriteString("subject", subject);
                    CertificateJson.Time(to, "not-before", Time(item, "not-before"));
                    CertificateJson.Time(to, "not-after", Time(item, "not-after"));
                    CertificateJson.Key(to, key);
                    break;
            }
            if (item.Credential is Certificate or PublicKey) to.WriteBoolean("has-private-key", item.HasPrivateKey);
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }

    static DateTimeOffset? Time(Item item, string key) =>
        DateTimeOffset.TryParseExact(item.Message.Text(key), "yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
