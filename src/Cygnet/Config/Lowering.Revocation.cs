// What bears on revocation: ca sections, CRLs and the certificates of OCSP signers from ipsec.d. ipsec.conf(5).
using System.Security.Cryptography;
using Cygnet.Control;
using Cygnet.Pki;

namespace Cygnet.Config;

public static partial class Lowering
{
    // A message holds 512 KiB.
    const int PartsInMessage = 7;

    /// <summary>ipsec.d/crls alone, for <c>rereadcrls</c>: an older list of the same issuer is replaced.</summary>
    public static LoadPlan PlanCrls(IFileSource files, IpsecDirectories directories)
    {
        var plan = new LoadPlan();
        Crls(plan, files, directories, "re");
        return plan;
    }

    /// <summary>ipsec.d/ocspcerts alone, for <c>rereadocspcerts</c>.</summary>
    public static LoadPlan PlanOcspCertificates(IFileSource files, IpsecDirectories directories)
    {
        var plan = new LoadPlan();
        OcspCertificates(plan, files, directories, "re");
        return plan;
    }

    /// <summary>A ca section: its certificate, or what names it, under a name, and where its CRLs, responders and certificates are.</summary>
    static LoadRequest Section(ConfChecked ca, Action<ViciSection> certificate)
    {
        var message = new ViciSection();
        var section = message.AddSection(ca.Name);
        certificate(section);
        Uris("crl_uris", "crluri", "crluri2");
        Uris("ocsp_uris", "ocspuri", "ocspuri2");
        if (ca.Text("certuribase") is { } @base && Pki.Revocation.AuthorityLocations.IsCertificateBase(@base)) section.Add("cert_uri_base", @base);
        return new("load-authority", message, ca.Name);

        void Uris(string key, params string[] keywords)
        {
            List<string> uris = [.. keywords.Select(ca.Text).OfType<string>()];
            if (uris.Count > 0) section.AddList(key, uris);
        }
    }

    /// <summary>Whether charon keeps the CRLs that it fetches, and where.</summary>
    static void Cache(LoadPlan plan, ConfCheck conf, IpsecDirectories directories)
    {
        if (!conf.Setup.Yes("cachecrls", false)) return;
        plan.LogList.Add($"crl caching to {directories.Crls} enabled");
        plan.CredentialList.Add(new("x-cache-crls", new ViciSection().Add("directory", directories.Crls), "cachecrls"));
    }

    static void OcspCertificates(LoadPlan plan, IFileSource files, IpsecDirectories directories, string again = "")
    {
        plan.LogList.Add($"{again}{(again.Length > 0 ? "reading" : "loading")} ocsp signer certificates from '{directories.OcspCerts}'");
        foreach (var path in files.Glob($"{directories.OcspCerts}/*"))
        {
            var reason = "the file cannot be read";
            if (files.ReadAllBytes(path) is not { } bytes || Certificate.TryParse(bytes, out reason) is not { } certificate)
            {
                plan.ErrorList.Add(new($"  loading certificate from '{path}' failed", null, $"'{path}': {reason}"));
                continue;
            }
            plan.LogList.Add($"  loaded certificate \"{certificate.Subject}\" from '{path}'");
            plan.CredentialList.Add(new("load-cert", new ViciSection().Add("type", "X509").Add("flag", "OCSP").Add("data", certificate.Raw), path));
        }
    }

    static void Crls(LoadPlan plan, IFileSource files, IpsecDirectories directories, string again = "")
    {
        plan.LogList.Add($"{again}{(again.Length > 0 ? "reading" : "loading")} crls from '{directories.Crls}'");
        foreach (var path in files.Glob($"{directories.Crls}/*"))
        {
            var reason = "the file cannot be read";
            if (files.ReadAllBytes(path) is not { } bytes || Crl.TryParse(bytes, out reason) is not { } crl)
            {
                plan.ErrorList.Add(new($"  loading crl from '{path}' failed", null, $"'{path}': {reason}"));
                continue;
            }
            plan.LogList.Add($"  loaded crl from '{path}'");
            Parts(plan, path, crl.Raw);
        }
    }

    // A value holds 65535 bytes: longer lists go in parts.
    static void Parts(LoadPlan plan, string path, byte[] der)
    {
        // Whoever sends only what has changed sends all parts, or none.
        var digest = Convert.ToHexStringLower(SHA256.HashData(der));
        List<byte[][]> messages = [.. der.Chunk(ushort.MaxValue).Chunk(PartsInMessage)];
        for (var i = 0; i < messages.Count; i++)
        {
            var message = new ViciSection().Add("type", "X509_CRL");
            if (messages is [[var whole]]) message.Add("data", whole);
            else message.AddList("data", messages[i]).Add("x-digest", digest);
            if (i + 1 < messages.Count) message.Add("more", true);
            plan.CredentialList.Add(new("load-cert", message, messages.Count == 1 ? path : $"{path} ({i + 1} of {messages.Count})"));
        }
    }
}
