// The list, reread, purge and reset commands of ipsec(8): strongSwan and the subject with the same files say the same.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class ListScenes
{
    const string Conf = """
        config setup

        ca lab
        	cacert=ca.pem
        	crluri=http://192.0.2.9:8881/ca.crl
        	crluri2=http://192.0.2.9:8882/ca.crl
        	ocspuri=http://192.0.2.9:8880
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
        var pair = new Pair($"{scene}-{moon}", moon, Product.StrongSwan);
        var secrets = $": PSK \"{Pair.Secret}\"\n";
        pair.Moon.Configure(Conf, secrets + TestPki.Give(pair.Moon));
        var sun = Conf.Replace("left", "\0").Replace("right", "left").Replace("\0", "right").Replace("rightcert=moon", "leftcert=sun").Replace("leftid=\"", "rightid=\"").Replace("CN=sun.", "CN=moon.")
            .Replace("auto=route", "auto=add");
        pair.Sun.Configure(sun, secrets + TestPki.Give(pair.Sun));
        pair.Start();
        return pair;
    }

    [Fact]
    public void Every_list_is_the_references()
    {
        using Pair reference = Side("lists", Product.StrongSwan), ours = Side("lists", Subject.Product);
        ours.Bed.Play(() =>
        {
            var both = new SideBySide(reference.Moon, ours.Moon);
            foreach (var pair in (Pair[])[reference, ours])
                foreach (var conn in (string[])["net-net", "rsa"])
                    pair.Moon.Up(conn).ShouldSay("established successfully");
            foreach (var utc in (string[][])[[], ["--utc"]])
                foreach (var word in (string[])["listpubkeys", "listcerts", "listcacerts", "listaacerts", "listocspcerts", "listacerts", "listcrls", "listocsp"])
                    both.SameBlocks(["ipsec", word, .. utc]);
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
            both.Same("ipsec", "stroke", "up-nb", "nosuch");
            both.SameLines("ipsec", "stroke", "status");
            both.Same("ipsec", "purgecerts");
            both.Same("ipsec", "purgecrls");
            both.Same("ipsec", "purgeocsp");
            both.SameBlocks("ipsec", "listcerts");
            both.Same("ipsec", "purgeike");
            both.ShouldAgree();
        });
    }
}
