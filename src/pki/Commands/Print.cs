// pki --print: shows a credential to people.
using Cygnet.Control;

namespace Cygnet.PkiTool.Commands;

static class Print
{
    public static readonly Command Command = new("print", 'a', "print a credential in a human readable form", """
        [--in file|--keyid hex]
                      [--type x509|crl|ac|pub|priv|rsa|ecdsa|ed25519|ed448]
        """,
        [new("in", 'i', true, "input file, default: stdin"), new("keyid", 'x', true, "smartcard or TPM object handle"), new("type", 't', true, "type of credential, default: x509")], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        var source = new KeySource();
        var type = "x509";
        foreach (var o in options)
        {
            if (source.Take(o)) continue;
            switch (o.Name)
            {
                case "type": type = o.Value; break;
            }
        }
        if (type is not ("x509" or "crl" or "ac" or "pub" or "priv" or "rsa" or "ecdsa" or "ed25519" or "ed448"))
            throw Refusal.Usage($"invalid input type '{type}': --type takes x509, crl, ac, pub, priv, rsa, ecdsa, ed25519 or ed448");
        const string failure = "parsing input failed";
        var text = new StringWriter();
        var lines = new CertificateLines(text, world.Now, utc: false, world.Crypto);
        switch (type)
        {
            case "x509": lines.Write(source.Certificate(world, failure)); break;
            case "ac": lines.Write(Files.AttributeCertificate(world, "in", source.FileOnly(type), failure)); break;
            case "pub": lines.WriteKey("pubkey", Files.PublicKey(world, "in", source.FileOnly(type), failure)); break;
            case "crl":
                var crl = Files.Crl(world, "in", source.FileOnly(type), failure);
                lines.Write(crl);
                lines.WriteRevoked(crl);
                break;
            default: lines.WriteKey("privkey", source.Load(world, Words.Kind(type), failure).Public); break;
        }
        world.Print(text.ToString());
        return 0;
    }
}
