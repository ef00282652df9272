// A day on a gateway: tunnels of every kind of key, clients that come and go, failures of each sort, and what ipsec and swanctl say of them; strongSwan and the subject say the same.
using System.Text.RegularExpressions;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class LabScenes
{
    // Fragments come in any order.
    const string Common = """
        config setup
        	uniqueids=yes
        	charondebug="ike 1, knl 1, cfg 1"

        conn %default
        	keyexchange=ikev2
        	ike=aes128-sha256-modp2048,aes256gcm16-prfsha384-ecp384!
        	esp=aes128gcm16,aes256-sha256!
        	ikelifetime=60m
        	keylife=20m
        	rekeymargin=3m
        	keyingtries=1
        	mobike=no
        	forceencaps=yes
        	fragmentation=no
        	left=192.168.0.1
        	right=192.168.0.2
        	auto=add


        """;

    static string Psk(string name, int net, string more = "") => $"conn {name}\n\tleftid=@moon-{name}.cygnet.test\n\trightid=@sun-{name}.cygnet.test\n\tleftsubnet=10.1.{net}.0/24\n\trightsubnet=10.2.{net}.0/24\n\tauthby=secret\n{more}\n";

    static string Key(string kind, int net, string more) => $"conn {kind}\n\tleftcert=moon-{kind}.pem\n\trightid=\"C=CH, O=Cygnet Test, OU={kind}, CN=sun.cygnet.test\"\n\tleftsubnet=10.1.{net}.0/24\n\trightsubnet=10.2.{net}.0/24\n{more}\n";

    static string Both(string trap = "add", string esp = "aes256ctr-sha512!", string ike = "aes256-sha512-modp4096!", string nowhere = "10.99.0.0/24") =>
        Psk("net-net", 0) + "conn second\n\talso=net-net\n\tleftsubnet=10.1.9.0/24\n\trightsubnet=10.2.9.0/24\n\n"
        + Key("rsa", 1, "\tdpdaction=restart\n\tdpddelay=30s\n") + Key("ecdsa", 2, "\trekey=no\n") + Key("ed25519", 3, "\treauth=no\n\tcompress=yes\n")
        + Psk("trap", 4, $"\tauto={trap}\n") + Psk("bad-psk", 1) + Psk("bad-ike", 1, $"\tike={ike}\n") + Psk("bad-esp", 1, $"\tesp={esp}\n") + Psk("bad-ts", 1, $"\tleftsubnet={nowhere}\n");

    static readonly string s_moon = Common + Both(trap: "route") + """
        conn local-pass
        	leftsubnet=10.1.0.0/16
        	rightsubnet=10.1.0.0/16
        	type=passthrough
        	authby=never
        	auto=route

        conn local-drop
        	leftsubnet=10.1.0.0/16
        	rightsubnet=10.66.0.0/16[tcp/25]
        	type=drop
        	authby=never
        	auto=route

        conn nopeer
        	right=192.168.0.77
        	leftid=@moon.cygnet.test
        	authby=secret

        conn rw
        	right=%any
        	leftid=@moon.cygnet.test
        	leftcert=moon-rsa.pem
        	leftsubnet=10.1.0.0/16
        	leftsendcert=always
        	rightauth=eap-mschapv2
        	rightid=*@cygnet.test
        	eap_identity=%any
        	rightsourceip=10.3.0.0/28,fd03::/120
        	rightdns=10.1.0.53

        conn home
        	leftid=dave@cygnet.test
        	leftauth=eap
        	eap_identity=dave
        	leftsourceip=%config4,%config6
        	rightid=@sun.cygnet.test
        	rightauth=pubkey
        	rightsubnet=10.2.0.0/16

        """;

    static readonly string s_sun = Common.Replace("192.168.0.1", "\0").Replace("192.168.0.2", "192.168.0.1").Replace("\0", "192.168.0.2")
        + Regex.Replace(Pair.Turned(Both(esp: "aes128gcm16!", ike: "aes128-sha256-modp2048!", nowhere: "10.97.0.0/24")).Replace("rightcert=moon", "leftcert=sun"), "leftid=\"(.*)CN=sun", "rightid=\"$1CN=moon") + """
        conn rw
        	left=192.168.0.2
        	leftid=carol@cygnet.test
        	leftauth=eap
        	eap_identity=carol
        	leftsourceip=%config4,%config6
        	right=192.168.0.1
        	rightid=@moon.cygnet.test
        	rightauth=pubkey
        	rightsubnet=10.1.0.0/16

        conn office
        	left=192.168.0.2
        	leftid=@sun.cygnet.test
        	leftcert=sun-rsa.pem
        	leftsubnet=10.2.0.0/16
        	right=%any
        	rightid=*@cygnet.test
        	rightauth=eap-mschapv2
        	eap_identity=%any
        	rightsourceip=10.7.0.0/28,fd07::/120
        	rightdns=10.2.0.53

        """;

    static Pair Side(Product moon)
    {
        var pair = Pair.Compared("lab", moon, s_moon, s_sun);
        const string users = "carol : EAP \"one\"\ndave : EAP \"two\"\n";
        foreach (var gateway in (Gateway[])[pair.Moon, pair.Sun])
            gateway.Write("ipsec.secrets", users + $"@{gateway.Name}-bad-psk.cygnet.test @{(gateway.Name == "moon" ? "sun" : "moon")}-bad-psk.cygnet.test : PSK \"{gateway.Name}\"\n" + File.ReadAllText(gateway.PathOf("ipsec.secrets")));
        // its trap needs an address of its own there
        foreach (var net in (int[])[4, 9]) pair.Moon.Host.AddAddress("lo", $"10.1.{net}.1/32");
        pair.Start();
        return pair;
    }

    /// <summary>Times that run, SPIs, and what strongSwan's table of random numbers puts in some order.</summary>
    static string Steady(string text) => string.Join('\n', Running().Replace(text, "$1N").Split('\n').Order(StringComparer.Ordinal));

    [GeneratedRegex(@"((?:established|installed|expires in|re\w+ in) |^    (?:in|out) +)[0-9a-f]+(?=s?\b)", RegexOptions.Multiline)]
    private static partial Regex Running();

    [Fact]
    public void A_day_on_a_gateway()
    {
        using Pair reference = Side(Product.StrongSwan), ours = Side(Subject.Product);
        ours.Bed.Play(() =>
        {
            var both = new SideBySide(reference.Moon, ours.Moon);
            both.Allow(@"^refused( by the peer)?: .*\n", "a refusal");
            both.Allow(@"^faking NAT situation .*\n", "ESP without a kernel");
            both.Allow(@"^sending cert request for .*\n(?=authentication of .* pre-shared key$)", "cert request");
            both.Allow(@"(?<=IKE_AUTH request 1 .*)(?<!CERT.*) CERTREQ", "cert request");
            both.Allow(@" N\(MSG_ID_SYN_SUP\)", "IKE_AUTH requests");
            both.Allow(@"(?<=^(splitting IKE message|sending packet: .*|received packet: .*)) \(\d+ bytes\)", "IKE_AUTH requests");
            both.Allow(@"(?<=reqid )\d+", "reqids of SAs that are gone");
            both.Ignore(@"(?<= \(id )0x[0-9A-F]{2}(?=\))", "the server draws it");
            both.Allow(@"^removing DNS server .*\n", "`ipsec down` of a client that was given name servers");
            void Same(string line) => both.Same(["ipsec", .. line.Split(' ')]);
            Same("status");
            Same("statusall");
            foreach (var conn in (string[])["net-net", "second", "rsa", "ecdsa", "ed25519", "bad-psk", "bad-ike", "bad-esp", "bad-ts"]) Same($"up {conn}");
            Same("status trap");
            foreach (var pair in (Pair[])[reference, ours]) pair.Sun.Up("rw").ShouldSay("connection 'rw' established successfully");
            Same("up home");
            foreach (var words in (string[][])[["leases"], ["leases", "fd03::/120"], ["leases", "10.3.0.0/28", "10.3.0.1"]]) both.Same(["ipsec", .. words]);
            foreach (var line in (string[])["status", "statusall", "status rw", "statusall home", "status second"]) both.SameLines(["ipsec", .. line.Split(' ')]);
            Same("listcounters rw");
            Same("listcounters home");
            foreach (var words in (string[][])[["--list-conns"], ["--list-sas"], ["--list-pols"], ["--list-sas", "--ike", "rw"], ["--list-sas", "--child", "home"]]) both.Same(Steady, ["swanctl", .. words]);
            both.SameLines("ipsec", "purgeike");
            both.SameOutput("`ipsec down` of a name that has no SA, or of a senseless specifier; `ipsec down-srcip` of what is no address", "ipsec", "down", "second{*}");
            foreach (var line in (string[])["down net-net[1]", "down rsa", "down ecdsa[*]", "down home", "down-srcip 10.3.0.1 10.3.0.5"]) Same(line);
            foreach (var pair in (Pair[])[reference, ours]) Wait.Until("the client is gone", () => !pair.Moon.Status().Output.Contains(" rw["));
            Same("leases");
            Same("status");
            both.ShouldAgree();
        });
    }
}
