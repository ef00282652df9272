// The list, reread, purge and reset commands of ipsec(8): strongSwan and the subject with the same files say the same.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class ListScenes
{
    const string Conf = """
        config setup

        ca lab
        	cacert=ca.pem
        	auto=add

        conn %default
        	keyexchange=ikev2
        	ike=aes128-sha256-x25519!
        	esp=aes128gcm16-x25519!
        	mobike=no
        	reauth=no
        	left=192.168.0.1
        	right=192.168.0.2

        conn net-net
        	leftid=@moon.cygnet.test
        	rightid=@sun.cygnet.test
        	leftsubnet=10.1.0.0/24
        	rightsubnet=10.2.0.0/24
        	authby=secret
        	auto=add

        conn rsa
        	leftcert=moon-rsa.pem
        	rightid="C=CH, O=Cygnet Test, OU=rsa, CN=sun.cygnet.test"
        	leftsubnet=10.1.1.0/24
        	rightsubnet=10.2.1.0/24
        	auto=add

        conn ecdsa
        	leftcert=moon-ecdsa.pem
        	rightid="C=CH, O=Cygnet Test, OU=ecdsa, CN=sun.cygnet.test"
        	leftsubnet=10.1.2.0/24
        	rightsubnet=10.2.2.0/24
        	auto=add

        conn ed25519
        	leftcert=moon-ed25519.pem
        	rightid="C=CH, O=Cygnet Test, OU=ed25519, CN=sun.cygnet.test"
        	leftsubnet=10.1.3.0/24
        	rightsubnet=10.2.3.0/24
        	auto=add

        conn local-drop
        	leftsubnet=10.1.0.0/16
        	rightsubnet=10.66.0.0/16
        	type=drop
        	auto=route

        """;

    static Pair Side(string scene, Product moon)
    {
        var sun = Pair.Turned(Conf).Replace("rightcert=moon", "leftcert=sun").Replace("leftid=\"", "rightid=\"").Replace("CN=sun.", "CN=moon.").Replace("auto=route", "auto=add");
        var pair = Pair.Compared(scene, moon, Conf, sun);
        foreach (var (name, pem) in More()) pair.Moon.Write($"ipsec.d/{name}", pem);
        pair.Start();
        return pair;
    }

    /// <summary>What else ipsec.d can hold, made by the reference's pki with the key of the CA.</summary>
    static readonly Lazy<(string Name, string Pem)[]> s_more = new(() =>
    {
        var folder = Bed.NewFolder("lists-pki");
        string[] authority = ["--cacert", TestPki.PathOf("ca.pem"), "--cakey", TestPki.PathOf("ca.key"), "--outform", "pem"];
        var key = Path.Combine(folder, "key");
        File.WriteAllText(key, Pki("--gen", "--type", "ed25519", "--outform", "pem"));
        string Issue(string name, params string[] more) => Pki(["--issue", .. authority, "--in", key, "--type", "ed25519", "--dn", $"C=CH, O=Cygnet Test, CN={name}", .. more]);
        (string, string)[] made =
        [
            ("aacerts/aa.pem", Issue("aa.cygnet.test")),
            ("ocspcerts/ocsp.pem", Issue("ocsp.cygnet.test", "--flag", "ocspSigning")),
            ("acerts/moon.pem", Pki("--acert", "--in", TestPki.PathOf("moon-rsa.pem"), "--group", "sales", "--group", "finance",
                "--issuercert", TestPki.PathOf("ca.pem"), "--issuerkey", TestPki.PathOf("ca.key"), "--outform", "pem")),
            ("crls/ca.pem", Pki(["--signcrl", .. authority, "--reason", "superseded", "--serial", "0102"])),
        ];
        Directory.Delete(folder, recursive: true);
        return made;
    });

    static (string Name, string Pem)[] More() => s_more.Value;

    static string Pki(params string[] words) => Command.Run(["/usr/bin/pki", .. words]).ShouldSucceed().Output;

    /// <summary>What the log has of ipsec.d and, in any order, of ipsec.secrets before the first connection.</summary>
    static string ReadAtStart(Gateway moon)
    {
        var lines = moon.Log.Split('\n').Where(l => l.Contains("[CFG] ")).Select(l => l[(l.IndexOf("[CFG] ", StringComparison.Ordinal) + 6)..])
            .TakeWhile(l => !l.Contains(" connection 'net-net'") && !l.Contains(" configuration 'net-net'") && !l.Contains(" ca 'lab'")).Where(l => !l.Contains("RADIUS server")).ToList();
        var secrets = lines.FindIndex(l => l.StartsWith("loading secrets", StringComparison.Ordinal)) + 1;
        return string.Join('\n', lines.Take(secrets).Concat(lines.Skip(secrets).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Every_list_is_the_references()
    {
        using Pair reference = Side("lists", Product.StrongSwan), ours = Side("lists", Subject.Product);
        ours.Bed.Play(() =>
        {
            var both = new SideBySide(reference.Moon, ours.Moon);
            both.SameText("what is read at start", ReadAtStart(reference.Moon), ReadAtStart(ours.Moon));
            foreach (var pair in (Pair[])[reference, ours])
                foreach (var conn in (string[])["net-net", "rsa"])
                    pair.Moon.Up(conn).ShouldSay("established successfully");
            foreach (var utc in (string[][])[[], ["--utc"]])
                foreach (var word in (string[])["listpubkeys", "listcerts", "listcacerts", "listaacerts", "listocspcerts", "listacerts", "listcainfos", "listcrls", "listocsp"])
                    both.SameBlocks(["ipsec", word, .. utc]);
            // What follows there is of the program itself.
            foreach (var utc in (string[][])[[], ["--utc"]])
                both.Same(text => string.Join("\n\n", text.Split("\nList of registered IKE algorithms:")[0].TrimEnd().Split("\n\n").Order(StringComparer.Ordinal)), ["ipsec", "listall", .. utc]);
            // Nothing is the same by being empty.
            reference.Moon.Host.Run("ipsec", "listall").ShouldSay("List of CA Information Sections:", "List of X.509 End Entity Certificates", "List of X.509 CA Certificates",
                "List of X.509 OCSP Signer Certificates", "List of X.509 AA Certificates", "List of X.509 Attribute Certificates", "List of X.509 CRLs");
            both.Same("ipsec", "listcounters");
            both.Same("ipsec", "listcounters", "rsa");
            both.Same("ipsec", "listcounters", "nosuch");
            both.Same("ipsec", "listcounters", "all");
            both.Same("ipsec", "resetcounters");
            both.Same("ipsec", "listcounters");
            both.Same("ipsec", "resetcounters", "rsa");
            both.Same("ipsec", "listcounters", "rsa");
            both.Same("ipsec", "resetcounters", "nosuch");
            both.Same("ipsec", "route", "nosuch");
            both.Same("ipsec", "unroute", "net-net");
            both.Same("ipsec", "unroute", "nosuch");
            both.Same("ipsec", "unroute", "local-drop");
            both.Same("ipsec", "unroute", "local-drop");
            both.Same("ipsec", "route", "local-drop");
            both.Same("ipsec", "route");
            both.Same("ipsec", "unroute");
            both.Same("ipsec", "leases");
            both.Same("ipsec", "leases", "nosuch");
            both.Same("ipsec", "listcerts", "--help");
            both.Same("ipsec", "listcerts", "--nosuch");
            both.Same("ipsec", "listcerts", "-x");
            both.Same("ipsec", "listcerts", "--daemon");
            both.Same("ipsec", "listcerts", "--utc=now");
            both.SameBlocks("ipsec", "listcerts", "more", "--ut");
            both.Same("ipsec", "stroke");
            both.Same("ipsec", "stroke", "--help");
            both.Same("ipsec", "stroke", "nosuch");
            foreach (var word in (string[])["up", "up-nb", "down", "down-nb", "down-srcip", "rekey", "route", "unroute", "exportx509", "loglevel"])
                both.Same("ipsec", "stroke", word);
            both.Same("ipsec", "stroke", "loglevel", "ike", "2");
            both.Same("ipsec", "stroke", "loglevel", "any", "1");
            both.Same("ipsec", "stroke", "loglevel", "nosuch", "2");
            both.Same("ipsec", "stroke", "exportx509", "C=CH, O=Cygnet Test, OU=rsa, CN=sun.cygnet.test");
            both.Same("ipsec", "stroke", "rekey", "nosuch");
            if (ours.Moon.Product == Product.Cygnet) Assert.Matches(@"^Total memory usage: [1-9]\d+\n$", ours.Moon.Host.Run("ipsec", "stroke", "memusage").ShouldSucceed().Text);
            both.Same("ipsec", "stroke", "up-nb", "nosuch");
            both.SameLines("ipsec", "stroke", "status");
            both.Same("ipsec", "purgecerts");
            both.Same("ipsec", "purgecrls");
            both.Same("ipsec", "purgeocsp");
            both.SameBlocks("ipsec", "listcerts");
            both.Same("ipsec", "purgeike");

            // What is gone from a directory, and what has come.
            foreach (var moon in (Gateway[])[reference.Moon, ours.Moon])
            {
                foreach (var gone in (string[])["aacerts/aa.pem", "ocspcerts/ocsp.pem", "acerts/moon.pem", "crls/ca.pem"]) moon.Remove($"ipsec.d/{gone}");
                moon.Write("ipsec.d/cacerts/aa.pem", More()[0].Pem); // no CA
                moon.Write("ipsec.d/cacerts/bad.pem", "garbage\n");
            }
            foreach (var word in (string[])["rereadcacerts", "rereadaacerts", "rereadocspcerts", "rereadacerts", "rereadcrls"])
                both.SameOutput("the reread commands: a file that cannot be read", "ipsec", word);
            foreach (var word in (string[])["listcerts", "listcacerts", "listaacerts", "listocspcerts", "listacerts", "listcainfos", "listcrls"])
                both.SameBlocks("ipsec", word);
            foreach (var line in (string[])["rereading ca certificates from '", "rereading aa certificates from '", "rereading ocsp signer certificates from '",
                "rereading attribute certificates from '", "rereading crls from '", "lacks ca basic constraint, discarded"])
                foreach (var moon in (Gateway[])[reference.Moon, ours.Moon])
                    moon.ShouldHaveLogged(line);
            both.Same("ipsec", "stroke", "user-creds", "net-net", "carol", "secret");
            both.Same("ipsec", "stroke", "user-creds", "nosuch", "carol", "secret");
            both.Same("ipsec", "stroke", "user-creds");
            both.ShouldAgree();
        });
    }
}
