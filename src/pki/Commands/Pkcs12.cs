// pki --pkcs12: lists what a PKCS#12 container holds, and takes something out. RFC 7292.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.PkiTool.Commands;

static class Pkcs12
{
    public static readonly Command Command = new("pkcs12", 'u', "PKCS#12 functions", """
        --export index|--list [--in file]
                       [--outform der|pem]
        """,
        [
            new("in", 'i', true, "input file, default: stdin"), new("list", 'l', false, "list certificates and keys"),
            new("export", 'e', true, "export the credential with the given index"), new("outform", 'f', true, "encoding of exported credentials, default: der"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        string? file = null;
        var (isList, isPem) = (false, false);
        int? index = null;
        foreach (var o in options)
        {
            switch (o.Name)
            {
                case "in": file = o.Value; break;
                case "list": isList = true; break;
                case "export": index = Words.Number(o, 1, 9999); break;
                case "outform": isPem = Words.IsPem(o.Value); break;
            }
        }
        if (isList == index is not null) throw Refusal.Usage("one of --list and --export is required, and they exclude each other");
        var container = Open(world, file);
        try
        {
            if (index is { } wanted) Export(world, container, wanted, isPem);
            else List(world, container);
        }
        finally
        {
            container.Clear();
        }
        return 0;
    }

    static Pkcs12File Open(Surroundings world, string? file)
    {
        const string failure = "reading input failed!";
        var content = Files.Read(world, "in", file, failure);
        var container = Pkcs12File.Read(content, [], out var reason);
        for (var tries = 0; container is null && tries < 3 && Pkcs12File.WantsPassphrase(content); tries++)
        {
            if (world.AskSecret("Private key passphrase: ") is not { } passphrase) break;
            container = Pkcs12File.Read(content, [Encoding.UTF8.GetBytes(passphrase)], out reason);
        }
        return container ?? throw new Refusal($"{failure} {(file is null ? "standard input" : $"--in '{file}'")}: {reason}");
    }

    // Certificates are numbered first, then keys; the reference has those first that stand last in the file.
    static void List(Surroundings world, Pkcs12File container)
    {
        var number = 0;
        var text = new StringBuilder("Certificates:\n");
        foreach (var der in container.Certificates.Reverse())
        {
            var certificate = Certificate.TryParse(der, out var reason);
            text.Append(CultureInfo.InvariantCulture, $"[{++number,2}] {(certificate is null ? $"cannot be read: {reason}" : $"\"{certificate.Subject}\"{(certificate.IsCa ? " (CA)" : "")}")}\n");
        }
        text.Append("Private keys:\n");
        foreach (var pkcs8 in container.Keys.Reverse())
        {
            using var key = SoftwareKey.FromDer(pkcs8, out var reason);
            text.Append(CultureInfo.InvariantCulture, $"[{++number,2}] {(key is null ? $"cannot be read: {reason}" : $"{key.Public.Kind.ToString().ToUpperInvariant()} {key.Public.Bits} bits")}\n");
        }
        world.Print(text.ToString());
    }

    static void Export(Surroundings world, Pkcs12File container, int index, bool isPem)
    {
        var certificates = container.Certificates;
        if (index <= certificates.Count) Files.Write(world, certificates[^index], "CERTIFICATE", isPem);
        else if (index <= certificates.Count + container.Keys.Count) ExportKey(world, container.Keys[^(index - certificates.Count)], isPem);
        else throw new Refusal($"invalid index {index}: the container holds {certificates.Count} certificates and {container.Keys.Count} keys");
    }

    // In the encodings in which --gen writes them: PKCS#1, SEC 1, and PKCS#8 for the others.
    static void ExportKey(Surroundings world, byte[] pkcs8, bool isPem)
    {
        using var key = SoftwareKey.FromPkcs8(pkcs8);
        byte[] der;
        switch (key.Public.Kind)
        {
            case KeyKind.Rsa:
                using (var rsa = RSA.Create())
                {
                    rsa.ImportPkcs8PrivateKey(pkcs8, out _);
                    der = rsa.ExportRSAPrivateKey();
                }
                Files.Write(world, der, "RSA PRIVATE KEY", isPem);
                break;
            case KeyKind.Ecdsa:
                using (var ecdsa = ECDsa.Create())
                {
                    ecdsa.ImportPkcs8PrivateKey(pkcs8, out _);
                    der = ecdsa.ExportECPrivateKey();
                }
                Files.Write(world, der, "EC PRIVATE KEY", isPem);
                break;
            default:
                Files.Write(world, pkcs8, "PRIVATE KEY", isPem);
                return;
        }
        CryptographicOperations.ZeroMemory(der);
    }
}
