// The control, status and info commands of ipsec(8): strongSwan and the subject with the same files say the same, from before start to after stop.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class CommandScenes
{
    // Two IKE_SAs with one peer: the older one must not go ten seconds later, however slow the machine is.
    const string Conf = """
        config setup
        	uniqueids=no

        conn %default
        	keyexchange=ikev2
        	ike=aes128-sha256-x25519!
        	esp=aes128gcm16-x25519!
        	mobike=no
        	reauth=no
        	forceencaps=yes
        	authby=secret
        	left=192.168.0.1
        	right=192.168.0.2
        	leftid=@moon.cygnet.test
        	rightid=@sun.cygnet.test

        conn net-net
        	leftsubnet=10.1.0.0/24
        	rightsubnet=10.2.0.0/24
        	auto=add

        conn second
        	also=net-net
        	leftsubnet=10.1.1.0/24
        	rightsubnet=10.2.1.0/24
        	auto=add

        conn ports
        	leftsubnet=10.1.2.0/24[tcp/80]
        	rightsubnet=10.2.2.0/24[udp],fd02:2::/64
        	dpddelay=30s
        	dpdaction=restart
        	auto=add

        conn rsa
        	authby=pubkey
        	leftcert=moon-rsa.pem
        	leftsubnet=10.1.3.0/24
        	rightsubnet=10.2.3.0/24
        	auto=add

        conn bad-ike
        	ike=aes256-sha512-modp4096!
        	auto=add

        conn bad-esp
        	esp=aes256-sha512!
        	auto=add

        conn bad-ts
        	leftsubnet=10.77.0.0/24
        	rightsubnet=10.78.0.0/24
        	auto=add

        conn bad-id
        	leftid=@stranger.cygnet.test
        	auto=add

        conn no-peer
        	right=192.168.0.77
        	auto=add

        conn pass
        	leftsubnet=10.1.0.0/16
        	rightsubnet=10.1.0.0/16
        	type=passthrough
        	auto=route

        conn drop
        	leftsubnet=10.1.0.0/16
        	rightsubnet=10.66.0.0/16[tcp/smtp]
        	type=drop
        	auto=route

        """;

    /// <summary>What sun offers: the good ones.</summary>
    static readonly string s_sun = Pair.Turned(Conf[..Conf.IndexOf("conn bad-ike", StringComparison.Ordinal)].Replace("leftcert=moon", "rightcert=sun"));

    static Pair Side(string scene, Product moon) => Pair.Compared(scene, moon, Conf, s_sun);

    [Fact]
    public void Without_a_daemon()
    {
        using Pair reference = Side("no-daemon", Product.StrongSwan), ours = Side("no-daemon", Subject.Product);
        ours.Bed.Play(() =>
        {
            var both = new SideBySide(reference.Moon, ours.Moon);
            const string help = "`ipsec version`, `ipsec` without a command, `ipsec --help`";
            both.Allow(@"^See .* for more general information\.\n", help);
            both.Allow(@"^(?:University of Applied Sciences Rapperswil, Switzerland|IKEv2 and IPsec for Linux, .*)\n", help);
            both.Allow(@"^\t(?:why|checkconf) .*\n", help);
            both.Same("ipsec");
            foreach (var word in (string[])["--help", "--version", "version", "--versioncode", "--directory", "--confdir", "--piddir", "nosuch", "--nosuch"])
                both.Same("ipsec", word);
            foreach (var words in (string[][])[[""], ["a b"], ["bür\u00f6"], [new('x', 5000)], ["--"], ["-"], ["-x"], ["."], ["%s"], ["../stroke"], ["--utc", "listcerts"], ["--directory", ""], ["up", "--help"], ["up", ""], ["up", "a", "b"],
                ["down", "a", "b"], ["status", "--nosuch"], ["stroke"], ["leases", "a", "b", "--nosuch"], ["start", "x"], ["start", "--nosuch"], ["start", "-x"], ["start", "--conf"], ["update", "x"], ["reload", "--nosuch"],
                ["stop", "x"], ["secrets", "x"]])
                both.Same(["ipsec", .. words]);
            foreach (var word in (string[])["update", "reload", "stop", "status", "statusall", "up", "down", "route", "unroute", "down-srcip", "leases", "listalgs", "listpubkeys", "listcerts", "listcacerts",
                "listaacerts", "listocspcerts", "listacerts", "listgroups", "listcainfos", "listcrls", "listocsp", "listplugins", "listcounters", "listall", "rereadsecrets", "secrets", "rereadcacerts", "rereadaacerts",
                "rereadocspcerts", "rereadacerts", "rereadcrls", "rereadall", "resetcounters", "purgecerts", "purgecrls", "purgeike", "purgeocsp"])
            {
                both.Same("ipsec", word);
                both.Same("ipsec", word, "net-net");
            }
            // Gone from the reference, not from ipsec(8).
            foreach (var word in (string[])["--copyright", "copyright"])
            {
                Assert.Equal(2, reference.Moon.Host.Run("ipsec", word).ShouldSay($"ipsec: unknown {(word[0] == '-' ? "option" : "command")} `{word}' (").ExitCode);
                if (ours.Moon.Product == Product.Cygnet) ours.Moon.Host.Run("ipsec", word).ShouldSucceed().ShouldSay("Copyright (C) 2026 the Cygnet contributors\nLicensed under the Apache License, Version 2.0;");
            }
            both.ShouldAgree();
        });
    }

    [Fact]
    public void From_start_to_stop()
    {
        using Pair reference = Side("commands", Product.StrongSwan), ours = Side("commands", Subject.Product);
        ours.Bed.Play(() =>
        {
            var both = new SideBySide(reference.Moon, ours.Moon);
            both.Ignore(@"^!!.*\n", "the bed's reference has a list of plugins to load");
            both.Allow(@"^refused by the peer: .*\n", "a refusal");
            both.Allow(@"^faking NAT situation .*\n", "ESP without a kernel");
            both.Allow(@"^sending cert request for .*\n(?=authentication of .* pre-shared key$)", "cert request");
            both.Allow(@"(?<=IKE_AUTH request 1 .*)(?<!CERT.*) CERTREQ", "cert request");
            both.Allow(@" N\(MSG_ID_SYN_SUP\)", "IKE_AUTH requests");
            both.Allow(@"(?<=^(splitting IKE message|sending packet: .*)) \(\d+ bytes\)", "IKE_AUTH requests");
            both.Ignore(@"(?<=^parsed IKE_AUTH response 1 \[ EF\(|^received fragment #)\d", "two threads of the reference may take them the other way round");
            both.Ignore(@"(?<=^received packet: .*) \(\d+ bytes\)(?=\nparsed IKE_AUTH response 1 \[ EF\()", "two threads of the reference may take them the other way round");
            reference.Sun.Start();
            ours.Sun.Start();
            both.Same("ipsec", "start");
            foreach (var moon in (Gateway[])[reference.Moon, ours.Moon])
                Wait.Until("both are there", () => moon.Host.Run("ipsec", "statusall").Output.Contains(" no-peer: "));
            both.Same("ipsec", "start");
            both.Same("ipsec", "status");
            both.Same("ipsec", "statusall");
            both.Same("ipsec", "status", "net-net");
            both.Same("ipsec", "status", "nosuch");
            foreach (var conn in (string[])["net-net", "second", "ports", "rsa", "bad-ike", "bad-esp", "bad-ts", "bad-id", "nosuch", "net-net"])
                both.Same("ipsec", "up", conn);
            both.Same("ipsec", "up");
            // The reference's order is that of its table of random SPIs.
            both.SameLines("ipsec", "status");
            both.SameLines("ipsec", "statusall");
            both.Same("ipsec", "status", "net-net");
            both.Same("ipsec", "statusall", "rsa");
            both.Same("ipsec", "down", "net-net{1}");
            both.Same("ipsec", "down", "net-net{77}");
            both.Same("ipsec", "down", "second{*}");
            both.Same("ipsec", "down", "rsa[77]");
            foreach (var nobody in (string[])["rsa[*]", "nosuch", "ports["])
                both.SameOutput("`ipsec down` of a name that has no SA, or of a senseless specifier; `ipsec down-srcip` of what is no address", "ipsec", "down", nobody);
            both.Same("ipsec", "down", "net-net");
            both.Same("ipsec", "down");
            both.Same("ipsec", "down-srcip");
            both.Same("ipsec", "down-srcip", "10.3.0.1");
            both.Same("ipsec", "status");
            both.Same("ipsec", "update");
            both.Same("ipsec", "reload");
            both.Same("ipsec", "rereadsecrets");
            both.Same("ipsec", "rereadall");
            both.Same("ipsec", "restart");
            foreach (var moon in (Gateway[])[reference.Moon, ours.Moon])
                Wait.Until("both are there again", () => moon.Host.Run("ipsec", "statusall").Output.Contains(" no-peer: "));
            both.Same("ipsec", "status");
            both.Same("ipsec", "stop");
            both.Same("ipsec", "stop");
            both.Same("ipsec", "status");
            ours.Moon.Host.Run("ls", "/run").ShouldNotSay("charon").ShouldNotSay("starter");
            both.ShouldAgree();
        });
    }

    /// <summary>Every complaint of the reference comes first and in its words; where, what was expected and what else is wrong follow.</summary>
    [Fact]
    public void Broken_files()
    {
        using Pair reference = Side("broken", Product.StrongSwan), ours = Side("broken", Subject.Product);
        ours.Bed.Play(() =>
        {
            var both = new SideBySide(reference.Moon, ours.Moon);
            both.Ignore(@"^!!.*\n", "the bed's reference has a list of plugins to load");
            both.Allow(@"^(standard error: )?\S+:\d+:\d+: .*\n", "a wrong line in ipsec.conf or ipsec.secrets");
            foreach (var conf in (string[])[
                "config setup\n\tcharondebug=\"ike 2\n\nconn a\n",
                "conn a\n\tleft=%any\nconn\n",
                "stray words\n",
                "conn a\n\talso=missing\n\tright=192.168.0.2\n\tauto=add\n",
                "config nosuch\n",
                "include /etc/nosuch-*.conf\nconn a\n\tright==\n",
                ])
            {
                foreach (var moon in (Gateway[])[reference.Moon, ours.Moon]) moon.Write("ipsec.conf", conf);
                both.Same("timeout", "5", "ipsec", "start", "--nofork");
            }
            both.ShouldAgree();
        });
    }
}
