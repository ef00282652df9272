// Debian's swanctl as the client of the subject, with a swanctl.conf of all sections; beside it strongSwan's charon with the same files.
using System.Text.RegularExpressions;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class SwanctlScenes
{
    const string Conf = """
        connections {
            net-net {
                version = 2
                local_addrs = 192.168.0.1
                remote_addrs = 192.168.0.2
                proposals = aes128-sha256-x25519
                mobike = no
                dpd_delay = 20m
                rekey_time = 3h
                local {
                    auth = psk
                    id = moon.cygnet.test
                }
                remote {
                    auth = psk
                    id = sun.cygnet.test
                }
                children {
                    net-net {
                        local_ts = 10.1.0.0/24
                        remote_ts = 10.2.0.0/24
                        esp_proposals = aes128gcm16-x25519
                        rekey_time = 50m
                        dpd_action = trap
                    }
                    second {
                        local_ts = 10.1.3.0/24
                        remote_ts = 10.2.3.0/24
                        esp_proposals = aes128gcm16-x25519
                        rekey_bytes = 500m
                        rekey_packets = 1000000
                    }
                }
            }
            include conf.d/*.conf
        }
        pools {
            rw {
                addrs = 10.4.0.0/28
                dns = 10.1.0.53, fd01::53
                split_include = 10.1.0.0/16
                28672 = welcome
            }
            range {
                addrs = fd04::10-fd04::20
            }
        }
        authorities {
            lab {
                cacert = ca.pem
                crl_uris = http://127.0.0.1:9/ca.crl, file:///nowhere/ca.crl
                ocsp_uris = http://127.0.0.1:9/ocsp
            }
        }
        secrets {
            ike-any {
                secret = 0sFpZAZqEN6Ti9sqt4ZP5EWcqx
            }
            eap-carol {
                id-1 = carol
                id-2 = carol@cygnet.test
                secret = "Ar3etTnp"
            }
            ppk-one {
                id = one
                secret = 0x0102030405
            }
            rsa-moon {
                file = moon-rsa.key
                secret = "long secret"
            }
        }

        """;

    /// <summary>What is included: <c>conf.d/more.conf</c>.</summary>
    const string More = """
        rsa {
            version = 2
            local_addrs = 192.168.0.1
            remote_addrs = 192.168.0.2
            proposals = aes128-sha256-x25519, aes256gcm16-prfsha384-ecp384
            rekey_time = 0
            reauth_time = 2h
            mobike = no
            unique = replace
            local {
                auth = pubkey
                certs = moon-rsa.pem
            }
            remote {
                auth = pubkey
                id = "C=CH, O=Cygnet Test, OU=rsa, CN=sun.cygnet.test"
                cacerts = ca.pem
            }
            children {
                rsa {
                    local_ts = 10.1.1.0/24
                    remote_ts = 10.2.1.0/24
                    esp_proposals = aes128gcm16-x25519
                    close_action = trap
                }
                trapped {
                    local_ts = 10.1.2.0/24
                    remote_ts = 10.2.2.0/24
                    esp_proposals = aes128gcm16-x25519
                    start_action = trap
                }
            }
        }
        rw {
            version = 2
            local_addrs = 192.168.0.1
            proposals = aes128-sha256-x25519
            pools = rw
            local {
                auth = pubkey
                certs = moon-ecdsa.pem
            }
            remote {
                auth = eap-mschapv2
                eap_id = %any
            }
            children {
                rw {
                    local_ts = 10.1.0.0/16
                    esp_proposals = aes128gcm16
                    rekey_time = 0
                }
            }
        }
        listed {
            local_addrs = %any
            remote_addrs = 192.0.2.0/24, 198.51.100.1-198.51.100.9, gate.invalid
            local_port = 4500
            remote_port = 4500
            unique = keep
            dpd_delay = 1m
            dpd_timeout = 5m
            rekey_time = 90m
            reauth_time = 1d
            vips = 0.0.0.0, ::
            ppk_id = one
            ppk_required = yes
            local-2 {
                round = 2
                auth = eap-tls
                id = carol
                eap_id = carol@cygnet.test
                aaa_id = "C=CH, CN=aaa"
            }
            local-1 {
                round = 1
                auth = ike:rsa/pss-sha256
                certs = moon-rsa.pem
            }
            remote-1 {
                id = *.cygnet.test
                auth = rsa-2048-sha256
                revocation = ifuri
                groups = sales, finance
                cert_policy = 1.2.3.4, 1.3.6.1
            }
            remote-2 {
                auth = eap-md5
                revocation = strict
            }
            children {
                many {
                    local_ts = 10.1.0.0/24[tcp/80-443], 10.1.2.3-10.1.2.9[udp], dynamic[icmp/8], fd01::/64[gre]
                    remote_ts = 10.9.0.0/16, ::/0[17/opaque], 10.2.0.1[tcp/1000-2000]
                    esp_proposals = aes256-sha256-modp3072-esn-noesn, default
                    rekey_time = 100m
                    life_time = 2h
                    rekey_bytes = 2g
                    rekey_packets = 1000000
                    dpd_action = start
                    close_action = trap|start
                }
                plain {
                }
            }
        }
        silent {
            version = 2
            local_addrs = 192.168.0.1
            remote_addrs = 192.168.0.77
            mobike = no
            reauth_time = 0
            local {
                id = moon.cygnet.test
            }
            remote {
                id = %any
            }
            children {
                silent {
                    remote_ts = 10.77.0.0/16
                }
            }
        }
        shunts {
            remote_addrs = 127.0.0.1
            children {
                keep {
                    local_ts = 10.1.0.0/16[tcp/22]
                    remote_ts = 10.1.0.0/16
                    mode = pass
                    start_action = trap
                }
                stop {
                    local_ts = 10.1.0.0/16
                    remote_ts = 10.66.0.0/16
                    mode = drop
                }
            }
        }

        """;

    /// <summary>Sun's ends of these, and a client of rw.</summary>
    const string Sun = """
        config setup

        conn %default
        	keyexchange=ikev2
        	ike=aes128-sha256-x25519!
        	esp=aes128gcm16-x25519!
        	mobike=no
        	reauth=no
        	left=192.168.0.2
        	right=192.168.0.1
        	auto=add

        conn net-net
        	authby=secret
        	leftid=@sun.cygnet.test
        	rightid=@moon.cygnet.test
        	leftsubnet=10.2.0.0/24
        	rightsubnet=10.1.0.0/24

        conn second
        	also=net-net
        	leftsubnet=10.2.3.0/24
        	rightsubnet=10.1.3.0/24

        conn rsa
        	leftcert=sun-rsa.pem
        	rightid="C=CH, O=Cygnet Test, OU=rsa, CN=moon.cygnet.test"
        	leftsubnet=10.2.1.0/24
        	rightsubnet=10.1.1.0/24

        conn carol
        	esp=aes128gcm16!
        	leftauth=eap-mschapv2
        	leftid=carol
        	eap_identity=carol
        	leftsourceip=%config
        	rightauth=pubkey
        	rightid="C=CH, O=Cygnet Test, OU=ecdsa, CN=moon.cygnet.test"
        	rightsubnet=10.1.2.0/24

        """;

    static Pair Side(string scene, Product moon) =>
        SwanctlPair.Begin($"{scene}-{moon}", moon, Sun, sun => $": PSK {Pair.Secret}\n{TestPki.Give(sun)}carol : EAP \"Ar3etTnp\"\n", Files);

    static void Files(Gateway moon)
    {
        foreach (var folder in (ReadOnlySpan<string>)["conf.d", "x509", "x509ca", "rsa", "ecdsa", "private", "pubkey"])
            Directory.CreateDirectory(moon.PathOf($"swanctl/{folder}"));
        moon.Write("swanctl/swanctl.conf", Conf);
        moon.Write("swanctl/conf.d/more.conf", More);
        moon.Write("swanctl/x509ca/ca.pem", File.ReadAllText(TestPki.PathOf("ca.pem")));
        foreach (var kind in (string[])["rsa", "ecdsa"])
            moon.Write($"swanctl/x509/moon-{kind}.pem", File.ReadAllText(TestPki.PathOf($"moon-{kind}.pem")));
        moon.Write("swanctl/ecdsa/moon-ecdsa.key", File.ReadAllText(TestPki.PathOf("moon-ecdsa.key")));
        moon.Write("swanctl/pubkey/sun.pem", Command.Run("openssl", "x509", "-in", TestPki.PathOf("sun-ed25519.pem"), "-noout", "-pubkey").ShouldSucceed().Output);
        moon.Write("swanctl/rsa/moon-rsa.key", s_encrypted.Value);
        MoreFiles(moon);
        TokenScenes.Give(moon, "rsa");
    }

    static readonly Lazy<string> s_encrypted = new(() =>
        Command.Run("openssl", "rsa", "-in", TestPki.PathOf("moon-rsa.key"), "-traditional", "-aes128", "-passout", "pass:long secret").ShouldSucceed().Output);

    /// <summary>What differs from run to run; blocks of several SAs in one order.</summary>
    static string Steady(string text)
    {
        text = Spi().Replace(text, "SPI");
        text = Seconds().Replace(text, " TIME");
        text = Span().Replace(text, "$1SPAN");
        text = Traffic().Replace(text, "SOME");
        return string.Concat(Block().Split(text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Swanctl_says_of_both_daemons_the_same()
    {
        using Pair reference = Side("same", Product.StrongSwan), ours = Side("same", Subject.Product);
        ours.Bed.Play(() =>
        {
            var both = new SideBySide(reference.Moon, ours.Moon);
            both.Allow(@"(?<=reqid ?=? ?)\d+", "reqids of SAs that are gone");
            both.Same(Steady, "swanctl", "--load-all", "--noprompt");
            FilesAndOptions(both);
            both.Same("swanctl", "--list-conns");
            both.Same(Unordered, "swanctl", "--list-conns", "--pretty");
            both.Same("swanctl", "--list-authorities");
            both.Same("swanctl", "--list-authorities", "--name", "nosuch");
            both.Same("swanctl", "--list-pools");
            both.Same("swanctl", "--list-pools", "--leases");
            both.Same("swanctl", "--list-pools", "--raw", "--leases");
            both.Same(Steady, "swanctl", "--list-certs");
            both.Same(Steady, "swanctl", "--list-certs", "--type", "x509ca", "--short");
            both.Same("swanctl", "--list-certs", "--type", "x509", "--flag", "none", "--subject", "moon.cygnet.test", "--pem");
            both.Same(Steady, "swanctl", "--list-pols");
            both.Same("swanctl", "--list-pols", "--trap");
            both.Same("swanctl", "--list-sas");
            both.Same(Figures, "swanctl", "--stats");
            both.Same(Algorithms, "swanctl", "--list-algs");
            both.Same("swanctl", "--counters");
            both.Same("swanctl", "--counters", "--all");
            both.Same("swanctl", "--counters", "--name", "nosuch");
            ListsAndFilters(both);

            foreach (var words in (string[][])
            [
                ["--initiate", "--child", "nosuch"], ["--initiate", "--ike", "nosuch"], ["--initiate", "--ike", "rsa", "--child", "net-net"], ["--initiate"], ["--terminate"],
                ["--terminate", "--ike", "net-net"], ["--rekey", "--child", "nosuch"], ["--rekey"], ["--redirect", "--ike", "nosuch", "--gateway", "192.168.0.7"], ["--redirect", "--ike", "net-net"],
                ["--install", "--child", "nosuch"], ["--install"], ["--uninstall", "--child", "nosuch"], ["--uninstall"], ["--list-sas", "--ike", "nosuch"], ["--list-certs", "--type", "nosuch"],
                ["--flush-certs", "--type", "nosuch"],
            ])
                both.Same(["swanctl", .. words]);

            both.Same(LastLine, "swanctl", "--initiate", "--child", "net-net");
            using (Background theirs = reference.Follow("--log"), own = ours.Follow("--log"))
            {
                both.Same(LastLine, "swanctl", "--initiate", "--child", "second", "--ike", "net-net", "--loglevel", "0");
                foreach (var log in (Background[])[theirs, own]) Wait.Until(() => $"the log is followed:\n{log.Said}", () => log.Said.Contains("established with SPIs"));
                both.SameText("swanctl --log", Told(theirs), Told(own));
            }
            Refusals(both);
            both.Same(LastLine, "swanctl", "--initiate", "--child", "rsa", "--raw");
            foreach (var pair in (Pair[])[reference, ours])
            {
                pair.Sun.Up("carol").ShouldSay("established successfully");
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                pair.Moon.Ping("10.1.3.1", "10.2.3.1").ShouldSucceed();
                pair.Moon.Ping("10.1.1.1", "10.2.1.1").ShouldSucceed();
                pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 18);
            }
            both.Same(Figures, "swanctl", "--stats");
            foreach (var form in (string[][])[[], ["--raw"], ["--pretty"], ["--noblock"], ["--ike", "net-net"], ["--child", "second"], ["--ike", "nosuch"]])
                both.Same(Steady, ["swanctl", "--list-sas", .. form]);
            both.Same("swanctl", "--list-pools", "--leases");
            both.Same(Steady, "swanctl", "--list-pols");
            both.Same("swanctl", "--counters");
            both.Same(Steady, "swanctl", "--counters", "--all");
            both.Same("swanctl", "--counters", "--name", "rsa");
            both.Same("swanctl", "--counters", "--reset");
            both.Same("swanctl", "--counters");
            both.Same("swanctl", "--counters", "--reset", "--all");
            both.Same("swanctl", "--counters", "--all");

            both.Same("swanctl", "--uninstall", "--child", "keep");
            both.Same("swanctl", "--uninstall", "--child", "keep");
            both.Same("swanctl", "--install", "--child", "stop");
            both.Same("swanctl", "--install", "--child", "second", "--ike", "net-net");
            both.Same(Steady, "swanctl", "--list-pols");
            both.Same("swanctl", "--list-pols", "--drop");
            both.Same("swanctl", "--uninstall", "--child", "second");
            both.Same("swanctl", "--uninstall", "--child", "stop", "--ike", "shunts");
            both.Same("swanctl", "--rekey", "--child", "second");
            both.Same("swanctl", "--rekey", "--ike", "net-net");
            both.Same("swanctl", "--redirect", "--ike", "net-net", "--gateway", "a@b.c");
            both.Same(LastLine, "swanctl", "--terminate", "--child", "second");
            both.Same(Numberless, "swanctl", "--terminate", "--ike", "rsa", "--force");
            both.Same(Numberless, "swanctl", "--initiate", "--child", "silent", "--timeout", "1");
            both.Same(text => Steady(Numberless(text)), "swanctl", "--list-sas", "--ike", "silent");
            both.Same(Numberless, "swanctl", "--terminate", "--ike", "silent");
            both.Same("swanctl", "--flush-certs");
            both.Same("swanctl", "--reload-settings");
            both.Same("swanctl", "--version");
            both.ShouldAgree();
        });
    }

    /// <summary>Later versions than Debian's tell the ports too; its order within a round is that of configuring turned around.</summary>
    static string Unordered(string text) => string.Join('\n', text.Split('\n').Where(l => !l.Contains("local_port = ") && !l.Contains("remote_port = ")).Order(StringComparer.Ordinal));

    /// <summary>What a process is made of differs, not how many IKE_SAs it has.</summary>
    static string Figures(string text) => Figure().Replace(text, "$1 FIGURES");

    // Names that one of them alone has are rows of docs/differences.md; so is the order, and that the section of key exchanges has the name of later versions.
    static string Algorithms(string text)
    {
        HashSet<string> alone =
        [
            "AES_ECB", "AES_CFB", "DES_ECB", "HMAC_SHA1_128", "HMAC_SHA2_256_256", "HMAC_SHA2_384_384", "HMAC_SHA2_512_512", "HASH_SHA2_224", "HASH_MD5", "HASH_MD4", "HASH_SHA3_224", "HASH_SHA3_256",
            "HASH_SHA3_384", "HASH_SHA3_512", "PRF_KEYED_SHA1", "MODP_CUSTOM",
            "HMAC_SHA2_256_96", "CAMELLIA_XCBC_96", "NULL_AES_GMAC", "PRF_CAMELLIA128_XCBC", "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024",
        ];
        List<List<string>> sections = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith(' ')) sections.Add([line == "dh:" ? "ke:" : line]);
            else if (line.Trim().Split('[')[0] is var name && !alone.Contains(name) && !name.StartsWith("XOF_", StringComparison.Ordinal)) sections[^1].Add($"  {name}");
        }
        return string.Join('\n', sections.SelectMany(s => s.Take(1).Concat(s.Skip(1).Order(StringComparer.Ordinal))));
    }

    /// <summary>What was logged of messages and SAs, without the thread's number; a repetition is no difference.</summary>
    static string Told(Background log) => string.Join('\n', log.Said.Split('\n').Where(l => Logged().IsMatch(l) && !l.Contains("retransmit")).Select(l => Spi().Replace(l[2..].TrimEnd(), "SPI")).Distinct());

    [GeneratedRegex(@"^\d\d\[(?:IKE|ENC)\] ")]
    private static partial Regex Logged();

    [GeneratedRegex(@"(?m)^(job queues:|jobs scheduled:|mallinfo:) .*")]
    private static partial Regex Figure();

    /// <summary>Which number an SA or a message has depends on what was tried before.</summary>
    static string Numberless(string text) => Number().Replace(text, "N");

    [GeneratedRegex(@"(?<=[\[{#])\d+(?=[\]},])|\d+(?= bytes)|(?<=request )\d+|(?<=response )\d+")]
    private static partial Regex Number();

    static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];

    [GeneratedRegex(@"(?<![0-9a-z])([0-9a-f]{16}|[0-9a-f]{8})(?![0-9a-z])")]
    private static partial Regex Spi();

    [GeneratedRegex(@"\s*\b\d+s\b|(?<=(time|established|use-in|use-out|install-time) ?= ?)\d+")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"\b((?:in|ago|expired|expires)\s(?:in )?)\d+ (?:second|minute|hour|day)s?")]
    private static partial Regex Span();

    // A ping that got lost on a busy machine is no difference; none at all is one.
    [GeneratedRegex(@"\s*\b[1-9]\d*(?= (?:bytes|packets),)|(?<=(?:bytes|packets)-(?:in|out) ?= ?)[1-9]\d*")]
    private static partial Regex Traffic();

    [GeneratedRegex(@"(?<=\n)(?=\S)")]
    private static partial Regex Block();
}
