// The ca sections: whose they are, and where their CRLs and OCSP responders are. ipsec(8), listcainfos.
using System.Security.Cryptography;
using System.Text.Json;
using Cygnet.Command.Commands;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Command.Reports;

sealed class AuthorityReport(IVici charon) : Report
{
    readonly List<ViciSection> _authorities = Status.Events(charon, "list-authorities", "list-authority", new ViciSection().Add("x-ext", "yes"));

    public override void Write(TextWriter to)
    {
        if (_authorities.Count > 0) to.Write("\nList of CA Information Sections:\n");
        foreach (var authority in _authorities)
        {
            to.Write($"\n  authname:    \"{authority.Utf8("cacert")}\"\n");
            if (KeyOf(authority) is { } key)
                to.Write($"  authkey:      {Identity.ToHexPairs(key.KeyId)}\n  keyid:        {Identity.ToHexPairs(SHA1.HashData(key.SubjectPublicKeyInfo))}\n");
            Uris("  crluris:     ", authority.List("crl_uris"));
            Uris("  ocspuris:    ", authority.List("ocsp_uris"));
            if (authority.Utf8("cert_uri_base") is { } uri) to.Write($"  certuribase: '{uri}'\n");
        }

        void Uris(string label, IReadOnlyList<string> uris)
        {
            for (var i = 0; i < uris.Count; i++) to.Write($"{(i == 0 ? label : "            ")}'{uris[i]}'\n");
        }
    }

    public override void Write(Utf8JsonWriter to)
    {
        to.WriteStartArray();
        foreach (var authority in _authorities)
        {
            to.WriteStartObject();
            to.WriteString("name", authority.Name);
            to.WriteString("authname", authority.Utf8("cacert"));
            if (KeyOf(authority) is { } key) CertificateJson.Key(to, key);
            Json.Strings(to, "crluris", authority.List("crl_uris"));
            Json.Strings(to, "ocspuris", authority.List("ocsp_uris"));
            if (authority.Utf8("cert_uri_base") is { } uri) to.WriteString("certuribase", uri);
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }

    // A daemon of another make tells the name alone; several certificates can have it.
    PublicKey? KeyOf(ViciSection authority)
    {
        var data = authority.Bytes("x-cacert");
        if (data is null && authority.Utf8("cacert") is { } subject)
            charon.Call("list-certs", new ViciSection().Add("type", "X509").Add("flag", "CA").Add("subject", subject), "list-cert", e => data ??= e.Bytes("data"));
        return data is null ? null : Certificate.TryParse(data, out _)?.PublicKey;
    }
}
