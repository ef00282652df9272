// A chain of its own for a scene: below the CA of TestPki an intermediate CA, below that a host's certificate, each with what the scene breaks.
namespace Cygnet.Interop.Testbed;

/// <summary>Made by openssl in a folder that goes with it.</summary>
public sealed class ChainPki : IDisposable
{
    const string Ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n", End = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n";

    readonly string folder = Bed.NewFolder("chain");

    /// <summary>Extensions of the intermediate CA, as lines of openssl's configuration; they replace the usual ones.</summary>
    public string Middle { get; init; } = Ca;

    /// <summary>Extensions of the host's certificate, besides its name.</summary>
    public string Leaf { get; init; } = End;

    /// <summary>For how many days the host's certificate is valid; -1 has expired.</summary>
    public int Days { get; init; } = 365;

    /// <summary>The host's own name is a subjectAltName.</summary>
    public string AltName { get; init; } = "DNS:moon.cygnet.test";

    /// <summary>One more CA between.</summary>
    public bool IsLonger { get; init; }

    /// <summary>Whether the CA at the top is another than the one that everybody trusts.</summary>
    public bool IsStrange { get; init; }

    public const string Subject = "/C=CH/O=Cygnet Test/CN=moon.cygnet.test";

    /// <summary>Gives the gateway key, certificate and intermediate CAs; answers the line for ipsec.secrets.</summary>
    public string Give(Gateway gateway)
    {
        var top = TestPki.PathOf("ca");
        if (IsStrange)
        {
            top = At("top");
            Command.Run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-keyout", top + ".key", "-out", top + ".pem",
                "-subj", "/C=CH/O=Strangers/CN=Strange CA", "-addext", "basicConstraints=critical,CA:TRUE").ShouldSucceed();
        }
        var issuer = Issue("middle", "/C=CH/O=Cygnet Test/CN=Middle CA", top, Middle, 365);
        gateway.Write("ipsec.d/cacerts/middle.pem", File.ReadAllText(issuer + ".pem"));
        if (IsLonger)
        {
            issuer = Issue("lower", "/C=CH/O=Cygnet Test/CN=Lower CA", issuer, Ca, 365);
            gateway.Write("ipsec.d/cacerts/lower.pem", File.ReadAllText(issuer + ".pem"));
        }
        var leaf = Issue("leaf", Subject, issuer, $"{Leaf}subjectAltName={AltName}\n", Days);
        gateway.Write("ipsec.d/certs/chain.pem", File.ReadAllText(leaf + ".pem"));
        gateway.Write("ipsec.d/private/chain.key", File.ReadAllText(leaf + ".key"));
        return ": RSA chain.key\n";
    }

    string Issue(string name, string subject, string issuer, string extensions, int days)
    {
        var path = At(name);
        Command.Run("openssl", "genrsa", "-traditional", "-out", path + ".key", "2048").ShouldSucceed();
        Command.Run("openssl", "req", "-new", "-key", path + ".key", "-out", path + ".csr", "-subj", subject).ShouldSucceed();
        File.WriteAllText(path + ".ext", extensions + "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
        Command.Run("openssl", "x509", "-req", "-in", path + ".csr", "-CA", issuer + ".pem", "-CAkey", issuer + ".key", "-set_serial", $"0x{Random.Shared.NextInt64(1L << 62):x}",
            "-sha256", "-days", $"{days}", "-extfile", path + ".ext", "-out", path + ".pem").ShouldSucceed();
        return path;
    }

    string At(string name) => Path.Combine(folder, name);

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
