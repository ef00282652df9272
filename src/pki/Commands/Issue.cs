// pki --issue: makes a certificate for a public key or a request, signed by a CA.
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Make;
using Cygnet.Policy;

namespace Cygnet.PkiTool.Commands;

static class Issue
{
    public static readonly Command Command = new("issue", 'i', "issue a certificate using a CA certificate and key", """
        [--in file] [--type pub|pkcs10|priv|rsa|ecdsa|ed25519|ed448]
                      --cakey file|--cakeyid hex --cacert file [--dn subject-dn]
                      [--san subjectAltName]+ [--lifetime days] [--serial hex]
                      [--ca] [--pathlen len]
                      [--flag serverAuth|clientAuth|crlSign|ocspSigning|msSmartcardLogon]+
                      [--crl uri [--crlissuer i]]+ [--ocsp uri]+ [--nc-permitted name]
                      [--nc-excluded name] [--policy-mapping issuer-oid:subject-oid]
                      [--policy-explicit len] [--policy-inhibit len] [--policy-any len]
                      [--cert-policy oid [--cps-uri uri] [--user-notice text]]+
                      [--digest md5|sha1|sha224|sha256|sha384|sha512|sha3_224|sha3_256|sha3_384|sha3_512]
                      [--rsa-padding pkcs1|pss] [--critical oid]
                      [--outform der|pem]
        """,
        [
            new("in", 'i', true, "key/request file to issue, default: stdin"), new("type", 't', true, "type of input, default: pub"),
            new("cacert", 'c', true, "CA certificate file"), new("cakey", 'k', true, "CA private key file"),
            new("cakeyid", 'x', true, "smartcard or TPM CA private key object handle"),
            CertificateOptions.Table[0] with { Help = "distinguished name to include as subject" }, .. CertificateOptions.Table.Skip(1),
            new("crl", 'u', true, "CRL distribution point URI to include"), new("crlissuer", 'I', true, "CRL Issuer for CRL at distribution point"),
            new("ocsp", 'o', true, "OCSP AuthorityInfoAccess URI to include"), new("digest", 'g', true, "digest for signature creation, default: key-specific"),
            new("rsa-padding", 'R', true, "padding for RSA signatures, default: pkcs1"), new("critical", 'X', true, "critical extension OID to include"),
            new("outform", 'f', true, "encoding of generated cert, default: der"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        var certificate = new CertificateOptions();
        var authorityKey = new KeySource("cakey", "cakeyid");
        string? file = null, caFile = null;
        var type = "pub";
        foreach (var o in options)
        {
            if (certificate.Take(o) || authorityKey.Take(o)) continue;
            switch (o.Name)
            {
                case "in": file = o.Value; break;
                case "type": type = o.Value; break;
                case "cacert": caFile = o.Value; break;
            }
        }
        if (type is not ("pub" or "pkcs10")) Words.Kind(type);
        if (caFile is null) throw Refusal.Usage("--cacert is required");
        if (!authorityKey.IsGiven) throw Refusal.Usage("--cakey or --keyid is required");
        var (ca, caKey) = Authority.Load(world, caFile, authorityKey, mayIssue: true);
        var (key, subject) = Subject(world, type, file, certificate);
        var content = certificate.Content(world.Now, key, subject, ca);
        var scheme = Words.Scheme(caKey.Public, certificate.Digest, certificate.IsPss);
        Files.Write(world, CertificateMaker.Make(content, caKey, scheme, world.Crypto), "CERTIFICATE", certificate.IsPem);
        return 0;
    }

    static (PublicKey, Identity) Subject(Surroundings world, string type, string? file, CertificateOptions certificate)
    {
        switch (type)
        {
            case "pkcs10":
                var request = Files.Request(world, "in", file, "parsing certificate request failed");
                certificate.TakeRequest(request);
                return (request.PublicKey, certificate.Subject!);
            case "pub": return (Files.PublicKey(world, "in", file, "parsing public key failed"), Given());
            default: return (Files.PrivateKey(world, "in", file, Words.Kind(type), "loading private key failed").Public, Given());
        }

        Identity Given() => certificate.Subject ?? throw Refusal.Usage("--dn is required: a key says not whose it is, only --type pkcs10 does");
    }
}
