// pki --print: shows a credential to people.
using Cygnet.Control;

namespace Cygnet.PkiTool.Commands;

static class Print
{
    public static readonly Command Command = new("print", 'a', "print a credential in a human readable form", """
        [--in file]
                      [--type x509|crl|ac|pub|priv|rsa|ecdsa|ed25519|ed448]
        """,
        [new("in", 'i', true, "input file, default: stdin"), new("keyid", 'x', true, ""), new("type", 't', true, "type of credential, default: x509")], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        string? file = null;
        var type = "x509";
        foreach (var o in options)
        {
            switch (o.Name)
            {
                case "in": file = o.Value; break;
                case "type": type = o.Value; break;
                case "debug": break;
                default: throw Words.NotBuilt(o);
            }
        }
        if (type is not ("x509" or "crl" or "ac" or "pub" or "priv" or "rsa" or "ecdsa" or "ed25519" or "ed448"))
            throw Refusal.Usage($"invalid input type '{type}': --type takes x509, crl, ac, pub, priv, rsa, ecdsa, ed25519 or ed448");
        const string failure = "parsing input failed";
        var text = new StringWriter();
        var lines = new CertificateLines(text, world.Now, utc: false, world.Crypto);
        switch (type)
        {
            case "x509": lines.Write(Files.Certificate(world, "in", file, failure)); break;
            case "ac": lines.Write(Files.AttributeCertificate(world, "in", file, failure)); break;
            case "pub": lines.WriteKey("pubkey", Files.PublicKey(world, "in", file, failure)); break;
            case "crl":
                var crl = Files.Crl(world, "in", file, failure);
                lines.Write(crl);
                lines.WriteRevoked(crl);
                break;
            default: lines.WriteKey("privkey", Files.PrivateKey(world, "in", file, Words.Kind(type), failure).Public); break;
        }
        world.Print(text.ToString());
        return 0;
    }
}
