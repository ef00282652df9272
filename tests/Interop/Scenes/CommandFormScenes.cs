// The forms that commands of ipsec(8) and of stroke have beside the plain one: strongSwan and the subject with the same files say the same.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class CommandFormScenes
{
    const string Common = """
        config setup

        conn %default
        	keyexchange=ikev2
        	ike=aes128-sha256-x25519!
        	esp=aes128gcm16-x25519!
        	mobike=no
        	reauth=no
        	forceencaps=yes
        	authby=secret
        	auto=add


        """;

    const string Moon = Common + """
        conn net-net
        	left=192.168.0.1
        	leftid=@moon.cygnet.test
        	leftsubnet=10.1.0.0/24
        	right=192.168.0.2
        	rightid=@sun.cygnet.test
        	rightsubnet=10.2.0.0/24

        conn second
        	also=net-net
        	leftsubnet=10.1.1.0/24
        	rightsubnet=10.2.1.0/24

        conn rw
        	left=192.168.0.1
        	leftid=@rwgw.cygnet.test
        	leftsubnet=10.1.0.0/24
        	right=%any
        	rightid=%any
        	rightsourceip=10.3.0.0/28

        conn anywhere
        	left=192.168.0.1
        	leftsubnet=10.5.0.0/16
        	right=192.168.0.0/29
        	rightsubnet=10.6.0.0/16

        conn expanded
        	left=192.168.0.1
        	leftauth=psk
        	right=192.168.0.8-192.168.0.9
        	rightauth=eap-5-1234

        conn here-drop
        	left=192.168.0.1
        	right=192.168.0.2
        	rightsubnet=10.66.0.0/16
        	type=drop
        	auto=route


        """;

    const string Sun = Common + """
        conn net-net
        	left=192.168.0.2
        	leftid=@sun.cygnet.test
        	leftsubnet=10.2.0.0/24
        	right=192.168.0.1
        	rightid=@moon.cygnet.test
        	rightsubnet=10.1.0.0/24

        conn second
        	also=net-net
        	leftsubnet=10.2.1.0/24
        	rightsubnet=10.1.1.0/24

        conn carol
        	left=192.168.0.2
        	leftid=@carol.cygnet.test
        	leftsourceip=%config
        	right=192.168.0.1
        	rightid=@rwgw.cygnet.test
        	rightsubnet=10.1.0.0/24


        """;

    static SideBySide Compare(Pair reference, Pair ours)
    {
        var both = new SideBySide(reference.Moon, ours.Moon);
        both.Ignore(@"^!!.*\n", "the bed's reference has a list of plugins to load");
        both.Allow(@"^faking NAT situation .*\n", "ESP without a kernel");
        both.Allow(@"^sending cert request for .*\n(?=authentication of .* pre-shared key$)", "cert request");
        both.Allow(@"(?<=IKE_AUTH request 1 .*)(?<!CERT.*) CERTREQ", "cert request");
        both.Allow(@" N\(MSG_ID_SYN_SUP\)", "IKE_AUTH requests");
        both.Allow(@"(?<=^(splitting IKE message|sending packet: .*)) \(\d+ bytes\)", "IKE_AUTH requests");
        both.Allow(@"(?<=reqid )\d+", "reqids of SAs that are gone");
        both.Allow(@"^refused: .*\n", "a refusal");
        return both;
    }

    [Fact]
    public void Down_and_stroke_in_every_form()
    {
        using Pair reference = Pair.Compared("forms", Product.StrongSwan, Moon, Sun), ours = Pair.Compared("forms", Subject.Product, Moon, Sun);
        ours.Bed.Play(() =>
        {
            var both = Compare(reference, ours);
            void Same(string line) => both.Same(["ipsec", .. line.Split(' ')]);
            void SameOutput(string line, string row = Nobody) => both.SameOutput(row, ["ipsec", .. line.Split(' ')]);
            reference.Start();
            ours.Start();
            Same("statusall");
            foreach (var line in (string[])["up net-net", "up second", "up net-net more", "up %default", "status net-net more", "statusall second", "status rw", "statusall rw", "statusall expanded",
                "statusall anywhere", "statusall nosuch", "status --nosuch", "status --help", "status --utc"]) Same(line);
            foreach (var none in (string[])["net-net[0]", "net-net]", "}", "]", "{abc}", "net-net[abc]", "nosuch{}", "nosuch[]", "nosuch{*}", "nosuch[*]"]) SameOutput($"down {none}");
            foreach (var line in (string[])["down [99]", "down {99}", "down nosuch{2}", "status", "down net-net{}", "up net-net", "down net-net{*}", "status", "purgeike", "up net-net", "down net-net[]",
                "up net-net", "down net-net[*]", "up second", "down {6}", "down nosuch[4]", "status"]) Same(line);

            foreach (var pair in (Pair[])[reference, ours]) pair.Sun.Up("carol").ShouldSay("established successfully");
            foreach (var line in (string[])["leases 10.3.0.0/28 10.3.0.1", "leases 10.3.0.0/28 10.3.0.1 more", "leases --utc", "down-srcip 10.3.0.9 10.3.0.1", "down-srcip 10.3.0.1 fe80::1"])
                Same(line);
            SameOutput("down-srcip nosuch");
            SameOutput("down-srcip 10.3.0.1 nosuch");
            foreach (var pair in (Pair[])[reference, ours]) pair.Moon.Status().ShouldSay("1 up");
            Same("down-srcip 10.3.0.0 10.3.0.5");
            foreach (var pair in (Pair[])[reference, ours]) Wait.Until("the client is gone", () => pair.Moon.Status().Output.Contains("(0 up, 0 connecting)"));
            Same("leases");

            foreach (var line in (string[])["route net-net", "route net-net", "status", "unroute net-net", "unroute net-net", "unroute second", "unroute rw", "unroute nosuch"]) Same(line);
            SameOutput("route rw", "`ipsec route` that fails");
            foreach (var line in (string[])["stroke rekey", "stroke up net-net", "stroke down-nb net-net[99]", "stroke status", "stroke statusallnb", "stroke statusall-nb", "stroke -h", "stroke -hx", "stroke --help --nosuch",
                "stroke --daemon nosuch status", "stroke -dx status", "stroke -- status", "stroke loglevel ike", "stroke loglevel ike -1", "stroke loglevel ike x", "stroke loglevel nosuch 1", "stroke loglevel any 1",
                "stroke loglevel IKE 1", "stroke user-creds net-net carol", "stroke user-creds nosuch carol pw", "stroke user-creds net-net carol pw", "stroke exportconnchain", "stroke exportconncert nosuch", "stroke add", "stroke add a b c d e f",
                "stroke add neu @a @b 192.168.0.1 192.168.0.2 10.1.0.1/32 10.2.0.1/32", "stroke delete neu", "stroke delete", "stroke del", "statusall neu", "stroke listcerts --utc x", "stroke --utc listcerts",
                "stroke rereadall", "stroke rereadsecrets", "stroke purgecrls", "stroke resetcounters", "stroke resetcounters net-net", "stroke leases nosuch", "listcounters a b", "resetcounters all", "secrets", "rereadsecrets x"])
                Same(line);
            SameOutput("stroke down-nb nosuch");
            SameOutput("stroke delete nosuch", "`ipsec stroke add`, `delete` that fail");
            Same("up rw");
            string[] before = [.. new[] { reference, ours }.Select(Installed)];
            Same("stroke rekey net-net{*}");
            foreach (var (pair, old) in new[] { reference, ours }.Zip(before)) Wait.Until("there is a new CHILD_SA", () => Installed(pair) is { Length: > 0 } now && now != old);
            Same("stroke up-nb second");
            foreach (var pair in (Pair[])[reference, ours]) Wait.Until("it comes up without anybody waiting", () => pair.Moon.Status().Output.Contains("10.1.1.0/24 === 10.2.1.0/24"));
            Same("stroke down-nb second{}");
            foreach (var pair in (Pair[])[reference, ours]) Wait.Until("it goes likewise", () => !pair.Moon.Status().Output.Contains("10.1.1.0/24 === 10.2.1.0/24"));
            Same("stroke down-nb net-net");
            foreach (var pair in (Pair[])[reference, ours]) Wait.Until("so does the IKE_SA", () => pair.Moon.Status().Output.Contains("(0 up, 0 connecting)"));
            OddArguments(both);
            both.ShouldAgree();

            static string Installed(Pair pair) => string.Join('\n', pair.Moon.Status().Output.Split('\n').Where(l => l.Contains("INSTALLED")));
        });
    }

    /// <summary>What is in these lists is a difference that has its row; how they are made is none.</summary>
    [Fact]
    public void Lists_of_the_program_itself_have_the_references_form()
    {
        using Pair reference = Pair.Compared("own-lists", Product.StrongSwan, Moon, Sun), ours = Pair.Compared("own-lists", Subject.Product, Moon, Sun);
        ours.Bed.Play(() =>
        {
            var both = Compare(reference, ours);
            reference.Moon.Start();
            ours.Moon.Start();
            foreach (var words in (string[][])[["listalgs"], ["listalgs", "--utc"]])
                both.Same(text => string.Join('\n', text.Split('\n').Where(l => !l.StartsWith("   ", StringComparison.Ordinal)).Select(l => l.Split(':')[0])), ["ipsec", .. words]);
            both.Same(text => string.Join('\n', text.Split('\n').Where(l => l.StartsWith("List of ", StringComparison.Ordinal))), "ipsec", "listall");
            foreach (var words in (string[][])[["listplugins"], ["listplugins", "--utc"]]) both.Same(text => string.Join('\n', text.Split('\n').Take(3)), ["ipsec", .. words]);
            both.ShouldAgree();
            foreach (var line in ours.Moon.Host.Run("ipsec", "listalgs").Output.Split('\n')) Assert.InRange(line.Length, 0, 120);
            string[] Kinds(Pair pair) => [.. pair.Moon.Host.Run("ipsec", "listplugins").Output.Split('\n').Where(l => l.StartsWith(' ')).Select(l => l.Trim().Split(':')[0]).Distinct()];
            Assert.Empty(Kinds(ours).Except(Kinds(reference)));
        });
    }

    /// <summary>A conn that changes, one that goes, one that comes: no SA notices.</summary>
    [Fact]
    public void An_update_changes_what_has_changed()
    {
        using Pair reference = Pair.Compared("update", Product.StrongSwan, Moon, Sun), ours = Pair.Compared("update", Subject.Product, Moon, Sun);
        ours.Bed.Play(() =>
        {
            var both = Compare(reference, ours);
            reference.Start();
            ours.Start();
            both.Same("ipsec", "up", "net-net");
            foreach (var (change, isThere) in new (Func<string, string>, Func<string, bool>)[]
            {
                (text => text.Replace("rightsourceip=10.3.0.0/28", "rightsourceip=10.4.0.0/28"), all => all.Contains("10.4.0.0/28: 14/0/0")),
                (text => text.Replace("10.5.0.0/16", "10.5.0.0/17"), all => all.Contains("10.5.0.0/17 === ")),
                (text => text[..text.IndexOf("conn expanded", StringComparison.Ordinal)], all => !all.Contains("expanded")),
                (text => text + "conn other\n\tleft=192.168.0.1\n\tright=192.168.0.7\n\tikelifetime=99m\n", all => all.Contains("   other: ")),
                (text => text.Replace("leftsubnet=10.1.1.0/24", "leftsubnet=10.1.1.0/25"), all => all.Contains("10.1.1.0/25 === ")),
            })
            {
                foreach (var pair in (Pair[])[reference, ours]) pair.Moon.Write("ipsec.conf", change(File.ReadAllText(pair.Moon.PathOf("ipsec.conf"))));
                both.Same("ipsec", "update");
                foreach (var pair in (Pair[])[reference, ours]) Wait.Until("the change is there", () => isThere(pair.Moon.StatusAll().Output));
                both.Same("ipsec", "status");
                both.SameLines("ipsec", "statusall");
            }
            both.ShouldAgree();
            foreach (var pair in (Pair[])[reference, ours]) pair.Moon.ShouldHaveLogged("added configuration 'other'");
        });
    }

    /// <summary>Names instead of addresses: of our own end, of the peer's, and written on the wrong side.</summary>
    [Fact]
    public void Host_names_of_either_end()
    {
        const string conf = Common + """
            conn ours
            	left=moongw.cygnet.test
            	leftid=@moon.cygnet.test
            	leftsubnet=10.1.0.0/24
            	right=sun-gw.cygnet.test
            	rightid=@sun.cygnet.test
            	rightsubnet=10.2.0.0/24

            conn turned
            	left=192.168.0.2
            	leftid=@sun.cygnet.test
            	leftsubnet=10.2.1.0/24
            	right=moongw.cygnet.test
            	rightid=@moon.cygnet.test
            	rightsubnet=10.1.1.0/24

            conn by-name
            	left=192.168.0.1
            	right=sun-gw.cygnet.test
            	rightsubnet=10.2.2.0/24

            """;
        using Pair reference = Pair.Compared("names", Product.StrongSwan, conf, Sun), ours = Pair.Compared("names", Subject.Product, conf, Sun);
        ours.Bed.Play(() =>
        {
            var both = Compare(reference, ours);
            both.Allow(@"(?<=^sending packet: from )(?:0\.0\.0\.0|192\.168\.0\.1)(?=\[500\])", "the first message where `left` is not an address");
            foreach (var pair in (Pair[])[reference, ours])
            {
                foreach (var (name, text) in new[] { ("hosts", "127.0.0.1 localhost\n192.168.0.1 moongw.cygnet.test\n192.168.0.2 sun-gw.cygnet.test\n"), ("nsswitch.conf", "hosts: files\n") })
                {
                    pair.Moon.Write(name, text);
                    pair.Moon.Host.Bind(pair.Moon.PathOf(name), $"/etc/{name}");
                }
                pair.Start();
            }
            both.Same("ipsec", "statusall");
            foreach (var conn in (string[])["ours", "turned"])
            {
                both.Same("ipsec", "up", conn);
                foreach (var pair in (Pair[])[reference, ours]) pair.Moon.Status().ShouldSay($"{conn}{{");
                both.Same("ipsec", "down", conn);
            }
            both.ShouldAgree();
        });
    }
}
