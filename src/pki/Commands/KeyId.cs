// pki --keyid: the SHA-1 by which a key is known.
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.PkiTool.Commands;

static class KeyId
{
    public static readonly Command Command = new("keyid", 'k', "calculate key identifiers of a key/certificate", """
        [--in file|--keyid hex] [--type priv|rsa|ecdsa|ed25519|ed448|pub|pkcs10|x509]
                      [--id all|spk|spki] [--format pretty|hex|base64|bin]
        """,
        [
            new("in", 'i', true, "input file, default: stdin"), new("keyid", 'x', true, "smartcard or TPM private key object handle"), new("type", 't', true, "type of key, default: priv"),
            new("id", 'I', true, "type of identifier, default: all"), new("format", 'f', true, "output format, default: pretty"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        var source = new KeySource();
        var (type, id, format) = ("priv", "all", "pretty");
        foreach (var o in options)
        {
            if (source.Take(o)) continue;
            switch (o.Name)
            {
                case "type": type = Words.InputType(o.Value); break;
                case "id": id = o.Value is "all" or "spk" or "spki" ? o.Value : throw Refusal.Usage($"invalid id type '{o.Value}': --id takes all, spk or spki"); break;
                case "format":
                    format = o.Value is "pretty" or "hex" or "base64" or "bin"
                        ? o.Value : throw Refusal.Usage($"invalid output format '{o.Value}': --format takes pretty, hex, base64 or bin");
                    break;
            }
        }
        var key = source.Public(world, type, "parsing input failed");
        if (id is "all" or "spk") Show(world, key.KeyId, "subjkey (SHA-1 of subjectPublicKey)", format);
        if (id is "all" or "spki") Show(world, SHA1.HashData(key.SubjectPublicKeyInfo), "keyid (SHA-1 of subjectPublicKeyInfo)", format);
        return 0;
    }

    static void Show(Surroundings world, byte[] id, string name, string format)
    {
        switch (format)
        {
            case "hex": world.Print($"{Convert.ToHexStringLower(id)}\n"); break;
            case "base64": world.Print($"{Convert.ToBase64String(id)}\n"); break;
            case "bin": world.Output.Write(id); break;
            default: world.Print($"{name}:\n             {Convert.ToHexStringLower(id).Chunk(2).Aggregate("", (t, c) => t.Length == 0 ? new string(c) : $"{t}:{new string(c)}")}\n"); break;
        }
    }
}
