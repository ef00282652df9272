// Lists with something in them: leases, raw public keys, ca sections with URIs, exported certificates; strongSwan and the subject say the same of the same.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class FilledListScenes
{
    const string Both = "\tkeyexchange=ikev2\n\tmobike=no\n\treauth=no\n\tike=aes128-sha256-x25519!\n\tesp=aes128gcm16-x25519!\n\tauto=add\n";

    // The CA of the second section has signed nothing here: nobody fetches what it names.
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
        pair.Moon.Write("ipsec.d/cacerts/far.pem", s_far.Value);
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

    static readonly Lazy<string> s_far = new(() =>
    {
        var key = Path.Combine(Bed.NewFolder("far-ca"), "key");
        File.WriteAllText(key, Command.Run("/usr/bin/pki", "--gen", "--type", "ed25519", "--outform", "pem").ShouldSucceed().Output);
        var made = Command.Run("/usr/bin/pki", "--self", "--ca", "--in", key, "--dn", "C=CH, O=Cygnet Test, CN=Far CA", "--outform", "pem").ShouldSucceed().Output;
        Directory.Delete(Path.GetDirectoryName(key)!, recursive: true);
        return made;
    });

    [Fact]
    public void What_is_listed_and_exported_is_the_references()
    {
        using Pair reference = Side(Product.StrongSwan), ours = Side(Subject.Product);
        ours.Bed.Play(() =>
        {
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
            both.Same("ipsec", "leases", "10.3.0.0/28", "10.3.0.9");
            foreach (var pair in (Pair[])[reference, ours])
            {
                pair.Moon.Host.Run("ipsec", "leases").ShouldSay("10.3.0.1   online   'carol.cygnet.test'", "10.3.0.2   online   'dave.cygnet.test'");
                pair.Sun.Down("carol").ShouldSucceed();
                Wait.Until("the lease is given back", () => pair.Moon.Host.Run("ipsec", "leases").Output.Contains("10.3.0.1   offline   'carol.cygnet.test'"));
            }
            both.SameLines("ipsec", "leases");
            foreach (var utc in (string[][])[[], ["--utc"]])
                foreach (var word in (string[])["listcainfos", "listpubkeys", "listcacerts"]) both.SameBlocks(["ipsec", word, .. utc]);
            foreach (var moon in (Gateway[])[reference.Moon, ours.Moon])
            {
                moon.Host.Run("ipsec", "listcainfos").ShouldSay("crluris:     'http://192.0.2.1/far.crl'", "'ldap://192.0.2.2/CN=far?certificateRevocationList'", "ocspuris:    'http://192.0.2.3:8880'");
                moon.Host.Run("ipsec", "listpubkeys").ShouldSay("List of Raw Public Keys", "moon-raw.cygnet.test", "sun-raw.cygnet.test");
                moon.Host.Run("ipsec", "stroke", "exportconncert", "rsa").ShouldSay("-----BEGIN CERTIFICATE-----");
            }
            foreach (var subject in (string[])[TestPki.Subject("sun", "rsa"), "C=CH, CN=nobody", "sun.cygnet.test"]) both.Same("ipsec", "stroke", "exportx509", subject);
            // Loaded by a directory and by a section: the reference prints it for each.
            foreach (var subject in (string[])[TestPki.Subject("moon", "rsa"), "C=CH, O=Cygnet Test, CN=Cygnet Test CA"])
            {
                var (theirs, own) = (reference.Moon.Host.Run("ipsec", "stroke", "exportx509", subject).Output, ours.Moon.Host.Run("ipsec", "stroke", "exportx509", subject).Output);
                Assert.StartsWith("-----BEGIN CERTIFICATE-----", own);
                Assert.Empty(theirs.Replace(own, ""));
            }
            foreach (var conn in (string[])["rsa", "rw", "nosuch"])
            {
                both.Same("ipsec", "stroke", "exportconncert", conn);
                both.Same("ipsec", "stroke", "exportconnchain", conn);
            }
            both.ShouldAgree();
        });
    }
}
