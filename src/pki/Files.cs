// Reading credentials from files or standard input, and writing what was made. Every refusal names the option and the file.
using System.Security.Cryptography;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.PkiTool;

static class Files
{
    const int MaxBytes = 1 << 26;

    /// <summary>The content of the file, or of standard input for null.</summary>
    public static byte[] Read(Surroundings world, string option, string? file, string failure)
    {
        try
        {
            using var stream = file is null ? world.OpenInput() : File.OpenRead(file);
            using var content = new MemoryStream();
            var buffer = new byte[1 << 16];
            while (stream.Read(buffer) is > 0 and var n)
            {
                content.Write(buffer, 0, n);
                if (content.Length > MaxBytes) throw new Refusal($"{failure}: {Named(option, file)} is larger than {MaxBytes} bytes");
            }
            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Refusal($"{failure}: {Named(option, file)}: {Why(e)}");
        }
    }

    public static string Why(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "No such file or directory",
        UnauthorizedAccessException => "Permission denied, or a directory",
        _ => e.Message,
    };

    public static Certificate Certificate(Surroundings world, string option, string? file, string failure) =>
        Cygnet.Pki.Certificate.TryParse(Read(world, option, file, failure), out var reason) ?? throw new Refusal($"{failure}: {Named(option, file)}: {reason}");

    /// <summary>The files of a directory, or the file itself.</summary>
    public static IReadOnlyList<string> In(string option, string path, string failure)
    {
        if (!Directory.Exists(path)) return [path];
        try
        {
            return [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Refusal($"{failure}: {Named(option, path)}: {Why(e)}");
        }
    }

    public static Crl Crl(Surroundings world, string option, string? file, string failure) =>
        Cygnet.Pki.Crl.TryParse(Read(world, option, file, failure), out var reason) ?? throw new Refusal($"{failure}: {Named(option, file)}: {reason}");

    public static AttributeCertificate AttributeCertificate(Surroundings world, string option, string? file, string failure) =>
        Cygnet.Pki.AttributeCertificate.TryParse(Read(world, option, file, failure), out var reason) ?? throw new Refusal($"{failure}: {Named(option, file)}: {reason}");

    /// <summary>A request whose signature is its own key's.</summary>
    public static Pkcs10Request Request(Surroundings world, string option, string? file, string failure)
    {
        var request = Pkcs10Request.TryParse(Read(world, option, file, failure), out var reason) ?? throw new Refusal($"{failure}: {Named(option, file)}: {reason}");
        return request.IsGenuine(world.Crypto) ? request : throw new Refusal($"{failure}: {Named(option, file)}: the signature is not that of the key in the request");
    }

    public static PublicKey PublicKey(Surroundings world, string option, string? file, string failure)
    {
        var content = Read(world, option, file, failure);
        var der = Pem.FirstOf(content, ["PUBLIC KEY"], out var why) ?? throw new Refusal($"{failure}: {Named(option, file)}: {why}");
        return Crypto.PublicKey.FromSubjectPublicKeyInfo(der, out var reason) ?? throw new Refusal($"{failure}: {Named(option, file)}: {reason}");
    }

    /// <summary>A private key as unencrypted PKCS#8, which the caller clears. Asks for the passphrase if the file wants one.</summary>
    public static byte[] Pkcs8(Surroundings world, string option, string? file, string failure)
    {
        var content = Read(world, option, file, failure);
        var pkcs8 = PrivateKeyFile.Read(content, [], out var reason);
        for (var tries = 0; pkcs8 is null && tries < 3 && PrivateKeyFile.WantsPassphrase(content); tries++)
        {
            if (world.AskSecret("Private key passphrase: ") is not { } passphrase) break;
            pkcs8 = PrivateKeyFile.Read(content, [Encoding.UTF8.GetBytes(passphrase)], out reason);
        }
        CryptographicOperations.ZeroMemory(content);
        return pkcs8 ?? throw new Refusal($"{failure}: {Named(option, file)}: {reason}");
    }

    /// <summary>A private key, of the given kind if that matters.</summary>
    public static SoftwareKey PrivateKey(Surroundings world, string option, string? file, KeyKind? kind, string failure)
    {
        var pkcs8 = Pkcs8(world, option, file, failure);
        try
        {
            var key = SoftwareKey.FromDer(pkcs8, out var why) ?? throw new Refusal($"{failure}: {Named(option, file)}: {why}");
            if (kind is { } wanted && key.Public.Kind != wanted)
                throw KeySource.OfOtherKind(Named(option, file), key.Public.Kind, wanted, failure);
            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    public static void Write(Surroundings world, byte[] der, string label, bool isPem)
    {
        if (isPem) world.Print(Pem.Write(label, der));
        else world.Output.Write(der);
    }

    static string Named(string option, string? file) => file is null ? "standard input" : $"--{option} '{file}'";
}
