// Keys and certificates for the scenes, made by openssl when the first scene asks.
namespace Cygnet.Interop.Testbed;

/// <summary>One CA, and for moon and sun a certificate of each kind of key.</summary>
public static class TestPki
{
    public static readonly string[] Kinds = ["rsa", "ecdsa", "ed25519"];
    static readonly Lazy<string> Made = new(Make);

    /// <summary>The subject of a host's certificate, as ipsec.conf spells it.</summary>
    public static string Subject(string host, string kind) => $"C=CH, O=Cygnet Test, OU={kind}, CN={host}.cygnet.test";

    /// <summary>A file of the CA's folder: <c>ca.pem</c>, <c>moon-rsa.key</c>.</summary>
    public static string PathOf(string name) => Path.Combine(Made.Value, name);

    /// <summary>Gives a gateway the CA, its own certificates and keys; answers the lines for ipsec.secrets.</summary>
    public static string Give(Gateway gateway)
    {
        gateway.Write("ipsec.d/cacerts/ca.pem", File.ReadAllText(Path.Combine(Made.Value, "ca.pem")));
        foreach (var kind in Kinds)
        {
            var name = $"{gateway.Name}-{kind}";
            gateway.Write($"ipsec.d/certs/{name}.pem", File.ReadAllText(Path.Combine(Made.Value, name + ".pem")));
            gateway.Write($"ipsec.d/private/{name}.key", File.ReadAllText(Path.Combine(Made.Value, name + ".key")));
        }
        return $"""
            : RSA {gateway.Name}-rsa.key
            : ECDSA {gateway.Name}-ecdsa.key
            : PKCS8 {gateway.Name}-ed25519.key

            """;
    }

    static string Make()
    {
        var folder = Bed.NewFolder("pki");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string At(string name) => Path.Combine(folder, name);
        OpenSsl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "3650", "-keyout", At("ca.key"), "-out", At("ca.pem"),
            "-subj", "/C=CH/O=Cygnet Test/CN=Cygnet Test CA", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign");
        foreach (var host in (ReadOnlySpan<string>)["moon", "sun"])
            foreach (var kind in Kinds)
            {
                var name = At($"{host}-{kind}");
                // The three encodings of a key that people have: PKCS#1, SEC 1 and PKCS#8.
                switch (kind)
                {
                    case "rsa": OpenSsl("genrsa", "-traditional", "-out", name + ".key", "2048"); break;
                    case "ecdsa": OpenSsl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key"); break;
                    default: OpenSsl("genpkey", "-algorithm", "ed25519", "-out", name + ".key"); break;
                }
                OpenSsl("req", "-new", "-key", name + ".key", "-out", name + ".csr", "-subj", $"/C=CH/O=Cygnet Test/OU={kind}/CN={host}.cygnet.test");
                File.WriteAllText(name + ".ext", $"subjectAltName=DNS:{host}.cygnet.test\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n");
                OpenSsl("x509", "-req", "-in", name + ".csr", "-CA", At("ca.pem"), "-CAkey", At("ca.key"), "-CAcreateserial", "-sha256",
                    "-days", "1825", "-extfile", name + ".ext", "-out", name + ".pem");
            }
        return folder;
    }

    static void OpenSsl(params ReadOnlySpan<string> words) => Command.Run(["openssl", .. words]).ShouldSucceed();
}
