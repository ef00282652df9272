// pki --acert: makes an attribute certificate, which says what groups the holder of a certificate belongs to. RFC 5755.
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Make;

namespace Cygnet.PkiTool.Commands;

static class Acert
{
    public static readonly Command Command = new("acert", 'z', "issue an attribute certificate", """
        [--in file] [--group name]* --issuerkey file|--issuerkeyid hex
                       --issuercert file [--serial hex] [--lifetime hours]
                       [--not-before datetime] [--not-after datetime] [--dateform form]
                      [--digest md5|sha1|sha224|sha256|sha384|sha512|sha3_224|sha3_256|sha3_384|sha3_512]
                      [--rsa-padding pkcs1|pss]
                      [--outform der|pem]
        """,
        [
            new("in", 'i', true, "holder certificate, default: stdin"), new("group", 'm', true, "group membership string to include"),
            new("issuercert", 'c', true, "issuer certificate file"), new("issuerkey", 'k', true, "issuer private key file"),
            new("issuerkeyid", 'x', true, "smartcard or TPM issuer private key object handle"),
            new("serial", 's', true, "serial number in hex, default: random"), new("lifetime", 'l', true, "hours the acert is valid, default: 24"),
            new("not-before", 'F', true, "date/time the validity of the AC starts"), new("not-after", 'T', true, "date/time the validity of the AC ends"),
            new("dateform", 'D', true, "strptime(3) input format, default: %d.%m.%y %T"), new("digest", 'g', true, "digest for signature creation, default: key-specific"),
            new("rsa-padding", 'R', true, "padding for RSA signatures, default: pkcs1"), new("outform", 'f', true, "encoding of generated cert, default: der"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        string? file = null, issuerFile = null, digest = null;
        var issuerKey = new KeySource("issuerkey", "issuerkeyid");
        byte[]? serial = null;
        var (isPss, isPem) = (false, false);
        var validity = new Validity("not-before", "not-after", TimeSpan.FromHours(24));
        List<string> groups = [];
        foreach (var o in options)
        {
            if (validity.Take(o, TimeSpan.FromHours(1)) || issuerKey.Take(o)) continue;
            switch (o.Name)
            {
                case "in": file = o.Value; break;
                case "group": groups.Add(o.Value.Length > 0 ? o.Value : throw Refusal.Usage("--group '' invalid: a group has a name")); break;
                case "issuercert": issuerFile = o.Value; break;
                case "serial": serial = Words.Hex(o); break;
                case "digest": digest = Words.Digest(o); break;
                case "rsa-padding": isPss = Words.IsPss(o); break;
                case "outform": isPem = Words.IsPem(o.Value); break;
            }
        }
        if (issuerFile is null) throw Refusal.Usage("--issuercert is required");
        if (!issuerKey.IsGiven) throw Refusal.Usage("--issuerkey or --issuerkeyid is required");
        var (from, to) = validity.Between(world.Now);
        var issuer = Files.Certificate(world, "issuercert", issuerFile, "parsing issuer certificate failed");
        var key = issuerKey.Load(world, null, "loading issuer private key failed");
        if (!key.Public.Equals(issuer.PublicKey))
            throw new Refusal($"issuer private key does not match issuer certificate: {issuerKey.Named} is not the key of --issuercert '{issuerFile}'");
        var holder = Files.Certificate(world, "in", file, "parsing user certificate failed");
        var content = new AttributeContent(holder, issuer) { SerialNumber = serial ?? CertificateOptions.RandomSerial(), NotBefore = from, NotAfter = to, Groups = groups };
        Files.Write(world, AttributeCertificateMaker.Make(content, key, Words.Scheme(key.Public, digest, isPss), world.Crypto), "ATTRIBUTE CERTIFICATE", isPem);
        return 0;
    }
}
