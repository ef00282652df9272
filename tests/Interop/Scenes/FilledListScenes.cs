// Lists with something in them: leases, raw public keys, ca sections with URIs, CRLs and OCSP responses, exported certificates; strongSwan and the subject say the same of the same.
using System.Text.RegularExpressions;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class FilledListScenes
{
    const string Both = "\tkeyexchange=ikev2\n\tmobike=no\n\treauth=no\n\tike=aes128-sha256-x25519!\n\tesp=aes128gcm16-x25519!\n\tauto=add\n";

    const int ResponderPort = 8880;

    // The CA of the first section has signed nothing here: nobody fetches what it names.
    const string Authorities = """
        ca far
        	cacert=far.pem
        	crluri=http://192.0.2.1/far.crl
        	crluri2="ldap://192.0.2.2/CN=far?certificateRevocationList"
        	ocspuri=http://192.0.2.3:8880
        	ocspuri2=http://192.0.2.4
        	auto=add

        ca near
        	cacert=ca.pem
        	ocspuri=http://127.0.0.1:8880/near
        	auto=add

        """;

    static Pair Side(Product moon)
    {
        var pair = new Pair($"filled-lists-{moon}", moon, Product.StrongSwan);
        var psk = $": PSK \"{Pair.Secret}\"\n";
        pair.Moon.Configure($"""
            config setup

            {Authorities}
            conn rw
            {Both}	authby=secret
            	left=192.168.0.1
            	leftid=@moon.cygnet.test
            	leftsubnet=10.1.0.0/16
            	right=192.168.0.2
            	rightid=%any
            	rightsourceip=10.3.0.0/28

            conn idle
            {Both}	authby=secret
            	left=192.168.0.1
            	leftid=@idle.cygnet.test
            	right=192.168.0.9
            	rightid=@nobody.cygnet.test
            	rightsourceip=10.4.0.0/29
            	rightgroups=sales,finance

            conn rsa
            {Both}	left=192.168.0.1
            	leftcert=moon-rsa.pem
            	leftsubnet=10.1.1.0/24
            	right=192.168.0.2
            	rightid="{TestPki.Subject("sun", "rsa")}"
            	rightsubnet=10.2.1.0/24

            conn raw
            {Both}	authby=pubkey
            	left=192.168.0.1
            	leftid=@moon-raw.cygnet.test
            	leftsigkey=moon.pub
            	right=192.168.0.9
            	rightid=@sun-raw.cygnet.test
            	rightsigkey=sun.pub

            """, psk + TestPki.Give(pair.Moon));
        pair.Moon.Write("ipsec.d/cacerts/far.pem", s_far.Value.Certificate);
        pair.Moon.Write("ipsec.d/crls/far.crl", s_far.Value.Crl);
        pair.Moon.Write("ipsec.d/crls/far_delta.crl", s_far.Value.Delta);
        foreach (var host in (string[])["moon", "sun"])
            pair.Moon.Write($"ipsec.d/certs/{host}.pub", Command.Run("openssl", "pkey", "-in", TestPki.PathOf($"{host}-ecdsa.key"), "-pubout").ShouldSucceed().Output);
        var clients = string.Concat(((string[])["carol", "dave"]).Select(name => $"""
            conn {name}
            {Both}	authby=secret
            	left=192.168.0.2
            	leftid=@{name}.cygnet.test
            	leftsourceip=%config
            	right=192.168.0.1
            	rightid=@moon.cygnet.test
            	rightsubnet=10.1.0.0/16


            """));
        pair.Sun.Configure($"""
            config setup

            {clients}conn rsa
            {Both}	left=192.168.0.2
            	leftcert=sun-rsa.pem
            	leftsubnet=10.2.1.0/24
            	right=192.168.0.1
            	rightid="{TestPki.Subject("moon", "rsa")}"
            	rightsubnet=10.1.1.0/24

            """, psk + TestPki.Give(pair.Sun));
        pair.Start();
        return pair;
    }

    /// <summary>A CA, its CRL, and a delta CRL to that: one list for both daemons, so that what they say of it is the same to the second.</summary>
    static readonly Lazy<(string Certificate, byte[] Crl, byte[] Delta)> s_far = new(() =>
    {
        var folder = Bed.NewFolder("far-ca");
        string At(string name) => Path.Combine(folder, name);
        Command.Run("sh", "-c", $"""
            set -e
            cd {folder}
            pki --gen --type ed25519 --outform pem > key
            pki --self --ca --in key --dn 'C=CH, O=Cygnet Test, CN=Far CA' --outform pem > ca.pem
            pki --signcrl --cacert ca.pem --cakey key --serial 01a2 --reason key-compromise --serial 77 --lifetime 10 > base.crl
            pki --signcrl --cacert ca.pem --cakey key --basecrl base.crl --serial 02 --reason superseded --lifetime 5 > delta.crl
            """).ShouldSucceed();
        var made = (File.ReadAllText(At("ca.pem")), File.ReadAllBytes(At("base.crl")), File.ReadAllBytes(At("delta.crl")));
        Directory.Delete(folder, recursive: true);
        return made;
    });

    // Each daemon has a response of its own.
    static string Undated(string text) => Date().Replace(text, "DATE");

    [GeneratedRegex(@"[A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d(?: UTC)? \d{4}")]
    private static partial Regex Date();

    [Fact]
    public void What_is_listed_and_exported_is_the_references()
    {
        using Pair reference = Side(Product.StrongSwan), ours = Side(Subject.Product);
        using var status = new StatusPki("sun-rsa.pem", isRevoked: false);
        ours.Bed.Play(() =>
        {
            using var theirs = status.Responder(reference.Moon.Host, ResponderPort);
            using var own = status.Responder(ours.Moon.Host, ResponderPort);
            var both = new SideBySide(reference.Moon, ours.Moon);
            foreach (var pair in (Pair[])[reference, ours])
            {
                foreach (var conn in (string[])["carol", "dave"]) pair.Sun.Up(conn).ShouldSay($"connection '{conn}' established successfully");
                pair.Moon.Up("rsa").ShouldSay("established successfully");
            }
            both.SameLines("ipsec", "leases");
            both.Same("ipsec", "leases", "10.3.0.0/28");
            both.Same("ipsec", "leases", "10.3.0.0/28", "10.3.0.2");
            both.Same("ipsec", "leases", "10.4.0.0/29");
            foreach (var address in (string[])["10.3.0.9", "fd03::1", "nonsense", "10.3.0", "10.3.0.1/32", "", "%any", "%any6", "--utc"]) both.SameLines("ipsec", "leases", "10.3.0.0/28", address);
            foreach (var pair in (Pair[])[reference, ours])
            {
                pair.Moon.Host.Run("ipsec", "leases").ShouldSay("10.3.0.1   online   'carol.cygnet.test'", "10.3.0.2   online   'dave.cygnet.test'");
                pair.Sun.Down("carol").ShouldSucceed();
                Wait.Until("the lease is given back", () => pair.Moon.Host.Run("ipsec", "leases").Output.Contains("10.3.0.1   offline   'carol.cygnet.test'"));
            }
            both.SameLines("ipsec", "leases");
            foreach (var utc in (string[][])[[], ["--utc"]])
            {
                foreach (var word in (string[])["listcainfos", "listpubkeys", "listcacerts"]) both.SameBlocks(["ipsec", word, .. utc]);
                both.Same(Undated, ["ipsec", "listocsp", .. utc]);
                both.SameBlocks(["ipsec", "listcrls", .. utc]);
            }
            foreach (var moon in (Gateway[])[reference.Moon, ours.Moon])
            {
                moon.Host.Run("ipsec", "listcainfos").ShouldSay("crluris:     'http://192.0.2.1/far.crl'", "'ldap://192.0.2.2/CN=far?certificateRevocationList'", "ocspuris:    'http://192.0.2.3:8880'");
                moon.Host.Run("ipsec", "listpubkeys").ShouldSay("List of Raw Public Keys", "moon-raw.cygnet.test", "sun-raw.cygnet.test");
                moon.Host.Run("ipsec", "listocsp").ShouldSay("List of OCSP Responses", "issuer:   \"C=CH, O=Cygnet Test, CN=Cygnet Test CA\"", ": good");
                moon.Host.Run("ipsec", "listcrls").ShouldSay("issuer:   \"C=CH, O=Cygnet Test, CN=Far CA\"", "delta CRL: for serial 01", "2 revoked certificates");
                moon.Host.Run("ipsec", "stroke", "exportconncert", "rsa").ShouldSay("-----BEGIN CERTIFICATE-----");
            }
            foreach (var subject in (string[])[TestPki.Subject("sun", "rsa"), "C=CH, CN=nobody", "sun.cygnet.test"]) both.Same("ipsec", "stroke", "exportx509", subject);
            // Loaded by a directory and by a section: the reference prints it for each.
            foreach (var subject in (string[])[TestPki.Subject("moon", "rsa"), "C=CH, O=Cygnet Test, CN=Cygnet Test CA"])
            {
                var (said, here) = (reference.Moon.Host.Run("ipsec", "stroke", "exportx509", subject).Output, ours.Moon.Host.Run("ipsec", "stroke", "exportx509", subject).Output);
                Assert.StartsWith("-----BEGIN CERTIFICATE-----", here);
                Assert.Empty(said.Replace(here, ""));
            }
            foreach (var conn in (string[])["rsa", "rw", "nosuch"])
            {
                both.Same("ipsec", "stroke", "exportconncert", conn);
                both.Same("ipsec", "stroke", "exportconnchain", conn);
            }
            // ipsec(8) promises a list; the reference says how it is used instead.
            foreach (var words in (string[][])[["listgroups"], ["listgroups", "--utc"]])
            {
                Assert.Equal(reference.Moon.Host.Run("ipsec", "stroke", "--help").Output, reference.Moon.Host.Run(["ipsec", .. words]).Output);
                if (ours.Moon.Product != Product.Cygnet) continue;
                var listed = ours.Moon.Host.Run(["ipsec", .. words]).ShouldSucceed();
                Assert.Equal("\nList of Groups\n\n  group:     finance\n  conns:     idle\n\n  group:     sales\n  conns:     idle\n", listed.Text);
            }
            both.ShouldAgree();
        });
    }
}
