// pki --self: makes a self-signed certificate.
using Cygnet.Crypto;
using Cygnet.Pki.Make;

namespace Cygnet.PkiTool.Commands;

static class Self
{
    public static readonly Command Command = new("self", 's', "create a self signed certificate", """
        [--in file|--keyid hex] [--type rsa|ecdsa|ed25519|ed448|priv]
                      --dn distinguished-name [--san subjectAltName]+
                     [--lifetime days] [--serial hex] [--ca] [--ocsp uri]+
                     [--flag serverAuth|clientAuth|crlSign|ocspSigning|msSmartcardLogon]+
                     [--nc-permitted name] [--nc-excluded name]
                     [--policy-map issuer-oid:subject-oid]
                     [--policy-explicit len] [--policy-inhibit len] [--policy-any len]
                     [--cert-policy oid [--cps-uri uri] [--user-notice text]]+
                     [--digest md5|sha1|sha224|sha256|sha384|sha512|sha3_224|sha3_256|sha3_384|sha3_512]
                     [--rsa-padding pkcs1|pss] [--critical oid]
                     [--outform der|pem]
        """,
        [
            new("in", 'i', true, "private key input file, default: stdin"), new("keyid", 'x', true, "smartcard or TPM private key object handle"),
            new("type", 't', true, "type of input key, default: priv"), CertificateOptions.Table[0] with { Help = "subject and issuer distinguished name" },
            .. CertificateOptions.Table.Skip(1), new("ocsp", 'o', true, "OCSP AuthorityInfoAccess URI to include"),
            new("digest", 'g', true, "digest for signature creation, default: key-specific"), new("rsa-padding", 'R', true, "padding for RSA signatures, default: pkcs1"),
            new("critical", 'X', true, "critical extension OID to include for test purposes"), new("outform", 'f', true, "encoding of generated cert, default: der"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        var certificate = new CertificateOptions();
        var source = new KeySource();
        KeyKind? kind = null;
        foreach (var o in options)
        {
            if (certificate.Take(o) || source.Take(o)) continue;
            if (o.Name == "type") kind = Words.Kind(o.Value);
        }
        var subject = certificate.Subject ?? throw Refusal.Usage("--dn is required");
        var key = source.Load(world, kind, "loading private key failed");
        var content = certificate.Content(world.Now, key.Public, subject, issuer: null);
        var scheme = Words.Scheme(key.Public, certificate.Digest, certificate.IsPss);
        Files.Write(world, CertificateMaker.Make(content, key, scheme, world.Crypto), "CERTIFICATE", certificate.IsPem);
        return 0;
    }
}
