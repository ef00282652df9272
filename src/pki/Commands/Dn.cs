// pki --dn: the subject of a certificate, as leftid= wants it.
using Cygnet.Policy;

namespace Cygnet.PkiTool.Commands;

static class Dn
{
    public static readonly Command Command = new("dn", 'd', "extract the subject DN of an X.509 certificate", "[--in file] [--format config|hex|base64|bin]",
        [new("in", 'i', true, "input file, default: stdin"), new("format", 'f', true, "output format, default: config")], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        string? file = null;
        var format = "config";
        foreach (var o in options)
        {
            if (o.Name == "in") file = o.Value;
            else if (o.Name == "format")
                format = o.Value is "config" or "hex" or "base64" or "bin"
                    ? o.Value : throw Refusal.Usage($"invalid output format '{o.Value}': --format takes config, hex, base64 or bin");
        }
        var subject = Files.Certificate(world, "in", file, "parsing input failed").Subject.Encoded;
        switch (format)
        {
            case "hex": world.Print($"{Convert.ToHexStringLower(subject)}\n"); break;
            case "base64": world.Print($"{Convert.ToBase64String(subject)}\n"); break;
            case "bin": world.Output.Write(subject); break;
            default: world.Print($"\"asn1dn:#{Convert.ToHexStringLower(subject)}\"\n"); break;
        }
        return 0;
    }
}
